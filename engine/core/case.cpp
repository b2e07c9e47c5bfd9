// SPDX-License-Identifier: Apache-2.0
#include "engine/core/case.h"

#include <algorithm>
#include <array>

#include "engine/core/case_delays.h"

namespace telavis {
namespace {

/// Finds the enumerator with this name among the first `count` of its kind.
template <typename Enum>
std::optional<Enum> from_name(std::string_view name, std::string_view (*name_of)(Enum), Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (name_of(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::optional<Instant> first_window_end(const Case& subject) {
  std::optional<Instant> first;
  for (const Offer& offer : subject.offers) {
    if (offer.outcome != OfferOutcome::pending || !offer.expires_at) continue;
    if (!first || *offer.expires_at < *first) first = offer.expires_at;
  }
  return first;
}

/// Until when the holder's own text is fresh; nullopt: he has none.
std::optional<Instant> writes_until(const Case& subject) {
  const bool own = subject.draft && subject.draft->expert == subject.expert;
  return own ? std::optional(subject.draft->changed_at + delay::kDraftIsFresh) : std::nullopt;
}

/// Queued, Offered, Accepted, Waiting: the promise runs.
bool is_promised(CaseState state) {
  switch (state) {
    case CaseState::queued:
    case CaseState::offered:
    case CaseState::accepted:
    case CaseState::waiting:
      return true;
    case CaseState::incomplete:
    case CaseState::redirected:
    case CaseState::answered:
    case CaseState::delivered:
    case CaseState::closed:
    case CaseState::cancelled:
      return false;
  }
  return false;
}

/// Signed before the promised instant, to leave in a moment: the promise is kept.
bool signed_in_time(const Case& subject) {
  return subject.pending_opinion && !subject.breached_at &&
         subject.pending_opinion->signed_at <= subject.promise->breach_at;
}

std::optional<Instant> when(bool applies, const std::optional<Instant>& instant) {
  return applies ? instant : std::nullopt;
}

}  // namespace

std::string_view case_state_name(CaseState state) {
  switch (state) {
    case CaseState::incomplete:
      return "incomplete";
    case CaseState::redirected:
      return "redirected";
    case CaseState::queued:
      return "queued";
    case CaseState::offered:
      return "offered";
    case CaseState::accepted:
      return "accepted";
    case CaseState::waiting:
      return "waiting";
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
  return from_name(name, case_state_name, CaseState::cancelled);
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
    case OfferOutcome::given_back:
      return "given_back";
    case OfferOutcome::taken_back:
      return "taken_back";
    case OfferOutcome::withdrawn:
      return "withdrawn";
  }
  return "withdrawn";
}

std::string_view dialogue_kind_name(DialogueKind kind) {
  switch (kind) {
    case DialogueKind::need_info:
      return "need_info";
    case DialogueKind::info:
      return "info";
    case DialogueKind::follow_up:
      return "follow_up";
    case DialogueKind::follow_up_answer:
      return "follow_up_answer";
    case DialogueKind::call:
      return "call";
    case DialogueKind::appointment:
      return "appointment";
    case DialogueKind::close_out:
      return "close_out";
    case DialogueKind::outcome:
      return "outcome";
  }
  return "outcome";
}

std::string_view mail_outcome_name(MailOutcome outcome) {
  switch (outcome) {
    case MailOutcome::relayed:
      return "relayed";
    case MailOutcome::delivered:
      return "delivered";
    case MailOutcome::failed:
      return "failed";
    case MailOutcome::displayed:
      return "displayed";
  }
  return "displayed";
}

std::optional<MailOutcome> mail_outcome_from_name(std::string_view name) {
  return from_name(name, mail_outcome_name, MailOutcome::displayed);
}

std::string_view timer_kind_name(TimerKind kind) {
  switch (kind) {
    case TimerKind::release:
      return "release";
    case TimerKind::offer_window:
      return "offer_window";
    case TimerKind::route:
      return "route";
    case TimerKind::take_back:
      return "take_back";
    case TimerKind::breach:
      return "breach";
    case TimerKind::remind:
      return "remind";
    case TimerKind::warn:
      return "warn";
    case TimerKind::waiting_reminder:
      return "waiting_reminder";
    case TimerKind::urgent_alert:
      return "urgent_alert";
    case TimerKind::follow_up:
      return "follow_up";
    case TimerKind::undelivered:
      return "undelivered";
    case TimerKind::unopened:
      return "unopened";
    case TimerKind::appointment:
      return "appointment";
    case TimerKind::close_out:
      return "close_out";
    case TimerKind::outcome:
      return "outcome";
    case TimerKind::redirect_reminder:
      return "redirect_reminder";
    case TimerKind::incomplete_reminder:
      return "incomplete_reminder";
    case TimerKind::purge:
      return "purge";
    case TimerKind::retention:
      return "retention";
  }
  return "retention";
}

std::optional<TimerKind> timer_kind_from_name(std::string_view name) {
  return from_name(name, timer_kind_name, kLastTimerKind);
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

std::string_view copy_to_name(CopyTo to) {
  switch (to) {
    case CopyTo::expert:
      return "expert";
    case CopyTo::attending_physician:
      return "attending_physician";
    case CopyTo::acting_doctor:
      return "acting_doctor";
    case CopyTo::citizen:
      return "citizen";
  }
  return "citizen";
}

std::string_view message_kind_name(MessageKind kind) {
  // In the order of the enumerators.
  static constexpr auto kNames = std::to_array<std::string_view>({"incomplete",
                                                                  "redirect_reminder",
                                                                  "invitation",
                                                                  "open_invitation",
                                                                  "expert_reminder",
                                                                  "expert_warning",
                                                                  "taken_back",
                                                                  "withdrawn",
                                                                  "not_accepted",
                                                                  "no_expert_alert",
                                                                  "breach_alert",
                                                                  "info_needed",
                                                                  "info_reminder",
                                                                  "info_given",
                                                                  "report",
                                                                  "report_copy",
                                                                  "report_patient",
                                                                  "refusal",
                                                                  "urgent_opinion",
                                                                  "urgent_alert",
                                                                  "unopened_reminder",
                                                                  "delivery_failed_alert",
                                                                  "follow_up",
                                                                  "follow_up_answer",
                                                                  "follow_up_overdue",
                                                                  "appointment_reminder",
                                                                  "close_out_reminder",
                                                                  "outcome_reminder",
                                                                  "opinion_not_used",
                                                                  "request_received",
                                                                  "emergency",
                                                                  "question",
                                                                  "mail_noted",
                                                                  "opinion_echo",
                                                                  "mail_unclear",
                                                                  "mail_refused",
                                                                  "mail_kept_alert",
                                                                  "mailbox_alert",
                                                                  "device_alert",
                                                                  "incomplete_alert",
                                                                  "expert_digest",
                                                                  "audit_root",
                                                                  "activation_kit",
                                                                  "access_code",
                                                                  "access_notice"});
  static_assert(kNames.size() == static_cast<std::size_t>(kLastMessageKind) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<MessageKind> message_kind_from_name(std::string_view name) {
  return from_name(name, message_kind_name, kLastMessageKind);
}

std::string_view event_name(const EventBody& body) {
  // In the order of EventBody's alternatives.
  static constexpr auto kNames = std::to_array<std::string_view>({"submit",
                                                                  "complete",
                                                                  "resume",
                                                                  "info",
                                                                  "wait_on",
                                                                  "transfer",
                                                                  "cancel",
                                                                  "acknowledge",
                                                                  "patient_informed",
                                                                  "follow_up",
                                                                  "close_out",
                                                                  "record_outcome",
                                                                  "log_call",
                                                                  "set_appointment",
                                                                  "accept",
                                                                  "decline",
                                                                  "give_back",
                                                                  "need_info",
                                                                  "save_draft",
                                                                  "sign",
                                                                  "take_opinion_back",
                                                                  "follow_up_answer",
                                                                  "reassign",
                                                                  "request_erasure",
                                                                  "approve_erasure",
                                                                  "withdraw_erasure",
                                                                  "hold",
                                                                  "release_hold",
                                                                  "restrict",
                                                                  "lift_restriction",
                                                                  "expert_gone",
                                                                  "route",
                                                                  "release",
                                                                  "timer",
                                                                  "message_sent",
                                                                  "message_dead",
                                                                  "message_reported",
                                                                  "report_read",
                                                                  "content_read",
                                                                  "referent_opened",
                                                                  "files_refused",
                                                                  "mail_unclear"});
  static_assert(kNames.size() == std::variant_size_v<EventBody>);
  return kNames[body.index()];
}

bool is_open(CaseState state) {
  return is_promised(state) || state == CaseState::incomplete || state == CaseState::redirected;
}

bool has_ended(CaseState state) {
  return state == CaseState::closed || state == CaseState::cancelled;
}

bool is_erasure_asked(const Case& subject, Instant now) {
  return subject.erasure_request &&
         now < subject.erasure_request->at + delay::kErasureRequestLapses;
}

void erase_content(Case& subject, Instant at) {
  subject.wrapped_key.clear();
  subject.sealed_request.clear();
  subject.sealed_opinion.clear();
  subject.draft.reset();
  for (DialogueItem& item : subject.dialogue) item.sealed.clear();
  for (KeptOpinion& kept : subject.kept_opinions) {
    kept.sealed.clear();
    kept.report = BlobRef();
  }
  for (ReferentAccess& access : subject.referent_access) access.sealed_reason.clear();
  for (StaffReason& reason : subject.staff_reasons) reason.sealed.clear();
  subject.exam_blobs.clear();
  subject.report_blob = BlobRef();
  subject.erasure_request.reset();
  subject.outcome_at.reset();
  subject.restricted_at.reset();
  subject.erased_at = at;
}

std::vector<std::string> slots_of(const Case& subject) {
  std::vector<std::string> slots;
  if (subject.opinion) slots = subject.opinion->slots;
  if (!subject.pending_opinion) return slots;
  for (const std::string& id : subject.pending_opinion->slots) {
    if (std::find(slots.begin(), slots.end(), id) == slots.end()) slots.push_back(id);
  }
  return slots;
}

std::vector<BlobRef> blobs_of(const Case& subject) {
  std::vector<BlobRef> blobs = subject.exam_blobs;
  if (!subject.report_blob.empty()) blobs.push_back(subject.report_blob);
  for (const KeptOpinion& kept : subject.kept_opinions) {
    if (!kept.report.empty()) blobs.push_back(kept.report);
  }
  return blobs;
}

const Offer* pending_offer(const Case& subject, const UserId& expert) {
  const auto found =
      std::find_if(subject.offers.begin(), subject.offers.end(), [&](const Offer& offer) {
        return offer.outcome == OfferOutcome::pending && offer.expert == expert;
      });
  return found == subject.offers.end() ? nullptr : &*found;
}

bool is_writing(const Case& subject, Instant now) {
  const auto until = writes_until(subject);
  return until && now < *until;
}

Plan plan_of(const Programme& programme, std::string_view reason) {
  const FastLine* line = programme.line_for(reason);
  Plan plan;
  plan.policy = programme.policy;
  plan.line = line == nullptr ? "" : line->name;
  plan.sla = line == nullptr ? programme.sla : line->sla;
  plan.time_zone = programme.time_zone;
  if (plan.sla.working_hours) plan.working_hours = programme.working_hours;
  plan.retention_years = programme.retention_years;
  return plan;
}

Promise promise_of(const Plan& plan, Instant completed_at) {
  const auto after = [&](Duration duration) {
    return plan.sla.working_hours ? add_open_time(plan.working_hours, completed_at, duration)
                                  : completed_at + duration;
  };
  return {completed_at, after(plan.sla.remind), after(plan.sla.warn), after(plan.sla.take_back),
          after(plan.sla.breach)};
}

std::optional<Instant> timer_at(const Case& subject, TimerKind kind) {
  const CaseState state = subject.state;
  const bool promised = is_promised(state) && subject.promise;
  const bool after_answer = state == CaseState::answered || state == CaseState::delivered;
  // Nobody is reminded of what he must not work on: it comes back when the restriction is lifted.
  const bool in_use = after_answer && !subject.restricted_at;
  switch (kind) {
    case TimerKind::release:
      return subject.pending_opinion ? std::optional(subject.pending_opinion->release_at)
                                     : std::nullopt;
    case TimerKind::offer_window:
      return when(state == CaseState::offered, first_window_end(subject));
    case TimerKind::route:
      return when(state == CaseState::queued, subject.route_at);
    case TimerKind::take_back:
      return when(state == CaseState::accepted && !subject.pending_opinion,
                  std::max(subject.hold_until, writes_until(subject).value_or(subject.hold_until)));
    case TimerKind::breach:
      return when(promised && !signed_in_time(subject), subject.breach_alert_at);
    case TimerKind::remind:
      return promised && !subject.reminded ? std::optional(subject.promise->remind_at)
                                           : std::nullopt;
    case TimerKind::warn:
      return promised && !subject.warned ? std::optional(subject.promise->warn_at) : std::nullopt;
    case TimerKind::waiting_reminder:
      return when(state == CaseState::waiting, subject.waiting_remind_at);
    case TimerKind::urgent_alert:
      return when(in_use, subject.urgent_alert_at);
    case TimerKind::follow_up:
      return when(in_use, subject.follow_up_due_at);
    case TimerKind::undelivered:
      return when(state == CaseState::answered, subject.undelivered_at);
    case TimerKind::unopened:
      return when(in_use, subject.unopened_at);
    case TimerKind::appointment:
      return when(in_use, subject.appointment_at);
    case TimerKind::close_out:
      return when(state == CaseState::delivered, subject.close_out_at);
    case TimerKind::outcome:
      return when((after_answer || state == CaseState::closed) && !subject.restricted_at,
                  subject.outcome_at);
    case TimerKind::redirect_reminder:
      return when(state == CaseState::redirected, subject.redirect_remind_at);
    case TimerKind::incomplete_reminder:
      return when(state == CaseState::incomplete, subject.incomplete_remind_at);
    case TimerKind::purge:
      return when(state == CaseState::incomplete, subject.purge_at);
    case TimerKind::retention:
      return when(has_ended(state) && !subject.erased_at && !subject.legal_hold,
                  subject.kept_until);
  }
  return std::nullopt;
}

std::optional<Timer> next_timer(const Case& subject) {
  std::optional<Timer> first;
  for (int i = 0; i <= static_cast<int>(kLastTimerKind); ++i) {
    const auto kind = static_cast<TimerKind>(i);
    const auto at = timer_at(subject, kind);
    if (at && (!first || *at < first->at)) first = Timer{kind, *at};
  }
  return first;
}

}  // namespace telavis
