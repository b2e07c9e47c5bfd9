// SPDX-License-Identifier: Apache-2.0
// Dialogue, the opinion, and what follows it.
#include <algorithm>
#include <utility>

#include "engine/core/case_delays.h"
#include "engine/core/decider.h"
#include "engine/core/release_record.h"

namespace telavis {
namespace {

// Bounds the record of a case: three reports of each of its messages at most.
constexpr std::size_t kMaxMailReports = 300;

}  // namespace

// ---- dialogue -----------------------------------------------------------------------------------

Result<void> Decider::handle(const event::NeedInfo& body) {
  const bool held = next().state == CaseState::accepted || next().state == CaseState::waiting;
  if (!held) return wrong_state("questioned");
  if (!by_holder()) return not_yours("the expert");
  if (auto free = needs_no_pending_opinion(); !free) return free;
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::need_info, body.sealed);
  if (next().state == CaseState::accepted) {
    next().state = CaseState::waiting;
    next().waiting_since = event_.at;
    next().waiting_remind_at = event_.at + delay::kFirstInfoReminder;
  }
  tell(MessageKind::info_needed, next().requester);
  return done(dialogue_detail());
}

Result<void> Decider::handle(const event::Info& body) {
  if (!next().promise || !is_open(next().state)) return wrong_state("added to");
  if (!by_requester()) return not_yours("the requester");
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::info, body.sealed);
  add_exams(body.more_exams, body.more_exams_blob);
  if (next().state == CaseState::waiting) {
    end_wait();
    next().state = CaseState::accepted;
    next().hold_until = std::max(next().hold_until, event_.at + delay::kLeastHold);
    if (next().breached_at) {
      next().breach_alert_at = std::max(next().breach_alert_at, event_.at + delay::kLeastHold);
    }
  }
  if (next().expert) tell(MessageKind::info_given, *next().expert);
  return done(dialogue_detail());
}

// ---- the opinion --------------------------------------------------------------------------------

Result<void> Decider::handle(const event::SaveDraft& body) {
  const bool held = next().state == CaseState::accepted || next().state == CaseState::waiting;
  if (!held) return wrong_state("drafted for");
  if (!by_holder()) return not_yours("the expert");
  if (auto free = needs_no_pending_opinion(); !free) return free;
  next().draft = Draft{*next().expert, event_.at, body.sealed};
  return done();
}

Result<void> Decider::handle(const event::Sign& body) {
  const UserId actor = event_.actor.value_or(UserId());
  const auto asked = std::find_if(next().offers.rbegin(), next().offers.rend(),
                                  [&](const Offer& offer) { return offer.expert == actor; });
  if (asked == next().offers.rend() || asked->reason == "conflict_of_interest") {
    return not_yours("an expert who was offered this case");
  }
  const bool correcting = !body.corrects.empty();
  if (correcting) {
    if (!next().opinion || next().opinion->hash != body.corrects ||
        next().opinion->expert != actor) {
      return fail(ErrorCode::state_conflict,
                  "'corrects' must be the hash of your own opinion as it stands: load the case "
                  "again.");
    }
    if (auto free = needs_no_pending_opinion(); !free) return free;
  } else {
    const bool own_pending = next().pending_opinion && next().pending_opinion->expert == actor;
    if (own_pending && body.by_mail) return replace_pending(body);
    if (own_pending) {
      return fail(ErrorCode::state_conflict,
                  "This opinion is signed already and about to leave; nothing more is needed.");
    }
    if (next().state == CaseState::cancelled) {
      keep_second(body, "after_cancel");
      return done("kept: after_cancel, opinion " + body.hash);
    }
    if (!is_open(next().state) || next().pending_opinion) {
      keep_second(body, "second");
      return done("kept: second, opinion " + body.hash);
    }
    const bool free_to_take =
        next().state == CaseState::queued || next().state == CaseState::offered;
    if (free_to_take) {
      // Also one who let his offer pass: the first valid opinion is the answer, and whoever was
      // asked after him is told.
      if (asked->outcome != OfferOutcome::pending) withdraw_all(false);
      asked->outcome = OfferOutcome::pending;
      take(actor);
    }
  }
  next().pending_opinion = pending_of(body, body.corrects);
  if (next().state == CaseState::closed) {
    next().state = CaseState::delivered;
    next().close_out_at = event_.at + delay::kDay;
  }
  return done((correcting ? "corrects " + body.corrects + ", opinion " : "opinion ") + body.hash);
}

PendingOpinion Decider::pending_of(const event::Sign& body, const std::string& corrects) {
  const Sla& sla = next().plan.sla;
  const Duration delay = body.marks.urgent ? Duration{}
                         : body.by_mail    ? sla.mail_release_delay
                                           : sla.release_delay;
  return {event_.actor.value_or(UserId()),
          event_.at,
          event_.at + delay,
          body.hash,
          body.marks,
          corrects,
          body.sealed,
          body.slots};
}

Result<void> Decider::replace_pending(const event::Sign& body) {
  // He corrects the reading that was echoed to him: what had not left never was.
  const std::string replaced = next().pending_opinion->hash;
  next().pending_opinion = pending_of(body, next().pending_opinion->corrects);
  return done("replaces " + replaced + ", opinion " + body.hash);
}

void Decider::keep_second(const event::Sign& body, std::string_view why) {
  const UserId actor = event_.actor.value_or(UserId());
  next().kept_opinions.push_back(
      {{actor, event_.at, {}, body.hash, "", body.marks, ""}, std::string(why), body.sealed, {}});
  tell(MessageKind::opinion_not_used, actor);
}

Result<void> Decider::handle(const event::TakeOpinionBack&) {
  if (!next().pending_opinion) return wrong_state("unsigned: no opinion is about to leave");
  const PendingOpinion pending = *next().pending_opinion;
  if (!by(pending.expert)) return not_yours("the author of the opinion");
  next().pending_opinion.reset();
  // There is room for one text: that of a colleague who has the case by now is not written over.
  if (!next().draft || next().draft->expert == pending.expert) {
    next().draft = Draft{pending.expert, event_.at, pending.sealed};
  }
  close_when_settled();
  return done("opinion " + pending.hash);
}

Result<void> Decider::handle(const event::ReleaseOpinion& body) {
  const auto due = timer_at(next(), TimerKind::release);
  if (!due || *due > event_.at) return wrong_state("released");
  const PendingOpinion pending = *next().pending_opinion;
  const bool correcting = !pending.corrects.empty();
  if (correcting && !body.acts.empty()) {
    return fail(ErrorCode::internal, "A correction makes no new acts.");
  }
  if (correcting) {
    next().kept_opinions.push_back(
        {*next().opinion, "corrected", next().sealed_opinion, next().report_blob});
  } else {
    // An author who is not the holder any more was the first to answer all the same.
    if (next().expert != pending.expert) withdraw_all(true);
    next().expert = pending.expert;
    end_wait();
    next().answered_at = event_.at;
  }
  next().opinion = Opinion{pending.expert, pending.signed_at, event_.at,        pending.hash,
                           body.seal,      pending.marks,     pending.corrects, pending.slots};
  next().sealed_opinion = pending.sealed;
  next().pending_opinion.reset();
  next().draft.reset();
  next().report_blob = body.report_blob;
  next().state = CaseState::answered;
  next().undelivered_at = event_.at + delay::kUndeliveredAlert;
  next().delivered_at.reset();
  next().close_out_at.reset();
  next().opened_at.reset();
  next().unopened_at = event_.at + delay::kUnopenedReminder;
  next().acknowledged_at.reset();
  next().urgent_alert_at.reset();
  next().appointment_at.reset();
  if (pending.marks.urgent) next().urgent_alert_at = event_.at + delay::kUrgentAlert;
  if (pending.marks.needs_appointment) {
    next().appointment_at = event_.at + delay::kAppointmentReminder;
    // What was seen there is worth asking for, of the first answer alone.
    if (!correcting) next().outcome_at = event_.at + delay::kFirstOutcome;
  }
  decision_.acts = body.acts;
  if (pending.marks.urgent) tell(MessageKind::urgent_opinion, next().requester);
  tell(MessageKind::report, next().requester);
  for (const CopyTo to : body.copies) send_copy(to);
  std::string detail =
      release_words(*next().opinion, body.acts) + "; report " + body.report_blob.value;
  for (const BillableAct& act : body.acts) {
    detail += "; " + act.code + " " +
              (act.billable ? std::to_string(act.amount_cents) + " cents" : act.refusal);
  }
  for (const CopyTo to : body.copies) detail += "; copy " + std::string(copy_to_name(to));
  return done(std::move(detail));
}

// ---- after the answer ---------------------------------------------------------------------------

void Decider::deliver() {
  if (next().state != CaseState::answered) return;
  next().state = CaseState::delivered;
  next().delivered_at = event_.at;
  next().undelivered_at.reset();
  next().close_out_at = event_.at + delay::kFirstCloseOutReminder;
}

void Decider::open_report() {
  if (!next().opened_at) next().opened_at = event_.at;
  next().unopened_at.reset();
}

bool Decider::is_settled() {
  return !next().pending_opinion && !next().appointment_at && !next().follow_up_due_at &&
         !next().urgent_alert_at && !next().unopened_at;
}

bool Decider::close_out_given() {
  return std::any_of(next().dialogue.begin(), next().dialogue.end(),
                     [](const DialogueItem& item) { return item.kind == DialogueKind::close_out; });
}

void Decider::close_when_settled() {
  if (!close_out_given() || !is_settled() || next().state != CaseState::delivered) return;
  next().state = CaseState::closed;
}

Result<void> Decider::handle(const event::MessageSent& body) {
  const bool of_now =
      next().opinion && (!body.composed_at || *body.composed_at >= next().opinion->released_at);
  if (body.kind == MessageKind::report && of_now) {
    deliver();
    close_when_settled();
  }
  const std::string kind(message_kind_name(body.kind));
  const bool delayed = body.kind == MessageKind::report && body.attempts > 0;
  return done(delayed ? kind + " after " + std::to_string(body.attempts) : kind);
}

Result<void> Decider::handle(const event::MessageDead& body) {
  message_failed(body.kind);
  if (!body.message.empty() && next().mail_reports.size() < kMaxMailReports) {
    next().mail_reports.push_back(
        {body.message, body.kind, MailOutcome::failed, body.reason, event_.at});
  }
  return done(std::string(message_kind_name(body.kind)) +
              (body.reason.empty() ? "" : " " + body.reason));
}

void Decider::message_failed(MessageKind kind) {
  // An alert about an undeliverable alert would chase its own tail; /metrics shows dead rows. Of a
  // case that has ended nothing is owed any more, and of an erased one no message could be sealed.
  if (kind == MessageKind::delivery_failed_alert || has_ended(next().state)) return;
  tell_staff(MessageKind::delivery_failed_alert, Role::coordinator);
}

Result<void> Decider::handle(const event::MessageReported& body) {
  const MailReport& report = body.report;
  std::string detail = std::string(message_kind_name(report.kind)) + " " +
                       std::string(mail_outcome_name(report.outcome)) +
                       (report.status.empty() ? "" : " " + report.status);
  const bool known = std::any_of(
      next().mail_reports.begin(), next().mail_reports.end(), [&](const MailReport& other) {
        return other.message == report.message && other.outcome == report.outcome;
      });
  if (known || next().mail_reports.size() >= kMaxMailReports) return done(detail + " again");
  next().mail_reports.push_back(report);
  const bool current_report =
      report.kind == MessageKind::report && next().opinion &&
      (!body.composed_at || *body.composed_at >= next().opinion->released_at);
  if (report.outcome == MailOutcome::failed) {
    message_failed(report.kind);
    // Sent and never arrived: the opinion is owed again until somebody reads it.
    if (current_report && next().state == CaseState::delivered && !next().opened_at) {
      next().state = CaseState::answered;
      next().delivered_at.reset();
      next().close_out_at.reset();
      next().undelivered_at = event_.at + delay::kUndeliveredAlert;
    }
  }
  if (report.outcome == MailOutcome::displayed && current_report && body.by_requester) {
    open_report();
    deliver();
    close_when_settled();
  }
  return done(std::move(detail));
}

Result<void> Decider::handle(const event::ReportRead&) {
  if (!next().opinion) return wrong_state("read");
  if (by_reader_for_requester()) {
    open_report();
    deliver();
    close_when_settled();
  }
  return done();
}

Result<void> Decider::handle(const event::ContentRead& body) {
  return done(body.what);
}

Result<void> Decider::handle(const event::FilesRefused& body) {
  return done(body.code);
}

Result<void> Decider::handle(const event::MailUnclear& body) {
  return done(body.code);
}

Result<void> Decider::handle(const event::ReferentOpened& body) {
  if (auto there = needs_content(); !there) return there;
  if (event_.role != Role::medical_referent) return not_yours("the medical referent");
  next().referent_access.push_back(
      {event_.actor.value_or(UserId()), body.until, body.sealed_reason});
  return done("until " + format_utc(body.until));
}

Result<void> Decider::handle(const event::Acknowledge&) {
  if (!next().opinion || !next().opinion->marks.urgent) {
    return wrong_state("acknowledged: its opinion is not urgent");
  }
  if (!by_reader_for_requester()) return not_yours("the requester");
  if (!next().acknowledged_at) next().acknowledged_at = event_.at;
  next().urgent_alert_at.reset();
  close_when_settled();
  return done();
}

Result<void> Decider::handle(const event::PatientInformed& body) {
  if (!next().opinion) return wrong_state("told to the patient: there is no opinion yet");
  if (!by_requester()) return not_yours("the requester");
  next().sealed_request = body.sealed_request;
  open_report();  // who has told him of it has read it
  deliver();
  close_when_settled();
  if (body.to_citizen) send_copy(CopyTo::citizen);
  return done(body.to_citizen ? "copy " + std::string(copy_to_name(CopyTo::citizen)) : "");
}

Result<void> Decider::handle(const event::LogCall& body) {
  if (!next().opinion) return wrong_state("telephoned about");
  if (!by_reader_for_requester() && !by_holder()) return not_yours("the requester or the expert");
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::call, body.sealed);
  return done(dialogue_detail());
}

Result<void> Decider::handle(const event::SetAppointment& body) {
  if (!next().opinion || !next().appointment_at) {
    return wrong_state("given an appointment: none is awaited");
  }
  if (!by_reader_for_requester() && !by_holder()) return not_yours("the requester or the expert");
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::appointment, body.sealed);
  next().appointment_at.reset();
  close_when_settled();
  return done(dialogue_detail());
}

Result<void> Decider::handle(const event::FollowUp& body) {
  const bool answered = next().state == CaseState::delivered || next().state == CaseState::closed;
  if (!answered) return wrong_state("asked about");
  if (!by_requester()) return not_yours("the requester");
  if (event_.at > *next().delivered_at + delay::kFollowUp) {
    return fail(ErrorCode::state_conflict,
                "A question about an opinion is asked within 30 days: ask for a new opinion.");
  }
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::follow_up, body.sealed);
  if (!next().follow_up_due_at) {
    next().follow_up_due_at = promise_of(next().plan, event_.at).breach_at;
  }
  if (next().state == CaseState::closed) {
    next().state = CaseState::delivered;
    next().close_out_at =
        std::max(event_.at + delay::kDay, *next().delivered_at + delay::kFollowUp);
  }
  tell(MessageKind::follow_up, *next().expert);
  return done(dialogue_detail());
}

Result<void> Decider::handle(const event::FollowUpAnswer& body) {
  if (!next().follow_up_due_at) return wrong_state("answered: no question is open");
  if (!by_holder()) return not_yours("the expert");
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::follow_up_answer, body.sealed);
  next().follow_up_due_at.reset();
  tell(MessageKind::follow_up_answer, next().requester);
  close_when_settled();
  return done(dialogue_detail());
}

Result<void> Decider::handle(const event::CloseOut& body) {
  const bool answered = next().state == CaseState::answered || next().state == CaseState::delivered;
  if (!answered) return wrong_state("closed out");
  if (!by_requester()) return not_yours("the requester");
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::close_out, body.sealed);
  open_report();  // who says what it brought has read it
  close_when_settled();
  return done(dialogue_detail());
}

Result<void> Decider::handle(const event::RecordOutcome& body) {
  if (!next().opinion) return wrong_state("given an outcome");
  if (!by_requester()) return not_yours("the requester");
  if (auto room = needs_room_for_dialogue(); !room) return room;
  add_dialogue(DialogueKind::outcome, body.sealed);
  if (body.is_known) next().outcome_at.reset();
  return done(dialogue_detail());
}

}  // namespace telavis
