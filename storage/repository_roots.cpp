// SPDX-License-Identifier: Apache-2.0
// Signed roots over the heads of all audit chains.
#include <string>
#include <vector>

#include "storage/repository.h"

namespace telavis {
namespace {

const std::string kRootedNodeChain = "node";

Result<std::int64_t> last_root(Database& database) {
  const auto rows = database.run("select coalesce(max(number), 0) from audit_roots");
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return damaged("audit root");
  RowReader row(rows->front());
  const std::int64_t number = row.integer();
  if (!row.sound()) return damaged("audit root");
  return number;
}

Result<void> note_rooted(Database& database, const ChainHead& of) {
  if (of.chain == kRootedNodeChain) {
    return without_rows(database.run(
        "update node_audit_head set rooted_length = $2 where chain = $1 and rooted_length < $2",
        {of.chain, of.head.length}));
  }
  return without_rows(
      database.run("update cases set rooted_length = $2 where id = $1 and rooted_length < $2",
                   {of.chain, of.head.length}));
}

}  // namespace

Result<std::vector<ChainHead>> SqlRepository::unrooted_heads(std::size_t limit) {
  const auto rows = read(
      "select chain, length, hash from (select 0 as place, chain, length, hash from "
      "node_audit_head where length > rooted_length union all select * from ("
      "select 1, id, audit_length, audit_hash from cases where audit_length > rooted_length "
      "order by id limit $1) as of_cases) as longer order by place, chain limit $1",
      {static_cast<std::int64_t>(limit)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<ChainHead> heads;
  heads.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    ChainHead one{reader.text(), {reader.integer(), reader.text()}};
    if (!reader.sound()) return damaged("audit head");
    heads.push_back(std::move(one));
  }
  return heads;
}

Result<void> SqlRepository::put_audit_root(const AuditRoot& root,
                                           const std::vector<ChainHead>& heads) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto last = last_root(database);
    if (!last) return tl::unexpected(last.error());
    if (root.number != *last + 1) {
      return fail(ErrorCode::version_conflict,
                  "another process made an audit root in between: the next one has number " +
                      std::to_string(*last + 1));
    }
    if (auto stored = without_rows(
            database.run("insert into audit_roots (number, at, hash, chains, exported_at, "
                         "document) values ($1, $2, $3, $4, $5, $6)",
                         {root.number, value(root.at), root.hash, root.chains,
                          root.exported_at ? value(*root.exported_at) : Value(), root.document}));
        !stored)
      return stored;
    for (const ChainHead& one : heads) {
      if (auto noted = note_rooted(database, one); !noted) return noted;
    }
    return {};
  });
}

Result<void> SqlRepository::mark_root_exported(std::int64_t number, Instant at) {
  const auto rows = write(
      "update audit_roots set exported_at = coalesce(exported_at, $2), document = '' "
      "where number = $1 returning number",
      {number, value(at)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return fail(ErrorCode::not_found, "there is no audit root of this number");
  return {};
}

Result<std::vector<AuditRoot>> SqlRepository::audit_roots(std::int64_t after, std::size_t limit) {
  const auto rows = read(
      "select number, at, hash, chains, coalesce(exported_at, 0), exported_at is not null, "
      "document from audit_roots where number > $1 order by number limit $2",
      {after, static_cast<std::int64_t>(limit)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<AuditRoot> roots;
  roots.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    AuditRoot one;
    one.number = reader.integer();
    one.at = reader.instant();
    one.hash = reader.text();
    one.chains = reader.integer();
    const Instant exported_at = reader.instant();
    if (reader.flag()) one.exported_at = exported_at;
    one.document = reader.text();
    if (!reader.sound()) return damaged("audit root");
    roots.push_back(std::move(one));
  }
  return roots;
}

}  // namespace telavis
