// SPDX-License-Identifier: Apache-2.0
#include "storage/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "engine/core/durable_file.h"
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
constexpr std::chrono::milliseconds kReadersPatience(100);  // a reader's statement is shorter

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
  // A quota, a limit and a disk made read-only come as input/output errors: the system knows which.
  const int system_error = sqlite3_system_errno(handle);
  // A disk that is read-only is met by whichever file SQLite wants to make first.
  if (code == SQLITE_READONLY || sqlite3_db_readonly(handle, "main") == 1) {
    const bool rights = ::access(sqlite3_db_filename(handle, "main"), W_OK) != 0 && errno != EROFS;
    return tl::unexpected(disk_error("database: " + std::string(doing), rights ? EACCES : EROFS));
  }
  if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && system_error != 0)
    return tl::unexpected(disk_error("database: " + std::string(doing), system_error));
  const std::string text = "database: " + std::string(doing) + ": " + sqlite3_errmsg(handle) + "; ";
  if (code == SQLITE_FULL)
    return tl::unexpected(disk_error("database: " + std::string(doing), ENOSPC));
  if (code == SQLITE_IOERR)
    return tl::unexpected(disk_error("database: " + std::string(doing), EIO));
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

/// Where a file stood when it was opened.
struct FilePlace {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;

  static FilePlace of(std::string path) {
    struct stat status {};
    FilePlace place;
    if (::stat(path.c_str(), &status) == 0) {
      place.device = status.st_dev;
      place.inode = status.st_ino;
    }
    place.path = std::move(path);
    return place;
  }
  bool still_there() const {
    const FilePlace now = of(path);
    return now.inode != 0 && now.inode == inode && now.device == device;
  }
};

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(Handle handle, std::unique_ptr<std::function<std::int64_t()>> now,
                 std::chrono::milliseconds busy_timeout)
      : now_(std::move(now)), handle_(std::move(handle)), busy_timeout_(busy_timeout) {}

  using Database::run;
  Result<Rows> run(std::string_view sql, std::span<const Value> values) override {
    const auto statement = prepared(sql);
    if (!statement) return tl::unexpected(statement.error());
    auto rows = bind_and_step(*statement, values);
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    const bool changed = rows && sqlite3_stmt_readonly(*statement) == 0 &&
                         sqlite3_get_autocommit(handle_.get()) != 0;
    if (!changed) return rows;
    if (auto there = check_files(); !there) return tl::unexpected(there.error());
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

  Result<void> begin() override {
    if (log_in_doubt_) {
      const auto emptied = empty_log(kReadersPatience);
      if (!emptied) return tl::unexpected(emptied.error());
      if (!*emptied)
        return fail(ErrorCode::storage_failed, "database: its log is being read: try again");
      log_in_doubt_ = false;
    }
    return run_alone("begin immediate");
  }
  Result<void> commit() override {
    if (auto committed = run_alone("commit"); !committed) return committed;
    if (auto checked = check_files(); !checked || !emptying_) return checked;
    // The commit stands whatever becomes of this: tried again after the next one until it is done,
    // then without making that one wait.
    const auto emptied = empty_log(*emptying_);
    emptying_ = std::chrono::milliseconds(0);
    if (emptied && *emptied) emptying_.reset();
    return {};
  }
  /// From now on every change looks whether the database and its log are where they are now.
  Result<void> watch_files() {
    if (auto looked = has_table("cases"); !looked) return tl::unexpected(looked.error());
    const std::string file = sqlite3_db_filename(handle_.get(), "main");
    places_ = {FilePlace::of(file), FilePlace::of(file + "-wal")};  // a look opens the log
    return check_files();
  }
  void rollback() override {
    // A full disk ends the transaction by itself; a failing rollback leaves it to the next open,
    // which undoes it from the log.
    if (sqlite3_get_autocommit(handle_.get()) == 0)
      sqlite3_exec(handle_.get(), "rollback", nullptr, nullptr, nullptr);
  }

  void forget_past() override { emptying_ = kReadersPatience; }

  /// After a sync that failed, the system may show the log's bytes without ever writing them: later
  /// syncs succeed. A process that goes on is safe, because SQLite writes the place of a failed
  /// commit again. One that starts anew would take such bytes for a commit and append to it, and a
  /// power cut would then take what follows too. So what a log holds at the start is written into
  /// the database, synced, before anything is appended. A log that another process uses is its
  /// care.
  void doubt_log() { log_in_doubt_ = !empty_log(std::chrono::milliseconds(0)); }

  /// Moves what the log holds into the database, syncs it, and empties the log. False: somebody
  /// reads or writes beside us; nothing is lost.
  Result<bool> empty_log(std::chrono::milliseconds patience) {
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(patience.count()));
    const int code = sqlite3_wal_checkpoint_v2(handle_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                               nullptr, nullptr);
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(busy_timeout_.count()));
    if (code == SQLITE_OK) return true;
    if ((code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED) return false;
    return sqlite_error(handle_.get(), "emptying the log");
  }

 private:
  /// SQLite does not notice that its files are gone: it would go on writing into what has no name
  /// any more, and whoever got a 2xx would lose all of it at the next start.
  Result<void> check_files() const {
    for (const FilePlace& place : places_) {
      if (place.still_there()) continue;
      return fail(ErrorCode::storage_failed,
                  "database: its file or its log was removed or replaced under the running "
                  "program; stop it, put the files back or restore a backup, and start again");
    }
    return {};
  }

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
  std::chrono::milliseconds busy_timeout_;
  bool log_in_doubt_ = false;  // nothing is appended before it could be emptied
  std::optional<std::chrono::milliseconds> emptying_;  // the log, after a commit; how patiently
  std::vector<FilePlace> places_;
  std::unordered_map<std::string, Statement> statements_;  // go before the handle
};

enum class FileContent { none, ours };

/// The first 100 bytes of a file; zeroes where it has fewer. Reads through SQLite's own file layer:
/// were this process to open and close the file by itself, the system would take away every lock
/// that its other connections hold on it, and the next process to close the database would believe
/// itself the last and remove the log from under them.
Result<Bytes> read_header(const fs::path& file) {
  constexpr int kHeaderBytes = 100;
  struct CloseFile {
    void operator()(sqlite3_file* opened) const {
      if (opened->pMethods != nullptr) opened->pMethods->xClose(opened);
      sqlite3_free(opened);
    }
  };
  const auto unreadable = [] {
    return fail(ErrorCode::storage_failed, "database: the file cannot be read; check its rights");
  };
  struct FreeName {
    void operator()(const char* name) const { sqlite3_free_filename(name); }
  };
  const std::unique_ptr<const char, FreeName> name(
      sqlite3_create_filename(fs::absolute(file).c_str(), "", "", 0, nullptr));
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  const std::unique_ptr<sqlite3_file, CloseFile> opened(
      static_cast<sqlite3_file*>(sqlite3_malloc(vfs->szOsFile)));
  if (name == nullptr || opened == nullptr)
    return fail(ErrorCode::storage_failed, "database: out of memory");
  opened->pMethods = nullptr;
  if (vfs->xOpen(vfs, name.get(), opened.get(), SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB,
                 nullptr) != SQLITE_OK)
    return unreadable();
  Bytes header(kHeaderBytes);
  const int read = opened->pMethods->xRead(opened.get(), header.data(), kHeaderBytes, 0);
  if (read != SQLITE_OK && read != SQLITE_IOERR_SHORT_READ) return unreadable();
  return header;
}

/// Looks at the file's header before SQLite does: SQLite would already tidy up the log of a
/// database that is not ours. (Database File Format, 1.3: magic at 0, application id at 68,
/// big-endian.)
Result<FileContent> inspect(const fs::path& file) {
  constexpr std::size_t kApplicationIdAt = 68;
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error)
    return fail(ErrorCode::storage_failed, "database: the file cannot be read; check its rights");
  if (size == 0) return FileContent::none;
  const auto header = read_header(file);
  if (!header) return tl::unexpected(header.error());
  ByteReader reader(*header);
  if (size < header->size() || as_text(*reader.take(kMagic.size())) != kMagic) {
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

/// An empty database with the mark of this program, as a file.
Result<Bytes> empty_database() {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open(":memory:", &opened);
  const Handle handle(opened);
  if (handle == nullptr) return fail(ErrorCode::storage_failed, "database: out of memory");
  const std::string mark = "pragma application_id = " + std::to_string(kApplicationId);
  if (code != SQLITE_OK ||
      sqlite3_exec(handle.get(), mark.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_error(handle.get(), "making an empty one");
  struct FreeImage {
    void operator()(unsigned char* image) const { sqlite3_free(image); }
  };
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, FreeImage> image(
      sqlite3_serialize(handle.get(), "main", &size, 0));
  if (image == nullptr) return fail(ErrorCode::storage_failed, "database: out of memory");
  return Bytes(image.get(), image.get() + size);
}

/// Refuses what is not ours.
Result<FileContent> examine_file(const fs::path& file) {
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

/// Of a file that somebody has made empty.
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

Result<void> make_sqlite_file(const fs::path& file) {
  std::error_code error;
  if (fs::exists(file, error) || error) return {};  // who opens it finds out what it is
  const auto empty = empty_database();
  if (!empty) return tl::unexpected(empty.error());
  // Whole from the start, whatever happens meanwhile: made by SQLite itself, a file could be found
  // without its mark, and be taken for another program's.
  const auto made = write_durably(fs::absolute(file).parent_path(), file, *empty, IfPresent::keep);
  if (made) return {};
  return fail(made.error().code, "database: making the file: " + made.error().text);
}

namespace {

Result<std::unique_ptr<SqliteDatabase>> open_connection(const SqliteOptions& options) {
  if (auto made = make_sqlite_file(options.file); !made) return tl::unexpected(made.error());
  const auto content = examine_file(options.file);
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
  auto database =
      std::make_unique<SqliteDatabase>(std::move(handle), std::move(now), options.busy_timeout);
  if (*content == FileContent::none) {
    if (auto marked = mark_file(*database); !marked) return tl::unexpected(marked.error());
  }
  if (auto logged = use_write_ahead_log(*database, raw, options.busy_timeout); !logged)
    return tl::unexpected(logged.error());
  // FULL: a commit that was reported is on the disk, whatever happens to the power. What a
  // savepoint would restore is kept in memory: otherwise it goes through a file. What is erased is
  // written over with zeros: the key of an erased case must not lie about in a free page.
  if (auto set = database->run_script("pragma synchronous = full; pragma foreign_keys = on;"
                                      "pragma trusted_schema = off; pragma cell_size_check = on;"
                                      "pragma temp_store = memory; pragma secure_delete = on");
      !set)
    return tl::unexpected(set.error());
  if (auto watched = database->watch_files(); !watched) return tl::unexpected(watched.error());
  return database;
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options) {
  auto connection = open_connection(options);
  if (!connection) return tl::unexpected(connection.error());
  return std::move(*connection);
}

Result<std::unique_ptr<Repository>> open_sqlite_repository(const SqliteOptions& options) {
  auto writer = open_connection(options);
  if (!writer) return tl::unexpected(writer.error());
  (*writer)->doubt_log();
  if (auto migrated = migrate(**writer, embedded_schema()); !migrated)
    return tl::unexpected(migrated.error());
  auto reader = open_sqlite(options);
  if (!reader) return tl::unexpected(reader.error());
  return std::make_unique<SqlRepository>(std::move(*writer), std::move(*reader));
}

}  // namespace telavis
