// SPDX-License-Identifier: Apache-2.0
// The ways back in for somebody who has lost his password or his second factor: a code by secure
// mail replaces one of the two, and the other one is still asked for.
#include <utility>

#include "engine/core/access_desk.h"
#include "engine/core/one_time_code.h"

namespace telavis {
namespace {

constexpr std::size_t kAccessCodeBytes = 5;  // 40 bits for five tries in a quarter of an hour
constexpr Duration kAccessCodeLife = std::chrono::minutes(15);
constexpr std::int64_t kAccessCodeTries = 5;
// Of an address, for whichever login; a practice has one address.
constexpr AttemptLimit kAskingLimit{10, std::chrono::minutes(15)};
constexpr AttemptLimit kMailLimit{3, std::chrono::hours(1)};  // to one person, from wherever
constexpr AttemptLimit kRecoveryLimit{5, std::chrono::minutes(15)};

/// One answer for whatever was wrong: nobody learns here who is enrolled.
tl::unexpected<Error> wrong_way_back() {
  return fail(ErrorCode::recovery_failed,
              "One of these is wrong, or the mailed code has ended: check them, or ask for a new "
              "code. After five wrong codes only a new one helps.");
}

bool was_refused(const Error& error) {
  return error.code == ErrorCode::login_failed || error.code == ErrorCode::second_factor_failed ||
         error.code == ErrorCode::too_many_attempts;
}

std::string attempts_to_recover(const std::string& login) {
  return "recover/" + login;
}

}  // namespace

std::string AccessDesk::keyed_hash(std::string_view text) const {
  return to_hex(derive_key(hashing_, text).view());
}

std::string AccessDesk::access_code_hash(const UserId& id, std::string_view code) const {
  return keyed_hash("access-code/" + id.value + "/" + std::string(code));
}

// ---- mails --------------------------------------------------------------------------------------

Result<OutboxMessage> AccessDesk::notice(const User& user, const std::string& what,
                                         const std::string& left) {
  const auto programme = programme_writing_to(repository(), user);
  if (!programme) return tl::unexpected(programme.error());
  const auto at = mail_time(*programme, clock().now());
  if (!at) return tl::unexpected(at.error());
  const Language language = mail_language(*programme);
  const std::string text =
      message(language, "mail.access_notice.text",
              {{"what", message(language, "mail.access_notice." + what, {{"left", left}})},
               {"at", *at},
               {"login", user.login},
               {"no_link", message(language, "mail.no_link")}});
  return compose_person_mail(ports_.mail, user, *programme, MessageKind::access_notice, text);
}

Result<OutboxMessage> AccessDesk::code_mail(const User& user, const std::string& code,
                                            Instant expires_at) {
  const auto programme = programme_writing_to(repository(), user);
  if (!programme) return tl::unexpected(programme.error());
  const auto until = mail_time(*programme, expires_at);
  if (!until) return tl::unexpected(until.error());
  const Language language = mail_language(*programme);
  const std::string text = message(language, "mail.access_code.text",
                                   {{"login", user.login},
                                    {"code", grouped_code(code)},
                                    {"expires", *until},
                                    {"no_link", message(language, "mail.no_link")}});
  return compose_person_mail(ports_.mail, user, *programme, MessageKind::access_code, text);
}

// ---- asking -------------------------------------------------------------------------------------

Result<void> AccessDesk::ask_for_code(const std::string& login, const Origin& from) {
  if (auto may = throttle_.begin("ask-for-code", from.peer, kAskingLimit); !may) {
    audit_refusal("", "access_code", may.error());
    return may;
  }
  auto found = repository().user_by_login(login);
  if (!found) return tl::unexpected(found.error());
  if (*found && (*found)->may_log_in()) return send_code(**found);
  // A mail is composed and something written down all the same, which takes about as long.
  User nobody;
  nobody.login = login;
  nobody.mail_address = "personne@exemple.mssante.test";
  if (auto counted = throttle_.begin("code-mail/" + login, "", kMailLimit);
      !counted && !was_refused(counted.error()))
    return counted;
  const auto mail = code_mail(nobody, random_id(random(), kAccessCodeBytes), clock().now());
  if (!mail) return tl::unexpected(mail.error());
  audit_refusal("", "access_code", {ErrorCode::not_found, ""});
  return {};
}

Result<void> AccessDesk::send_code(const User& user) {
  const auto enrolled = has_factor(user.id);
  if (!enrolled) return tl::unexpected(enrolled.error());
  const std::string code = random_id(random(), kAccessCodeBytes);
  const Instant expires_at = clock().now() + kAccessCodeLife;
  // Without a second factor the code alone would open the door: the association sends a kit.
  const auto mail = *enrolled ? code_mail(user, code, expires_at) : notice(user, "no_factor");
  if (!mail) return tl::unexpected(mail.error());
  const auto may = throttle_.begin("code-mail/" + user.login, "", kMailLimit);
  if (!may && !was_refused(may.error())) return may;
  if (!may) {  // the one who asks is told what everybody is told
    audit_refusal(user.id.value, "access_code", may.error());
    return {};
  }
  if (auto written = audit(user.id.value, "access_code_asked", ""); !written) return written;
  if (!*enrolled) return repository().put_message(*mail);
  return repository().put_access_code(
      {user.id, access_code_hash(user.id, code), expires_at, kAccessCodeTries}, *mail);
}

// ---- using it -----------------------------------------------------------------------------------

Result<void> AccessDesk::recover_password(const std::string& login, std::string_view code,
                                          std::string_view second_factor, std::string_view password,
                                          const Origin& from) {
  if (auto fit = check_new_password(password); !fit) return fit;
  const auto way = [&](const std::optional<User>& user) -> Result<void> {
    if (!user) return wrong_way_back();
    // A wrong one of these must not cost the mailed code.
    if (auto right = check_factor(*user, second_factor); !right) return right;
    const auto hash = hash_password(password);
    if (!hash) return tl::unexpected(hash.error());
    if (auto right = take_access_code(*user, code); !right) return right;
    auto told = notice(*user, "password_recovered");
    if (!told) return tl::unexpected(told.error());
    if (auto written = audit(user->id.value, "password_recovered", ""); !written) return written;
    User next = *user;
    next.password_hash = *hash;
    Change change{clock().now(), user->id.value, user->version};
    change.tells = std::move(*told);
    return repository().put_user(next, change);  // which ends every session
  };
  return recover(login, "recover_password", from, way);
}

Result<void> AccessDesk::recover_factor(const std::string& login, std::string_view code,
                                        std::string_view password, const Origin& from) {
  const auto way = [&](const std::optional<User>& user) -> Result<void> {
    // The same work for an unknown login.
    if (auto right = check_password(login, password); !right) return tl::unexpected(right.error());
    if (!user) return wrong_way_back();
    if (auto right = take_access_code(*user, code); !right) return right;
    const auto told = notice(*user, "factor_recovered");
    if (!told) return tl::unexpected(told.error());
    if (auto written = audit(user->id.value, "factor_recovered", ""); !written) return written;
    const auto erased = repository().erase_second_factor(user->id, *told);
    if (!erased) return tl::unexpected(erased.error());
    return {};
  };
  return recover(login, "recover_factor", from, way);
}

Result<void> AccessDesk::recover(
    const std::string& login, std::string_view action, const Origin& from,
    const std::function<Result<void>(const std::optional<User>&)>& way) {
  const std::string subject = attempts_to_recover(login);
  const auto may = throttle_.begin(subject, from.peer, kRecoveryLimit);
  auto user = repository().user_by_login(login);
  if (!user) return tl::unexpected(user.error());
  if (*user && !(*user)->may_log_in()) user->reset();
  const Result<void> done = may ? way(*user) : may;
  if (done) return throttle_.succeeded(subject, from.peer);
  audit_refusal(*user ? (*user)->id.value : "", action, done.error());
  if (may && was_refused(done.error())) return wrong_way_back();
  return done;
}

Result<void> AccessDesk::take_access_code(const User& user, std::string_view code) {
  const auto taken = repository().take_access_code(
      user.id, access_code_hash(user.id, code_as_made(code)), clock().now());
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) return wrong_way_back();
  return {};
}

}  // namespace telavis
