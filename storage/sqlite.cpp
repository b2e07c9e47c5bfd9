// SPDX-License-Identifier: Apache-2.0
#include "storage/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "storage/repository.h"
#include "storage/schema.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kApplicationId = 0x54454C56;  // "TELV", in the file's header
// SQLite counts milliseconds from noon of 24 November 4714 BC (sqlite3_vfs::xCurrentTimeInt64).
constexpr std::int64_t kJulianEpochMs = 210'866'760'000'000;
// The repository has some 40 statements; lists of programmes make a few variants of three of them.
constexpr std::size_t kMaxCachedStatements = 200;

struct CloseDatabase {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// SQLite's messages name tables and columns, never values.
tl::unexpected<Error> sqlite_error(sqlite3* handle, std::string_view doing) {
  const int code = sqlite3_errcode(handle) & 0xFF;
  const std::string text = "database: " + std::string(doing) + ": " + sqlite3_errmsg(handle) + "; ";
  if (code == SQLITE_FULL) return fail(ErrorCode::storage_full, text + "free space on its disk");
  if (code == SQLITE_NOTADB)
    return fail(ErrorCode::storage_failed, text + "give the right file, or restore a backup");
  if (code == SQLITE_CORRUPT)
    return fail(ErrorCode::storage_failed, text + "restore it from the last backup");
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    return fail(ErrorCode::storage_failed, text + "another process holds it: try again");
  return fail(ErrorCode::storage_failed, text + "check the disk and its rights");
}

int bind_value(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return sqlite3_bind_int64(statement, index, *number);
  // A null pointer would bind NULL: an empty view may have one.
  if (const auto* text = std::get_if<std::string_view>(&value))
    return sqlite3_bind_text64(statement, index, text->empty() ? "" : text->data(), text->size(),
                               SQLITE_STATIC, SQLITE_UTF8);
  if (const auto* bytes = std::get_if<ByteView>(&value))
    return sqlite3_bind_blob64(statement, index,
                               bytes->empty() ? static_cast<const void*>("") : bytes->data(),
                               bytes->size(), SQLITE_STATIC);
  return sqlite3_bind_null(statement, index);
}

Cell read_cell(sqlite3_stmt* statement, int column) {
  const auto size = [&] {
    return static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return text == nullptr ? std::string() : std::string(text, size());
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      return bytes == nullptr ? Bytes() : Bytes(bytes, bytes + size());
    }
    default:  // NULL; a real number, which no column here holds, reads as damage
      return std::monostate();
  }
}

std::int64_t vfs_now_ms() {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  sqlite3_int64 julian_ms = 0;
  vfs->xCurrentTimeInt64(vfs, &julian_ms);
  return julian_ms - kJulianEpochMs;
}

void now_function(sqlite3_context* context, int /*count*/, sqlite3_value** /*arguments*/) {
  const auto* now = static_cast<const std::function<std::int64_t()>*>(sqlite3_user_data(context));
  sqlite3_result_int64(context, (*now)());
}

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(Handle handle, std::unique_ptr<std::function<std::int64_t()>> now)
      : now_(std::move(now)), handle_(std::move(handle)) {}

  using Database::run;
  Result<Rows> run(std::string_view sql, std::span<const Value> values) override {
    const auto statement = prepared(sql);
    if (!statement) return tl::unexpected(statement.error());
    auto rows = bind_and_step(*statement, values);
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    return rows;
  }

  Result<void> run_script(std::string_view sql) override {
    if (sqlite3_exec(handle_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr) !=
        SQLITE_OK)
      return sqlite_error(handle_.get(), "running a script");
    return {};
  }

  Result<bool> has_table(std::string_view name) override {
    const auto rows = run("select 1 from sqlite_master where type = 'table' and name = $1", {name});
    if (!rows) return tl::unexpected(rows.error());
    return !rows->empty();
  }

  Result<void> begin() override { return run_alone("begin immediate"); }
  Result<void> commit() override { return run_alone("commit"); }
  void rollback() override {
    // A full disk ends the transaction by itself; a failing rollback leaves it to the next open,
    // which undoes it from the log.
    if (sqlite3_get_autocommit(handle_.get()) == 0)
      sqlite3_exec(handle_.get(), "rollback", nullptr, nullptr, nullptr);
  }

 private:
  Result<void> run_alone(std::string_view sql) {
    const auto rows = run(sql);
    if (!rows) return tl::unexpected(rows.error());
    return {};
  }

  Result<sqlite3_stmt*> prepared(std::string_view sql) {
    std::string key(sql);
    if (const auto found = statements_.find(key); found != statements_.end())
      return found->second.get();
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
      return sqlite_error(handle_.get(), "preparing a statement");
    if (statements_.size() >= kMaxCachedStatements) statements_.clear();
    statements_.emplace(std::move(key), Statement(statement));
    return statement;
  }

  Result<Rows> bind_and_step(sqlite3_stmt* statement, std::span<const Value> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      // `$1` is a name to SQLite: positions would be those of first use.
      const int index =
          sqlite3_bind_parameter_index(statement, ("$" + std::to_string(i + 1)).c_str());
      if (bind_value(statement, index, values[i]) != SQLITE_OK)
        return sqlite_error(handle_.get(), "binding a value");
    }
    Rows rows;
    while (true) {
      const int code = sqlite3_step(statement);
      if (code == SQLITE_DONE) return rows;
      if (code != SQLITE_ROW) return sqlite_error(handle_.get(), "running a statement");
      Row row;
      const int columns = sqlite3_column_count(statement);
      row.reserve(static_cast<std::size_t>(columns));
      for (int column = 0; column < columns; ++column) row.push_back(read_cell(statement, column));
      rows.push_back(std::move(row));
    }
  }

  std::unique_ptr<std::function<std::int64_t()>> now_;  // outlives the handle that calls it
  Handle handle_;
  std::unordered_map<std::string, Statement> statements_;  // go before the handle
};

enum class FileContent { none, ours };

/// Looks at the file's header before SQLite does: SQLite would already tidy up the log of a
/// database that is not ours. (Database File Format, 1.3: magic at 0, application id at 68,
/// big-endian.)
Result<FileContent> inspect(const fs::path& file) {
  constexpr std::size_t kHeaderBytes = 100;
  constexpr std::size_t kApplicationIdAt = 68;
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::ifstream in(file, std::ios::binary);
  Bytes header(kHeaderBytes);
  in.read(reinterpret_cast<char*>(header.data()), kHeaderBytes);
  const auto size = static_cast<std::size_t>(in.gcount());
  if (!in.is_open() || in.bad()) {
    return fail(ErrorCode::storage_failed, "database: the file cannot be read; check its rights");
  }
  if (size == 0) return FileContent::none;
  ByteReader reader(header);
  if (size < kHeaderBytes || as_text(*reader.take(kMagic.size())) != kMagic) {
    return fail(ErrorCode::storage_failed,
                "database: this file is not a database, or its beginning is torn; give the right "
                "path, or restore it from the last backup");
  }
  reader.seek(kApplicationIdAt);
  if (reader.u32be() != kApplicationId) {
    return fail(ErrorCode::configuration_invalid,
                "database: this file belongs to another program; give the path of a Telavis "
                "database, or of a file that does not exist yet");
  }
  return FileContent::ours;
}

/// Makes an absent file, so that it is ours alone from the start, and refuses what is not ours.
Result<FileContent> prepare_file(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return FileContent::none;
  }
  if (errno != EEXIST) {
    return fail(errno == ENOSPC ? ErrorCode::storage_full : ErrorCode::storage_failed,
                "database: making the file failed: " + std::system_category().message(errno) +
                    "; check its folder");
  }
  auto content = inspect(file);
  std::error_code error;
  fs::path log = file;
  log += "-wal";
  // SQLite would take the log of an emptied database for rubbish and delete it.
  if (content == FileContent::none && fs::file_size(log, error) > 0 && !error) {
    return fail(ErrorCode::storage_failed,
                "database: the file is empty but its log is not; restore it from the last backup");
  }
  return content;
}

/// The first write to a new file, so that no file of ours is without its mark.
Result<void> mark_file(Database& database) {
  return database.run_script("pragma application_id = " + std::to_string(kApplicationId));
}

/// Turns the log on. SQLite does not wait where waiting could be a deadlock: while another process
/// turns it on, or is the last to close and tidies it up. Neither takes long: try again.
Result<void> use_write_ahead_log(Database& database, sqlite3* handle,
                                 std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause(2);
  auto rows = database.run("pragma journal_mode = wal");
  for (auto waited = kPause;
       !rows && (sqlite3_errcode(handle) & 0xFF) == SQLITE_BUSY && waited <= patience;
       waited += kPause) {
    sqlite3_sleep(static_cast<int>(kPause.count()));
    rows = database.run("pragma journal_mode = wal");
  }
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1 || rows->front() != Row{std::string("wal")}) {
    return fail(ErrorCode::storage_failed,
                "database: this file system has no shared memory for the write-ahead log; use a "
                "local disk");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options) {
  const auto content = prepare_file(options.file);
  if (!content) return tl::unexpected(content.error());
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(options.file.c_str(), &opened,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(opened);
  if (handle == nullptr) return fail(ErrorCode::storage_failed, "database: out of memory");
  if (code != SQLITE_OK) return sqlite_error(handle.get(), "opening");
  auto now =
      std::make_unique<std::function<std::int64_t()>>(options.now_ms ? options.now_ms : vfs_now_ms);
  const bool configured =
      sqlite3_busy_timeout(handle.get(), static_cast<int>(options.busy_timeout.count())) ==
          SQLITE_OK &&
      sqlite3_create_function_v2(handle.get(), "telavis_now_ms", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                 now.get(), now_function, nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!configured) return sqlite_error(handle.get(), "opening");
  sqlite3* const raw = handle.get();
  auto database = std::make_unique<SqliteDatabase>(std::move(handle), std::move(now));
  if (*content == FileContent::none) {
    if (auto marked = mark_file(*database); !marked) return tl::unexpected(marked.error());
  }
  if (auto logged = use_write_ahead_log(*database, raw, options.busy_timeout); !logged)
    return tl::unexpected(logged.error());
  // FULL: a commit that was reported is on the disk, whatever happens to the power.
  if (auto set = database->run_script("pragma synchronous = full; pragma foreign_keys = on;"
                                      "pragma trusted_schema = off; pragma cell_size_check = on");
      !set)
    return tl::unexpected(set.error());
  return database;
}

Result<std::unique_ptr<Repository>> open_sqlite_repository(const SqliteOptions& options) {
  auto writer = open_sqlite(options);
  if (!writer) return tl::unexpected(writer.error());
  if (auto migrated = migrate(**writer, embedded_schema()); !migrated)
    return tl::unexpected(migrated.error());
  auto reader = open_sqlite(options);
  if (!reader) return tl::unexpected(reader.error());
  return std::make_unique<SqlRepository>(std::move(*writer), std::move(*reader));
}

}  // namespace telavis
