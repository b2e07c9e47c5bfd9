// SPDX-License-Identifier: Apache-2.0
// The case as a file that is kept: legal hold, restriction, and its erasure, on request or because
// it has been kept for long enough.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "engine/core/case_delays.h"
#include "engine/core/crypto.h"
#include "engine/core/decider.h"

namespace telavis {
namespace {

// Bounds the record of a case; nobody holds and releases one fifty times.
constexpr std::size_t kMaxStaffReasons = 100;

/// What adds to the content of a case that was answered or has ended.
struct AddsContent {
  template <typename Body>
  bool operator()(const Body&) const {
    return std::is_same_v<Body, event::FollowUp> || std::is_same_v<Body, event::FollowUpAnswer> ||
           std::is_same_v<Body, event::CloseOut> || std::is_same_v<Body, event::RecordOutcome> ||
           std::is_same_v<Body, event::LogCall> || std::is_same_v<Body, event::SetAppointment> ||
           std::is_same_v<Body, event::PatientInformed> || std::is_same_v<Body, event::Sign>;
  }
};

}  // namespace

Result<void> Decider::may_be_added_to() {
  if (!std::visit(AddsContent{}, event_.body)) return {};
  if (next().erased_at) {
    return fail(ErrorCode::state_conflict,
                "The content of this case was erased: nothing is added to it.");
  }
  if (next().restricted_at) {
    return fail(ErrorCode::state_conflict,
                "The patient has this case kept and not used: nothing is added to it until the "
                "coordinator or the medical referent lifts the restriction.");
  }
  return {};
}

void Decider::keep_after_end() {
  if (!has_ended(next().state)) {
    next().erasure_request.reset();  // whoever asked for it spoke of a case that had ended
    return;
  }
  // Reading, holding or restricting a case that has ended makes it no younger; a word about the
  // patient does.
  const bool has_just_ended = current_ == nullptr || !has_ended(current_->state);
  if (!has_just_ended && !std::visit(AddsContent{}, event_.body)) return;
  next().kept_until =
      std::max(next().kept_until, end_of_year(event_.at, next().plan.retention_years));
}

void Decider::erase() {
  erase_content(next(), event_.at);
}

Result<void> Decider::needs_staff() {
  if (event_.role == Role::coordinator || event_.role == Role::medical_referent) return {};
  return not_yours("the coordinator or the medical referent");
}

Result<void> Decider::needs_content() {
  if (!next().erased_at) return {};
  return fail(ErrorCode::state_conflict, "The content of this case was erased.");
}

Result<void> Decider::needs_room_for_reasons() {
  // Whoever holds a case must be able to release it.
  if (next().staff_reasons.size() + 1 < kMaxStaffReasons) return {};
  return fail(ErrorCode::limit_exceeded,
              "This case holds as many reasons as it can: leave it as it is.");
}

std::string Decider::add_reason(const Bytes& sealed) {
  next().staff_reasons.push_back(
      {std::string(event_name(event_.body)), event_.actor.value_or(UserId()), event_.at, sealed});
  return hash_hex(sealed);
}

// ---- erasure ------------------------------------------------------------------------------------

Result<void> Decider::handle(const event::RequestErasure& body) {
  if (auto there = needs_content(); !there) return there;
  if (!has_ended(next().state)) {
    return fail(ErrorCode::state_conflict,
                "This case has not ended: the requester withdraws it, or it closes by itself; then "
                "ask for its erasure.");
  }
  if (auto staff = needs_staff(); !staff) return staff;
  if (next().legal_hold) {
    return fail(ErrorCode::state_conflict,
                "This case is under a legal hold: it can be erased once that is released.");
  }
  if (is_erasure_asked(next(), event_.at)) {
    return fail(ErrorCode::state_conflict,
                "The erasure of this case is asked for already: another coordinator or medical "
                "referent approves it.");
  }
  if (auto room = needs_room_for_reasons(); !room) return room;
  std::string hash = add_reason(body.sealed_reason);
  next().erasure_request = ErasureRequest{event_.actor.value_or(UserId()), event_.at, hash};
  return done("reason " + hash);
}

Result<void> Decider::handle(const event::ApproveErasure&) {
  if (auto there = needs_content(); !there) return there;
  if (!is_erasure_asked(next(), event_.at)) {
    return fail(ErrorCode::state_conflict,
                "Nobody has asked within 30 days that this case be erased: ask for it, and another "
                "person approves.");
  }
  if (auto staff = needs_staff(); !staff) return staff;
  const ErasureRequest asked = *next().erasure_request;
  if (by(asked.by)) {
    return fail(ErrorCode::forbidden,
                "Whoever asks for an erasure does not approve it: another coordinator or medical "
                "referent of the programme does.");
  }
  if (next().legal_hold) {
    return fail(ErrorCode::state_conflict,
                "This case is under a legal hold: it can be erased once that is released.");
  }
  const bool early = event_.at < next().kept_until;
  erase();
  return done((early ? "before_retention; asked by " : "after_retention; asked by ") +
              asked.by.value + " at " + format_utc(asked.at) + "; reason " + asked.reason_hash);
}

Result<void> Decider::handle(const event::WithdrawErasure&) {
  if (!next().erasure_request) {
    return fail(ErrorCode::state_conflict, "Nobody asks that this case be erased.");
  }
  if (auto staff = needs_staff(); !staff) return staff;
  next().erasure_request.reset();
  return done();
}

// ---- legal hold, restriction --------------------------------------------------------------------

Result<void> Decider::handle(const event::Hold& body) {
  if (auto there = needs_content(); !there) return there;
  // What was never complete, or sent elsewhere, is nobody's act.
  if (!next().promise && !has_ended(next().state)) {
    return fail(ErrorCode::state_conflict,
                "This question was never complete: there is nothing to hold.");
  }
  if (auto staff = needs_staff(); !staff) return staff;
  if (next().legal_hold) {
    return fail(ErrorCode::state_conflict, "This case is under a legal hold already.");
  }
  if (auto room = needs_room_for_reasons(); !room) return room;
  next().legal_hold = LegalHold{event_.actor.value_or(UserId()), event_.at};
  return done("reason " + add_reason(body.sealed_reason));
}

Result<void> Decider::handle(const event::ReleaseHold& body) {
  if (!next().legal_hold) {
    return fail(ErrorCode::state_conflict, "This case is under no legal hold.");
  }
  if (auto staff = needs_staff(); !staff) return staff;
  next().legal_hold.reset();
  return done("reason " + add_reason(body.sealed_reason));
}

Result<void> Decider::handle(const event::Restrict& body) {
  if (auto there = needs_content(); !there) return there;
  if (is_open(next().state)) {
    return fail(ErrorCode::state_conflict,
                "An answer is owed: the requester withdraws the question first, then the case can "
                "be restricted.");
  }
  if (auto staff = needs_staff(); !staff) return staff;
  if (next().restricted_at) {
    return fail(ErrorCode::state_conflict, "This case is restricted already.");
  }
  if (auto free = needs_no_pending_opinion(); !free) return free;
  if (timer_at(next(), TimerKind::urgent_alert)) {
    return fail(ErrorCode::state_conflict,
                "The opinion is urgent and nobody has acknowledged it: telephone the requester "
                "first.");
  }
  if (auto room = needs_room_for_reasons(); !room) return room;
  next().restricted_at = event_.at;
  return done("reason " + add_reason(body.sealed_reason));
}

Result<void> Decider::handle(const event::LiftRestriction&) {
  if (!next().restricted_at) {
    return fail(ErrorCode::state_conflict, "This case is not restricted.");
  }
  if (auto staff = needs_staff(); !staff) return staff;
  next().restricted_at.reset();
  return done();
}

}  // namespace telavis
