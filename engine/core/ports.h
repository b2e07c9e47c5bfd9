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
#include "engine/core/people.h"
#include "engine/core/programme.h"
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
};
struct FetchedMail {
  MailboxCursor cursor;
  Bytes mime;
};
class Mailbox {
 public:
  virtual ~Mailbox() = default;
  virtual Result<std::vector<FetchedMail>> fetch_after(const MailboxCursor& cursor,
                                                       std::size_t limit) = 0;
};

// ---- repository ---------------------------------------------------------------------------------

enum class OutboxState { pending, sent, dead };
std::string_view outbox_state_name(OutboxState state);

/// A message fixed at commit: bytes and Message-ID never change afterwards.
struct OutboxMessage {
  OutboxId id;
  CaseId case_id;
  MessageKind kind = MessageKind::invitation;
  std::string from;
  std::string to;
  Bytes sealed_mime;  // sealed with the case's key
  Instant created_at;
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
};
enum class CommitOutcome {
  committed,
  duplicate,   // this event_id is known; `answer` and `request_hash` are those of the first time
  conflict,    // the case has another version: load and decide again
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
  Instant last_seen_at;
  Instant expires_at;
};

/// Cases as a person may list them. Empty members do not restrict.
struct CaseQuery {
  std::optional<UserId> requester;
  std::optional<UserId> expert;
  std::vector<ProgrammeId> programmes;  // any of these
  bool open_only = false;
  std::size_t limit = 200;  // newest first
};

struct ActQuery {
  std::vector<ProgrammeId> programmes;
  std::optional<UserId> professional;
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

struct DueCase {
  CaseId id;
  TimerKind kind;
  Instant at;
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
  virtual Result<std::vector<Case>> cases(const CaseQuery& query) = 0;
  virtual Result<std::map<UserId, std::int64_t>> open_cases_by_expert(const ProgrammeId& id) = 0;
  virtual Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) = 0;

  /// The oldest pending message whose next attempt is due and that nobody holds; nullopt when there
  /// is none. The lease runs on the database's clock.
  virtual Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) = 0;
  /// Gives a claimed message back, to be tried again at `next_attempt_at`. Errors also:
  /// state_conflict (the lease is no longer held).
  virtual Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                                       Instant next_attempt_at, const std::string& reason) = 0;
  /// Forgets every lease: for a store that only one process can hold, after a restart.
  virtual Result<void> release_leases() = 0;

  virtual Result<std::vector<ActRow>> acts(const ActQuery& query) = 0;

  virtual Result<void> append_node_audit(const AuditDraft& draft) = 0;
  virtual Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) = 0;
  virtual Result<AuditHead> node_audit_head() = 0;

  /// Inserts or replaces; a programme with a version that exists is configuration_invalid.
  virtual Result<void> put_programme(const Programme& programme) = 0;
  virtual Result<std::optional<Programme>> programme(const ProgrammeId& id) = 0;  // newest version
  virtual Result<std::vector<Programme>> programmes() = 0;
  /// By id, whole. Errors also: invalid_field (another user has the login).
  virtual Result<void> put_user(const User& user) = 0;
  virtual Result<std::optional<User>> user(const UserId& id) = 0;
  virtual Result<std::optional<User>> user_by_login(const std::string& login) = 0;
  virtual Result<std::vector<User>> members(const ProgrammeId& id, Role role) = 0;

  virtual Result<void> put_session(const Session& session) = 0;
  virtual Result<std::optional<Session>> session(const std::string& token_hash) = 0;
  virtual Result<void> erase_session(const std::string& token_hash) = 0;
  virtual Result<void> erase_expired_sessions(Instant now) = 0;

  /// For /metrics: "case.<state>" and "outbox.<state>", every state, also those that are empty.
  virtual Result<std::map<std::string, std::int64_t>> counts() = 0;
};

}  // namespace telavis
