// SPDX-License-Identifier: Apache-2.0
// The six ports of the domain. Everything outside is an adapter behind one of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/case_row.h"
#include "engine/core/lent_device.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/routing.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// Sealed bytes only. `put` returns after the file and its folder are on the disk.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// Errors: storage_full, storage_failed.
  virtual Result<void> put(const BlobRef& ref, ByteView sealed) = 0;
  /// Errors: not_found, storage_failed.
  virtual Result<Bytes> get(const BlobRef& ref) = 0;
  /// Erasing what is not there is success.
  virtual Result<void> erase(const BlobRef& ref) = 0;
};

struct Envelope {
  std::string message_key;  // unique and stable: the outbox id
  std::string from;
  std::string to;
};
enum class SendOutcome { accepted, retry, refused };
struct SendResult {
  SendOutcome outcome = SendOutcome::retry;
  std::string reason;  // for the operator; no identity
  /// Of a refusal: what the coordinator is told, by messages.json ("send_refusal." + code).
  std::string code = {};
};
class Mailer {
 public:
  virtual ~Mailer() = default;
  virtual SendResult send(const Envelope& envelope, ByteView mime) = 0;
};

/// A mail read from an account, after a cursor. (IMAP: UIDVALIDITY and UID.)
struct MailboxCursor {
  std::uint32_t uid_validity = 0;
  std::uint32_t last_uid = 0;
  bool operator==(const MailboxCursor&) const = default;
};
/// What of a mail could not be had.
enum class MailGap {
  none,       // `mime` is the whole mail
  too_large,  // above the limit of size: `mime` is its header alone, as far as it is kept
  withheld,   // the server gives other mails and not this one: `mime` is empty, a person looks
};
struct FetchedMail {
  MailboxCursor cursor;  // of this mail
  Bytes mime;
  MailGap gap = MailGap::none;
  std::uint64_t size = 0;  // bytes of the whole mail as the server counts them; 0: it does not say
};
class Mailbox {
 public:
  virtual ~Mailbox() = default;
  /// What lies behind the cursor, in the order of arrival, at most `limit` mails; those that were
  /// read before something failed. From the first mail on when the mailbox has another UIDVALIDITY
  /// than the cursor. Nothing in the mailbox changes. Errors: mail_unreachable (try again),
  /// mail_refused (an operator must act).
  virtual Result<std::vector<FetchedMail>> fetch_after(const MailboxCursor& cursor,
                                                       std::size_t limit) = 0;
};

// ---- repository ---------------------------------------------------------------------------------

enum class OutboxState { pending, sent, dead };
std::string_view outbox_state_name(OutboxState state);

/// A message fixed at commit: bytes and Message-ID never change afterwards.
struct OutboxMessage {
  OutboxId id;
  CaseId case_id;  // empty: of no case, e.g. an activation kit
  MessageKind kind = MessageKind::invitation;
  std::string from;
  std::string to;
  Bytes sealed_mime;  // sealed with the case's key; of no case: with the node's mail key
  Instant created_at;
  Instant not_before;         // first attempt; not before created_at
  std::int64_t attempts = 0;  // that failed
};

/// A message held by one worker until the lease ends. The token stays good after that for as long
/// as nobody else has claimed the message.
struct OutboxClaim {
  OutboxMessage message;
  std::string lease_token;
};

/// Ends or postpones a claimed message, in the transaction of the commit that carries it.
struct OutboxCompletion {
  OutboxId id;
  std::string lease_token;
  OutboxState state = OutboxState::sent;
};

/// Everything one event changes: committed whole or not at all.
struct Commit {
  std::string event_id;
  std::string event_kind;
  Instant at;
  std::string request_hash;           // of the request's body, empty for engine events
  std::string answer;                 // given again to a repeated request; JSON, no identity
  std::int64_t expected_version = 0;  // 0: the case is new
  Case next;                          // its version is expected_version + 1
  std::vector<AuditEntry> audit;
  std::vector<OutboxMessage> outbox;
  std::vector<BillableAct> acts;
  std::optional<OutboxCompletion> completes;
  /// Of a case whose patient's identity is new or has changed: they replace those that are there;
  /// empty: as they are. A case without its key (erased) loses its marks in this transaction, and
  /// its received mails become unreadable.
  std::vector<std::string> patient_marks;
  /// Received exams that the case takes: they leave the tray in this transaction.
  std::vector<std::string> joins;
  /// The appointments that the case offers from now on, when they change: these and no others.
  std::optional<std::vector<std::string>> slots;
};
/// For repositories: what a caller must not get wrong, because it would be stored for good. Errors:
/// internal.
Result<void> check_commit(const Commit& commit);

enum class CommitOutcome {
  committed,
  duplicate,   // this event_id is known; `answer` and `request_hash` are those of the first time
  conflict,    // the case has another version: load and decide again
  exam_gone,   // one of `joins` does not wait any more: another request has it
  slot_gone,   // one of `slots` is offered in another case, or is no more
  lease_lost,  // `completes` names a lease that is no longer held
};
struct CommitResult {
  CommitOutcome outcome = CommitOutcome::committed;
  std::string answer;
  std::string request_hash;
};

struct StoredEvent {
  std::string answer;
  std::string request_hash;
};

struct Session {
  std::string token_hash;  // hex BLAKE2b-256 of the cookie's value
  UserId user;
  Instant created_at;
  Instant last_seen_at;  // by a person; a page that asks by itself does not count
  Instant expires_at;
  std::optional<Instant> second_factor_at = std::nullopt;  // none: the password alone, so far
  std::string browser = {};                                // coarse: "firefox/linux"
  Bytes proposed_factor = {};  // wrapped seed that is being enrolled; bound to the token's hash
};

/// What a person proves beside the password: one-time codes (engine/core/totp.h).
struct SecondFactor {
  UserId user;
  Instant enrolled_at;
  std::int64_t last_step = 0;  // time step of the newest code that was taken
  Bytes wrapped_key;           // the seed, bound to "second-factor/<user id>"
};

/// The code that was mailed to somebody who is locked out.
struct AccessCode {
  UserId user;
  std::string code_hash;
  Instant expires_at;
  std::int64_t tries_left = 0;
};

/// What a person keeps to write opinions with (engine/core/personal_texts.h), sealed.
struct SealedTexts {
  UserId user;
  std::int64_t version = 0;  // 1, 2, ...
  Bytes sealed;
};

/// An appointment in presence that an expert can offer inside an opinion.
struct Slot {
  std::string id;
  UserId expert;
  Instant starts_at;
  std::string place;
  std::string booking;  // how to book it: words of the expert
  CaseId offered_in;    // empty: free

  bool operator==(const Slot&) const = default;
};

/// So many failures in so long.
struct AttemptLimit {
  std::int64_t most = 0;
  Duration window{};
};

/// Cases as a person may list them. Empty members do not restrict.
struct CaseQuery {
  std::optional<UserId> requester;      // asked it, or may read its opinion as delegate
  std::optional<UserId> expert;         // was ever offered it, whatever came of that
  std::vector<ProgrammeId> programmes;  // any of these
  bool open_only = false;
  std::size_t limit = 200;  // newest first
};

struct ActQuery {
  std::vector<ProgrammeId> programmes;
  std::optional<UserId> professional;
  std::optional<CaseId> case_id;
  std::string from_date, to_date;  // care dates, inclusive; empty: open
};
/// An act with what an export needs beside it.
struct ActRow {
  BillableAct act;
  std::string case_number;
  ProgrammeId programme;
  Instant submitted_at;
  Instant signed_at;
};

/// Who changed what an association keeps on file, and when.
struct Change {
  Instant at;
  std::string actor;  // user id, or "operator" at the command line
  /// The version that the change was made on, 0 for something new; none: whichever is there.
  std::optional<std::int64_t> replaces = std::nullopt;
  /// Of a person: what he is told of it, in the same transaction.
  std::optional<OutboxMessage> tells = std::nullopt;
};
/// One version of a programme, a person, a group practice or a lent device. Never erased.
struct Revision {
  std::string kind;  // "programme", "person", "group", "device"
  std::string id;
  std::int64_t version = 0;  // 1, 2, ...
  Change change;
  std::string definition;  // JSON, without the password hash
};

/// The detail of a change's entry in the node chain, with the hash of the definition: "<id> v3
/// <hash>".
std::string revision_words(const Revision& revision);

/// For /metrics, of one programme: no identity.
struct CaseFigures {
  std::map<std::string, std::int64_t> by_state;           // every state, also those without cases
  std::map<std::string, std::int64_t> open_by_time_left;  // "late", "under_4h", "under_12h",
                                                          // "under_24h", "over_24h", "no_promise"
  std::map<std::string, std::int64_t> events;  // breaches, offers, declines, waits: counted since
                                               // the first case
};

struct DueCase {
  CaseId id;
  TimerKind kind;
  Instant at;
};

/// A patient objects to what goes beyond his care. Known by a mark of his
/// (engine/core/patient_marks.h), not by name.
struct Opposition {
  std::string mark;
  Instant at;
  std::string actor;   // user id, or "operator" at the command line
  std::string detail;  // codes, never a name or clinical text
};

/// The head of a chain by the chain's name: a case's id, or "node".
struct ChainHead {
  std::string chain;
  AuditHead head;
};

/// What a root says of all chains, without their list but in the document.
struct AuditRoot {
  std::int64_t number = 0;  // 1, 2, ...
  Instant at;
  std::string hash;  // hex
  std::int64_t chains = 0;
  std::optional<Instant> exported_at;
  std::string document;  // as it leaves the machine; emptied once it did
};

/// A mail as it arrived, sealed with a key of its own (engine/core/received_mail.h), and what
/// became of it. Without a key and bytes once its case is erased: the rest stays, so that it is
/// never taken for a new one.
struct ReceivedMail {
  std::string id;
  std::string account;  // the mailbox that it came to
  MailboxCursor at;     // its place there
  Instant received_at;  // by us
  Bytes wrapped_key, sealed;
  std::string fingerprint;  // keyed hash of sender, Message-ID and body hash
  std::string verdict;      // empty: not handled yet
  CaseId case_id;           // empty: of no case
  std::string detail;       // codes, never a name or clinical text
};
/// Mails as a medical referent lists them. Empty members do not restrict.
struct ReceivedQuery {
  std::string verdict;
  std::size_t limit = 200;  // newest first
  std::string account;
};
/// What a master key has wrapped for a received mail or exam, or of a second factor.
struct ReceivedKey {
  std::string id;
  Bytes wrapped;
};

enum class ReceivedExamState {
  waiting,     // in its holder's tray
  unreadable,  // kept for the medical referent and a later version
  joined,      // a case has it
  discarded,   // by its holder, or found to be one that was there already
  expired,     // nobody wanted it in time
};
std::string_view received_exam_state_name(ReceivedExamState state);
std::optional<ReceivedExamState> received_exam_state_from_name(std::string_view name);
/// Whether an exam in this state still has its key and its bytes.
bool has_bytes(ReceivedExamState state);

/// An exam that came without a request, sealed with a key of its own (engine/core/received_exam.h),
/// and what became of it. Only while it waits or is unreadable does it have key and bytes; the rest
/// stays, so that it is never taken for a new one.
struct ReceivedExam {
  std::string id;
  std::string device;  // of the register
  UserId holder;       // of the device when it sent
  ProgrammeId programme;
  Instant received_at;
  ReceivedExamState state = ReceivedExamState::waiting;
  CaseId case_id;              // with `joined`
  std::string why;             // with `unreadable` and `discarded`: a code
  std::string reader;          // the version of the engine that read it last
  std::int64_t size = 0;       // bytes as they came
  std::string bytes_mark;      // keyed hash of them
  std::string recording_mark;  // keyed hash of instant and samples; empty: no tracing was read
  std::string object_id;       // SOP Instance UID; empty: none
  Bytes wrapped_key;
  Bytes sealed_card;  // what a list shows of it
  Bytes sealed;       // the file
};
/// Empty members do not restrict.
struct ReceivedExamQuery {
  std::optional<UserId> holder;
  std::vector<ProgrammeId> programmes;  // any of these
  std::optional<ReceivedExamState> state;
  std::string not_read_by;  // a version of the engine
  std::size_t limit = 200;  // newest first
};
struct SentAmount {
  std::int64_t exams = 0;
  std::int64_t bytes = 0;
};

/// All errors are storage_failed or storage_full unless said otherwise. Thread-safe.
class Repository {
 public:
  virtual ~Repository() = default;

  /// Errors also: state_conflict (another case has the number of a new one: draw again), internal
  /// (the commit contradicts itself).
  virtual Result<CommitResult> commit(const Commit& commit) = 0;
  virtual Result<std::optional<StoredEvent>> find_event(const std::string& event_id) = 0;
  virtual Result<std::optional<Case>> load_case(const CaseId& id) = 0;
  /// By its number ("TE-2026-7K3M9Q2A").
  virtual Result<std::optional<Case>> case_by_number(const std::string& number) = 0;
  virtual Result<std::vector<Case>> cases(const CaseQuery& query) = 0;
  /// All cases in the order of their ids, after this one (empty: from the first): for what walks
  /// through everything.
  virtual Result<std::vector<CaseId>> case_ids(const CaseId& after, std::size_t limit) = 0;
  /// Open cases each expert is offered or holds, and offers made to him since `since`; experts
  /// without either are absent. An offer stays with the programme in which it was made.
  virtual Result<std::map<UserId, PoolLoad>> pool_load(const ProgrammeId& id, Instant since) = 0;
  /// Cases of any programme that experts took since then, by the instant of the offer: those asked
  /// by name that wait for their reply, and those they accepted and still have or answered.
  virtual Result<std::map<UserId, std::int64_t>> taken_since(Instant since) = 0;
  /// How many cases of this requester each expert has answered.
  virtual Result<std::map<UserId, std::int64_t>> previous_contacts(const UserId& requester) = 0;
  /// Open cases that are offered to an expert or that he holds, in any programme.
  virtual Result<std::vector<CaseId>> open_cases_of(const UserId& expert) = 0;
  virtual Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) = 0;

  /// Cases of a patient by any of these marks (engine/core/patient_marks.h), oldest first.
  virtual Result<std::vector<CaseId>> cases_of_patient(const std::vector<std::string>& marks) = 0;
  /// Replaces the one that has this mark.
  virtual Result<void> put_opposition(const Opposition& opposition) = 0;
  /// The oldest that has any of these marks.
  virtual Result<std::optional<Opposition>> opposition(const std::vector<std::string>& marks) = 0;
  virtual Result<void> erase_opposition(const std::vector<std::string>& marks) = 0;

  /// Cases whose key was wrapped by another master key than this one; the first 8 bytes of a
  /// wrapped key, in hex, name its master key (engine/core/key_ring.h). Erased cases have none. In
  /// the order of the keys' names, then of the ids.
  virtual Result<std::vector<CaseId>> cases_not_wrapped_by(const std::string& key_id,
                                                           std::size_t limit) = 0;
  /// Replaces the wrapped key when it still is `before`; false: it is not. The case's version
  /// stays.
  virtual Result<bool> rewrap(const CaseId& id, ByteView before, ByteView after) = 0;

  /// A message in whichever state it is, without its bytes; nullopt: there was never one of this
  /// id.
  virtual Result<std::optional<OutboxMessage>> find_message(const OutboxId& id) = 0;
  /// The oldest pending message whose next attempt is due and that nobody holds; nullopt when there
  /// is none. The lease runs on the database's clock.
  virtual Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) = 0;
  /// Gives a claimed message back, to be tried again at `next_attempt_at`. Errors also:
  /// state_conflict (the lease is no longer held).
  virtual Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                                       Instant next_attempt_at, const std::string& reason) = 0;
  /// Ends a claimed message that belongs to no case. Errors also: state_conflict (the lease is no
  /// longer held).
  virtual Result<void> complete_outbox(const OutboxCompletion& completion) = 0;
  /// Forgets every lease: for a store that only one process can hold, after a restart.
  virtual Result<void> release_leases() = 0;
  /// A message that belongs to no case. One whose id is there already is that message: nothing
  /// happens.
  virtual Result<void> put_message(const OutboxMessage& message) = 0;

  /// How far a mailbox has been read; {0, 0}: never.
  virtual Result<MailboxCursor> mailbox_cursor(const std::string& account) = 0;
  /// In one transaction: what arrived, and the cursor, which never moves back within a UIDVALIDITY.
  /// A mail that is there already (same account and place) is left as it is.
  virtual Result<void> put_received(const std::vector<ReceivedMail>& mails,
                                    const std::string& account, const MailboxCursor& cursor) = 0;
  /// Without a verdict, in the order of arrival: as many as `limit` and 64 MiB allow, one at least.
  virtual Result<std::vector<ReceivedMail>> unhandled_mails(std::size_t limit) = 0;
  /// Oldest first. These lists leave `wrapped_key` and `sealed` empty: ask received_mail() for one.
  virtual Result<std::vector<ReceivedMail>> received_by_fingerprint(
      const std::string& fingerprint) = 0;
  virtual Result<std::vector<ReceivedMail>> received_mails(const ReceivedQuery& query) = 0;
  virtual Result<std::optional<ReceivedMail>> received_mail(const std::string& id) = 0;
  /// Replaces what stood there. With an erased case the mail becomes unreadable as the case is.
  /// Errors also: not_found.
  virtual Result<void> close_received(const std::string& id, const std::string& verdict,
                                      const CaseId& case_id, const std::string& detail) = 0;
  /// Takes the key and the bytes of mails that have a verdict and no case and came before this
  /// instant, as an erased case loses its own. Gives how many.
  virtual Result<std::int64_t> forget_received(Instant received_before) = 0;
  /// For /metrics: received mails by verdict; "" are those that are still to be handled.
  virtual Result<std::map<std::string, std::int64_t>> received_counts() = 0;
  /// As cases_not_wrapped_by() and rewrap(), of received mails.
  virtual Result<std::vector<ReceivedKey>> received_not_wrapped_by(const std::string& key_id,
                                                                   std::size_t limit) = 0;
  virtual Result<bool> rewrap_received(const std::string& id, ByteView before, ByteView after) = 0;

  /// Stores it, unless this holder has sent the same before (by either mark) and it still waits, is
  /// unreadable or in a case: then the id of that one. It takes the place of one that was discarded
  /// or expired.
  virtual Result<std::optional<std::string>> put_exam(const ReceivedExam& exam) = 0;
  /// Without `sealed`: ask received_exam() for one.
  virtual Result<std::vector<ReceivedExam>> received_exams(const ReceivedExamQuery& query) = 0;
  virtual Result<std::optional<ReceivedExam>> received_exam(const std::string& id) = 0;
  /// Replaces state, why, reader, recording_mark and sealed_card as long as it stands in this
  /// state; key and bytes go with a state that has none. False: it does not. Errors also:
  /// state_conflict (the holder has another of this recording_mark).
  virtual Result<bool> change_exam(const ReceivedExam& next, ReceivedExamState expected) = 0;
  /// Those that still have bytes and came before this instant become `expired`. Gives how many.
  virtual Result<std::int64_t> expire_exams(Instant received_before) = 0;
  /// What a device has sent since.
  virtual Result<SentAmount> sent_by_device(const std::string& device, Instant since) = 0;
  /// Is the object of this device here, or in a case?
  virtual Result<bool> keeps_object(const std::string& device, const std::string& object_id) = 0;
  /// For /metrics: by state, every state.
  virtual Result<std::map<std::string, std::int64_t>> exam_counts() = 0;
  /// As received_not_wrapped_by() and rewrap_received(), of received exams.
  virtual Result<std::vector<ReceivedKey>> exams_not_wrapped_by(const std::string& key_id,
                                                                std::size_t limit) = 0;
  virtual Result<bool> rewrap_exam(const std::string& id, ByteView before, ByteView after) = 0;

  virtual Result<std::vector<ActRow>> acts(const ActQuery& query) = 0;

  virtual Result<void> append_node_audit(const AuditDraft& draft) = 0;
  virtual Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) = 0;
  virtual Result<AuditHead> node_audit_head() = 0;
  /// In one transaction: of the oldest `limit` salted entries before this instant, in any chain,
  /// what identifies is removed (without_trace); when there were any, an entry of the node chain
  /// says so: expiry_note(). Gives how many.
  virtual Result<std::int64_t> expire_traces(Instant before, Instant now, std::size_t limit) = 0;
  /// Entries of a chain with a sequence above `after`, in order: for what reads long ones.
  virtual Result<std::vector<AuditEntry>> audit_entries(const std::string& chain,
                                                        std::int64_t after, std::size_t limit) = 0;
  /// Chains longer than when they were last rooted: the node's first, then by name.
  virtual Result<std::vector<ChainHead>> unrooted_heads(std::size_t limit) = 0;
  /// In one transaction: the root and, for each head, that its chain is rooted so far. Errors also:
  /// version_conflict (the number is not the next one).
  virtual Result<void> put_audit_root(const AuditRoot& root,
                                      const std::vector<ChainHead>& heads) = 0;
  /// Empties its document; the first time counts. Errors also: not_found.
  virtual Result<void> mark_root_exported(std::int64_t number, Instant at) = 0;
  /// With a number above `after`, oldest first.
  virtual Result<std::vector<AuditRoot>> audit_roots(std::int64_t after, std::size_t limit) = 0;

  // What follows is on file with every version; a change appends a Revision and an entry of the
  // node chain ("change:person", detail revision_words()) in its transaction. Errors also:
  // version_conflict (`Change::replaces` is not the version that is there). The version of what is
  // put is not looked at, but for programmes.
  /// The newest version and one more, 1 for the first. Errors also: configuration_invalid (not the
  /// next version).
  virtual Result<void> put_programme(const Programme& programme, const Change& change) = 0;
  virtual Result<std::optional<Programme>> programme(const ProgrammeId& id) = 0;  // newest version
  virtual Result<std::vector<Programme>> programmes() = 0;
  /// By id, whole. Ends the sessions of a user whose password changes or who may no longer log in.
  /// Errors also: invalid_field (another user has the login).
  virtual Result<void> put_user(const User& user, const Change& change) = 0;
  virtual Result<std::optional<User>> user(const UserId& id) = 0;
  virtual Result<std::optional<User>> user_by_login(const std::string& login) = 0;
  virtual Result<std::vector<User>> members(const ProgrammeId& id, Role role) = 0;
  virtual Result<std::vector<User>> users() = 0;
  virtual Result<void> put_group(const GroupPractice& group, const Change& change) = 0;
  virtual Result<std::optional<GroupPractice>> group(const std::string& id) = 0;
  virtual Result<std::vector<GroupPractice>> groups(const ProgrammeId& id) = 0;
  /// Ends the pairing code and the token of a device that may not send, or has another holder.
  /// Errors also: invalid_field (another device has the serial, or the AE title).
  virtual Result<void> put_device(const LentDevice& device, const Change& change) = 0;
  virtual Result<std::optional<LentDevice>> device(const std::string& id) = 0;
  virtual Result<std::optional<LentDevice>> device_by_serial(const std::string& serial) = 0;
  virtual Result<std::optional<LentDevice>> device_by_ae_title(const std::string& title) = 0;
  virtual Result<std::vector<LentDevice>> lent_devices() = 0;
  /// By device_token_hash() of what it shows.
  virtual Result<std::optional<LentDevice>> device_by_token(const std::string& token_hash) = 0;
  /// A one-time pairing code's hash, good until `expires_at`. A new one of the device replaces it.
  virtual Result<void> put_pairing(const std::string& device, const std::string& code_hash,
                                   Instant expires_at) = 0;
  /// Whose code it is, once and as long as it is good: with that the device's token is this one,
  /// which the node chain says ("device_paired"). nullopt: there is no such code.
  virtual Result<std::optional<std::string>> take_pairing(const std::string& code_hash,
                                                          const std::string& token_hash,
                                                          Instant now) = 0;
  virtual Result<std::vector<Revision>> revisions(const std::string& kind,
                                                  const std::string& id) = 0;  // oldest first

  /// A one-time activation code's hash, good until `expires_at`, and the message that brings the
  /// code: both or neither. A new one replaces it.
  virtual Result<void> put_activation(const UserId& user, const std::string& code_hash,
                                      Instant expires_at, const OutboxMessage& kit) = 0;
  /// True once: the code is there and good; it is gone afterwards.
  virtual Result<bool> take_activation(const UserId& user, const std::string& code_hash,
                                       Instant now) = 0;

  virtual Result<void> put_session(const Session& session) = 0;
  /// Replaces the session of this token, which may get another; false: it has ended.
  virtual Result<bool> change_session(const std::string& token_hash, const Session& next) = 0;
  /// `last_seen_at` alone; nothing happens to a session that has ended.
  virtual Result<void> touch_session(const std::string& token_hash, Instant last_seen_at) = 0;
  virtual Result<std::optional<Session>> session(const std::string& token_hash) = 0;
  virtual Result<std::vector<Session>> sessions_of(const UserId& user) = 0;  // newest first
  virtual Result<void> erase_session(const std::string& token_hash) = 0;
  /// All but this one (empty: all).
  virtual Result<void> erase_sessions_of(const UserId& user, const std::string& but) = 0;
  virtual Result<void> erase_expired_sessions(Instant now) = 0;

  virtual Result<std::optional<SecondFactor>> second_factor(const UserId& user) = 0;
  /// Takes the place of the one before, with its recovery codes (hashes), and tells the person.
  virtual Result<void> put_second_factor(const SecondFactor& factor,
                                         const std::vector<std::string>& recovery_codes,
                                         const std::optional<OutboxMessage>& tells) = 0;
  /// False: a code of this step, or of a later one, was taken before. One above `newest` was taken
  /// by a clock that has been set back since, and does not count.
  virtual Result<bool> take_factor_step(const UserId& user, std::int64_t step,
                                        std::int64_t newest) = 0;
  /// Uses it up, and gives how many are left; nullopt: there is no such code.
  virtual Result<std::optional<std::int64_t>> take_recovery_code(const UserId& user,
                                                                 const std::string& code_hash) = 0;
  virtual Result<std::int64_t> recovery_codes_left(const UserId& user) = 0;
  /// With its recovery codes; ends the person's sessions and tells him. False: there was none.
  virtual Result<bool> erase_second_factor(const UserId& user, const OutboxMessage& tells) = 0;
  /// As received_not_wrapped_by() and rewrap_received(), of second factors by the person's id.
  virtual Result<std::vector<ReceivedKey>> factors_not_wrapped_by(const std::string& key_id,
                                                                  std::size_t limit) = 0;
  virtual Result<bool> rewrap_factor(const std::string& id, ByteView before, ByteView after) = 0;

  virtual Result<std::optional<SealedTexts>> personal_texts(const UserId& user) = 0;
  /// In place of the version before; false: another one is there by now.
  virtual Result<bool> put_personal_texts(const SealedTexts& texts) = 0;

  /// A free one. False: the expert has one at this instant already.
  virtual Result<bool> put_slot(const Slot& slot) = 0;
  /// Of this expert, from this instant on, in order.
  virtual Result<std::vector<Slot>> slots(const UserId& expert, Instant from) = 0;
  /// False: he has no free one of this id.
  virtual Result<bool> erase_slot(const UserId& expert, const std::string& id) = 0;

  /// The code and the message that brings it: both or neither. A new one replaces it.
  virtual Result<void> put_access_code(const AccessCode& code, const OutboxMessage& message) = 0;
  /// True once: the code is there, good and right; it is gone afterwards. A wrong one costs a try,
  /// the last one the code.
  virtual Result<bool> take_access_code(const UserId& user, const std::string& code_hash,
                                        Instant now) = 0;

  /// Counts an attempt, unless there are as many within the window as the limit allows: then false.
  virtual Result<bool> begin_attempt(const std::string& mark, Instant now,
                                     const AttemptLimit& limit) = 0;
  virtual Result<void> forget_attempts(const std::string& mark) = 0;
  virtual Result<void> erase_attempts_before(Instant before) = 0;

  /// For figures over a period, a page at a time: nothing sealed is read.
  virtual Result<std::vector<CaseRow>> case_rows(const CaseRowQuery& query) = 0;
  /// For /metrics: of every programme with its cases at `now`.
  virtual Result<std::map<ProgrammeId, CaseFigures>> case_figures(Instant now) = 0;
  /// Outbox rows by state, every state, also those that are empty.
  virtual Result<std::map<std::string, std::int64_t>> outbox_counts() = 0;
  /// Pending messages that belong to no case: what still needs a master key of before.
  virtual Result<std::int64_t> pending_of_no_case() = 0;
};

}  // namespace telavis
