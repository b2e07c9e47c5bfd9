// SPDX-License-Identifier: Apache-2.0
// The activation kit: a one-time code that goes to the MSSanté address on file and to nowhere else.
#include <algorithm>
#include <utility>

#include "engine/core/one_time_code.h"
#include "engine/core/person_mail.h"
#include "engine/core/registry.h"
#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

constexpr std::size_t kCodeBytes = 10;  // 80 bits: not guessed within its life, whatever the rate
constexpr Duration kCodeLife = std::chrono::hours(7 * 24);  // a doctor reads his mail in a week

std::string code_hash(const UserId& user, std::string_view code) {
  return hash_hex("activation/" + user.value + "/" + std::string(code));
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

  const auto programme = programme_writing_to(ports_.repository, *person);
  if (!programme) return tl::unexpected(programme.error());
  const std::string code = random_id(ports_.random, kCodeBytes);
  const Instant expires_at = ports_.clock.now() + kCodeLife;
  const auto kit = compose_kit(*person, *programme, code, expires_at);
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
  const auto until = mail_time(programme, expires_at);
  if (!until) return tl::unexpected(until.error());
  const Language language = mail_language(programme);
  const std::string text = message(language, "mail.activation_kit.text",
                                   {{"programme", programme.name(language == Language::french)},
                                    {"login", person.login},
                                    {"code", grouped_code(code)},
                                    {"expires", *until},
                                    {"no_link", message(language, "mail.no_link")}});
  return compose_person_mail(
      {ports_.clock, ports_.random, ports_.repository, ports_.compose_mail, ports_.mail_key},
      person, programme, MessageKind::activation_kit, text);
}

Result<void> Registry::activate(const std::string& login, std::string_view code,
                                std::string_view password) {
  const auto activated = audited("anybody", "activate", activate_checked(login, code, password));
  if (!activated) return tl::unexpected(activated.error());
  return {};
}

Result<User> Registry::activate_checked(const std::string& login, std::string_view code,
                                        std::string_view password) {
  if (auto fit = check_new_password(password); !fit) return tl::unexpected(fit.error());
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
