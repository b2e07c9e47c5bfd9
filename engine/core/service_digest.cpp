// SPDX-License-Identifier: Apache-2.0
// The mails that tell experts, at the hours they chose, what they were offered.
#include <fmt/format.h>

#include <utility>

#include "engine/core/expert_digest.h"
#include "engine/core/person_mail.h"
#include "engine/core/request_words.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

/// He was told of it by nobody yet: it was offered before the digest and still waits for him.
bool belongs_into(const Case& subject, const UserId& expert, Instant digest_at) {
  const Offer* offer = pending_offer(subject, expert);
  return offer != nullptr && offer->offered_at <= digest_at;
}

}  // namespace

Result<std::string> Service::digest_lines(const User& expert, Instant digest_at) {
  const auto ids = ports_.repository.open_cases_of(expert.id);
  if (!ids) return tl::unexpected(ids.error());
  std::string lines;
  for (const CaseId& id : *ids) {
    const auto subject = ports_.repository.load_case(id);
    if (!subject) return tl::unexpected(subject.error());
    if (!*subject || !belongs_into(**subject, expert.id, digest_at)) continue;
    const auto programme = applier_.programme_of(**subject);
    if (!programme) return tl::unexpected(programme.error());
    const auto due = programme_time(*programme, (*subject)->promise->breach_at, kMailLanguage);
    if (!due) return tl::unexpected(due.error());
    lines += message(kMailLanguage, "mail.expert_digest.line",
                     {{"number", (*subject)->number},
                      {"programme", programme->name(kMailLanguage == Language::french)},
                      {"exams", exams_in_words(**subject, kMailLanguage)},
                      {"due", *due}}) +
             "\n";
  }
  return lines;
}

Result<bool> Service::send_digest(const User& expert, Instant now) {
  const auto hours = digest_hours_of(ports_.repository, expert);
  if (!hours) return tl::unexpected(hours.error());
  const Instant digest_at = hours->last_until(now);
  const OutboxId id(
      fmt::format("digest-{}-{}", expert.id.value,
                  std::chrono::floor<std::chrono::minutes>(digest_at).time_since_epoch().count()));
  const auto sent = ports_.repository.find_message(id);
  if (!sent) return tl::unexpected(sent.error());
  if (*sent) return false;
  const auto lines = digest_lines(expert, digest_at);
  if (!lines) return tl::unexpected(lines.error());
  if (lines->empty()) return false;
  const auto programme = programme_writing_to(ports_.repository, expert);
  if (!programme) return tl::unexpected(programme.error());
  MailDraft draft;
  draft.from_label = programme->name(kMailLanguage == Language::french);
  draft.from = programme->mailbox;
  draft.to = expert.mail_address;
  draft.subject = message(kMailLanguage, "mail.expert_digest.subject");
  draft.text = message(kMailLanguage, "mail.expert_digest.text",
                       {{"expert", expert.display_name()},
                        {"words", *lines},
                        {"no_link", message(kMailLanguage, "mail.no_link")}});
  draft.date = now;
  if (auto posted = post(MessageKind::expert_digest, id, std::move(draft)); !posted) {
    return tl::unexpected(posted.error());
  }
  return true;
}

Result<int> Service::send_digests() {
  const auto users = ports_.repository.users();
  if (!users) return tl::unexpected(users.error());
  const Instant now = ports_.clock.now();
  int sent = 0;
  std::optional<Error> first_error;
  for (const User& user : *users) {
    const bool wants =
        !user.terms.digest_hours.empty() && user.may_log_in() && user.has_anywhere(Role::expert);
    if (!wants) continue;
    const auto told = send_digest(user, now);
    // One who cannot be told must not keep it from the others.
    if (!told && !first_error) first_error = told.error();
    sent += told && *told ? 1 : 0;
  }
  if (first_error) return tl::unexpected(*first_error);
  return sent;
}

}  // namespace telavis
