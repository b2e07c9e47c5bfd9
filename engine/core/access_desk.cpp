// SPDX-License-Identifier: Apache-2.0
// Password and sessions.
#include "engine/core/access_desk.h"

#include <algorithm>
#include <utility>

#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

// Until the second factor is given: long enough to install an authenticator app.
constexpr Duration kHalfSessionLife = std::chrono::minutes(20);
// Writing at every request would cost a commit each; a minute's precision is enough for an idle
// limit.
constexpr Duration kSessionTouch = std::chrono::minutes(1);
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kSessionIdLength = 16;  // hexadecimal digits of the token's hash

/// Stands in for the hash of a login that does not exist, so that both answers cost the same work.
const std::string& nobodys_password_hash() {
  static const std::string hash = hash_password("nobody").value_or("");
  return hash;
}

}  // namespace

std::string_view session_stage_name(SessionStage stage) {
  switch (stage) {
    case SessionStage::open:
      return "open";
    case SessionStage::enrolment:
      return "enrolment";
    case SessionStage::second_factor:
      return "second_factor";
    case SessionStage::locked:
      return "locked";
  }
  return "";
}

AccessDesk::AccessDesk(Ports ports, AccessRules rules)
    : ports_(std::move(ports)),
      rules_(std::move(rules)),
      hashing_(derive_key(ports_.lookup, "telavis/access-codes")),
      throttle_(ports_.mail.clock, ports_.mail.repository, ports_.lookup) {}

// ---- coming in ----------------------------------------------------------------------------------

Result<User> AccessDesk::check_password(std::string_view login, std::string_view password) {
  const auto refuse = [&](const std::string& actor) {
    const Error error{ErrorCode::login_failed, "The login or the password is wrong."};
    audit_refusal(actor, "login", error);
    return tl::unexpected(error);
  };
  if (password.size() > kMaxPasswordBytes) return refuse("");
  auto user = repository().user_by_login(std::string(login));
  if (!user) return tl::unexpected(user.error());
  const bool known = user->has_value() && (*user)->may_log_in();
  const bool right =
      verify_password(known ? (*user)->password_hash : nobodys_password_hash(), password);
  if (!known || !right) return refuse(known ? (*user)->id.value : "");
  return std::move(**user);
}

Result<User> AccessDesk::identify(std::string_view login, std::string_view password) {
  auto user = check_password(login, password);
  if (!user) return user;
  if (auto written = audit(user->id.value, "login", "command line"); !written)
    return tl::unexpected(written.error());
  return user;
}

Result<OpenedSession> AccessDesk::log_in(const std::string& login, std::string_view password,
                                         const Origin& from) {
  if (auto may = throttle_.begin(login, from.peer); !may) return tl::unexpected(may.error());
  auto user = check_password(login, password);
  if (!user) return tl::unexpected(user.error());
  if (auto forgiven = throttle_.succeeded(login, from.peer); !forgiven)
    return tl::unexpected(forgiven.error());
  OpenedSession opened;
  opened.cookie = random_id(random(), kTokenBytes);
  const Instant now = clock().now();
  Session session{hash_hex(opened.cookie), user->id, now, now, now + rules_.session_life};
  session.browser = from.browser;
  const auto stage = stage_of(*user, session, now);
  if (!stage) return tl::unexpected(stage.error());
  if (*stage != SessionStage::open) session.expires_at = now + kHalfSessionLife;
  if (auto written = audit(user->id.value, "login", session_stage_name(*stage)); !written)
    return tl::unexpected(written.error());
  if (auto stored = repository().put_session(session); !stored)
    return tl::unexpected(stored.error());
  opened.visit = {std::move(*user), std::move(session), *stage};
  return opened;
}

bool AccessDesk::needs_factor(const User& user) const {
  if (rules_.exempt.contains(user.login)) return false;
  return user.is_carer() || rules_.second_factor_for_staff;
}

Result<SessionStage> AccessDesk::stage_of(const User& user, const Session& session, Instant now) {
  if (!session.second_factor_at && !rules_.exempt.contains(user.login)) {
    const auto enrolled = has_factor(user.id);
    if (!enrolled) return tl::unexpected(enrolled.error());
    if (*enrolled) return SessionStage::second_factor;
    if (needs_factor(user)) return SessionStage::enrolment;
  }
  return now - session.last_seen_at >= rules_.idle_lock ? SessionStage::locked : SessionStage::open;
}

/// A locked session stays locked, whatever its page says.
Result<void> AccessDesk::note_activity(Session& session, std::optional<Duration> idle,
                                       Instant now) {
  if (now - session.last_seen_at >= rules_.idle_lock) return {};
  const Instant seen = now - idle.value_or(Duration{});
  const bool locks = now - seen >= rules_.idle_lock;
  const Duration moved = std::max(seen - session.last_seen_at, session.last_seen_at - seen);
  if (moved < kSessionTouch && !locks) return {};
  session.last_seen_at = seen;
  return repository().touch_session(session.token_hash, seen);
}

Result<Visit> AccessDesk::visit(std::string_view cookie, std::optional<Duration> idle,
                                bool attended) {
  const auto refuse = [] {
    return fail(ErrorCode::login_required, "Log in first: there is no session, or it has ended.");
  };
  if (cookie.empty()) return refuse();
  auto found = repository().session(hash_hex(cookie));
  if (!found) return tl::unexpected(found.error());
  if (!*found) return refuse();
  const Instant now = clock().now();
  Session& session = **found;
  // Seen last in the future: the clock was set back, and how long ago that was cannot be known.
  const bool from_the_future = session.last_seen_at - now >= rules_.idle_lock;
  if (now >= session.expires_at || from_the_future) {
    const auto erased = repository().erase_session(session.token_hash);
    if (!erased) return tl::unexpected(erased.error());
    return refuse();
  }
  auto user = repository().user(session.user);
  if (!user) return tl::unexpected(user.error());
  if (!*user || !(*user)->may_log_in()) return refuse();
  if (attended) {
    if (auto noted = note_activity(session, idle, now); !noted)
      return tl::unexpected(noted.error());
  }
  const auto stage = stage_of(**user, session, now);
  if (!stage) return tl::unexpected(stage.error());
  return Visit{std::move(**user), std::move(session), *stage};
}

Result<void> AccessDesk::require_open(const Visit& visit, std::string_view action) {
  if (visit.stage == SessionStage::open) return {};
  const Error error =
      visit.stage == SessionStage::locked
          ? Error{ErrorCode::session_locked, "This session is locked: give the password again."}
          : Error{ErrorCode::second_factor_required,
                  visit.stage == SessionStage::enrolment
                      ? "Enrol a second factor first."
                      : "Give the code of your second factor first."};
  audit_refusal(visit.user.id.value, action, error);
  return tl::unexpected(error);
}

/// Whoever knew the token of before does not know this one (OWASP: session fixation).
Result<OpenedSession> AccessDesk::renew(const Visit& visit, Session next) {
  OpenedSession opened;
  opened.cookie = random_id(random(), kTokenBytes);
  const std::string before = next.token_hash;
  next.token_hash = hash_hex(opened.cookie);
  next.proposed_factor.clear();
  next.second_factor_at = next.last_seen_at = clock().now();
  next.expires_at = next.created_at + rules_.session_life;
  const auto changed = repository().change_session(before, next);
  if (!changed) return tl::unexpected(changed.error());
  if (!*changed) return fail(ErrorCode::login_required, "This session has ended: log in again.");
  opened.visit = {visit.user, std::move(next), SessionStage::open};
  return opened;
}

Result<Visit> AccessDesk::unlock(const Visit& visit, std::string_view password,
                                 const Origin& from) {
  if (visit.stage != SessionStage::locked) {
    return fail(ErrorCode::state_conflict, "This session is not locked.");
  }
  if (auto may = throttle_.begin(visit.user.login, from.peer); !may)
    return tl::unexpected(may.error());
  if (auto right = check_password(visit.user.login, password); !right)
    return tl::unexpected(right.error());
  if (auto forgiven = throttle_.succeeded(visit.user.login, from.peer); !forgiven)
    return tl::unexpected(forgiven.error());
  if (auto written = audit(visit.user.id.value, "login", "unlock"); !written)
    return tl::unexpected(written.error());
  Visit open = visit;
  open.session.last_seen_at = clock().now();
  open.stage = SessionStage::open;
  if (auto touched = repository().touch_session(open.session.token_hash, open.session.last_seen_at);
      !touched)
    return tl::unexpected(touched.error());
  return open;
}

Result<void> AccessDesk::log_out(std::string_view cookie) {
  return repository().erase_session(hash_hex(cookie));
}

// ---- sessions -----------------------------------------------------------------------------------

Result<std::vector<SessionSummary>> AccessDesk::sessions(const Visit& visit) {
  const auto all = repository().sessions_of(visit.user.id);
  if (!all) return tl::unexpected(all.error());
  std::vector<SessionSummary> listed;
  for (const Session& session : *all) {
    if (session.expires_at <= clock().now()) continue;
    listed.push_back({session.token_hash.substr(0, kSessionIdLength), session.created_at,
                      session.last_seen_at, session.browser,
                      session.token_hash == visit.session.token_hash});
  }
  return listed;
}

Result<void> AccessDesk::end_session(const Visit& visit, const std::string& id) {
  const auto all = repository().sessions_of(visit.user.id);
  if (!all) return tl::unexpected(all.error());
  const auto found = std::find_if(all->begin(), all->end(), [&](const Session& session) {
    return session.token_hash.substr(0, kSessionIdLength) == id;
  });
  if (found == all->end()) {
    return fail(ErrorCode::not_found, "There is no such session any more.");
  }
  if (auto written = audit(visit.user.id.value, "session_ended", id); !written) return written;
  return repository().erase_session(found->token_hash);
}

Result<void> AccessDesk::end_other_sessions(const Visit& visit) {
  if (auto written = audit(visit.user.id.value, "sessions_ended", ""); !written) return written;
  return repository().erase_sessions_of(visit.user.id, visit.session.token_hash);
}

// ---- on record ----------------------------------------------------------------------------------

Result<void> AccessDesk::audit(const std::string& actor, std::string_view action,
                               std::string_view detail) {
  AuditDraft draft{clock().now(), actor, std::string(action), std::string(detail), {}};
  if (is_access_trace(action)) draft.salt = trace_salt(random());
  return repository().append_node_audit(draft);
}

void AccessDesk::audit_refusal(const std::string& actor, std::string_view action,
                               const Error& error) {
  const auto written = audit(actor.empty() ? "anonymous" : actor, "refused:" + std::string(action),
                             error_name(error.code));
  // The refusal stands whether or not it could be written down; the count of lost entries is shown.
  if (!written) ++unaudited_;
}

}  // namespace telavis
