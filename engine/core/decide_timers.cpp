// SPDX-License-Identifier: Apache-2.0
// What happens because time has passed. Nothing ends by itself but an unfinished request that
// nobody completed, and a case whose opinion was given a month ago.
#include <algorithm>

#include "engine/core/case_delays.h"
#include "engine/core/decider.h"

namespace telavis {
Result<void> Decider::handle(const event::TimerFired& body) {
  const auto due = timer_at(next(), body.kind);
  // A clock that jumped back, or another event that came first.
  if (!due || *due > event_.at) return wrong_state("moved on by this timer");
  switch (body.kind) {
    case TimerKind::release:
    case TimerKind::route:
      return fail(ErrorCode::internal, "This timer has an event of its own.");
    case TimerKind::offer_window: {
      for (Offer& offer : next().offers) {
        const bool over = offer.outcome == OfferOutcome::pending && offer.expires_at &&
                          *offer.expires_at <= event_.at;
        if (over) offer.outcome = OfferOutcome::expired;
      }
      if (!others_are_asked()) to_queue();
      break;
    }
    case TimerKind::take_back: {
      const UserId silent = *next().expert;
      close_offer_of(silent, OfferOutcome::taken_back);
      tell(MessageKind::taken_back, silent);
      to_queue();
      break;
    }
    case TimerKind::breach:
      breach();
      break;
    case TimerKind::remind:
      next().reminded = true;
      remind(MessageKind::expert_reminder);
      break;
    case TimerKind::warn:
      next().warned = true;
      remind(MessageKind::expert_warning);
      break;
    case TimerKind::waiting_reminder:
      tell(MessageKind::info_reminder, next().requester);
      // Once more when a silent expert would lose the case: here it is the requester who is silent.
      next().waiting_remind_at.reset();
      if (event_.at < next().promise->take_back_at) {
        next().waiting_remind_at = next().promise->take_back_at;
      }
      break;
    case TimerKind::urgent_alert:
      urgent_alert();
      break;
    case TimerKind::follow_up:
      next().follow_up_due_at = event_.at + delay::kDay;
      tell(MessageKind::follow_up_overdue, *next().expert);
      tell_staff(MessageKind::follow_up_overdue, Role::coordinator);
      break;
    case TimerKind::undelivered:
      next().undelivered_at = event_.at + delay::kDay;
      tell_staff(MessageKind::delivery_failed_alert, Role::coordinator);
      break;
    case TimerKind::unopened:
      unopened(body.requester_delegate);
      break;
    case TimerKind::appointment:
      next().appointment_at = event_.at + delay::kWeek;
      tell(MessageKind::appointment_reminder, next().requester);
      tell(MessageKind::appointment_reminder, *next().expert);
      break;
    case TimerKind::close_out:
      close_out();
      break;
    case TimerKind::outcome:
      ask_for_outcome();
      break;
    case TimerKind::redirect_reminder:
      next().redirect_remind_at = event_.at + delay::kWeek;
      tell(MessageKind::redirect_reminder, next().requester);
      break;
    case TimerKind::incomplete_reminder: {
      const Instant second = next().purge_at - delay::kIncompleteKept + delay::kIncompleteAlert;
      next().incomplete_remind_at.reset();
      if (event_.at < second) {
        tell(MessageKind::incomplete, next().requester);
        next().incomplete_remind_at = second;
      } else {
        tell_staff(MessageKind::incomplete_alert, Role::coordinator);
      }
      break;
    }
    case TimerKind::purge:
      next().state = CaseState::cancelled;
      erase();
      break;
    case TimerKind::retention:
      erase();
      break;
  }
  return done(std::string(timer_kind_name(body.kind)));
}

void Decider::remind(MessageKind to_expert) {
  switch (next().state) {
    case CaseState::queued:
    case CaseState::offered:
      tell(MessageKind::not_accepted, next().requester);
      tell_staff(MessageKind::not_accepted, Role::coordinator);
      return;
    case CaseState::waiting:
      // The second reminder of a wait comes at the instant of the take-back.
      if (to_expert == MessageKind::expert_reminder) {
        tell(MessageKind::info_reminder, next().requester);
      }
      return;
    case CaseState::accepted: {
      if (!is_writing(next(), event_.at) && !next().pending_opinion)
        tell(to_expert, *next().expert);
      return;
    }
    case CaseState::incomplete:
    case CaseState::redirected:
    case CaseState::answered:
    case CaseState::delivered:
    case CaseState::closed:
    case CaseState::cancelled:
      return;
  }
}

void Decider::breach() {
  if (!next().breached_at) {
    next().breached_at = event_.at;
    tell(MessageKind::breach_alert, next().requester);
  }
  tell_staff(MessageKind::breach_alert, Role::coordinator);
  next().breach_alert_at = event_.at + delay::kDay;
}

void Decider::urgent_alert() {
  tell(MessageKind::urgent_opinion, next().requester);
  tell(MessageKind::urgent_alert, *next().expert);
  tell_staff(MessageKind::urgent_alert, Role::medical_referent);
  // After half an hour, one, two, four ... and then every day: it stays somebody's task.
  const Duration waited = event_.at - next().opinion->released_at;
  next().urgent_alert_at = event_.at + std::clamp(waited, delay::kUrgentAlert, delay::kDay);
}

void Decider::unopened(const std::optional<UserId>& delegate) {
  const Instant second = next().opinion->released_at + delay::kDelegateAsked;
  if (event_.at < second) {
    tell(MessageKind::unopened_reminder, next().requester);
    next().unopened_at = second;
    return;
  }
  next().unopened_at.reset();
  next().requester_delegate = delegate;
  if (delegate) {
    tell(MessageKind::unopened_reminder, *delegate);
  } else {
    tell_staff(MessageKind::unopened_reminder, Role::coordinator);
  }
  close_when_settled();
}

void Decider::ask_for_outcome() {
  tell(MessageKind::outcome_reminder, next().requester);
  const Instant second = *next().answered_at + delay::kSecondOutcome;
  next().outcome_at.reset();
  if (event_.at < second) next().outcome_at = second;
}

void Decider::close_out() {
  const Instant delivered = *next().delivered_at;
  const Instant end = delivered + delay::kFollowUp;
  if (event_.at < end) {
    if (!close_out_given() && !next().restricted_at)
      tell(MessageKind::close_out_reminder, next().requester);
    next().close_out_at = event_.at < delivered + delay::kSecondCloseOutReminder
                              ? delivered + delay::kSecondCloseOutReminder
                              : end;
  } else if (!is_settled()) {
    next().close_out_at = event_.at + delay::kDay;
  } else {
    next().state = CaseState::closed;
  }
}

}  // namespace telavis
