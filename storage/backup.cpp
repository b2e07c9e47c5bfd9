// SPDX-License-Identifier: Apache-2.0
#include "storage/backup.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "engine/core/durable_file.h"
#include "storage/repository.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

/// A text as SQL writes it.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

Result<std::int64_t> number_of(Database& database, const std::string& sql) {
  const auto rows = database.run(sql);
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return damaged("count");
  RowReader row(rows->front());
  const std::int64_t number = row.integer();
  if (!row.sound()) return damaged("count");
  return number;
}

struct SchemaItem {
  std::string type;  // "table" or "index"
  std::string name;
  std::string sql;
};

/// Parents before children, indexes last: as they were made.
Result<std::vector<SchemaItem>> schema_of(Database& database) {
  const auto rows = database.run(
      "select type, name, sql from main.sqlite_master where sql is not null "
      "order by type desc, rowid");
  if (!rows) return tl::unexpected(rows.error());
  std::vector<SchemaItem> items;
  for (const Row& row : *rows) {
    RowReader reader(row);
    SchemaItem item{reader.text(), reader.text(), reader.text()};
    if (!reader.sound()) return damaged("schema");
    items.push_back(std::move(item));
  }
  return items;
}

Result<void> create_in_copy(Database& database, const SchemaItem& item) {
  // SQLite keeps "CREATE TABLE name ..." and "CREATE INDEX name ...", whatever was written.
  const auto at = item.sql.find(item.name);
  if (at == std::string::npos) return damaged("schema");
  return database.run_script(item.sql.substr(0, at) + "copy." + item.sql.substr(at));
}

Result<void> fill_in_copy(Database& database, const std::string& table) {
  const auto columns = database.run("select name from pragma_table_info($1)", {table});
  if (!columns) return tl::unexpected(columns.error());
  std::string list;
  for (const Row& column : *columns) {
    RowReader reader(column);
    const std::string name = reader.text();
    if (!reader.sound()) return damaged("schema");
    list += (list.empty() ? "" : ", ") + (name == "wrapped_key" ? std::string("x''") : name);
  }
  return without_rows(
      database.run("insert into copy." + table + " select " + list + " from main." + table));
}

Result<std::map<std::string, std::int64_t>> rows_by_table(Database& database,
                                                          const std::string& schema) {
  const auto items = schema_of(database);
  if (!items) return tl::unexpected(items.error());
  std::map<std::string, std::int64_t> rows;
  for (const SchemaItem& item : *items) {
    if (item.type != "table") continue;
    const auto count = number_of(database, "select count(*) from " + schema + "." + item.name);
    if (!count) return tl::unexpected(count.error());
    rows[item.name] = *count;
  }
  return rows;
}

constexpr std::array kKeyOwners = {KeyOwner::case_file, KeyOwner::received_mail,
                                   KeyOwner::received_exam};

/// Their keys stand in columns of the same names.
std::string table_of(KeyOwner owner) {
  switch (owner) {
    case KeyOwner::case_file:
      return "cases";
    case KeyOwner::received_mail:
      return "received_mails";
    case KeyOwner::received_exam:
      return "received_exams";
  }
  return "";
}

Result<std::vector<WrappedKey>> wrapped_keys(Database& database) {
  std::vector<WrappedKey> keys;
  for (const KeyOwner owner : kKeyOwners) {
    const auto rows = database.run("select id, wrapped_key from main." + table_of(owner) +
                                   " where wrapping_key > '' order by id");
    if (!rows) return tl::unexpected(rows.error());
    keys.reserve(keys.size() + rows->size());
    for (const Row& row : *rows) {
      RowReader reader(row);
      WrappedKey key{owner, reader.text(), reader.bytes()};
      if (!reader.sound()) return damaged("key");
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

/// What has no key any more is not to be read, nor to be handled.
Result<void> mark_without_key(Database& database) {
  auto mails =
      without_rows(database.run("update received_mails set wrapping_key = '', sealed = $1, "
                                "verdict = case when verdict = '' then 'erased' else verdict end "
                                "where wrapping_key > '' and length(wrapped_key) = 0",
                                {ByteView()}));
  if (!mails) return mails;
  return without_rows(
      database.run("update received_exams set wrapping_key = '', sealed_card = $1, sealed = $1, "
                   "state = 'expired' where wrapping_key > '' and length(wrapped_key) = 0",
                   {ByteView()}));
}

Result<DatabaseCopy> copy_within_transaction(Database& database) {
  const auto items = schema_of(database);
  if (!items) return tl::unexpected(items.error());
  for (const SchemaItem& item : *items) {
    if (auto created = create_in_copy(database, item); !created)
      return tl::unexpected(created.error());
    if (item.type != "table") continue;
    if (auto filled = fill_in_copy(database, item.name); !filled)
      return tl::unexpected(filled.error());
  }
  DatabaseCopy copy;
  const auto schema = number_of(database, "select max(version) from main.schema_version");
  if (!schema) return tl::unexpected(schema.error());
  copy.count.schema = *schema;
  auto rows = rows_by_table(database, "copy");
  if (!rows) return tl::unexpected(rows.error());
  copy.count.rows = std::move(*rows);
  auto keys = wrapped_keys(database);
  if (!keys) return tl::unexpected(keys.error());
  copy.keys = std::move(*keys);
  return copy;
}

}  // namespace

Result<DatabaseCopy> copy_without_keys(const std::filesystem::path& database,
                                       const std::filesystem::path& target) {
  auto source = open_sqlite({database, {}});
  if (!source) return tl::unexpected(source.error());
  // Ours alone from the start. What fails leaves a file that is thrown away: it needs no journal.
  if (auto made = write_unsynced(target, {}); !made) return tl::unexpected(made.error());
  const auto mark = number_of(**source, "pragma main.application_id");
  if (!mark) return tl::unexpected(mark.error());
  auto prepared = (*source)->run_script(
      "pragma foreign_keys = off; attach " + quoted(target.string()) +
      " as copy; pragma copy.journal_mode = off; pragma copy.synchronous = off; "
      "pragma copy.application_id = " +
      std::to_string(*mark) + "; begin");
  if (!prepared) return tl::unexpected(prepared.error());
  auto copied = copy_within_transaction(**source);
  if (!copied) {
    (*source)->rollback();
    return copied;
  }
  if (auto ended = (*source)->run_script("commit; detach copy"); !ended)
    return tl::unexpected(ended.error());
  return copied;
}

Result<DatabaseCount> examine_database(const std::filesystem::path& file) {
  auto database = open_sqlite({file, {}});
  if (!database) return tl::unexpected(database.error());
  for (const auto& [check, sound] :
       {std::pair<const char*, Rows>{"pragma integrity_check", {{std::string("ok")}}},
        std::pair<const char*, Rows>{"pragma foreign_key_check", {}}}) {
    const auto rows = (*database)->run(check);
    if (!rows) return tl::unexpected(rows.error());
    if (*rows != sound) return damaged("page or index");
  }
  DatabaseCount count;
  const auto schema = number_of(**database, "select max(version) from schema_version");
  if (!schema) return tl::unexpected(schema.error());
  count.schema = *schema;
  auto rows = rows_by_table(**database, "main");
  if (!rows) return tl::unexpected(rows.error());
  count.rows = std::move(*rows);
  return count;
}

Result<std::vector<CaseId>> put_keys(const std::filesystem::path& file,
                                     const std::vector<WrappedKey>& keys) {
  auto database = open_sqlite({file, {}});
  if (!database) return tl::unexpected(database.error());
  auto transaction = Transaction::begin(**database);
  if (!transaction) return tl::unexpected(transaction.error());
  for (const WrappedKey& key : keys) {
    auto put = without_rows((*database)->run(
        "update " + table_of(key.owner) +
            " set wrapped_key = $2, wrapping_key = $3 "
            "where id = $1 and wrapping_key > ''",
        {key.id, ByteView(key.wrapped), std::string_view(keys_sql::wrapping_key(key.wrapped))}));
    if (!put) return tl::unexpected(put.error());
  }
  if (auto marked = mark_without_key(**database); !marked) return tl::unexpected(marked.error());
  if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
  return ids_in((*database)->run(
      "select id from cases where wrapping_key > '' and length(wrapped_key) = 0 order by id"));
}

std::string_view key_owner_name(KeyOwner owner) {
  switch (owner) {
    case KeyOwner::case_file:
      return "case";
    case KeyOwner::received_mail:
      return "mail";
    case KeyOwner::received_exam:
      return "exam";
  }
  return "";
}

std::optional<KeyOwner> key_owner_from_name(std::string_view name) {
  const auto found = std::ranges::find(kKeyOwners, name, key_owner_name);
  if (found == kKeyOwners.end()) return std::nullopt;
  return *found;
}

Result<std::vector<CaseId>> erased_cases(const std::filesystem::path& file) {
  auto database = open_sqlite({file, {}});
  if (!database) return tl::unexpected(database.error());
  return ids_in((*database)->run("select id from cases where wrapping_key = '' order by id"));
}

}  // namespace telavis
