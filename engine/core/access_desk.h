// SPDX-License-Identifier: Apache-2.0
// The one audited door to the web inbox: password, second factor, sessions, and the ways back in.
// What Service is for cases. Refusals are audited here.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/key_ring.h"
#include "engine/core/login_throttle.h"
#include "engine/core/person_mail.h"
#include "engine/core/ports.h"

namespace telavis {

/// What an operator decides about coming in.
struct AccessRules {
  /// Who reads health data needs a second factor in any case; this is for the others (coordinator,
  /// treasurer, admin).
  bool second_factor_for_staff = true;
  Duration idle_lock = std::chrono::minutes(15);
  Duration session_life = std::chrono::hours(12);
  /// Logins of a demonstration that come in by password alone.
  std::set<std::string> exempt = {};
};

/// What a session may do.
enum class SessionStage {
  open,
  enrolment,      // the password was given; a second factor is to be enrolled first
  second_factor,  // the password was given; the second factor is to be given
  locked,         // nobody touched it for a while: the password is to be given again
};
std::string_view session_stage_name(SessionStage stage);

/// A person with the session he comes by.
struct Visit {
  User user;
  Session session;
  SessionStage stage = SessionStage::open;
};

/// Where a request comes from.
struct Origin {
  std::string peer;     // address
  std::string browser;  // coarse: "firefox/linux"
};

/// A session under a token of its own: the cookie's value, told once.
struct OpenedSession {
  std::string cookie;
  Visit visit;
};

/// A seed that waits to be confirmed by a code.
struct ProposedFactor {
  std::string secret;  // base32, to be typed
  std::string uri;     // to be scanned: otpauth://...
};
struct ConfirmedFactor {
  OpenedSession session;
  std::vector<std::string> recovery_codes;  // told once: "k7q2-9m4x-..."
};

struct SessionSummary {
  std::string id;  // names it to its owner; nobody comes in by it
  Instant created_at;
  Instant last_seen_at;
  std::string browser;
  bool current = false;
};

/// Of a sealed seed: what it is bound to.
std::string factor_bound_to(const UserId& user);

class AccessDesk {
 public:
  struct Ports {
    PersonMailPorts mail;
    std::function<std::shared_ptr<const KeyRing>()> ring;
    Key lookup;
  };
  AccessDesk(Ports ports, AccessRules rules);

  const AccessRules& rules() const { return rules_; }
  LoginThrottle& throttle() { return throttle_; }

  // ---- coming in. Errors of all that takes a secret: too_many_attempts
  /// The person whose password this is, without a session: for the command line, where it says who
  /// acts. Errors: login_failed (also for an unknown login, after the same work).
  Result<User> identify(std::string_view login, std::string_view password);
  /// A session, which does next to nothing while its second factor is missing. Errors: as
  /// identify().
  Result<OpenedSession> log_in(const std::string& login, std::string_view password,
                               const Origin& from);
  /// Whose session this is and what it may do. `idle`: for how long nobody has touched the page
  /// that asks, when it says so. What a page asks by itself, not `attended`, says nothing of
  /// whether anybody is there. Errors: login_required.
  Result<Visit> visit(std::string_view cookie, std::optional<Duration> idle = std::nullopt,
                      bool attended = true);
  /// Errors: second_factor_required, session_locked (both audited).
  Result<void> require_open(const Visit& visit, std::string_view action);
  /// A code of the app or a recovery code; the session gets another token. Errors:
  /// second_factor_failed, state_conflict (nothing was asked for).
  Result<OpenedSession> give_second_factor(const Visit& visit, std::string_view code);
  /// The password again, after a lock. Errors: login_failed.
  Result<Visit> unlock(const Visit& visit, std::string_view password, const Origin& from);
  Result<void> log_out(std::string_view cookie);

  // ---- the second factor
  /// A new seed for this session. Who has a factor already gives its code first. Errors:
  /// second_factor_failed.
  Result<ProposedFactor> propose_factor(const Visit& visit, std::string_view code);
  /// The seed counts from now on, in place of the one before; other sessions end. Errors:
  /// second_factor_failed, state_conflict (nothing is proposed).
  Result<ConfirmedFactor> confirm_factor(const Visit& visit, std::string_view code);
  /// By the operator or an administrator, who has made sure whom he speaks to. Errors: not_found
  /// (no such person, or he has none).
  Result<void> reset_factor(const std::string& by, const UserId& id);
  /// A seed that is known to whoever calls: for the demonstration's fictive people.
  Result<void> put_factor(const UserId& id, const Key& seed);
  Result<bool> has_factor(const UserId& id);

  // ---- sessions
  Result<std::vector<SessionSummary>> sessions(const Visit& visit);
  /// Errors: not_found.
  Result<void> end_session(const Visit& visit, const std::string& id);
  Result<void> end_other_sessions(const Visit& visit);

  // ---- ways back in; the answer never says whether there is such a person
  /// A code to the MSSanté address on file and to nowhere else. Errors: too_many_attempts.
  Result<void> ask_for_code(const std::string& login, const Origin& from);
  /// The mailed code and the second factor, for a new password. Errors: recovery_failed,
  /// invalid_field (the password is too short).
  Result<void> recover_password(const std::string& login, std::string_view code,
                                std::string_view second_factor, std::string_view password,
                                const Origin& from);
  /// The mailed code and the password, for a second factor that is enrolled at the next login.
  /// Errors: recovery_failed.
  Result<void> recover_factor(const std::string& login, std::string_view code,
                              std::string_view password, const Origin& from);

  /// Refusals that could not be written to the audit.
  std::int64_t unaudited_refusals() const { return unaudited_; }

 private:
  Result<User> check_password(std::string_view login, std::string_view password);
  bool needs_factor(const User& user) const;
  Result<SessionStage> stage_of(const User& user, const Session& session, Instant now);
  Result<void> note_activity(Session& session, std::optional<Duration> idle, Instant now);
  Result<OpenedSession> renew(const Visit& visit, Session next);
  Result<void> may_enrol(const Visit& visit);
  /// Errors: second_factor_failed.
  Result<void> check_factor(const User& user, std::string_view code);
  Result<bool> take_code(const User& user, std::string_view code);
  Result<bool> take_recovery(const User& user, std::string_view code);
  Result<void> send_code(const User& user);
  Result<void> recover(const std::string& login, std::string_view action, const Origin& from,
                       const std::function<Result<void>(const std::optional<User>&)>& way);
  Result<void> take_access_code(const User& user, std::string_view code);
  Result<OutboxMessage> code_mail(const User& user, const std::string& code, Instant expires_at);
  /// Tells "mail.access_notice.<what>".
  Result<OutboxMessage> notice(const User& user, const std::string& what,
                               const std::string& left = "");
  std::string recovery_hash(const UserId& id, std::string_view code) const;
  std::string access_code_hash(const UserId& id, std::string_view code) const;
  std::string keyed_hash(std::string_view text) const;
  Result<void> audit(const std::string& actor, std::string_view action, std::string_view detail);
  void audit_refusal(const std::string& actor, std::string_view action, const Error& error);

  Clock& clock() const { return ports_.mail.clock; }
  Random& random() const { return ports_.mail.random; }
  Repository& repository() const { return ports_.mail.repository; }

  Ports ports_;
  AccessRules rules_;
  Key hashing_;
  LoginThrottle throttle_;
  std::atomic<std::int64_t> unaudited_ = 0;
};

}  // namespace telavis
