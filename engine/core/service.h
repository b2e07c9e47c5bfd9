// SPDX-License-Identifier: Apache-2.0
// The one audited door: every source of events comes through here, and everything that leaves about
// a case. Rights are checked here, refusals are audited here.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/act_turns.h"
#include "engine/core/case_commands.h"
#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/dicom_studies.h"
#include "engine/core/exam_intake.h"
#include "engine/core/exam_tray.h"
#include "engine/core/incidents.h"
#include "engine/core/list_reading.h"
#include "engine/core/mail_intake.h"
#include "engine/core/opinion.h"
#include "engine/core/patient_search.h"
#include "engine/core/personal_desk.h"
#include "engine/core/ports.h"
#include "engine/core/request.h"
#include "engine/core/rights.h"
#include "engine/core/routing_account.h"
#include "engine/core/service_apply.h"
#include "formats/exam.h"

namespace telavis {

struct ServiceKeys {
  KeyRing ring;   // master keys
  Key seal_seed;  // of the engine's Ed25519 seal
  Key lookup;     // of the patients' marks; independent of the master keys
};

/// Answer to a command: JSON object for the client, and whether it is the stored answer of the
/// first time.
struct Receipt {
  std::string json;
  bool replayed = false;
};

/// One entry of the dialogue, opened.
struct DialogueText {
  DialogueKind kind;
  UserId author;
  Instant at;
  std::string text;  // plain text, or JSON for `appointment`, `close_out`, `outcome`
};

/// A case opened for a person with the right to its content.
struct OpenCase {
  Case subject;
  CaseRequest request;
  std::optional<OpinionText> opinion;  // the released one; its author sees the one about to leave
  std::vector<DialogueText> dialogue;
  std::string draft;                // JSON; for the expert who wrote it
  std::vector<Incident> incidents;  // technical ones, until now
};

/// Why the staff asked for an erasure, held or restricted a case, opened.
struct StaffReasonText {
  std::string action;
  UserId by;
  Instant at;
  std::string text;
};

/// What a pool that is asked openly sees before somebody accepts.
struct CodedCase {
  Case subject;
  CodedRequest coded;
};

/// An opinion for the person whom it is about.
struct CopiedOpinion {
  Opinion opinion;
  OpinionText text;
  std::string why;  // empty: the answer; otherwise that of KeptOpinion
  Bytes report;     // PDF; empty when none was made
};

/// Everything about the patient in one case. Not in it, because they are not about him: reasons
/// typed by medical referents, unfinished drafts, an opinion that has not left yet.
struct CaseCopy {
  Case subject;
  CaseRequest request;
  std::vector<DialogueText> dialogue;
  std::vector<CopiedOpinion> opinions;  // the answer first
  std::vector<ArchivedExam> exams;
  std::vector<BillableAct> acts;
  std::vector<Incident> incidents;
};

/// 10 to 1,000 characters. Errors: invalid_field.
Result<void> check_referent_reason(std::string_view reason);
/// {"reason": ...}: the body of the commands that ask for one in words.
std::string reason_body(std::string_view reason);

/// What a submission may be besides complete.
enum class Incomplete { refused, kept };

/// Which timers to run.
enum class DueTimers {
  all,
  /// Those that follow from what somebody has just done (the search for an expert, the opinion that
  /// leaves), while the clock cannot be trusted to say how much time has passed.
  asked_for,
};

/// A mail that waits for a person, as the medical referent lists it: nothing of its content.
struct KeptMail {
  std::string id;
  std::string account;
  Instant received_at;
  MailVerdict verdict = MailVerdict::kept;
  CaseId case_id;      // empty: of no case
  std::string detail;  // codes: why
};
/// One that he has opened.
struct OpenedMail {
  KeptMail mail;
  IncomingMail content;
  Bytes original;  // as it arrived
};
/// What he makes of it.
struct MailFiling {
  /// "information" (to the case, from its requester), "opinion" (of the expert who wrote it, his
  /// words whole), "again" (read once more as if it had just come), "nothing".
  std::string as;
  std::string case_number;  // for the first two
};

class Service {
 public:
  Service(ServicePorts ports, const ServiceKeys& keys);

  // ---- commands; `key` is the client's Idempotency-Key (1..200 visible ASCII characters)
  /// Errors: those of parse_case_request, check_against and decode_exam, unknown_programme,
  /// forbidden, no_exam, missing_field (an incomplete request that is not to be kept; names its
  /// items), idempotency_key_missing, idempotency_key_reused. A refusal is audited; nothing is
  /// stored.
  Result<Receipt> submit(const User& actor, std::string_view key, std::string_view request_json,
                         const std::vector<UploadedFile>& files,
                         Incomplete incomplete = Incomplete::refused);
  /// One of case_commands() by name. Errors: not_found (also when the person may not know of the
  /// case), forbidden, those of the body and of decide(), and those of the key.
  Result<Receipt> command(const User& actor, std::string_view name, std::string_view key,
                          const CaseId& id, std::string_view body,
                          const std::vector<UploadedFile>& files = {});
  /// The medical referent opens a case: content for one hour, audited with the hash of the reason;
  /// the reason itself is sealed.
  Result<Receipt> open_as_referent(const User& actor, std::string_view key, const CaseId& id,
                                   std::string_view reason);
  /// Why the case was held, restricted, or is to be erased: for the coordinator and the medical
  /// referent of its programme, one of whom approves. Errors: not_found, forbidden, state_conflict
  /// (erased).
  Result<std::vector<StaffReasonText>> staff_reasons(const User& actor, const CaseId& id);
  /// Takes their open cases from somebody who is suspended or has left; of one who is absent
  /// (`holds_on`) only what he has not accepted yet. Gives how many were looked at.
  Result<int> expert_gone(const UserId& expert, bool holds_on);

  // ---- reading; every read of content is an audit entry
  CaseAccess access(const User& actor, const Case& subject) const;
  /// Cases of the person, newest first, in whichever role; figures only.
  Result<std::vector<Case>> list(const User& actor);
  /// What a list shows of those that have not ended and that he may read; each is written down,
  /// once a session (any text that names it).
  Result<std::map<CaseId, CaseBrief>> briefs(const User& actor, const std::string& session,
                                             const std::vector<Case>& cases);
  /// His own answered questions, newest first, written down likewise.
  Result<std::vector<NotebookEntry>> notebook(const User& actor, const std::string& session);
  /// The report (PDF) as it would be if he signed this opinion now, and says that it is none:
  /// nothing is kept. Errors: those of the command "opinion".
  Result<Bytes> preview(const User& actor, const CaseId& id, std::string_view opinion_json);
  /// Figures of one case. Errors: not_found (also when the person may not know of it).
  Result<Case> figures(const User& actor, const CaseId& id);
  Result<OpenCase> open(const User& actor, const CaseId& id);
  Result<CodedCase> open_coded(const User& actor, const CaseId& id);
  /// The letter that goes with the patient after a red flag, with his exams. Errors: state_conflict
  /// (no red flag led out of the programme).
  Result<Bytes> transfer_letter(const User& actor, const CaseId& id);
  /// How the experts of a case were chosen, for the coordinator and the medical referent of its
  /// programme. Errors: not_found, forbidden.
  Result<std::vector<RoutingRound>> routing(const User& actor, const CaseId& id);
  Result<std::vector<ArchivedExam>> exams(const User& actor, const CaseId& id);
  /// The PDF. Read by the requester, it makes the case Delivered. Errors: state_conflict before.
  Result<Bytes> report(const User& actor, const CaseId& id);
  Result<std::vector<ActRow>> acts(const User& actor, const std::string& from_date,
                                   const std::string& to_date);

  // ---- for the rights of patients (patient_rights.h); by a medical referent of the programme
  /// The identity that a case holds, to be compared and not shown. Errors: forbidden.
  Result<Candidate> candidate(const User& referent, Case subject);
  /// After open_as_referent(). Errors: not_found, forbidden.
  Result<CaseCopy> copy_for_patient(const User& actor, const CaseId& id);
  /// The case's audit chain, this reading included. Errors: not_found, forbidden.
  Result<std::vector<AuditEntry>> chain_for_patient(const User& actor, const CaseId& id);

  // ---- workers: claim what is due, handle it; give how many were handled
  Result<int> run_timers(std::size_t limit, DueTimers which = DueTimers::all);
  Result<int> deliver_messages(std::size_t limit);
  /// At the hours that experts chose: one mail about what they were offered since; gives how many.
  Result<int> send_digests();

  // ---- incoming mail; needs read_mail and trust_in_sender of the ports
  /// What a mailbox gave, ready for Repository::put_received.
  ReceivedMail taken_in(const std::string& account, const FetchedMail& mail);
  /// Carries out what a mail that is kept says, and answers its sender; the second time nothing
  /// happens again. Errors: those of the repository and of the keys: to be tried again.
  Result<MailVerdict> handle_mail(const ReceivedMail& mail);
  /// Those without a verdict; gives how many. One that cannot be handled now does not hold up the
  /// others; its error is given. One caller at a time, the others wait.
  Result<int> handle_mails(std::size_t limit);
  /// Tells medical referents of mails that have waited for a person for two working hours, and once
  /// a day from then on.
  Result<int> alert_kept_mails();
  /// Tells the coordinators of the programmes that a mailbox is of that it has not been read since
  /// `since`: once a day of `now`.
  Result<void> alert_silent_mailbox(const std::string& account, Instant since, Instant now);
  /// Mails to the mailboxes of his programmes that wait for a person, newest first. Errors:
  /// forbidden.
  Result<std::vector<KeptMail>> kept_mails(const User& actor);
  /// With a reason, audited. Errors: not_found, forbidden, invalid_field (reason), crypto_failed.
  Result<OpenedMail> open_kept_mail(const User& actor, const std::string& id,
                                    std::string_view reason);
  /// Files what could not be understood; the sender is answered as by any mail. Errors: as
  /// open_kept_mail; state_conflict (it waits for nobody), and those of the command that it
  /// becomes.
  Result<MailVerdict> file_mail(const User& actor, const std::string& id, const MailFiling& filing,
                                std::string_view reason);

  // ---- keys
  /// Takes up another ring while commands run: its newest key wraps from now on. Its older keys
  /// must open what is there.
  void use_ring(KeyRing ring) { ring_.use(std::move(ring)); }
  /// Wraps anew, by the newest master key, the keys of cases, of received mails and exams
  /// and of second factors that an older one wrapped, up to `limit` of each; gives how many. One
  /// that cannot be unwrapped does not hold up the others; its error is given.
  Result<int> rewrap(std::size_t limit);
  std::shared_ptr<const KeyRing> ring() const { return ring_.get(); }
  /// What seals messages of no case.
  Key node_mail_key() const { return ring_.get()->derived(kNodeMailPurpose); }
  /// The marks of a patient in every year so far, to find his cases by.
  std::vector<std::string> marks_so_far(const PatientIdentity& patient, const InsIdentity& ins);

  /// One audit entry in the node's chain: for refusals before a case is known.
  void audit_refusal(const std::string& actor, std::string_view action, const Error& error);

  /// Puts a message that belongs to no case into the outbox; the same id again is the same message.
  /// The draft's Message-ID is made here. Errors: those of compose_mail and storage.
  Result<void> post(MessageKind kind, const OutboxId& id, MailDraft draft);
  /// Writes to the members of a programme in this role who may log in: each once an `occasion`. The
  /// message's text has {words}.
  Result<void> alert_staff(const Programme& programme, Role role, MessageKind kind,
                           const std::string& words, const std::string& occasion);
  /// The hash that this opinion's author would have signed, of the words that are sealed in
  /// `sealed`: for the verification of the audit, which shows no word of them. Errors:
  /// crypto_failed, state_conflict (erased), those of parse_opinion.
  Result<std::string> opinion_hash_of(const Case& subject, const Opinion& opinion,
                                      ByteView sealed) const;

  /// Exams that came without a request.
  ExamTray& tray() { return tray_; }
  /// Exams as DICOM.
  DicomStudies& studies() { return studies_; }

  PersonalDesk& desk() { return desk_; }

  /// Refusals that could not be written to the audit: more than 0 asks for the operator.
  std::int64_t unaudited_refusals() const { return unaudited_; }

  Repository& repository() { return ports_.repository; }
  Clock& clock() { return ports_.clock; }
  ChangeBoard& changes() { return changes_; }

 private:
  friend class MailDesk;
  friend class ExamTray;
  friend class DicomStudies;
  /// What the reader of a command's body is given.
  struct CommandCall {
    const User& actor;
    const Case& subject;
    const Key& data_key;
    std::string_view body;
    const std::vector<UploadedFile>& files;
    Instant now;
    std::vector<std::string>& patient_marks;  // to be filled in when the identity may have changed
    std::vector<std::string>& joins;          // to be filled in with exams of the tray
    LenientIntake* mail = nullptr;            // it came by mail
  };
  /// One of case_commands() with an event that has its id.
  struct CommandToRun {
    EventToApply event;
    const User& actor;
    std::string_view name;
    CaseId id;
    std::string_view body;
    const std::vector<UploadedFile>& files;
    LenientIntake* mail = nullptr;
  };
  Result<Receipt> run_command(CommandToRun run, const CaseCommand& command);
  /// The mail came to a mailbox of a programme whose medical referent he is.
  Result<bool> may_open_mail(const User& actor, const ReceivedMail& mail);
  Result<ReceivedMail> mail_for(const User& actor, const std::string& id, std::string_view action,
                                std::string_view reason);
  using BodyReader = Result<EventBody> (Service::*)(const CommandCall& call);
  static BodyReader body_reader(std::string_view command);
  Result<EventBody> read_complete(const CommandCall& call);
  Result<EventBody> read_resume(const CommandCall& call);
  Result<CaseRequest> resumed_request(const CommandCall& call);
  Result<EventBody> read_info(const CommandCall& call);
  Result<EventBody> read_transfer(const CommandCall& call);
  Result<EventBody> read_cancel(const CommandCall& call);
  Result<EventBody> read_close_out(const CommandCall& call);
  Result<EventBody> read_appointment(const CommandCall& call);
  Result<EventBody> read_outcome(const CommandCall& call);
  Result<EventBody> read_decline(const CommandCall& call);
  Result<EventBody> read_give_back(const CommandCall& call);
  Result<EventBody> read_patient_informed(const CommandCall& call);
  Result<EventBody> read_draft(const CommandCall& call);
  Result<EventBody> read_opinion(const CommandCall& call);
  Result<EventBody> read_correction(const CommandCall& call);
  Result<EventBody> read_reassign(const CommandCall& call);
  /// The reason that the staff gives, sealed.
  template <typename Body>
  Result<EventBody> read_reason(const CommandCall& call);
  template <typename Body>
  Result<EventBody> read_nothing(const CommandCall& call);
  template <typename Body>
  Result<EventBody> read_dialogue(const CommandCall& call);

  /// Summaries of exams that joined a case, and the sealed file that holds them; both empty without
  /// files.
  using AddedExams = std::pair<std::vector<ExamSummary>, BlobRef>;
  /// What is refused is noted in the case: a technical incident.
  Result<AddedExams> add_files(const CommandCall& call, CaseRequest& request,
                               const Programme& programme);
  Bytes sealed_dialogue(const CommandCall& call, std::string_view text);
  Result<Bytes> sealed_text(const CommandCall& call);
  Result<EventBody> signed_opinion(const CommandCall& call, std::string_view text,
                                   std::string corrects);
  /// The appointments that the opinion names, as they stand. Errors: invalid_field (not his, past,
  /// or offered elsewhere).
  Result<void> fill_in_slots(const CommandCall& call, OpinionText& opinion);

  // ---- commands
  /// Gives `event` its id and actor; the stored receipt when the key is known.
  Result<std::optional<Receipt>> known_answer(const User& actor, std::string_view route,
                                              std::string_view key, EventToApply& event);
  Result<Receipt> apply_command(const EventToApply& event, std::optional<Case> loaded,
                                const EventApplier::Check& check);
  /// In which role the command may be given to the case as it stands. Errors: not_found, forbidden.
  Result<Role> part_in(const User& actor, const Case& subject, const CaseCommand& command) const;
  Result<Receipt> command_checked(const User& actor, const CaseCommand& command,
                                  std::string_view key, const CaseId& id, std::string_view body,
                                  const std::vector<UploadedFile>& files);
  /// The event of a new case, without its id; its exams are stored.
  Result<EventToApply> submission(const User& actor, CaseRequest& request,
                                  const Programme& programme,
                                  const std::vector<UploadedFile>& files, Incomplete incomplete,
                                  LenientIntake* mail = nullptr);
  Result<EventBody> completion(const CommandCall& call, CaseRequest request);
  Result<Receipt> submit_checked(const User& actor, std::string_view key,
                                 std::string_view request_json,
                                 const std::vector<UploadedFile>& files, Incomplete incomplete);
  /// A case ready to be submitted; its exams are stored.
  Result<Case> draft_of(const User& actor, CaseRequest& request, const Programme& programme,
                        const std::vector<UploadedFile>& files, Instant now, Incomplete incomplete,
                        LenientIntake* mail);
  Result<std::vector<ArchivedExam>> checked_request(const User& actor, CaseRequest& request,
                                                    const Programme& programme,
                                                    const std::vector<UploadedFile>& files,
                                                    Instant now, LenientIntake* mail);
  /// Of the files and of the requester's tray.
  Result<std::vector<ArchivedExam>> exams_of(const User& actor, CaseRequest& request,
                                             const Programme& programme,
                                             const std::vector<UploadedFile>& files, Instant now,
                                             LenientIntake* mail);
  /// Consent and oppositions; by mail, what is wrong with a consent is asked for anew.
  Result<void> check_patient(CaseRequest& request, const Programme& programme, Instant now,
                             bool by_mail);
  Result<void> check_requester(const User& actor, const Programme& programme);
  /// Errors: consent_missing (this patient wants no exchange by the engine).
  Result<void> check_opposition(const CaseRequest& request);
  std::vector<std::string> patient_marks_of(const CaseRequest& request, Instant now) const;
  /// A lent device is its holder's: an exam of another's device says so.
  Result<void> bind_device(const User& actor, ArchivedExam& exam);
  Result<void> name_requested(const CaseRequest& request, const Programme& programme, Case& draft);
  Result<void> put_exams(const BlobRef& blob, const Key& data_key,
                         const std::vector<ArchivedExam>& exams);
  Bytes sealed_request(const Case& subject, const Key& data_key, const CaseRequest& request);
  /// missing_items(), and what depends on who asks: "acting_doctor", "exam".
  static std::vector<std::string> missing_of(const User& actor, const CaseRequest& request,
                                             const Programme& programme, bool has_exam);
  std::vector<CopyTo> copies_of(const Programme& programme, const CaseRequest& request,
                                const User& requester, const User& expert) const;

  // ---- routing
  Result<Assignment> assignment_of(const Case& subject, const Programme& programme,
                                   const std::vector<User>& pool, Instant now);
  /// The same rules, asked about one expert whom somebody named. Errors: no_eligible_expert.
  Result<Chosen> offer_by_name(const Case& subject, const Programme& programme, const User& expert,
                               Instant now);

  Result<Case> case_with_access(const User& actor, const CaseId& id, CaseAccess least);
  /// Errors: not_found (none), forbidden (less than `least`).
  static Result<void> check_access(const Case* subject, CaseAccess granted, CaseAccess least);
  Result<void> record_read(const User& actor, const CaseId& id, EventBody event);
  Result<void> record_listed(const User& actor, const std::string& session, std::string_view list,
                             const CaseId& id);
  /// nullopt: it has ended, or he may not read it.
  Result<std::optional<CaseBrief>> brief_of(const User& actor, const Case& subject) const;
  Result<NotebookEntry> notebook_entry(const Case& subject) const;
  /// Of the opinion that is about to leave. Errors: those of the rendering.
  Result<ReportContent> report_about_to_leave(const ActContext& about, const CaseRequest& request,
                                              const OpinionText& opinion,
                                              const std::vector<BillableAct>& acts, Instant now);
  Result<Bytes> preview_checked(const User& actor, const CaseId& id, std::string_view opinion_json);
  Result<void> fire(const DueCase& due);
  Result<void> fire_route(Case subject, EventToApply event);
  Result<void> fire_erasure(const Case& subject, EventToApply event);
  /// After the commit that took the key of `before` away.
  Result<void> erase_blobs(const Case& before);
  Result<void> fire_release(Case subject, EventToApply event);
  Result<bool> rewrap_one(const CaseId& id, const KeyRing& ring);
  Result<std::optional<UserId>> delegate_of(const UserId& requester);
  Result<SendResult> send(const OutboxMessage& message, const Case& subject);
  /// True: one left.
  Result<bool> send_digest(const User& expert, Instant now);
  /// Empty: nothing waits for him.
  Result<std::string> digest_lines(const User& expert, Instant digest_at);
  Result<void> deliver(const OutboxClaim& claim);
  Result<void> deliver_of_no_case(const OutboxClaim& claim);
  /// The acts that the report of the pending opinion names: made with it, or before a correction.
  Result<std::vector<BillableAct>> acts_of(ActContext context, const CaseRequest& request,
                                           const OpinionText& opinion);
  /// Acts of these two for this patient within a year, in any programme.
  Result<std::vector<PatientAct>> acts_of_patient(const ActContext& context,
                                                  const CaseRequest& request, Instant now);
  Result<std::vector<Incident>> incidents_of(const Case& subject, Instant now) const;
  /// As it may be shown at present.
  Case shown(Case subject) const;
  Result<OpinionText> opinion_of(const Case& subject, ByteView sealed) const;
  Result<std::vector<ArchivedExam>> archived_exams(const Case& subject) const;
  Result<std::vector<DialogueText>> dialogue_of(const Case& subject) const;
  Result<Bytes> report_of(const Case& subject, const BlobRef& blob);
  Result<CopiedOpinion> copied_opinion(const Case& subject, const Opinion& opinion, ByteView sealed,
                                       const BlobRef& report, std::string why);
  Result<std::vector<BillableAct>> stored_acts_of(const Case& subject);
  /// Passes a result on; a refusal is audited first.
  template <typename T>
  Result<T> audited(const User& actor, std::string_view action, Result<T> result) {
    if (!result) audit_refusal(actor.id.value, action, result.error());
    return result;
  }

  ServicePorts ports_;
  RingInUse ring_;
  Key lookup_;
  SealKey seal_;
  ChangeBoard changes_;
  EventApplier applier_;
  ExamTray tray_;
  DicomStudies studies_;
  PersonalDesk desk_;
  AnswerLimit answer_limit_;
  ListReadings readings_;
  ActTurns act_turns_;
  std::mutex handling_;            // of mails: two duties would do the work of one mail twice
  bool answers_recalled_ = false;  // under handling_
  std::atomic<std::int64_t> unaudited_ = 0;
};

}  // namespace telavis
