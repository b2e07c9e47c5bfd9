// SPDX-License-Identifier: Apache-2.0
#include "engine/core/person_mail.h"

#include <utility>

namespace telavis {
namespace {

constexpr std::size_t kPersonMailIdBytes = 16;

std::string domain_part(const std::string& address) {
  const std::size_t at = address.find('@');
  return at == std::string::npos ? "localhost" : address.substr(at + 1);
}

bool is_french(const Programme& programme) {
  return programme.languages.empty() || programme.languages.front() == "fr";
}

}  // namespace

Result<Programme> programme_writing_to(Repository& repository, const User& person) {
  for (const Membership& membership : person.memberships) {
    if (membership.programme.empty()) continue;
    auto programme = repository.programme(membership.programme);
    if (!programme) return tl::unexpected(programme.error());
    if (*programme) return std::move(**programme);
  }
  auto programmes = repository.programmes();
  if (!programmes) return tl::unexpected(programmes.error());
  if (programmes->empty()) {
    return fail(ErrorCode::configuration_invalid,
                "There is no programme whose mailbox could send the mail: import one first.");
  }
  return std::move(programmes->front());
}

Language mail_language(const Programme& programme) {
  return is_french(programme) ? Language::french : Language::english;
}

Result<std::string> mail_time(const Programme& programme, Instant at) {
  const auto local = local_time(at, programme.time_zone);
  if (!local) return tl::unexpected(local.error());
  return display_time(*local, is_french(programme));
}

Result<OutboxMessage> compose_person_mail(const PersonMailPorts& ports, const User& person,
                                          const Programme& programme, MessageKind kind,
                                          std::string text) {
  OutboxMessage out;
  out.id = OutboxId(random_id(ports.random, kPersonMailIdBytes));
  out.kind = kind;
  out.from = programme.mailbox;
  out.to = person.mail_address;
  out.created_at = ports.clock.now();
  out.not_before = out.created_at;
  MailDraft draft;
  draft.message_id = out.id.value + "@" + domain_part(programme.mailbox);
  draft.from_label = programme.name(is_french(programme));
  draft.from = out.from;
  draft.to = out.to;
  draft.subject = message(mail_language(programme),
                          "mail." + std::string(message_kind_name(kind)) + ".subject");
  draft.text = std::move(text);
  draft.date = out.created_at;
  const auto mime = ports.compose_mail(draft);
  if (!mime) return tl::unexpected(mime.error());
  out.sealed_mime = seal_stream(ports.mail_key(), "mail/" + out.id.value, *mime);
  return out;
}

}  // namespace telavis
