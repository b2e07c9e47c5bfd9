// SPDX-License-Identifier: Apache-2.0
// One decision being made. Used by the decide*.cpp files only: the handlers change `next` and add
// effects; each handler is the whole rule of its event.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/case.h"

namespace telavis {

class Decider {
 public:
  Decider(const Case* current, const Event& event) : current_(current), event_(event) {
    if (current != nullptr) decision_.next = *current;
  }
  Result<Decision> run();

 private:
  using Outcome = Result<void>;

  // ---- decide.cpp: the request, offers
  Outcome handle(const event::Submit& body);
  Outcome handle(const event::Complete& body);
  Outcome handle(const event::Resume& body);
  Outcome handle(const event::Transfer& body);
  Outcome handle(const event::WaitOn& body);
  Outcome handle(const event::Cancel& body);
  Outcome handle(const event::Route& body);
  Outcome handle(const event::Accept& body);
  Outcome handle(const event::Decline& body);
  Outcome handle(const event::GiveBack& body);
  Outcome handle(const event::Reassign& body);
  Outcome handle(const event::ExpertGone& body);
  // ---- decide_answer.cpp: dialogue, the opinion and what follows it
  Outcome handle(const event::NeedInfo& body);
  Outcome handle(const event::Info& body);
  Outcome handle(const event::SaveDraft& body);
  Outcome handle(const event::Sign& body);
  Outcome handle(const event::TakeOpinionBack& body);
  Outcome handle(const event::ReleaseOpinion& body);
  Outcome handle(const event::Acknowledge& body);
  Outcome handle(const event::LogCall& body);
  Outcome handle(const event::SetAppointment& body);
  Outcome handle(const event::PatientInformed& body);
  Outcome handle(const event::FollowUp& body);
  Outcome handle(const event::FollowUpAnswer& body);
  Outcome handle(const event::CloseOut& body);
  Outcome handle(const event::RecordOutcome& body);
  Outcome handle(const event::MessageSent& body);
  Outcome handle(const event::MessageDead& body);
  Outcome handle(const event::MessageReported& body);
  Outcome handle(const event::ReportRead& body);
  Outcome handle(const event::ContentRead& body);
  Outcome handle(const event::ReferentOpened& body);
  Outcome handle(const event::FilesRefused& body);
  Outcome handle(const event::MailUnclear& body);
  // ---- decide_custody.cpp: what the staff decides about the case as a file, and its erasure
  Outcome handle(const event::RequestErasure& body);
  Outcome handle(const event::ApproveErasure& body);
  Outcome handle(const event::WithdrawErasure& body);
  Outcome handle(const event::Hold& body);
  Outcome handle(const event::ReleaseHold& body);
  Outcome handle(const event::Restrict& body);
  Outcome handle(const event::LiftRestriction& body);
  Outcome needs_staff();
  Outcome needs_content();
  Outcome needs_room_for_reasons();
  /// Keeps the reason; gives its hash for the audit.
  std::string add_reason(const Bytes& sealed);
  Outcome may_be_added_to();
  void keep_after_end();
  void erase();
  // ---- decide_timers.cpp
  Outcome handle(const event::TimerFired& body);
  void remind(MessageKind to_expert);
  void breach();
  void urgent_alert();
  void unopened(const std::optional<UserId>& delegate);
  void close_out();
  void ask_for_outcome();
  bool is_settled();

  // ---- who acts
  Case& next() { return decision_.next; }
  bool by(const UserId& person) const { return event_.actor == person; }
  bool by_requester() { return by(next().requester); }
  bool by_holder() { return next().expert && by(*next().expert); }
  bool by_reader_for_requester();  // the requester, or his delegate once he is asked

  // ---- refusals
  tl::unexpected<Error> wrong_state(std::string_view wish);
  static tl::unexpected<Error> not_yours(std::string_view who);
  Outcome needs_no_pending_opinion();
  Outcome needs_room_for_dialogue();

  // ---- what handlers do
  Outcome done(std::string detail = {});
  /// Not at night, but for what cannot wait.
  std::optional<Instant> not_before(MessageKind kind);
  void tell(MessageKind kind, const UserId& recipient);
  void tell_staff(MessageKind kind, Role role);
  void send_copy(CopyTo to);
  void add_dialogue(DialogueKind kind, const Bytes& sealed);
  std::string dialogue_detail();
  void redirect_or_complete(const std::string& redirect_exit);
  void complete();
  void to_queue();
  void end_wait();
  void take(const UserId& expert);
  void close_offer_of(const UserId& expert, OfferOutcome outcome, const std::string& reason = {});
  /// Ends every pending offer and, when `holder_too`, the holding; tells those who were named.
  void withdraw_all(bool holder_too);
  void add_exams(const std::vector<ExamSummary>& exams, const BlobRef& blob);
  Outcome nobody_is_eligible(const Assignment& assignment);
  bool others_are_asked();
  void message_failed(MessageKind kind);
  PendingOpinion pending_of(const event::Sign& body, const std::string& corrects);
  Outcome replace_pending(const event::Sign& body);
  void keep_second(const event::Sign& body, std::string_view why);
  void deliver();
  void open_report();
  bool close_out_given();
  void close_when_settled();

  const Case* current_;
  const Event& event_;
  Decision decision_;
};

}  // namespace telavis
