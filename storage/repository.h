// SPDX-License-Identifier: Apache-2.0
// The Repository port over SQL, written once for every engine behind storage/database.h.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ports.h"
#include "storage/database.h"

namespace telavis {

/// Over two connections to one migrated database: writes queue on one, reads go on beside them.
class SqlRepository : public Repository {
 public:
  SqlRepository(std::unique_ptr<Database> writer, std::unique_ptr<Database> reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}

  Result<CommitResult> commit(const Commit& commit) override;
  Result<std::optional<StoredEvent>> find_event(const std::string& event_id) override;
  Result<std::optional<Case>> load_case(const CaseId& id) override;
  Result<std::vector<Case>> cases(const CaseQuery& query) override;
  Result<std::map<UserId, std::int64_t>> open_cases_by_expert(const ProgrammeId& id) override;
  Result<std::vector<DueCase>> due_cases(Instant now, std::size_t limit) override;

  Result<std::optional<OutboxClaim>> claim_outbox(Instant now, Duration lease) override;
  Result<void> postpone_outbox(const OutboxId& id, const std::string& lease_token,
                               Instant next_attempt_at, const std::string& reason) override;
  Result<void> release_leases() override;

  Result<std::vector<ActRow>> acts(const ActQuery& query) override;

  Result<void> append_node_audit(const AuditDraft& draft) override;
  Result<std::vector<AuditEntry>> audit_chain(const std::string& chain) override;
  Result<AuditHead> node_audit_head() override;

  Result<void> put_programme(const Programme& programme) override;
  Result<std::optional<Programme>> programme(const ProgrammeId& id) override;
  Result<std::vector<Programme>> programmes() override;
  Result<void> put_user(const User& user) override;
  Result<std::optional<User>> user(const UserId& id) override;
  Result<std::optional<User>> user_by_login(const std::string& login) override;
  Result<std::vector<User>> members(const ProgrammeId& id, Role role) override;

  Result<void> put_session(const Session& session) override;
  Result<std::optional<Session>> session(const std::string& token_hash) override;
  Result<void> erase_session(const std::string& token_hash) override;
  Result<void> erase_expired_sessions(Instant now) override;

  Result<std::map<std::string, std::int64_t>> counts() override;

 private:
  Result<Rows> read(std::string_view sql, std::span<const Value> values);
  Result<Rows> read(std::string_view sql, std::initializer_list<Value> values = {}) {
    return read(sql, std::span<const Value>(values.begin(), values.size()));
  }
  /// One statement, a transaction of its own.
  Result<Rows> write(std::string_view sql, std::initializer_list<Value> values = {});
  Result<std::vector<User>> users_where(std::string_view condition,
                                        std::initializer_list<Value> values);

  std::mutex writer_mutex_;
  std::unique_ptr<Database> writer_;
  std::mutex reader_mutex_;
  std::unique_ptr<Database> reader_;
};

/// Used by commit() inside its transaction.
namespace outbox_sql {
/// False: the lease is no longer held.
Result<bool> complete(Database& database, const OutboxCompletion& completion);
Result<void> insert(Database& database, const OutboxMessage& message);
}  // namespace outbox_sql

namespace audit_sql {
Result<void> insert(Database& database, const AuditEntry& entry);
}  // namespace audit_sql

/// For statements whose rows say nothing.
inline Result<void> without_rows(Result<Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows.error()));
  return {};
}

}  // namespace telavis
