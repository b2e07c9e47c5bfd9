// SPDX-License-Identifier: Apache-2.0
// The activation kit: a one-time code that goes to the MSSanté address on file and to nowhere else.
#include <algorithm>
#include <utility>

#include "engine/core/one_time_code.h"
#include "engine/core/registry.h"
#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

constexpr std::size_t kCodeBytes = 10;  // 80 bits: not guessed within its life, whatever the rate
constexpr Duration kCodeLife = std::chrono::hours(7 * 24);  // a doctor reads his mail in a week
constexpr std::size_t kMinPasswordBytes = 12;               // with a throttled login and Argon2id
constexpr std::size_t kMessageIdBytes = 16;

std::string code_hash(const UserId& user, std::string_view code) {
  return hash_hex("activation/" + user.value + "/" + std::string(code));
}

std::string domain_of(const std::string& address) {
  const std::size_t at = address.find('@');
  return at == std::string::npos ? "localhost" : address.substr(at + 1);
}

tl::unexpected<Error> wrong_code() {
  return fail(
      ErrorCode::login_failed,
      "The login or the code is wrong, or the code has ended: ask the association for a new "
      "activation kit.");
}

/// Of somebody suspended, or who has left, a code is worth nothing.
bool awaits_kit(const User& person) {
  return person.status == PersonStatus::requested || person.status == PersonStatus::active;
}

}  // namespace

Result<void> Registry::send_activation_kit(const RegistryActor& by, const UserId& id) {
  return audited(by.id(), "send_activation_kit", send_kit_checked(by, id));
}

Result<void> Registry::send_kit_checked(const RegistryActor& by, const UserId& id) {
  const auto person = stored_person(id);
  if (!person) return tl::unexpected(person.error());
  if (auto right = check_right(by, *person, PersonRight::steward); !right) return right;
  if (!awaits_kit(*person)) {
    return fail(ErrorCode::state_conflict, "This person is suspended or has left.");
  }
  const auto today = today_of(*person);
  if (!today) return tl::unexpected(today.error());
  // A locum gets his kit before his first day, and uses it then.
  User at_work = *person;
  at_work.enrolment.replaces_during.from = std::min(at_work.enrolment.replaces_during.from, *today);
  if (auto ready = check_active(at_work, *today); !ready) return ready;

  auto programmes = programmes_of(*person);
  if (programmes && programmes->empty()) programmes = ports_.repository.programmes();
  if (!programmes) return tl::unexpected(programmes.error());
  if (programmes->empty()) {
    return fail(ErrorCode::configuration_invalid,
                "There is no programme whose mailbox could send the kit: import one first.");
  }
  const std::string code = random_id(ports_.random, kCodeBytes);
  const Instant expires_at = ports_.clock.now() + kCodeLife;
  const auto kit = compose_kit(*person, programmes->front(), code, expires_at);
  if (!kit) return tl::unexpected(kit.error());
  if (auto written = ports_.repository.append_node_audit(
          {ports_.clock.now(), by.id(), "activation_kit", id.value});
      !written) {
    return written;
  }
  return ports_.repository.put_activation(id, code_hash(id, code), expires_at, *kit);
}

Result<OutboxMessage> Registry::compose_kit(const User& person, const Programme& programme,
                                            const std::string& code, Instant expires_at) {
  const bool french = programme.languages.empty() || programme.languages.front() == "fr";
  const Language language = french ? Language::french : Language::english;
  const auto until = local_time(expires_at, programme.time_zone);
  if (!until) return tl::unexpected(until.error());
  OutboxMessage out;
  out.id = OutboxId(random_id(ports_.random, kMessageIdBytes));
  out.kind = MessageKind::activation_kit;
  out.from = programme.mailbox;
  out.to = person.mail_address;
  out.created_at = ports_.clock.now();
  out.not_before = out.created_at;
  MailDraft draft;
  draft.message_id = out.id.value + "@" + domain_of(programme.mailbox);
  draft.from_label = programme.name(french);
  draft.from = out.from;
  draft.to = out.to;
  draft.subject = message(language, "mail.activation_kit.subject");
  draft.text = message(language, "mail.activation_kit.text",
                       {{"programme", programme.name(french)},
                        {"login", person.login},
                        {"code", grouped_code(code)},
                        {"expires", display_time(*until, french)},
                        {"no_link", message(language, "mail.no_link")}});
  draft.date = out.created_at;
  const auto mime = ports_.compose_mail(draft);
  if (!mime) return tl::unexpected(mime.error());
  out.sealed_mime = seal_stream(ports_.mail_key(), "mail/" + out.id.value, *mime);
  return out;
}

Result<void> Registry::activate(const std::string& login, std::string_view code,
                                std::string_view password) {
  const auto activated = audited("anybody", "activate", activate_checked(login, code, password));
  if (!activated) return tl::unexpected(activated.error());
  return {};
}

Result<User> Registry::activate_checked(const std::string& login, std::string_view code,
                                        std::string_view password) {
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    return fail(ErrorCode::invalid_field,
                "'password' must have at least 12 characters: a short sentence does well.");
  }
  const auto person = ports_.repository.user_by_login(login);
  if (!person) return tl::unexpected(person.error());
  if (!*person || !awaits_kit(**person)) return wrong_code();
  const UserId id = (*person)->id;
  // Before the code is spent: whatever fails up to here leaves it good.
  const auto today = today_of(**person);
  if (!today) return tl::unexpected(today.error());
  if (auto ready = check_active(**person, *today); !ready) return tl::unexpected(ready.error());
  const auto hash = hash_password(password);
  if (!hash) return tl::unexpected(hash.error());
  const auto taken =
      ports_.repository.take_activation(id, code_hash(id, code_as_made(code)), ports_.clock.now());
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) return wrong_code();
  return change_person({**person}, "activate", id, PersonRight::own, std::nullopt,
                       [&](User& next, const std::string&) -> Result<void> {
                         if (!awaits_kit(next)) return wrong_code();
                         next.status = PersonStatus::active;
                         next.password_hash = *hash;
                         return {};
                       });
}

}  // namespace telavis
