// SPDX-License-Identifier: Apache-2.0
// The request and its offers: from submission to the expert who has the case.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "engine/core/case_delays.h"
#include "engine/core/crypto.h"
#include "engine/core/decider.h"
#include "engine/core/routing_account.h"

namespace telavis {
namespace {

// Bounds the record of a case; a dialogue of this length belongs on the telephone.
constexpr std::size_t kMaxDialogue = 100;
constexpr std::size_t kMaxExams = 100;

bool sent_at_once(MessageKind kind) {
  switch (kind) {
    case MessageKind::report:
    case MessageKind::report_copy:
    case MessageKind::refusal:
    case MessageKind::urgent_opinion:
    case MessageKind::urgent_alert:
    case MessageKind::incomplete:
    case MessageKind::audit_root:
    case MessageKind::expert_digest:
    case MessageKind::activation_kit:
    case MessageKind::access_code:
    case MessageKind::access_notice:
    case MessageKind::request_received:
    case MessageKind::emergency:
    case MessageKind::question:
    case MessageKind::mail_noted:
    case MessageKind::opinion_echo:
    case MessageKind::mail_unclear:
    case MessageKind::mail_refused:
      return true;
    case MessageKind::redirect_reminder:
    case MessageKind::invitation:
    case MessageKind::open_invitation:
    case MessageKind::expert_reminder:
    case MessageKind::expert_warning:
    case MessageKind::taken_back:
    case MessageKind::withdrawn:
    case MessageKind::not_accepted:
    case MessageKind::no_expert_alert:
    case MessageKind::breach_alert:
    case MessageKind::info_needed:
    case MessageKind::info_reminder:
    case MessageKind::info_given:
    case MessageKind::report_patient:
    case MessageKind::unopened_reminder:
    case MessageKind::delivery_failed_alert:
    case MessageKind::follow_up:
    case MessageKind::follow_up_answer:
    case MessageKind::follow_up_overdue:
    case MessageKind::appointment_reminder:
    case MessageKind::close_out_reminder:
    case MessageKind::outcome_reminder:
    case MessageKind::opinion_not_used:
    case MessageKind::mail_kept_alert:
    case MessageKind::mailbox_alert:
    case MessageKind::device_alert:
    case MessageKind::incomplete_alert:
      return false;
  }
  return false;
}

/// Timers, the outbox and what follows from people's records: nobody asks for these.
struct HappensByItself {
  template <typename Body>
  bool operator()(const Body&) const {
    return std::is_same_v<Body, event::ExpertGone> || std::is_same_v<Body, event::Route> ||
           std::is_same_v<Body, event::ReleaseOpinion> || std::is_same_v<Body, event::TimerFired> ||
           std::is_same_v<Body, event::MessageSent> || std::is_same_v<Body, event::MessageDead> ||
           std::is_same_v<Body, event::MessageReported>;
  }
};

}  // namespace

Result<Decision> decide(const Case* current, const Event& event) {
  return Decider(current, event).run();
}

Result<Decision> Decider::run() {
  if (std::visit(HappensByItself{}, event_.body) == event_.actor.has_value()) {
    return fail(ErrorCode::forbidden, event_.actor
                                          ? "This happens by itself: nobody can ask for it."
                                          : "Somebody must ask for this: it names nobody.");
  }
  const bool is_submit = std::holds_alternative<event::Submit>(event_.body);
  if (is_submit == (current_ != nullptr)) {
    return fail(ErrorCode::state_conflict,
                is_submit ? "This case exists already." : "There is no such case.");
  }
  if (auto open = may_be_added_to(); !open) return tl::unexpected(open.error());
  const Outcome outcome =
      std::visit([this](const auto& body) { return handle(body); }, event_.body);
  if (!outcome) return tl::unexpected(outcome.error());
  keep_after_end();
  decision_.next.version += 1;
  return std::move(decision_);
}

// ---- what handlers do ---------------------------------------------------------------------------

bool Decider::by_reader_for_requester() {
  return by_requester() || (next().requester_delegate && by(*next().requester_delegate));
}

tl::unexpected<Error> Decider::wrong_state(std::string_view wish) {
  return fail(ErrorCode::state_conflict,
              "This case is " + std::string(case_state_name(next().state)) + ": it cannot be " +
                  std::string(wish) + " now. Load it again to see what can be done.");
}

tl::unexpected<Error> Decider::not_yours(std::string_view who) {
  return fail(ErrorCode::forbidden, "Only " + std::string(who) + " of this case can do this.");
}

Result<void> Decider::needs_no_pending_opinion() {
  if (!next().pending_opinion) return {};
  return fail(
      ErrorCode::state_conflict,
      "An opinion is signed already and about to leave: wait for it, or let its author take "
      "it back.");
}

Result<void> Decider::needs_room_for_dialogue() {
  if (next().dialogue.size() < kMaxDialogue && next().exams.size() < kMaxExams) return {};
  return fail(ErrorCode::limit_exceeded,
              "This case holds as many messages or exams as it can: telephone, or ask a new "
              "question.");
}

Result<void> Decider::done(std::string detail) {
  decision_.audit.push_back({event_.at, event_.actor ? event_.actor->value : "engine",
                             std::string(event_name(event_.body)), std::move(detail)});
  return {};
}

std::optional<Instant> Decider::not_before(MessageKind kind) {
  if (sent_at_once(kind)) return std::nullopt;
  return next_open(daytime(next().plan.time_zone), event_.at);
}

void Decider::tell(MessageKind kind, const UserId& recipient) {
  decision_.messages.push_back({kind, recipient, {}, {}, not_before(kind)});
}

void Decider::tell_staff(MessageKind kind, Role role) {
  decision_.messages.push_back({kind, {}, {}, role, not_before(kind)});
}

void Decider::send_copy(CopyTo to) {
  MessageDraft draft;
  draft.kind = to == CopyTo::citizen ? MessageKind::report_patient : MessageKind::report_copy;
  draft.not_before = not_before(draft.kind);
  draft.copy_to = to;
  decision_.messages.push_back(std::move(draft));
}

void Decider::add_dialogue(DialogueKind kind, const Bytes& sealed) {
  next().dialogue.push_back({kind, event_.actor.value_or(UserId()), event_.at, sealed});
}

std::string Decider::dialogue_detail() {
  return std::to_string(next().dialogue.size()) + " " + hash_hex(next().dialogue.back().sealed);
}

void Decider::add_exams(const std::vector<ExamSummary>& exams, const BlobRef& blob) {
  next().exams.insert(next().exams.end(), exams.begin(), exams.end());
  if (!blob.empty()) next().exam_blobs.push_back(blob);
}

void Decider::redirect_or_complete(const std::string& redirect_exit) {
  next().redirect_exit = redirect_exit;
  if (!redirect_exit.empty()) {
    next().state = CaseState::redirected;
    next().redirect_remind_at = event_.at + delay::kRedirectReminder;
  } else if (!next().missing.empty()) {
    next().state = CaseState::incomplete;
    next().purge_at = event_.at + delay::kIncompleteKept;
    next().incomplete_remind_at = event_.at + delay::kIncompleteReminder;
    tell(MessageKind::incomplete, next().requester);
  } else {
    complete();
  }
}

void Decider::complete() {
  next().promise = promise_of(next().plan, event_.at);
  next().breach_alert_at = next().promise->breach_at;
  to_queue();
}

void Decider::to_queue() {
  next().state = CaseState::queued;
  next().expert.reset();
  next().draft.reset();
  next().route_at = event_.at;
}

void Decider::end_wait() {
  // A clock that was set back in between takes nothing off.
  if (next().waiting_since) {
    next().waited += std::max(Duration{}, event_.at - *next().waiting_since);
  }
  next().waiting_since.reset();
  next().waiting_remind_at.reset();
}

void Decider::close_offer_of(const UserId& expert, OfferOutcome outcome,
                             const std::string& reason) {
  for (Offer& offer : next().offers) {
    const bool current =
        offer.outcome == OfferOutcome::pending || offer.outcome == OfferOutcome::accepted;
    if (offer.expert != expert || !current) continue;
    offer.outcome = outcome;
    offer.reason = reason;
  }
}

bool Decider::others_are_asked() {
  return std::any_of(next().offers.begin(), next().offers.end(),
                     [](const Offer& offer) { return offer.outcome == OfferOutcome::pending; });
}

void Decider::take(const UserId& expert) {
  close_offer_of(expert, OfferOutcome::accepted);
  for (Offer& offer : next().offers) {
    if (offer.outcome == OfferOutcome::pending) offer.outcome = OfferOutcome::withdrawn;
  }
  next().state = CaseState::accepted;
  next().expert = expert;
  next().no_expert_since.reset();
  next().hold_until = std::max(next().promise->take_back_at, event_.at + delay::kLeastHold);
}

void Decider::withdraw_all(bool holder_too) {
  const std::optional<UserId> holder = next().expert;
  for (Offer& offer : next().offers) {
    if (offer.outcome != OfferOutcome::pending) continue;
    offer.outcome = OfferOutcome::withdrawn;
    // Of a whole pool nobody was named: their inbox shows it.
    if (offer.expires_at) tell(MessageKind::withdrawn, offer.expert);
  }
  if (!holder_too || !holder) return;
  close_offer_of(*holder, OfferOutcome::withdrawn);
  if (!by(*holder)) tell(MessageKind::withdrawn, *holder);
}

// ---- the request --------------------------------------------------------------------------------

Result<void> Decider::handle(const event::Submit& body) {
  next() = body.draft;
  if (!by_requester()) return not_yours("the requester");
  next().version = 0;
  next().submitted_at = event_.at;
  redirect_or_complete(body.draft.redirect_exit);
  return done(next().programme.value + " v" + std::to_string(next().programme_version) + " " +
              std::string(case_state_name(next().state)) +
              (next().redirect_exit.empty() ? "" : " " + next().redirect_exit));
}

Result<void> Decider::handle(const event::Complete& body) {
  if (next().state != CaseState::incomplete) return wrong_state("completed");
  if (!by_requester()) return not_yours("the requester");
  if (auto room = needs_room_for_dialogue(); !room) return room;
  next().sealed_request = body.sealed_request;
  next().missing = body.missing;
  next().kept_until = std::max(next().kept_until, body.kept_until);
  add_exams(body.more_exams, body.more_exams_blob);
  if (body.plan) {
    next().plan = *body.plan;
    next().requested_experts = body.requested_experts;
    next().requested_group = body.requested_group;
  }
  redirect_or_complete(body.redirect_exit);
  return done(std::string(case_state_name(next().state)) +
              (next().redirect_exit.empty() ? "" : " " + next().redirect_exit));
}

Result<void> Decider::handle(const event::Resume& body) {
  if (next().state != CaseState::redirected) return wrong_state("resumed");
  if (!by_requester()) return not_yours("the requester");
  const std::string exit = next().redirect_exit;
  next().sealed_request = body.sealed_request;
  next().missing = body.missing;
  next().kept_until = std::max(next().kept_until, body.kept_until);
  redirect_or_complete("");
  return done("after " + exit);
}

Result<void> Decider::handle(const event::Transfer& body) {
  if (!next().promise || !is_open(next().state)) return wrong_state("given to another programme");
  if (!by_requester()) return not_yours("the requester");
  if (!next().breached_at && !next().no_expert_since) {
    return fail(ErrorCode::state_conflict,
                "A question goes to another programme when the promised instant has passed or no "
                "expert was found: until then withdraw it and ask again.");
  }
  if (auto free = needs_no_pending_opinion(); !free) return free;
  withdraw_all(true);
  end_wait();
  const Promise made = *next().promise;
  next().programme = body.programme;
  next().programme_version = body.programme_version;
  next().plan = body.plan;
  next().requested_experts.clear();
  next().requested_group.clear();
  next().promise = promise_of(body.plan, event_.at);
  // What the requester was promised stays; what the new programme owes itself is counted anew.
  next().promise->completed_at = made.completed_at;
  next().promise->breach_at = made.breach_at;
  next().reminded = next().warned = next().requester_waits = false;
  next().no_expert_since.reset();
  if (next().breached_at) next().breach_alert_at = event_.at + delay::kDay;
  to_queue();
  return done(body.programme.value + " v" + std::to_string(body.programme_version));
}

Result<void> Decider::handle(const event::WaitOn&) {
  if (!next().promise || !is_open(next().state) || !next().breached_at) {
    return wrong_state("waited for beyond its promise");
  }
  if (!by_requester()) return not_yours("the requester");
  next().requester_waits = true;
  return done();
}

Result<void> Decider::handle(const event::Cancel& body) {
  if (!is_open(next().state)) return wrong_state("cancelled");
  if (!by_requester()) return not_yours("the requester");
  if (next().pending_opinion) {
    // A patient's word counts at once; otherwise a signed opinion is to be read, not thrown away.
    if (body.reason != "patient_withdrew") return needs_no_pending_opinion();
    const PendingOpinion pending = *next().pending_opinion;
    next().kept_opinions.push_back(
        {{pending.expert, pending.signed_at, {}, pending.hash, "", pending.marks, pending.corrects},
         "after_cancel",
         pending.sealed,
         {}});
    next().pending_opinion.reset();
    tell(MessageKind::opinion_not_used, pending.expert);
  }
  withdraw_all(true);
  end_wait();
  next().state = CaseState::cancelled;
  return done(body.reason);
}

// ---- offers -------------------------------------------------------------------------------------

Result<void> Decider::handle(const event::Route& body) {
  const auto due = timer_at(next(), TimerKind::route);
  if (!due || *due > event_.at) return wrong_state("routed");
  const Assignment& assignment = body.assignment;
  if (assignment.chosen.empty()) return nobody_is_eligible(assignment);
  next().state = CaseState::offered;
  next().no_expert_since.reset();
  Instant group_invite = assignment.chosen.front().invite_at;
  for (const Chosen& chosen : assignment.chosen) {
    next().offers.push_back(
        {chosen.expert, event_.at, chosen.expires_at, OfferOutcome::pending, ""});
    group_invite = std::min(group_invite, chosen.invite_at);
    if (!assignment.group.empty()) continue;
    const MessageKind kind = next().plan.policy == OfferPolicy::open ? MessageKind::open_invitation
                                                                     : MessageKind::invitation;
    decision_.messages.push_back({kind, chosen.expert, {}, {}, chosen.invite_at});
  }
  if (!assignment.group.empty()) {
    decision_.messages.push_back({MessageKind::invitation, {}, assignment.group, {}, group_invite});
  }
  return done(routing_detail(assignment));
}

Result<void> Decider::nobody_is_eligible(const Assignment& assignment) {
  const Duration retry = next().plan.sla.route_retry;
  next().route_at = event_.at + retry;
  const bool first = !next().no_expert_since;
  if (first) {
    next().no_expert_since = event_.at;
    tell_staff(MessageKind::no_expert_alert, Role::coordinator);
  }
  // Why, once a day: the same reasons every hour would bury the chain.
  const Duration searched = event_.at - *next().no_expert_since;
  const bool another_day = searched / delay::kDay != (searched - retry) / delay::kDay;
  return done(routing_detail(first || another_day ? assignment : Assignment{}));
}

Result<void> Decider::handle(const event::Accept&) {
  const UserId actor = event_.actor.value_or(UserId());
  if (next().state == CaseState::accepted && by_holder()) {
    return done("again");  // an expert who accepts twice wants the same thing
  }
  const bool was_asked = std::any_of(next().offers.begin(), next().offers.end(),
                                     [&](const Offer& offer) { return offer.expert == actor; });
  if (!was_asked) return not_yours("an expert who is offered this case");
  if (next().state != CaseState::offered) return wrong_state("accepted");
  if (pending_offer(next(), actor) == nullptr) {
    return fail(ErrorCode::state_conflict,
                "This case is offered to a colleague now: an opinion of yours still counts if it "
                "is the first.");
  }
  take(actor);
  return done();
}

Result<void> Decider::handle(const event::Decline& body) {
  if (next().state != CaseState::offered) return wrong_state("declined");
  const UserId actor = event_.actor.value_or(UserId());
  if (pending_offer(next(), actor) == nullptr) return not_yours("an expert who is offered it");
  close_offer_of(actor, OfferOutcome::declined, body.reason);
  if (!others_are_asked()) to_queue();
  return done(body.reason);
}

Result<void> Decider::handle(const event::GiveBack& body) {
  const bool held = next().state == CaseState::accepted || next().state == CaseState::waiting;
  if (!held) return wrong_state("given back");
  if (!by_holder()) return not_yours("the expert");
  if (auto free = needs_no_pending_opinion(); !free) return free;
  close_offer_of(*next().expert, OfferOutcome::given_back, body.reason);
  end_wait();
  to_queue();
  return done(body.reason);
}

Result<void> Decider::handle(const event::Reassign& body) {
  if (!next().promise || !is_open(next().state)) return wrong_state("reassigned");
  const bool may =
      event_.role == Role::coordinator || by_holder() || (by_requester() && next().breached_at);
  if (!may) {
    return not_yours(
        "the coordinator, the expert who has it, or after the promised instant the requester");
  }
  if (auto free = needs_no_pending_opinion(); !free) return free;
  const UserId& to = body.to.expert;
  if (to == next().requester || next().expert == to || pending_offer(next(), to) != nullptr) {
    return fail(ErrorCode::invalid_field,
                "'expert' is the requester, or has the case already: choose another expert.");
  }
  const bool conflict =
      std::any_of(next().offers.begin(), next().offers.end(), [&](const Offer& offer) {
        return offer.expert == to && offer.reason == "conflict_of_interest";
      });
  if (conflict) {
    return fail(ErrorCode::invalid_field,
                "'expert' has declared a conflict of interest: choose another expert.");
  }
  if (by_holder()) close_offer_of(*next().expert, OfferOutcome::given_back, body.reason);
  withdraw_all(true);
  end_wait();
  next().expert.reset();
  next().draft.reset();
  next().no_expert_since.reset();
  next().state = CaseState::offered;
  next().offers.push_back({to, event_.at, body.to.expires_at, OfferOutcome::pending, ""});
  decision_.messages.push_back({MessageKind::invitation, to, {}, {}, body.to.invite_at});
  return done("to " + to.value + ": " + body.reason);
}

Result<void> Decider::handle(const event::ExpertGone& body) {
  if (!is_open(next().state)) return wrong_state("taken from an expert");
  const bool holds = next().expert == body.expert && !next().pending_opinion;
  if (pending_offer(next(), body.expert) != nullptr) {
    close_offer_of(body.expert, OfferOutcome::withdrawn, "gone");
    if (!others_are_asked()) to_queue();
  } else if (holds && !body.holds_on) {
    close_offer_of(body.expert, OfferOutcome::withdrawn, "gone");
    end_wait();
    to_queue();
  } else {
    return done(body.expert.value + ": nothing to take back");
  }
  return done(body.expert.value);
}

}  // namespace telavis
