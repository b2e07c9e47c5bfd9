// SPDX-License-Identifier: Apache-2.0
#include "engine/core/service_apply.h"

#include <boost/json.hpp>
#include <utility>

#include "engine/core/report.h"

namespace telavis {
namespace {

// Two events on one case seldom meet; a case that changes under eight attempts is a defect.
constexpr int kMaxAttempts = 8;

std::string domain_of(const std::string& address) {
  const std::size_t at = address.find('@');
  return at == std::string::npos ? "localhost" : address.substr(at + 1);
}

Result<std::string> mail_text(const Case& subject, const Programme& programme, MessageKind kind,
                              const User& requester, const std::string& expert) {
  const bool french = kMailLanguage == Language::french;
  const auto due = programme_time(programme, subject.breach_at, kMailLanguage);
  if (!due) return tl::unexpected(due.error());
  std::string offer_due = *due;
  if (kind == MessageKind::invitation) {
    const auto window = programme_time(programme, subject.offers.back().expires_at, kMailLanguage);
    if (!window) return tl::unexpected(window.error());
    offer_due = *window;
  }
  return message(kMailLanguage, "mail." + std::string(message_kind_name(kind)) + ".text",
                 {{"number", subject.number},
                  {"programme", programme.name(french)},
                  {"requester", requester.display_name()},
                  {"expert", expert},
                  {"exams", exams_in_words(subject, kMailLanguage)},
                  {"due", *due},
                  {"offer_due", offer_due},
                  {"no_link", message(kMailLanguage, "mail.no_link")}});
}

}  // namespace

std::string receipt_json(const Case& subject) {
  namespace json = boost::json;
  return json::serialize(
      json::object{{"case", json::object{{"id", subject.id.value},
                                         {"number", subject.number},
                                         {"state", case_state_name(subject.state)},
                                         {"submitted_at", format_utc(subject.submitted_at)},
                                         {"breach_at", format_utc(subject.breach_at)}}}});
}

Result<Key> EventApplier::data_key(const Case& subject) const {
  const auto plain = unseal(keys_.wrapping, "data-key/" + subject.id.value, subject.wrapped_key);
  if (!plain) return tl::unexpected(plain.error());
  if (plain->size() != Key::kBytes) {
    return fail(ErrorCode::crypto_failed, "A wrapped key has the wrong length.");
  }
  std::array<std::uint8_t, Key::kBytes> bytes{};
  std::copy(plain->begin(), plain->end(), bytes.begin());
  return Key(bytes);
}

Bytes EventApplier::wrap(const CaseId& id, const Key& key) const {
  return seal(keys_.wrapping, ports_.random, "data-key/" + id.value, key.view());
}

Result<Programme> EventApplier::programme_of(const Case& subject) const {
  auto programme = ports_.repository.programme(subject.programme);
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme) return fail(ErrorCode::unknown_programme, "This programme is not configured.");
  return std::move(**programme);
}

Result<User> EventApplier::person(const UserId& id) const {
  auto user = ports_.repository.user(id);
  if (!user) return tl::unexpected(user.error());
  if (!*user) return fail(ErrorCode::not_found, "There is no such person.");
  return std::move(**user);
}

Result<AppliedEvent> EventApplier::apply(const EventToApply& event, const Check& check) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    auto loaded = ports_.repository.load_case(event.case_id);
    if (!loaded) return tl::unexpected(loaded.error());
    const Case* current = *loaded ? &**loaded : nullptr;
    const bool is_new = std::holds_alternative<event::Submit>(event.body);
    if (current == nullptr && !is_new) {
      return fail(ErrorCode::not_found, "There is no such case, or it is not yours.");
    }
    if (check && current != nullptr) {
      if (const auto allowed = check(*current); !allowed) return tl::unexpected(allowed.error());
    }
    const Instant now = event.at.value_or(ports_.clock.now());
    auto decision = decide(current, {event.id, now, event.actor, event.body});
    if (!decision) return tl::unexpected(decision.error());

    Commit commit;
    commit.event_id = event.id;
    commit.event_kind = std::string(event_name(event.body));
    commit.at = now;
    commit.request_hash = event.request_hash;
    commit.expected_version = current == nullptr ? 0 : current->version;
    for (AuditDraft& draft : decision->audit) {
      commit.audit.push_back(
          append_audit(event.case_id.value, decision->next.audit, std::move(draft)));
    }
    auto messages = compose(event, *decision);
    if (!messages) return tl::unexpected(messages.error());
    commit.outbox = std::move(*messages);
    commit.acts = std::move(decision->acts);
    commit.answer = receipt_json(decision->next);
    commit.completes = event.completes;
    commit.next = std::move(decision->next);
    auto committed = ports_.repository.commit(commit);
    if (!committed) return tl::unexpected(committed.error());
    if (committed->outcome == CommitOutcome::conflict) continue;
    if (committed->outcome == CommitOutcome::committed) {
      return AppliedEvent{CommitOutcome::committed, commit.answer, commit.request_hash};
    }
    return AppliedEvent{committed->outcome, committed->answer, committed->request_hash};
  }
  return fail(ErrorCode::version_conflict,
              "This case is changing at this very moment: load it again and repeat.");
}

Result<std::vector<OutboxMessage>> EventApplier::compose(const EventToApply& event,
                                                         const Decision& decision) {
  std::vector<OutboxMessage> messages;
  if (decision.messages.empty()) return messages;
  const Case& subject = decision.next;
  const auto programme = programme_of(subject);
  if (!programme) return tl::unexpected(programme.error());
  for (const MessageDraft& draft : decision.messages) {
    std::vector<User> recipients;
    if (draft.recipient) {
      auto user = person(*draft.recipient);
      if (!user) return tl::unexpected(user.error());
      recipients.push_back(std::move(*user));
    } else {
      auto coordinators = ports_.repository.members(subject.programme, Role::coordinator);
      if (!coordinators) return tl::unexpected(coordinators.error());
      recipients = std::move(*coordinators);
    }
    for (const User& recipient : recipients) {
      auto message = compose_one(event, subject, *programme, draft.kind, recipient);
      if (!message) return tl::unexpected(message.error());
      messages.push_back(std::move(*message));
    }
  }
  return messages;
}

Result<OutboxMessage> EventApplier::compose_one(const EventToApply& event, const Case& subject,
                                                const Programme& programme, MessageKind kind,
                                                const User& recipient) {
  const auto requester = person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  std::string expert_name;
  if (subject.expert) {
    const auto expert = person(*subject.expert);
    if (!expert) return tl::unexpected(expert.error());
    expert_name = expert->display_name();
  }
  const auto text = mail_text(subject, programme, kind, *requester, expert_name);
  if (!text) return tl::unexpected(text.error());

  OutboxMessage out;
  // The same event to the same person is the same message, whichever node composes it.
  out.id = OutboxId(
      hash_hex(event.id + "/" + std::string(message_kind_name(kind)) + "/" + recipient.id.value)
          .substr(0, 32));
  out.case_id = subject.id;
  out.kind = kind;
  out.from = programme.mailbox;
  out.to = recipient.mail_address;
  out.created_at = ports_.clock.now();
  MailDraft draft;
  draft.message_id = out.id.value + "@" + domain_of(programme.mailbox);
  draft.from_label = programme.name(kMailLanguage == Language::french);
  draft.from = out.from;
  draft.to = out.to;
  draft.subject =
      message(kMailLanguage, "mail." + std::string(message_kind_name(kind)) + ".subject",
              {{"number", subject.number}});
  draft.text = *text;
  draft.date = out.created_at;
  if (kind == MessageKind::report) {
    draft.attachments.push_back(
        {subject.number + "_compte_rendu.pdf", "application/pdf", event.report_pdf});
  }
  const auto mime = ports_.compose_mail(draft);
  if (!mime) return tl::unexpected(mime.error());
  const auto key = data_key(subject);
  if (!key) return tl::unexpected(key.error());
  out.sealed_mime = seal_stream(*key, "mail/" + out.id.value, *mime);
  return out;
}

}  // namespace telavis
