// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "storage/repository.h"

namespace telavis {
namespace {

const std::string kNodeChain = "node";

Result<AuditHead> read_head(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return damaged("audit head");
  RowReader row(rows->front());
  AuditHead head{row.integer(), row.text()};
  if (!row.sound()) return damaged("audit head");
  return head;
}

constexpr const char* kEntryColumns =
    "select chain, sequence, at, actor, action, detail, salt, hash, expired from audit ";

Result<std::vector<AuditEntry>> read_entries(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<AuditEntry> entries;
  entries.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    AuditEntry entry;
    entry.chain = reader.text();
    entry.sequence = reader.integer();
    entry.what = {reader.instant(), reader.text(), reader.text(), reader.text(), reader.text()};
    entry.hash = reader.text();
    entry.expired = reader.text();
    if (!reader.sound()) return damaged("audit entry");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Result<void> audit_sql::insert(Database& database, const AuditEntry& entry) {
  return without_rows(
      database.run("insert into audit (chain, sequence, at, actor, action, detail, salt, hash) "
                   "values ($1, $2, $3, $4, $5, $6, $7, $8)",
                   {entry.chain, entry.sequence, value(entry.what.at), entry.what.actor,
                    entry.what.action, entry.what.detail, entry.what.salt, entry.hash}));
}

Result<void> audit_sql::append_to_node(Database& database, const AuditDraft& draft) {
  // An update, not a select: it keeps the row until the end of the transaction on every engine.
  auto head = read_head(database.run(
      "update node_audit_head set length = length + 1 where chain = $1 returning length - 1, hash",
      {kNodeChain}));
  if (!head) return tl::unexpected(head.error());
  const AuditEntry entry = append_audit(kNodeChain, *head, draft);
  if (auto inserted = insert(database, entry); !inserted) return inserted;
  return without_rows(database.run("update node_audit_head set hash = $2 where chain = $1",
                                   {kNodeChain, head->hash}));
}

Result<void> SqlRepository::append_node_audit(const AuditDraft& draft) {
  return in_transaction(
      [&](Database& database) { return audit_sql::append_to_node(database, draft); });
}

Result<std::vector<AuditEntry>> SqlRepository::audit_chain(const std::string& chain) {
  return read_entries(
      read(std::string(kEntryColumns) + "where chain = $1 order by sequence", {chain}));
}

Result<std::vector<AuditEntry>> SqlRepository::audit_entries(const std::string& chain,
                                                             std::int64_t after,
                                                             std::size_t limit) {
  return read_entries(read(
      std::string(kEntryColumns) + "where chain = $1 and sequence > $2 order by sequence limit $3",
      {chain, after, static_cast<std::int64_t>(limit)}));
}

Result<std::int64_t> SqlRepository::expire_traces(Instant before, Instant now, std::size_t limit) {
  std::int64_t expired = 0;
  const auto done = in_transaction([&](Database& database) -> Result<void> {
    const auto entries = read_entries(database.run(
        std::string(kEntryColumns) + "where salt <> '' and at < $1 order by at, chain, "
                                     "sequence limit $2",
        {value(before), static_cast<std::int64_t>(limit)}));
    if (!entries) return tl::unexpected(entries.error());
    expired = static_cast<std::int64_t>(entries->size());
    for (const AuditEntry& entry : *entries) {
      const AuditEntry left = without_trace(entry);
      const auto updated = without_rows(database.run(
          "update audit set actor = '', detail = '', salt = '', expired = $3 where chain = $1 and "
          "sequence = $2",
          {left.chain, left.sequence, left.expired}));
      if (!updated) return updated;
    }
    if (expired == 0) return {};
    return audit_sql::append_to_node(database, expiry_note(before, now, expired));
  });
  if (!done) return tl::unexpected(done.error());
  return expired;
}

Result<AuditHead> SqlRepository::node_audit_head() {
  return read_head(read("select length, hash from node_audit_head where chain = $1", {kNodeChain}));
}

}  // namespace telavis
