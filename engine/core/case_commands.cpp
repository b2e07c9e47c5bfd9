// SPDX-License-Identifier: Apache-2.0
#include "engine/core/case_commands.h"

#include <algorithm>

namespace telavis {
namespace {

template <typename Body>
EventBody plain(const Case&) {
  return Body{};
}

EventBody correction(const Case& subject) {
  event::Sign body;
  // A hash that no opinion has, while there is none to correct.
  body.corrects = subject.opinion ? subject.opinion->hash : "none";
  return body;
}

EventBody withdrawal(const Case&) {
  return event::Cancel{"patient_withdrew"};  // the reason that is always taken
}

EventBody passing_on(const Case&) {
  event::Reassign body;
  body.to.expert = UserId("somebody else");
  return body;
}

std::vector<CaseCommand> requester_commands() {
  const std::vector<Role> requester = {Role::requester};
  const std::vector<Role> both = {Role::requester, Role::expert};
  return {
      {"complete", requester, CaseAccess::content, "CaseRequest", true,
       "Sends the whole request again with the items that were missing; files are added.",
       plain<event::Complete>},
      {"resume", requester, CaseAccess::content, "Resume", false,
       "After a red flag: the regulation was made at `regulated_at`, the question is maintained.",
       plain<event::Resume>},
      {"info", requester, CaseAccess::content, "DialogueText", true,
       "Answers the expert's question, or adds to the request; files may come with it.",
       plain<event::Info>},
      {"wait", requester, CaseAccess::content, "", false,
       "After the promised instant: the requester goes on waiting.", plain<event::WaitOn>},
      {"transfer", requester, CaseAccess::content, "Transfer", false,
       "After the promised instant, or when no expert is found: the same question to another "
       "programme.",
       plain<event::Transfer>},
      {"cancel", requester, CaseAccess::content, "CancelReason", false,
       "The requester withdraws the question, until an opinion is signed; a patient's withdrawal "
       "counts until it has left.",
       withdrawal},
      {"acknowledge", requester, CaseAccess::content, "", false,
       "The requester knows of an urgent opinion; its alerts end.", plain<event::Acknowledge>},
      {"patient-informed", requester, CaseAccess::content, "", false,
       "The patient was told what the opinion says: its report may go to his own mailbox.",
       plain<event::PatientInformed>},
      {"follow-up", requester, CaseAccess::content, "DialogueText", false,
       "A question about the opinion, within 30 days; no new act.", plain<event::FollowUp>},
      {"close-out", requester, CaseAccess::content, "CloseOut", false,
       "Five questions about what the opinion brought; the case closes when nothing is left open.",
       plain<event::CloseOut>},
      {"outcome", requester, CaseAccess::content, "Outcome", false,
       "What became of the patient, weeks later; a closed case stays closed.",
       plain<event::RecordOutcome>},
      {"call", both, CaseAccess::content, "DialogueText", false,
       "Writes down a telephone call about the opinion.", plain<event::LogCall>},
      {"appointment", both, CaseAccess::content, "Appointment", false,
       "The date of the appointment that the opinion asks for, or why there is none.",
       plain<event::SetAppointment>},
  };
}

std::vector<CaseCommand> expert_commands() {
  const std::vector<Role> expert = {Role::expert};
  return {
      {"accept", expert, CaseAccess::coded, "", false,
       "An expert who is offered the case takes it.", plain<event::Accept>},
      {"decline", expert, CaseAccess::coded, "DeclineReason", false,
       "An expert who is offered the case leaves it to another.", plain<event::Decline>},
      {"give-back", expert, CaseAccess::content, "DeclineReason", false,
       "The expert leaves a case that he accepted to another.", plain<event::GiveBack>},
      {"need-info", expert, CaseAccess::content, "DialogueText", false,
       "The expert asks the requester; the promise does not move.", plain<event::NeedInfo>},
      {"draft", expert, CaseAccess::content, "Draft", false,
       "Keeps the unfinished opinion; who writes is not silent.", plain<event::SaveDraft>},
      {"opinion", expert, CaseAccess::content, "OpinionText", false,
       "The expert signs his opinion; it leaves at `pending_release_at`, at once when it is "
       "urgent. "
       "Answering an offer accepts it.",
       plain<event::Sign>},
      {"take-opinion-back", expert, CaseAccess::content, "", false,
       "Until the opinion leaves: it becomes a draft again.", plain<event::TakeOpinionBack>},
      {"correct", expert, CaseAccess::content, "Correction", false,
       "A new version of one's own opinion, which names the one that it replaces; no new act.",
       correction},
      {"follow-up-answer", expert, CaseAccess::content, "DialogueText", false,
       "Answers the requester's question about the opinion.", plain<event::FollowUpAnswer>},
      {"reassign",
       {Role::coordinator, Role::expert, Role::requester},
       CaseAccess::figures,
       "Reassign",
       false,
       "Gives the case to a named expert: the coordinator, the expert who has it, or the requester "
       "after the promised instant.",
       passing_on},
  };
}

std::vector<CaseCommand> staff_commands() {
  const std::vector<Role> staff = {Role::coordinator, Role::medical_referent};
  const CaseAccess figures = CaseAccess::figures;
  return {
      {"request-erasure", staff, figures, "StaffReason", false,
       "Asks that a case that has ended be erased before it has been kept for long enough; another "
       "coordinator or medical referent approves within 30 days.",
       plain<event::RequestErasure>},
      {"approve-erasure", staff, figures, "", false,
       "Erases the case: another person than the one who asked. Acts, figures and the audit stay.",
       plain<event::ApproveErasure>},
      {"withdraw-erasure", staff, figures, "", false, "Nobody asks any more that it be erased.",
       plain<event::WithdrawErasure>},
      {"hold", staff, figures, "StaffReason", false,
       "Legal hold: the case is not erased, on request or by age, until it is released.",
       plain<event::Hold>},
      {"release-hold", staff, figures, "StaffReason", false, "Ends the legal hold.",
       plain<event::ReleaseHold>},
      {"restrict", staff, figures, "StaffReason", false,
       "The patient has the case kept and not used (GDPR art. 18): nobody sees its content but a "
       "medical referent who opens it; acts are billed.",
       plain<event::Restrict>},
      {"lift-restriction", staff, figures, "", false, "The case is used again as before.",
       plain<event::LiftRestriction>},
  };
}

bool answers_something(std::string_view command, const Case& subject) {
  // An expert may accept again what is his, and nothing comes of it.
  if (command == "accept") return subject.state == CaseState::offered;
  // A second opinion is kept when it comes, and not asked for.
  if (command != "opinion") return true;
  return is_open(subject.state) && !subject.pending_opinion;
}

}  // namespace

std::span<const CaseCommand> case_commands() {
  static const std::vector<CaseCommand> commands = [] {
    std::vector<CaseCommand> all = requester_commands();
    for (CaseCommand& command : expert_commands()) all.push_back(std::move(command));
    for (CaseCommand& command : staff_commands()) all.push_back(std::move(command));
    return all;
  }();
  return commands;
}

const CaseCommand* find_case_command(std::string_view name) {
  const auto all = case_commands();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const CaseCommand& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool reaches_decision(const User& actor, const Case& subject, const CaseCommand& command) {
  const bool keeps_text = command.name == "opinion" && !is_open(subject.state);
  if (!keeps_text && command.name != "accept") return false;
  const auto last = std::find_if(subject.offers.rbegin(), subject.offers.rend(),
                                 [&](const Offer& offer) { return offer.expert == actor.id; });
  if (last == subject.offers.rend() || last->outcome == OfferOutcome::declined ||
      last->outcome == OfferOutcome::given_back) {
    return false;
  }
  // Of a pool that was asked openly he never saw what an opinion is about.
  const bool saw_content = last->expires_at || last->outcome != OfferOutcome::withdrawn;
  return !keeps_text || saw_content;
}

std::optional<Role> acting_role(const User& actor, const Case& subject,
                                const CaseCommand& command) {
  const auto allows = [&](Role role) {
    return std::find(command.roles.begin(), command.roles.end(), role) != command.roles.end();
  };
  // The staff's right is the wider one when somebody is a party to the case as well.
  for (const Role staff : {Role::coordinator, Role::medical_referent}) {
    if (allows(staff) && actor.has(staff, subject.programme)) return staff;
  }
  const auto role = role_in_case(actor, subject);
  return role && allows(*role) ? role : std::nullopt;
}

std::vector<std::string_view> permitted_commands(const User& actor, const Case& subject,
                                                 Instant now) {
  std::vector<std::string_view> names;
  const CaseAccess access = access_to(actor, subject, now);
  if (access == CaseAccess::none) return names;
  for (const CaseCommand& command : case_commands()) {
    const auto role = acting_role(actor, subject, command);
    if (!role || access < command.least || !answers_something(command.name, subject)) continue;
    if (decide(&subject, {"probe", now, actor.id, role, command.probe(subject)})) {
      names.push_back(command.name);
    }
  }
  if (access < CaseAccess::content && actor.has(Role::medical_referent, subject.programme) &&
      !subject.wrapped_key.empty()) {
    names.emplace_back("open");
  }
  return names;
}

}  // namespace telavis
