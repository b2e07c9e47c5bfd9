// SPDX-License-Identifier: Apache-2.0
#include "engine/core/case.h"

#include <algorithm>
#include <array>
#include <utility>

namespace telavis {
namespace {

// An answer that is late stays somebody's task: the coordinator hears of it every day.
constexpr Duration kBreachAlertEvery = std::chrono::hours(24);

std::string user_text(const std::optional<UserId>& user) {
  return user ? user->value : "engine";
}

tl::unexpected<Error> wrong_state(const Case& subject, std::string_view wish) {
  return fail(ErrorCode::state_conflict,
              "This case is " + std::string(case_state_name(subject.state)) + ": it cannot be " +
                  std::string(wish) + " now. Load it again to see what can be done.");
}

tl::unexpected<Error> not_yours(std::string_view who) {
  return fail(ErrorCode::forbidden, "Only " + std::string(who) + " of this case can do this.");
}

bool is_current_expert(const Case& subject, const Event& event) {
  return event.actor && subject.expert && *event.actor == *subject.expert;
}

void close_offer(Case& subject, OfferOutcome outcome) {
  for (Offer& offer : subject.offers) {
    if (offer.outcome == OfferOutcome::pending) offer.outcome = outcome;
  }
}

void back_to_queue(Case& subject, OfferOutcome outcome, Instant now) {
  close_offer(subject, outcome);
  subject.expert.reset();
  subject.state = CaseState::queued;
  subject.route_at = now;
}

/// One decision being made: the handlers below change `next` and add effects.
class Decider {
 public:
  Decider(const Case* current, const Event& event) : current_(current), event_(event) {
    if (current != nullptr) decision_.next = *current;
  }

  Result<Decision> run() {
    const bool is_submit = std::holds_alternative<event::Submit>(event_.body);
    if (is_submit == (current_ != nullptr)) {
      return fail(ErrorCode::state_conflict,
                  is_submit ? "This case exists already." : "There is no such case.");
    }
    const Result<void> outcome =
        std::visit([this](const auto& body) { return handle(body); }, event_.body);
    if (!outcome) return tl::unexpected(outcome.error());
    decision_.next.version += 1;
    return std::move(decision_);
  }

 private:
  Case& next() { return decision_.next; }

  Result<void> done(std::string detail = {}) {
    decision_.audit.push_back({event_.at, user_text(event_.actor),
                               std::string(event_name(event_.body)), std::move(detail)});
    return {};
  }

  void tell(MessageKind kind, std::optional<UserId> recipient) {
    decision_.messages.push_back({kind, std::move(recipient)});
  }

  Result<void> handle(const event::Submit& body) {
    next() = body.draft;
    next().version = 0;
    next().state = CaseState::queued;
    next().sla = body.sla;
    next().submitted_at = event_.at;
    next().breach_at = event_.at + body.sla.breach;
    next().breach_alert_at = next().breach_at;
    next().route_at = event_.at;
    return done(next().programme.value + " v" + std::to_string(next().programme_version));
  }

  Result<void> handle(const event::Route& body) {
    if (next().state != CaseState::queued) return wrong_state(next(), "routed");
    std::string detail;
    for (const Considered& considered : body.assignment.considered) {
      if (!detail.empty()) detail += "; ";
      detail += considered.expert.value + ": " +
                (considered.excluded_because.empty()
                     ? "eligible, open " + std::to_string(considered.open_cases)
                     : considered.excluded_because);
    }
    if (!body.assignment.expert) {
      next().route_at = event_.at + next().sla.route_retry;
      if (!next().no_expert_since) {
        next().no_expert_since = event_.at;
        tell(MessageKind::no_expert_alert, std::nullopt);
      }
      return done("no eligible expert; " + detail);
    }
    next().state = CaseState::offered;
    next().expert = body.assignment.expert;
    next().no_expert_since.reset();
    next().offers.push_back({*body.assignment.expert, event_.at,
                             event_.at + next().sla.offer_window, OfferOutcome::pending});
    tell(MessageKind::invitation, body.assignment.expert);
    return done("offered to " + body.assignment.expert->value + "; " + detail);
  }

  Result<void> handle(const event::OfferWindowOver&) {
    if (next().state != CaseState::offered) return wrong_state(next(), "taken back");
    if (event_.at < next().offers.back().expires_at)
      return wrong_state(next(), "taken back so early");
    const std::string expert = user_text(next().expert);
    back_to_queue(next(), OfferOutcome::expired, event_.at);
    return done("offer to " + expert + " is over");
  }

  Result<void> handle(const event::Accept&) {
    if (next().state == CaseState::accepted && is_current_expert(next(), event_)) {
      return done("again");  // an expert who accepts twice wants the same thing
    }
    if (next().state != CaseState::offered) return wrong_state(next(), "accepted");
    if (!is_current_expert(next(), event_)) return not_yours("the expert who is offered this case");
    accept();
    return done();
  }

  void accept() {
    close_offer(next(), OfferOutcome::accepted);
    next().state = CaseState::accepted;
  }

  Result<void> handle(const event::Decline& body) {
    if (next().state != CaseState::offered) return wrong_state(next(), "declined");
    if (!is_current_expert(next(), event_)) return not_yours("the expert who is offered this case");
    back_to_queue(next(), OfferOutcome::declined, event_.at);
    return done(body.reason_code);
  }

  Result<void> handle(const event::Sign& body) {
    const bool may_sign = next().state == CaseState::offered || next().state == CaseState::accepted;
    if (!may_sign) return wrong_state(next(), "answered");
    if (!is_current_expert(next(), event_)) return not_yours("the expert");
    if (next().pending_opinion) {
      return fail(ErrorCode::state_conflict,
                  "This opinion is signed already and about to leave; nothing more is needed.");
    }
    if (next().state == CaseState::offered) accept();
    next().pending_opinion =
        PendingOpinion{*event_.actor, event_.at, event_.at + next().sla.release_delay, body.hash};
    next().sealed_opinion = body.sealed_opinion;
    return done("opinion " + body.hash);
  }

  Result<void> handle(const event::Release& body) {
    const bool ready = next().state == CaseState::accepted && next().pending_opinion &&
                       event_.at >= next().pending_opinion->release_at;
    if (!ready) return wrong_state(next(), "released");
    const PendingOpinion& pending = *next().pending_opinion;
    next().opinion = Opinion{pending.expert, pending.signed_at, pending.hash, body.seal};
    next().pending_opinion.reset();
    next().report_blob = body.report_blob;
    next().state = CaseState::answered;
    decision_.acts = body.acts;
    tell(MessageKind::report, next().requester);
    std::string detail = "opinion " + next().opinion->hash + "; report " + body.report_blob.value;
    for (const BillableAct& act : body.acts) {
      detail += "; " + act.code + " " +
                (act.billable ? std::to_string(act.amount_cents) + " cents" : act.refusal);
    }
    return done(std::move(detail));
  }

  Result<void> handle(const event::Breach&) {
    if (!is_open(next().state) || event_.at < next().breach_alert_at) {
      return wrong_state(next(), "marked late");
    }
    if (!next().breached_at) {
      next().breached_at = event_.at;
      tell(MessageKind::breach_alert, next().requester);
    }
    tell(MessageKind::breach_alert, std::nullopt);
    next().breach_alert_at = event_.at + kBreachAlertEvery;
    return done("promised for " + format_utc(next().breach_at));
  }

  Result<void> handle(const event::MessageSent& body) {
    if (body.kind == message_kind_name(MessageKind::report)) deliver();
    return done(body.kind);
  }

  Result<void> handle(const event::MessageDead& body) {
    // An alert about an undeliverable alert would chase its own tail; /metrics shows dead rows.
    if (body.kind != message_kind_name(MessageKind::delivery_failed_alert)) {
      tell(MessageKind::delivery_failed_alert, std::nullopt);
    }
    return done(body.kind);
  }

  Result<void> handle(const event::ReportRead&) {
    const bool readable = next().opinion.has_value();
    if (!readable) return wrong_state(next(), "read");
    if (event_.actor && *event_.actor == next().requester) deliver();
    return done();
  }

  void deliver() {
    if (next().state != CaseState::answered) return;
    next().state = CaseState::delivered;
    next().delivered_at = event_.at;
  }

  Result<void> handle(const event::ContentRead& body) { return done(body.what); }

  Result<void> handle(const event::ReferentOpened& body) {
    next().referent_access.push_back({*event_.actor, body.until, body.sealed_reason});
    return done("until " + format_utc(body.until));
  }

  Result<void> handle(const event::Cancel& body) {
    if (!is_open(next().state)) return wrong_state(next(), "cancelled");
    if (!event_.actor || *event_.actor != next().requester) return not_yours("the requester");
    if (next().pending_opinion) {
      return fail(ErrorCode::state_conflict,
                  "An opinion is signed already and about to leave: read it first.");
    }
    close_offer(next(), OfferOutcome::expired);
    next().state = CaseState::cancelled;
    return done(body.reason_code);
  }

  const Case* current_;
  const Event& event_;
  Decision decision_;
};

}  // namespace

std::string_view case_state_name(CaseState state) {
  switch (state) {
    case CaseState::queued:
      return "queued";
    case CaseState::offered:
      return "offered";
    case CaseState::accepted:
      return "accepted";
    case CaseState::answered:
      return "answered";
    case CaseState::delivered:
      return "delivered";
    case CaseState::closed:
      return "closed";
    case CaseState::cancelled:
      return "cancelled";
  }
  return "cancelled";
}

std::optional<CaseState> case_state_from_name(std::string_view name) {
  for (const CaseState state :
       {CaseState::queued, CaseState::offered, CaseState::accepted, CaseState::answered,
        CaseState::delivered, CaseState::closed, CaseState::cancelled}) {
    if (case_state_name(state) == name) return state;
  }
  return std::nullopt;
}

std::string_view offer_outcome_name(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::pending:
      return "pending";
    case OfferOutcome::accepted:
      return "accepted";
    case OfferOutcome::declined:
      return "declined";
    case OfferOutcome::expired:
      return "expired";
  }
  return "expired";
}

std::string_view timer_kind_name(TimerKind kind) {
  switch (kind) {
    case TimerKind::route:
      return "route";
    case TimerKind::offer_window:
      return "offer_window";
    case TimerKind::release:
      return "release";
    case TimerKind::breach:
      return "breach";
  }
  return "breach";
}

std::string_view act_role_name(ActRole role) {
  switch (role) {
    case ActRole::expert:
      return "expert";
    case ActRole::requester:
      return "requester";
  }
  return "requester";
}

std::string_view message_kind_name(MessageKind kind) {
  switch (kind) {
    case MessageKind::invitation:
      return "invitation";
    case MessageKind::report:
      return "report";
    case MessageKind::no_expert_alert:
      return "no_expert_alert";
    case MessageKind::breach_alert:
      return "breach_alert";
    case MessageKind::delivery_failed_alert:
      return "delivery_failed_alert";
  }
  return "delivery_failed_alert";
}

std::string_view event_name(const EventBody& body) {
  // In the order of EventBody's alternatives.
  static constexpr std::array<std::string_view, std::variant_size_v<EventBody>> kNames = {
      "submit",          "route",        "offer_window_over", "accept",
      "decline",         "sign",         "release",           "breach",
      "message_sent",    "message_dead", "report_read",       "content_read",
      "referent_opened", "cancel"};
  return kNames[body.index()];
}

bool is_open(CaseState state) {
  switch (state) {
    case CaseState::queued:
    case CaseState::offered:
    case CaseState::accepted:
      return true;
    case CaseState::answered:
    case CaseState::delivered:
    case CaseState::closed:
    case CaseState::cancelled:
      return false;
  }
  return false;
}

std::optional<Timer> next_timer(const Case& subject) {
  if (!is_open(subject.state)) return std::nullopt;
  std::array<std::optional<Timer>, 2> candidates;
  switch (subject.state) {
    case CaseState::queued:
      candidates[0] = Timer{TimerKind::route, subject.route_at};
      break;
    case CaseState::offered:
      candidates[0] = Timer{TimerKind::offer_window, subject.offers.back().expires_at};
      break;
    case CaseState::accepted:
      if (subject.pending_opinion) {
        candidates[0] = Timer{TimerKind::release, subject.pending_opinion->release_at};
      }
      break;
    case CaseState::answered:
    case CaseState::delivered:
    case CaseState::closed:
    case CaseState::cancelled:
      break;
  }
  candidates[1] = Timer{TimerKind::breach, subject.breach_alert_at};
  std::optional<Timer> first;
  for (const auto& candidate : candidates) {
    if (candidate && (!first || candidate->at < first->at)) first = candidate;
  }
  return first;
}

Result<Decision> decide(const Case* current, const Event& event) {
  return Decider(current, event).run();
}

}  // namespace telavis
