// SPDX-License-Identifier: Apache-2.0
// The life of a case: an Event and a Case give a Decision. Pure; nothing else changes state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/audit.h"
#include "engine/core/calendar.h"
#include "engine/core/ids.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/time.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

enum class CaseState {
  incomplete,  // a mandatory item is missing: no clock runs
  redirected,  // a red flag led out of the programme; the doctor may resume
  queued,      // waits for the next offer
  offered,     // one expert, a group or the pool is asked
  accepted,    // an expert has it
  waiting,     // the expert asked the requester for information
  answered,    // the opinion is made; the report is on its way
  delivered,   // the report was sent or read
  closed,
  cancelled,
};
std::string_view case_state_name(CaseState state);
std::optional<CaseState> case_state_from_name(std::string_view name);

enum class OfferOutcome {
  pending,
  accepted,
  declined,
  expired,     // the window passed in silence
  given_back,  // accepted, then left to another by the expert himself
  taken_back,  // accepted, then silent until the take-back instant
  withdrawn,   // another took the case, it was reassigned or ended, or the expert went away
};
std::string_view offer_outcome_name(OfferOutcome outcome);

struct Offer {
  UserId expert;
  Instant offered_at;
  std::optional<Instant> expires_at;  // none when the whole pool is asked
  OfferOutcome outcome = OfferOutcome::pending;
  std::string reason;  // code of a decline or a giving back
};

/// The instants of a promise, fixed when the request was complete; they never move.
struct Promise {
  Instant completed_at;
  Instant remind_at;
  Instant warn_at;
  Instant take_back_at;
  Instant breach_at;
};

/// What a case takes from its programme when it is submitted, so that a later version changes
/// nothing for it.
struct Plan {
  OfferPolicy policy = OfferPolicy::rotation;
  std::string line;  // name of the fast line, empty for the ordinary promise
  Sla sla;
  std::string time_zone;
  Timetable working_hours;  // only with `sla.working_hours`
  int retention_years = 20;
};

/// What a case with this reason takes from the programme.
Plan plan_of(const Programme& programme, std::string_view reason);

/// Instants of the promise made at `completed_at`.
Promise promise_of(const Plan& plan, Instant completed_at);

/// What of an opinion is counted (docs/figures.md): its author's own codes, outside the sealed
/// text, without a word of the patient.
struct OpinionCodes {
  std::string orientation = {};  // as in OpinionText, empty: not answered; also the other texts
  std::string suspicion = {};    // of a lesion
  std::string tracing = {};      // of an ECG
  std::string media_quality = {};
  std::string agreement = {};  // with the requester's own reading
  bool in_person = false;
  bool data_sufficient = false;

  bool operator==(const OpinionCodes&) const = default;
};

/// Consequences of an opinion that the engine follows up: the expert's own words in codes.
struct OpinionMarks {
  bool urgent = false;                     // orientation "emergency_15"
  bool needs_appointment = false;          // in-person need or suspected malignancy
  std::optional<OpinionCodes> codes = {};  // none: signed before they were kept
};

/// What was signed and has not left yet.
struct PendingOpinion {
  UserId expert;
  Instant signed_at;
  Instant release_at;
  std::string hash;  // BLAKE2b-256, hex, of the canonical opinion
  OpinionMarks marks;
  std::string corrects;
  Bytes sealed;                         // OpinionText, canonical JSON
  std::vector<std::string> slots = {};  // ids of the appointments that it offers
};

/// The signed, immutable answer. Its text is in `Case::sealed_opinion`.
struct Opinion {
  UserId expert;
  Instant signed_at;
  Instant released_at;  // it left; the epoch when it never did
  std::string hash;
  std::string seal;  // Ed25519 over the hash by the engine's key, hex: the engine's seal, not a
                     // doctor's signature
  OpinionMarks marks;
  std::string corrects;                 // hash of the opinion that this one replaces, or empty
  std::vector<std::string> slots = {};  // as of PendingOpinion
};

/// An opinion that is not the answer: kept sealed, never billed.
struct KeptOpinion {
  Opinion opinion;
  std::string why;  // "corrected", "second", "after_cancel"
  Bytes sealed;
  BlobRef report;  // of a corrected one
};

/// The expert's unfinished text.
struct Draft {
  UserId expert;
  Instant changed_at;
  Bytes sealed;
};

enum class DialogueKind {
  need_info,
  info,
  follow_up,
  follow_up_answer,
  call,         // a telephone call about an urgent opinion, logged
  appointment,  // the date or the reason that ends the wait for one
  close_out,    // what the opinion brought
  outcome,      // what became of the patient, weeks later
};
std::string_view dialogue_kind_name(DialogueKind kind);

struct DialogueItem {
  DialogueKind kind;
  UserId author;
  Instant at;
  Bytes sealed;  // text or JSON, sealed with the case's key
};

/// Technical description of one exam, free of identity.
struct ExamSummary {
  std::string kind;    // "ecg", "photo" or "document"
  std::string format;  // "SCP-ECG", "JPEG", "PDF", ...
  std::string detail;  // measures alone, in any language: "12 x 10.0 s", "1600 x 1200 px", "2 p."
  std::vector<std::string> findings;  // codes
};

/// What mail servers and readers reported of a message of the case.
enum class MailOutcome { relayed, delivered, failed, displayed };
std::string_view mail_outcome_name(MailOutcome outcome);
std::optional<MailOutcome> mail_outcome_from_name(std::string_view name);

enum class MessageKind;

struct MailReport {
  OutboxId message;
  MessageKind kind;
  MailOutcome outcome = MailOutcome::delivered;
  /// Of a failure: "5.1.1" (RFC 3463) when a server reported it later, a code of messages.json
  /// (send_refusal.*) when it was refused at once, or empty.
  std::string status;
  Instant at;
};

struct ReferentAccess {
  UserId referent;
  Instant until;
  std::string sealed_reason;  // hex; the typed reason, sealed with the case's key
};

/// Somebody's decision that the case must be kept whatever its age: a complaint, a lawsuit.
struct LegalHold {
  UserId by;
  Instant since;
};

/// Somebody asks that the case be erased; another person approves, or it lapses.
struct ErasureRequest {
  UserId by;
  Instant at;
  std::string reason_hash;  // BLAKE2b-256, hex, of the sealed reason
};

/// Why the staff asked for an erasure, held, released or restricted the case.
struct StaffReason {
  std::string action;  // name of the event: "request_erasure", "hold", ...
  UserId by;
  Instant at;
  Bytes sealed;  // text, sealed with the case's key
};

/// What the engine knows of a case. Identity and clinical text stand only in the sealed members.
struct Case {
  CaseId id;
  std::string number;  // pseudonymous, "TE-2026-7K3M9Q"
  std::int64_t version = 0;
  CaseState state = CaseState::queued;
  ProgrammeId programme;
  std::int64_t programme_version = 1;
  UserId requester;
  std::optional<UserId> expert;           // who has accepted it, or answered it
  std::vector<Offer> offers;              // oldest first
  std::vector<UserId> requested_experts;  // whom the requester named, or the members of the group
  std::string requested_group;            // id of a group practice, or empty
  std::vector<ExamSummary> exams;
  Plan plan;
  Instant submitted_at;
  std::vector<std::string> missing;  // names of the items without which no clock runs
  std::string redirect_exit;         // "15_now" or "in_person_today" after a red flag, or empty
  Instant redirect_remind_at;        // meaningful in Redirected
  Instant purge_at;                  // meaningful in Incomplete
  std::optional<Instant> incomplete_remind_at;  // next step while Incomplete
  std::optional<Promise> promise;               // none before the request is complete
  Instant route_at;                             // when to route next; meaningful in Queued
  bool reminded = false;
  bool warned = false;
  Instant hold_until;  // a silent holder keeps the case until then
  Instant
      breach_alert_at;  // the next alert about a missing answer; first at the breach, then daily
  std::optional<Instant> breached_at;
  bool requester_waits = false;  // chose to wait after the breach
  std::optional<Instant> no_expert_since;
  std::optional<Instant> waiting_since;
  std::optional<Instant> waiting_remind_at;
  Duration waited{};  // in Waiting, in all: statistics show it apart
  std::optional<Draft> draft;
  std::optional<PendingOpinion> pending_opinion;
  std::optional<Opinion> opinion;
  std::vector<KeptOpinion> kept_opinions;
  std::optional<Instant> answered_at;        // the first opinion left
  std::optional<Instant> undelivered_at;     // next alert while the report is not delivered
  std::optional<Instant> delivered_at;       // the report was sent or read
  std::optional<Instant> opened_at;          // the requester, or his delegate, read it
  std::optional<Instant> unopened_at;        // next step while nobody opened the report
  std::optional<UserId> requester_delegate;  // may read an opinion left unopened
  std::optional<Instant> acknowledged_at;    // of an urgent opinion
  std::optional<Instant> urgent_alert_at;
  std::optional<Instant> appointment_at;    // next reminder while an appointment is awaited
  std::optional<Instant> close_out_at;      // next reminder, at last the closing
  std::optional<Instant> follow_up_due_at;  // an open question of the requester
  std::optional<Instant> outcome_at;  // when the requester is next asked what became of the patient
  std::vector<DialogueItem> dialogue;
  std::vector<MailReport> mail_reports;  // oldest first
  std::vector<ReferentAccess> referent_access;
  /// Not erased before, but on request. The end of a civil year, known from the submission on: a
  /// day would tell when a child was born.
  Instant kept_until;
  std::optional<LegalHold> legal_hold;
  std::optional<ErasureRequest> erasure_request;
  std::optional<Instant> restricted_at;  // kept and not used any more (GDPR art. 18)
  std::optional<Instant> erased_at;
  std::vector<StaffReason> staff_reasons;  // oldest first
  AuditHead audit;
  Bytes wrapped_key;                // the case's data key, wrapped by the master key; empty: erased
  Bytes sealed_request;             // CaseRequest, canonical JSON
  Bytes sealed_opinion;             // OpinionText of `opinion`, canonical JSON
  std::vector<BlobRef> exam_blobs;  // original, normalised and preview of exams sent together: one
                                    // sealed file each
  BlobRef report_blob;              // PDF
};

/// The offer that waits for this person's reply, or nullptr.
const Offer* pending_offer(const Case& subject, const UserId& expert);

/// The appointments that its opinion offers, and the one that is about to leave: nobody else may.
std::vector<std::string> slots_of(const Case& subject);

/// Every sealed file that the case names; none once it was erased.
std::vector<BlobRef> blobs_of(const Case& subject);

/// The holder changed his unfinished opinion a short while ago.
bool is_writing(const Case& subject, Instant now);

/// In the order in which timers of one instant fire.
enum class TimerKind {
  release,
  offer_window,
  route,
  take_back,
  breach,
  remind,
  warn,
  waiting_reminder,
  urgent_alert,
  follow_up,
  undelivered,
  unopened,
  appointment,
  close_out,
  outcome,
  redirect_reminder,
  incomplete_reminder,
  purge,
  retention,  // erases
};
inline constexpr TimerKind kLastTimerKind = TimerKind::retention;
std::string_view timer_kind_name(TimerKind kind);
std::optional<TimerKind> timer_kind_from_name(std::string_view name);

struct Timer {
  TimerKind kind;
  Instant at;
};
/// When this timer is due in the case as it stands; nullopt: not at all.
std::optional<Instant> timer_at(const Case& subject, TimerKind kind);
/// The next instant at which something must happen. An open case always has one; one that has ended
/// has the end of its retention, unless it is held or erased, and a closed one may still ask for an
/// outcome.
std::optional<Timer> next_timer(const Case& subject);

/// True while an answer is owed or the request is unfinished: neither answered nor ended.
bool is_open(CaseState state);
/// Closed or Cancelled: nothing happens by itself any more but the question for an outcome and the
/// erasure.
bool has_ended(CaseState state);

/// A request for an erasure that can still be approved.
bool is_erasure_asked(const Case& subject, Instant now);
/// Takes everything away that tells of the patient, the key first: without it nothing of him can be
/// read any more, wherever a copy may be. The chain, the figures and the acts stay: they name
/// nobody who was ill.
void erase_content(Case& subject, Instant at);

enum class ActRole { expert, requester };
std::string_view act_role_name(ActRole role);

/// Who gets the report besides its requester.
enum class CopyTo { expert, attending_physician, acting_doctor, citizen };
inline constexpr CopyTo kLastCopyTo = CopyTo::citizen;
std::string_view copy_to_name(CopyTo to);

/// The national health insurance (assurance maladie obligatoire): the doctor bills it himself.
inline constexpr std::string_view kNationalInsurance = "AMO";

/// What one professional may bill for a case, or why not.
struct BillableAct {
  CaseId case_id;
  ActRole role = ActRole::expert;
  std::string code;  // "TE2", "RQD"
  UserId professional;
  std::string care_date;  // local date of the opinion where the professional practises
  std::string tariff_zone;
  std::int64_t amount_cents = 0;
  bool billable = true;
  std::string refusal;         // stable reason when not billable, e.g. "NO_TARIFF"
  std::string tariff_id = {};  // the tariff's line (engine/billing/tariffs.json); empty: none
  std::string payer = std::string(kNationalInsurance);  // or a fund that pays in its place
  std::string rules = {};  // every rule that was applied (engine/billing/eligibility.h)
};

enum class MessageKind {
  incomplete,  // to the requester: which items are missing
  redirect_reminder,
  invitation,       // to a named expert or group
  open_invitation,  // to the pool, without anything of the patient
  expert_reminder,
  expert_warning,
  taken_back,    // to the expert who was silent
  withdrawn,     // to an expert: the case is no longer his
  not_accepted,  // to requester and coordinators: nobody has accepted yet
  no_expert_alert,
  breach_alert,
  info_needed,
  info_reminder,
  info_given,
  report,
  report_copy,     // to the expert, the médecin traitant, the doctor who will act
  report_patient,  // to the patient's own mailbox
  refusal,         // to the requester: who declined, when and why; or his own withdrawal
  urgent_opinion,
  urgent_alert,
  unopened_reminder,
  delivery_failed_alert,
  follow_up,
  follow_up_answer,
  follow_up_overdue,
  appointment_reminder,
  close_out_reminder,
  outcome_reminder,
  opinion_not_used,  // to the author of a second or late opinion
  // ---- answers to mails that came in, and what follows from them
  request_received,  // to the requester: number and promised instant
  emergency,         // to the requester who answered yes to a red flag: call 15
  question,          // to an expert who accepted by mail: the case whole
  mail_noted,        // what was understood and done
  opinion_echo,      // to the expert: his opinion as it was understood, about to leave
  mail_unclear,      // to a party of the case: nothing was done, say it again
  mail_refused,      // of no case
  mail_kept_alert,   // of no case, to the medical referent: a mail waits for a person
  mailbox_alert,     // of no case, to coordinators: a mailbox of theirs cannot be read
  device_alert,      // of no case, to coordinators: a device of theirs is refused again and again
  incomplete_alert,  // to coordinators: a request is still unfinished
  expert_digest,     // of no case, to an expert: what he was offered since the last one
  audit_root,        // of no case: a signed root of the audit, for who keeps it
  activation_kit,    // of no case
  access_code,       // of no case, to somebody locked out: the way back in
  access_notice,     // of no case: what happened to one's own access
};
inline constexpr MessageKind kLastMessageKind = MessageKind::access_notice;
std::string_view message_kind_name(MessageKind kind);
std::optional<MessageKind> message_kind_from_name(std::string_view name);

// ---- events -------------------------------------------------------------------------------------

/// How an expert compared, or why he was left out.
struct Considered {
  UserId expert;
  std::string excluded_because;  // code, empty for those who were eligible
  std::int64_t score = 0;        // the highest is chosen; what it is made of stands in `why`
  std::string why;               // "asked 0, open 3, recent 5, contacts 1, territory 1, in_time 1"
};
struct Chosen {
  UserId expert;
  Instant invite_at;                  // not before his hours begin
  std::optional<Instant> expires_at;  // none when the whole pool is asked
};
struct Assignment {
  std::vector<Chosen> chosen;  // empty: nobody is eligible now
  std::string group;           // id of the group practice that is asked as one, or empty
  std::vector<Considered> considered;
};

namespace event {
// ---- the requester
struct Submit {
  Case draft;  // identity, contents and plan; decide() fixes state and instants
};
struct Complete {  // items that were missing, sent again as a whole request
  Bytes sealed_request;
  std::vector<std::string> missing;
  std::string redirect_exit;
  std::vector<ExamSummary> more_exams;
  BlobRef more_exams_blob;
  std::optional<Plan> plan;  // of the request as it is now, with whom it names
  std::vector<UserId> requested_experts;
  std::string requested_group;
  Instant kept_until;  // of the patient as he is known now; never takes anything off
};
struct Resume {          // after a red flag: "régulation faite à hh:mm, avis maintenu"
  Bytes sealed_request;  // with the instant of the regulation in it
  std::vector<std::string> missing;
  Instant kept_until;  // as in Complete
};
struct Info {
  Bytes sealed;
  std::vector<ExamSummary> more_exams;
  BlobRef more_exams_blob;
};
struct WaitOn {};  // after the breach: I wait for the opinion
struct Transfer {  // after the breach: the same question to another programme
  ProgrammeId programme;
  std::int64_t programme_version = 1;
  Plan plan;
};
struct Cancel {
  std::string reason;
};
struct Acknowledge {};      // an urgent opinion is known
struct PatientInformed {    // of the opinion
  Bytes sealed_request;     // as it was, and saying so
  bool to_citizen = false;  // the report goes to the patient's own mailbox now
};
struct FollowUp {
  Bytes sealed;
};
struct CloseOut {
  Bytes sealed;  // what the opinion brought
};
struct RecordOutcome {  // what became of the patient; a closed case stays closed
  Bytes sealed;
  bool is_known = true;  // false: not yet, ask again
};
// ---- requester or expert
struct LogCall {
  Bytes sealed;
};
struct SetAppointment {  // the date, or the reason why there is none
  Bytes sealed;
};
// ---- the expert
struct Accept {};
struct Decline {
  std::string reason;
};
struct GiveBack {
  std::string reason;
};
struct NeedInfo {
  Bytes sealed;
};
struct SaveDraft {
  Bytes sealed;
};
struct Sign {
  std::string hash;
  Bytes sealed;
  OpinionMarks marks;
  bool by_mail = false;  // takes the place of one's own that has not left yet
  std::string corrects;  // hash of one's own opinion that this one replaces, or empty
  std::vector<std::string> slots = {};  // ids of the appointments that it offers
};
struct TakeOpinionBack {};  // until it leaves
struct FollowUpAnswer {
  Bytes sealed;
};
// ---- coordinator; after the breach also the requester; the holder passes a case on
struct Reassign {
  Chosen to;
  std::string reason;
};
// ---- coordinator or medical referent
struct RequestErasure {
  Bytes sealed_reason;
};
struct ApproveErasure {};  // another person than the one who asked
struct WithdrawErasure {};
struct Hold {
  Bytes sealed_reason;
};
struct ReleaseHold {
  Bytes sealed_reason;
};
struct Restrict {
  Bytes sealed_reason;
};
struct LiftRestriction {};
// ---- the engine
struct ExpertGone {  // suspended, left, or absent
  UserId expert;
  bool holds_on = false;  // absent only: what he accepted stays his
};
struct Route {
  Assignment assignment;
};
struct ReleaseOpinion {  // everything made together
  std::string seal;
  BlobRef report_blob;
  std::vector<BillableAct> acts;
  std::vector<CopyTo> copies = {};
};
struct TimerFired {  // every timer but route and release
  TimerKind kind = TimerKind::purge;
  std::optional<UserId> requester_delegate;  // for `unopened`
};
struct MessageSent {
  MessageKind kind;
  std::optional<Instant> composed_at;  // a report of before a correction delivers nothing
  std::int64_t attempts = 0;           // that failed before
};
struct MessageDead {
  MessageKind kind;
  OutboxId message = {};
  std::string reason = {};  // SendResult::code, or empty
};
struct MessageReported {  // after it was sent
  MailReport report;
  std::optional<Instant> composed_at;  // as in MessageSent
  bool by_requester = false;           // `displayed`: he was the recipient
};
// ---- reading
struct ReportRead {};
struct ContentRead {  // "request", "exams": an access, audited
  std::string what;
};
struct ReferentOpened {
  Instant until;
  std::string sealed_reason;
};
struct FilesRefused {  // what came with a command was not taken: a technical incident
  std::string code;    // of the error
};
struct MailUnclear {  // a party wrote what could not be acted upon: he is asked again
  std::string code;   // why
};
}  // namespace event

using EventBody =
    std::variant<event::Submit, event::Complete, event::Resume, event::Info, event::WaitOn,
                 event::Transfer, event::Cancel, event::Acknowledge, event::PatientInformed,
                 event::FollowUp, event::CloseOut, event::RecordOutcome, event::LogCall,
                 event::SetAppointment, event::Accept, event::Decline, event::GiveBack,
                 event::NeedInfo, event::SaveDraft, event::Sign, event::TakeOpinionBack,
                 event::FollowUpAnswer, event::Reassign, event::RequestErasure,
                 event::ApproveErasure, event::WithdrawErasure, event::Hold, event::ReleaseHold,
                 event::Restrict, event::LiftRestriction, event::ExpertGone, event::Route,
                 event::ReleaseOpinion, event::TimerFired, event::MessageSent, event::MessageDead,
                 event::MessageReported, event::ReportRead, event::ContentRead,
                 event::ReferentOpened, event::FilesRefused, event::MailUnclear>;
std::string_view event_name(const EventBody& body);

/// Where an event comes from. Events of the engine (timers, outbox) have no actor.
struct Event {
  std::string id;  // globally unique; the same id is the same event
  Instant at;
  std::optional<UserId> actor;
  std::optional<Role> role;  // in which the actor acts; checked against his memberships before
  EventBody body;
};

// ---- decision -----------------------------------------------------------------------------------

/// Who a message goes to: a person, a group practice, or the coordinators of the programme.
struct MessageDraft {
  MessageKind kind;
  std::optional<UserId> recipient;
  std::string group;                   // id of a group practice, or empty
  std::optional<Role> staff;           // everybody of the programme in this role
  std::optional<Instant> not_before;   // no message at night
  std::string words;                   // {words} of the kinds that answer a mail
  std::optional<CopyTo> copy_to = {};  // in place of a recipient: whom the request names
};

struct Decision {
  Case next;
  std::vector<AuditDraft> audit;
  std::vector<MessageDraft> messages;
  std::vector<BillableAct> acts;
};

/// `current` is null only for Submit. Errors: state_conflict (not in this state; says which it is),
/// forbidden (not this person's), invalid_field.
Result<Decision> decide(const Case* current, const Event& event);

}  // namespace telavis
