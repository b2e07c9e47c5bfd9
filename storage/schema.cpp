// SPDX-License-Identifier: Apache-2.0
#include "storage/schema.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace telavis {
namespace {

struct Migration {
  std::int64_t version;
  std::string_view sql;
};

/// In order of their number, which must be 1, 2, 3...
Result<std::vector<Migration>> ordered(std::span<const EmbeddedFile> files) {
  std::vector<Migration> migrations;
  for (const EmbeddedFile& file : files) {
    std::int64_t version = 0;
    std::from_chars(file.path.data(), file.path.data() + file.path.size(), version);
    migrations.push_back({version, as_text(file.bytes)});
  }
  std::sort(migrations.begin(), migrations.end(),
            [](const Migration& a, const Migration& b) { return a.version < b.version; });
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<std::int64_t>(i) + 1)
      return fail(ErrorCode::internal, "the migrations of this program have a gap");
  }
  return migrations;
}

Result<std::int64_t> current_version(Database& database) {
  const auto has_any = database.has_table("schema_version");
  if (!has_any) return tl::unexpected(has_any.error());
  if (!*has_any) return 0;
  const auto rows = database.run("select coalesce(max(version), 0) from schema_version");
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return damaged("schema version");
  RowReader row(rows->front());
  const std::int64_t version = row.integer();
  if (!row.sound() || version < 1) return damaged("schema version");
  return version;
}

/// Another process may be doing the same: the version is read again inside the transaction.
Result<void> apply(Database& database, const Migration& migration) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto version = current_version(database);
  if (!version) return tl::unexpected(version.error());
  if (*version >= migration.version) return {};
  if (auto ran = database.run_script(migration.sql); !ran) return ran;
  const auto noted =
      database.run("insert into schema_version (version, applied_at) values ($1, telavis_now_ms())",
                   {migration.version});
  if (!noted) return tl::unexpected(noted.error());
  return transaction->commit();
}

}  // namespace

Result<void> migrate(Database& database, std::span<const EmbeddedFile> files) {
  const auto migrations = ordered(files);
  if (!migrations) return tl::unexpected(migrations.error());
  const auto version = current_version(database);
  if (!version) return tl::unexpected(version.error());
  const auto known = static_cast<std::int64_t>(migrations->size());
  if (*version > known) {
    return fail(ErrorCode::configuration_invalid,
                "the database has schema " + std::to_string(*version) +
                    ", this program knows up to " + std::to_string(known) +
                    ": start the newer release that wrote it, or restore an older backup");
  }
  for (const Migration& migration : *migrations) {
    if (migration.version <= *version) continue;
    if (auto applied = apply(database, migration); !applied) return applied;
  }
  return {};
}

}  // namespace telavis
