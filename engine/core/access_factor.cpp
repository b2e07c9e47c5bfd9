// SPDX-License-Identifier: Apache-2.0
// The second factor: enrolled, given, replaced, reset.
#include <algorithm>
#include <utility>

#include "engine/core/access_desk.h"
#include "engine/core/one_time_code.h"
#include "engine/core/totp.h"

namespace telavis {
namespace {

constexpr std::size_t kRecoveryCodes = 10;
constexpr std::size_t kRecoveryCodeBytes = 10;  // 80 bits: not guessed, whatever the rate
// From wherever: who has got this far has the password. Three codes are good at a time, so that a
// day of guessing finds one with a chance of 1 in 700; the person is told of the password.
constexpr AttemptLimit kFactorLimit{5, std::chrono::minutes(15)};

std::string proposal_bound_to(const Session& session) {
  return "proposed-factor/" + session.token_hash;
}

bool is_totp_code(std::string_view code) {
  return code.size() == kTotpDigits &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string attempts_at(const UserId& id) {
  return "second-factor/" + id.value;
}

tl::unexpected<Error> wrong_factor() {
  return fail(ErrorCode::second_factor_failed,
              "The code is not right, or was used already: wait for the next one, and look at the "
              "clock of the telephone.");
}

}  // namespace

std::string factor_bound_to(const UserId& user) {
  return "second-factor/" + user.value;
}

std::string AccessDesk::recovery_hash(const UserId& id, std::string_view code) const {
  return keyed_hash("recovery/" + id.value + "/" + std::string(code));
}

Result<bool> AccessDesk::has_factor(const UserId& id) {
  const auto factor = repository().second_factor(id);
  if (!factor) return tl::unexpected(factor.error());
  return factor->has_value();
}

Result<bool> AccessDesk::take_code(const User& user, std::string_view code) {
  const auto factor = repository().second_factor(user.id);
  if (!factor) return tl::unexpected(factor.error());
  if (!*factor) return false;
  const auto seed = ports_.ring()->unwrap(factor_bound_to(user.id), (*factor)->wrapped_key);
  if (!seed) return tl::unexpected(seed.error());
  const auto step =
      totp_step_of(seed->view().first(kTotpSecretBytes), code, clock().now(), (*factor)->last_step);
  if (!step) return false;
  // Two requests with one code: the second finds the step taken.
  return repository().take_factor_step(user.id, *step, newest_totp_step(clock().now()));
}

Result<bool> AccessDesk::take_recovery(const User& user, std::string_view code) {
  const auto left = repository().take_recovery_code(user.id, recovery_hash(user.id, code));
  if (!left) return tl::unexpected(left.error());
  if (!*left) return false;
  const auto told = notice(user, "recovery_code_used", std::to_string(**left));
  if (!told) return tl::unexpected(told.error());
  if (auto written = audit(user.id.value, "recovery_code_used", std::to_string(**left)); !written)
    return tl::unexpected(written.error());
  if (auto put = repository().put_message(*told); !put) return tl::unexpected(put.error());
  return true;
}

Result<void> AccessDesk::check_factor(const User& user, std::string_view code) {
  if (auto may = throttle_.begin(attempts_at(user.id), "", kFactorLimit); !may) {
    audit_refusal(user.id.value, "second_factor", may.error());
    return may;
  }
  const std::string typed = code_as_made(code);
  const auto right = is_totp_code(typed) ? take_code(user, typed) : take_recovery(user, typed);
  if (!right) return tl::unexpected(right.error());
  if (!*right) {
    audit_refusal(user.id.value, "second_factor", wrong_factor().value());
    return wrong_factor();
  }
  return throttle_.succeeded(attempts_at(user.id), "");
}

Result<OpenedSession> AccessDesk::give_second_factor(const Visit& visit, std::string_view code) {
  if (visit.stage != SessionStage::second_factor) {
    return fail(ErrorCode::state_conflict, "This session does not wait for a second factor.");
  }
  if (auto right = check_factor(visit.user, code); !right) return tl::unexpected(right.error());
  if (auto written = audit(visit.user.id.value, "login", "second_factor"); !written)
    return tl::unexpected(written.error());
  return renew(visit, visit.session);
}

/// A session whose factor is to be given, or that is locked, enrols nothing: the password alone
/// must not replace a factor that somebody has.
Result<void> AccessDesk::may_enrol(const Visit& visit) {
  return visit.stage == SessionStage::enrolment ? Result<void>{}
                                                : require_open(visit, "enrol_factor");
}

Result<ProposedFactor> AccessDesk::propose_factor(const Visit& visit, std::string_view code) {
  if (auto may = may_enrol(visit); !may) return tl::unexpected(may.error());
  const auto enrolled = has_factor(visit.user.id);
  if (!enrolled) return tl::unexpected(enrolled.error());
  if (*enrolled) {
    if (auto right = check_factor(visit.user, code); !right) return tl::unexpected(right.error());
  }
  const Key seed = random_key(random());
  Session next = visit.session;
  next.proposed_factor = ports_.ring()->wrap(random(), proposal_bound_to(next), seed);
  const auto changed = repository().change_session(next.token_hash, next);
  if (!changed) return tl::unexpected(changed.error());
  if (!*changed) return fail(ErrorCode::login_required, "This session has ended: log in again.");
  const ByteView secret = seed.view().first(kTotpSecretBytes);
  return ProposedFactor{base32(secret), otpauth_uri("Telavis", visit.user.login, secret)};
}

Result<ConfirmedFactor> AccessDesk::confirm_factor(const Visit& visit, std::string_view code) {
  if (auto may = may_enrol(visit); !may) return tl::unexpected(may.error());
  if (visit.session.proposed_factor.empty()) {
    return fail(ErrorCode::state_conflict, "No second factor is being enrolled: begin again.");
  }
  const UserId& id = visit.user.id;
  if (auto may = throttle_.begin("confirm/" + id.value, ""); !may)
    return tl::unexpected(may.error());
  const auto seed =
      ports_.ring()->unwrap(proposal_bound_to(visit.session), visit.session.proposed_factor);
  if (!seed) return tl::unexpected(seed.error());
  const Instant now = clock().now();
  const auto step = totp_step_of(seed->view().first(kTotpSecretBytes), code_as_made(code), now, 0);
  if (!step) {
    const Error error{ErrorCode::second_factor_failed,
                      "This code is not right: look at the app again, and at the clock of the "
                      "telephone."};
    audit_refusal(id.value, "enrol_factor", error);
    return tl::unexpected(error);
  }
  ConfirmedFactor confirmed;
  std::vector<std::string> hashes;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    const std::string made = random_id(random(), kRecoveryCodeBytes);
    confirmed.recovery_codes.push_back(grouped_code(made));
    hashes.push_back(recovery_hash(id, made));
  }
  const auto told = notice(visit.user, "factor_enrolled");
  if (!told) return tl::unexpected(told.error());
  if (auto written = audit(id.value, "factor_enrolled", ""); !written)
    return tl::unexpected(written.error());
  // The token of before ends first: a crash in between leaves the old factor and a login to do.
  auto opened = renew(visit, visit.session);
  if (!opened) return tl::unexpected(opened.error());
  const SecondFactor factor{id, now, *step,
                            ports_.ring()->wrap(random(), factor_bound_to(id), *seed)};
  if (auto stored = repository().put_second_factor(factor, hashes, *told); !stored)
    return tl::unexpected(stored.error());
  if (auto ended = repository().erase_sessions_of(id, opened->visit.session.token_hash); !ended)
    return tl::unexpected(ended.error());
  if (auto forgiven = throttle_.succeeded("confirm/" + id.value, ""); !forgiven)
    return tl::unexpected(forgiven.error());
  confirmed.session = std::move(*opened);
  return confirmed;
}

Result<void> AccessDesk::reset_factor(const std::string& by, const UserId& id) {
  const auto reset = [&]() -> Result<void> {
    const auto user = repository().user(id);
    if (!user) return tl::unexpected(user.error());
    const auto enrolled = has_factor(id);
    if (!enrolled) return tl::unexpected(enrolled.error());
    if (!*user || !*enrolled) {
      return fail(ErrorCode::not_found, "There is no such person, or he has no second factor.");
    }
    const auto told = notice(**user, "factor_reset");
    if (!told) return tl::unexpected(told.error());
    if (auto written = audit(by, "factor_reset", id.value); !written) return written;
    const auto erased = repository().erase_second_factor(id, *told);
    if (!erased) return tl::unexpected(erased.error());
    return {};
  }();
  if (!reset) audit_refusal(by, "factor_reset", reset.error());
  return reset;
}

Result<void> AccessDesk::put_factor(const UserId& id, const Key& seed) {
  return repository().put_second_factor(
      {id, clock().now(), 0, ports_.ring()->wrap(random(), factor_bound_to(id), seed)}, {},
      std::nullopt);
}

}  // namespace telavis
