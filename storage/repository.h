// SPDX-License-Identifier: Apache-2.0
// The Repository port over SQL, written once for every engine behind storage/database.h.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/ports.h"
#include "storage/database.h"
#include "storage/group_commit.h"

namespace telavis {

/// Over two connections to one migrated database: those who write at the same time share one
/// transaction on the first, reads go on beside them on the second.
class SqlRepository : public Repository {
 public:
  SqlRepository(std::unique_ptr<Database> writer, std::unique_ptr<Database> reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}

  Result<CommitResult> commit(const Commit& commit) override;
  Result<std::optional<StoredEvent>> find_event(const std::string& event_id) override;
  Result<std::optional<Case>> load_case(const CaseId& id) override;
  Result<std::optional<Case>> case_by_number(const std::string& number) override;
  Result<std::vector<Case>> cases(const CaseQuery& query) override;
  Result<std::vector<CaseId>> case_ids(const CaseId& after, std::size_t limit) override;
  Result<std::map<UserId, PoolLoad>> pool_load(const ProgrammeId& id, Instant since) override;
  Result<std::map<UserId, std::int64_t>> taken_since(Instant since) override;
  Result<std::map<UserId, std::int64_t>> previous_contacts(const UserId& requester) override;
  Result<std::vector<CaseId>> open_cases_of(const UserId& expert) override;
  Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) override;

  Result<std::vector<CaseId>> cases_of_patient(const std::vector<std::string>& marks) override;
  Result<void> put_opposition(const Opposition& opposition) override;
  Result<std::optional<Opposition>> opposition(const std::vector<std::string>& marks) override;
  Result<void> erase_opposition(const std::vector<std::string>& marks) override;

  Result<std::vector<CaseId>> cases_not_wrapped_by(const std::string& key_id,
                                                   std::size_t limit) override;
  Result<bool> rewrap(const CaseId& id, ByteView before, ByteView after) override;

  Result<std::optional<OutboxMessage>> find_message(const OutboxId& id) override;
  Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) override;
  Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                               Instant next_attempt_at, const std::string& reason) override;
  Result<void> complete_outbox(const OutboxCompletion& completion) override;
  Result<void> release_leases() override;
  Result<void> put_message(const OutboxMessage& message) override;

  Result<MailboxCursor> mailbox_cursor(const std::string& account) override;
  Result<void> put_received(const std::vector<ReceivedMail>& mails, const std::string& account,
                            const MailboxCursor& cursor) override;
  Result<std::vector<ReceivedMail>> unhandled_mails(std::size_t limit) override;
  Result<std::vector<ReceivedMail>> received_by_fingerprint(
      const std::string& fingerprint) override;
  Result<std::vector<ReceivedMail>> received_mails(const ReceivedQuery& query) override;
  Result<std::optional<ReceivedMail>> received_mail(const std::string& id) override;
  Result<void> close_received(const std::string& id, const std::string& verdict,
                              const CaseId& case_id, const std::string& detail) override;
  Result<std::int64_t> forget_received(Instant received_before) override;
  Result<std::map<std::string, std::int64_t>> received_counts() override;
  Result<std::vector<ReceivedKey>> received_not_wrapped_by(const std::string& key_id,
                                                           std::size_t limit) override;
  Result<bool> rewrap_received(const std::string& id, ByteView before, ByteView after) override;

  Result<std::optional<std::string>> put_exam(const ReceivedExam& exam) override;
  Result<std::vector<ReceivedExam>> received_exams(const ReceivedExamQuery& query) override;
  Result<std::optional<ReceivedExam>> received_exam(const std::string& id) override;
  Result<bool> change_exam(const ReceivedExam& next, ReceivedExamState expected) override;
  Result<std::int64_t> expire_exams(Instant received_before) override;
  Result<SentAmount> sent_by_device(const std::string& device, Instant since) override;
  Result<bool> keeps_object(const std::string& device, const std::string& object_id) override;
  Result<std::map<std::string, std::int64_t>> exam_counts() override;
  Result<std::vector<ReceivedKey>> exams_not_wrapped_by(const std::string& key_id,
                                                        std::size_t limit) override;
  Result<bool> rewrap_exam(const std::string& id, ByteView before, ByteView after) override;

  Result<std::vector<ActRow>> acts(const ActQuery& query) override;

  Result<void> append_node_audit(const AuditDraft& draft) override;
  Result<std::int64_t> expire_traces(Instant before, Instant now, std::size_t limit) override;
  Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) override;
  Result<AuditHead> node_audit_head() override;
  Result<std::vector<AuditEntry>> audit_entries(const std::string& chain, std::int64_t after,
                                                std::size_t limit) override;
  Result<std::vector<ChainHead>> unrooted_heads(std::size_t limit) override;
  Result<void> put_audit_root(const AuditRoot& root, const std::vector<ChainHead>& heads) override;
  Result<void> mark_root_exported(std::int64_t number, Instant at) override;
  Result<std::vector<AuditRoot>> audit_roots(std::int64_t after, std::size_t limit) override;

  Result<void> put_programme(const Programme& programme, const Change& change) override;
  Result<std::optional<Programme>> programme(const ProgrammeId& id) override;
  Result<std::vector<Programme>> programmes() override;
  Result<void> put_user(const User& user, const Change& change) override;
  Result<std::optional<User>> user(const UserId& id) override;
  Result<std::optional<User>> user_by_login(const std::string& login) override;
  Result<std::vector<User>> members(const ProgrammeId& id, Role role) override;
  Result<std::vector<User>> users() override;
  Result<void> put_group(const GroupPractice& group, const Change& change) override;
  Result<std::optional<GroupPractice>> group(const std::string& id) override;
  Result<std::vector<GroupPractice>> groups(const ProgrammeId& id) override;
  Result<void> put_device(const LentDevice& device, const Change& change) override;
  Result<std::optional<LentDevice>> device(const std::string& id) override;
  Result<std::optional<LentDevice>> device_by_serial(const std::string& serial) override;
  Result<std::optional<LentDevice>> device_by_ae_title(const std::string& title) override;
  Result<std::vector<LentDevice>> lent_devices() override;
  Result<std::optional<LentDevice>> device_by_token(const std::string& token_hash) override;
  Result<void> put_pairing(const std::string& device, const std::string& code_hash,
                           Instant expires_at) override;
  Result<std::optional<std::string>> take_pairing(const std::string& code_hash,
                                                  const std::string& token_hash,
                                                  Instant now) override;
  Result<std::vector<Revision>> revisions(const std::string& kind, const std::string& id) override;

  Result<void> put_activation(const UserId& user, const std::string& code_hash, Instant expires_at,
                              const OutboxMessage& kit) override;
  Result<bool> take_activation(const UserId& user, const std::string& code_hash,
                               Instant now) override;

  Result<void> put_session(const Session& session) override;
  Result<bool> change_session(const std::string& token_hash, const Session& next) override;
  Result<void> touch_session(const std::string& token_hash, Instant last_seen_at) override;
  Result<std::optional<Session>> session(const std::string& token_hash) override;
  Result<std::vector<Session>> sessions_of(const UserId& user) override;
  Result<void> erase_session(const std::string& token_hash) override;
  Result<void> erase_sessions_of(const UserId& user, const std::string& but) override;
  Result<void> erase_expired_sessions(Instant now) override;

  Result<std::optional<SecondFactor>> second_factor(const UserId& user) override;
  Result<void> put_second_factor(const SecondFactor& factor,
                                 const std::vector<std::string>& recovery_codes,
                                 const std::optional<OutboxMessage>& tells) override;
  Result<bool> take_factor_step(const UserId& user, std::int64_t step,
                                std::int64_t newest) override;
  Result<std::optional<std::int64_t>> take_recovery_code(const UserId& user,
                                                         const std::string& code_hash) override;
  Result<std::int64_t> recovery_codes_left(const UserId& user) override;
  Result<bool> erase_second_factor(const UserId& user, const OutboxMessage& tells) override;
  Result<std::vector<ReceivedKey>> factors_not_wrapped_by(const std::string& key_id,
                                                          std::size_t limit) override;
  Result<bool> rewrap_factor(const std::string& id, ByteView before, ByteView after) override;
  Result<std::optional<SealedTexts>> personal_texts(const UserId& user) override;
  Result<bool> put_personal_texts(const SealedTexts& texts) override;
  Result<bool> put_slot(const Slot& slot) override;
  Result<std::vector<Slot>> slots(const UserId& expert, Instant from) override;
  Result<bool> erase_slot(const UserId& expert, const std::string& id) override;
  Result<void> put_access_code(const AccessCode& code, const OutboxMessage& message) override;
  Result<bool> take_access_code(const UserId& user, const std::string& code_hash,
                                Instant now) override;
  Result<bool> begin_attempt(const std::string& mark, Instant now,
                             const AttemptLimit& limit) override;
  Result<void> forget_attempts(const std::string& mark) override;
  Result<void> erase_attempts_before(Instant before) override;

  Result<std::vector<CaseRow>> case_rows(const CaseRowQuery& query) override;
  Result<std::map<ProgrammeId, CaseFigures>> case_figures(Instant now) override;
  Result<std::map<std::string, std::int64_t>> outbox_counts() override;
  Result<std::int64_t> pending_of_no_case() override;

 private:
  Result<Rows> read(std::string_view sql, std::span<const Value> values);
  Result<Rows> read(std::string_view sql, std::initializer_list<Value> values = {}) {
    return read(sql, std::span<const Value>(values.begin(), values.size()));
  }
  /// One statement.
  Result<Rows> write(std::string_view sql, std::span<const Value> values);
  Result<Rows> write(std::string_view sql, std::initializer_list<Value> values = {}) {
    return write(sql, std::span<const Value>(values.begin(), values.size()));
  }
  Result<std::vector<User>> users_where(std::string_view condition,
                                        std::initializer_list<Value> values);
  /// Runs `put` and commits what it did; its error undoes it.
  Result<void> in_transaction(const std::function<Result<void>(Database&)>& put);

  GroupCommit writer_;
  std::mutex reader_mutex_;
  std::unique_ptr<Database> reader_;
};

// Used inside a transaction. On an engine with several writers a counter's row is held until the
// transaction ends: whatever counts comes last, and the outbox after everything else.

namespace outbox_sql {
/// Inserts and counts them.
Result<void> insert(Database& database, std::span<const OutboxMessage> messages);
/// False: the lease is no longer held. Not counted yet.
Result<bool> complete(Database& database, const OutboxCompletion& completion);
Result<void> count_completed(Database& database, OutboxState state);
}  // namespace outbox_sql

namespace participants_sql {
/// Makes the table say of a stored case what `subject` says.
Result<void> update(Database& database, const Case& subject);
/// Days of the table pool_load.
inline constexpr std::int64_t kOpenNow = -1;
std::int64_t day_of(Instant instant);
/// Adds the named offers of `subject` from the `first` one on.
Result<void> insert_offers(Database& database, const Case& subject, std::int64_t first);
}  // namespace participants_sql

namespace keys_sql {
/// The first 8 bytes of a wrapped key in hex: the name of the master key. Empty with it.
std::string wrapping_key(ByteView wrapped_key);
/// (id, wrapped key) of what another master key than $1 has wrapped, at most $2, in the order of
/// the keys' names, then of the ids. Two ranges of the index, each as long as is asked for: "not
/// equal" would read all of it.
std::string not_wrapped_by(std::string_view table);
Result<std::vector<ReceivedKey>> keys_in(const Result<Rows>& rows);
/// Replaces $2 by $3, named $4, of the row $1; no row: it is not $2.
std::string rewrap(std::string_view table);
/// Of a stored case. A statement of its own: most commits leave the key and its index alone.
Result<void> update(Database& database, const Case& subject);
}  // namespace keys_sql

namespace patients_sql {
/// The marks of the commit's case: replaced, left or, without its key, gone.
Result<void> mark(Database& database, const Commit& commit);
}  // namespace patients_sql

namespace received_sql {
/// Makes the mails of an erased case as unreadable as the case.
Result<void> forget_erased(Database& database, const Case& subject);
}  // namespace received_sql

namespace exams_sql {
/// The exams that this case takes are in it, and have no bytes of their own any more. False: one of
/// them does not wait.
Result<bool> join(Database& database, const Commit& commit);
}  // namespace exams_sql

namespace slots_sql {
/// The case offers these appointments and no others. False: one of them is not free.
Result<bool> offer(Database& database, const Commit& commit);
}  // namespace slots_sql

namespace figures_sql {
/// What of a case is counted.
struct Counted {
  std::string programme;
  std::string state;
  bool is_open = false;
  std::optional<std::int64_t> breach_at;
  bool breached = false;
  std::int64_t offers = 0;
  std::int64_t declines = 0;
};
Counted counted(const Case& subject);
/// The same of the stored case, as long as it has this version; nullopt: it has not.
Result<std::optional<Counted>> stored(Database& database, const CaseId& id, std::int64_t version);
/// Counts a case that is new, or has changed. What happened is counted in the programme in which it
/// happened, and never taken back.
Result<void> count(Database& database, const std::optional<Counted>& before, const Counted& after);
Result<void> add(Database& database, std::string_view programme, const std::string& name,
                 std::int64_t by);
}  // namespace figures_sql

namespace audit_sql {
Result<void> insert(Database& database, const AuditEntry& entry);
/// Of the node's chain, inside a transaction.
Result<void> append_to_node(Database& database, const AuditDraft& draft);
}  // namespace audit_sql

/// Used by whatever is kept on file in versions, inside a transaction.
namespace registry_sql {
/// Which table holds the newest version of a kind ("person", ...).
struct RecordTable {
  std::string_view kind;
  std::string_view table;
};
/// The version that the change makes. Errors also: version_conflict.
Result<std::int64_t> next_version(Database& database, const RecordTable& of, const std::string& id,
                                  const Change& change);
/// The revision and the entry of the node's chain.
Result<void> record(Database& database, const Revision& revision);
}  // namespace registry_sql

/// The only one of a list that has one at most.
template <typename T>
Result<std::optional<T>> only(Result<std::vector<T>> found) {
  if (!found) return tl::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

/// For statements that list ids of cases.
Result<std::vector<CaseId>> ids_in(const Result<Rows>& rows);

/// For statements whose rows say nothing.
inline Result<void> without_rows(Result<Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows.error()));
  return {};
}

}  // namespace telavis
