// SPDX-License-Identifier: Apache-2.0
// Files that the operator names: configuration, keys, exams on the command line.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

enum class FileMode { secret, plain };  // 0600, 0644

/// Errors: not_found, limit_exceeded (over `max_bytes`), storage_failed.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);
/// Whole or not at all: written beside, fsynced, renamed. Errors: storage_full, storage_failed.
Result<void> write_file(const std::filesystem::path& path, ByteView bytes, FileMode mode);
/// A file of a new name, mode 0600, whole or not at all. Errors: state_conflict (there is one of
/// that name), storage_full, storage_failed.
Result<void> write_new_file(const std::filesystem::path& path, ByteView bytes);
/// As read_file, for a file that nobody but its owner may read or write. Errors: also
/// configuration_invalid, which says the chmod that is needed.
Result<Bytes> read_secret_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Flushed to one of this process's own streams. Errors: storage_failed (it took only a part).
Result<void> print(std::FILE* stream, const std::string& text);

/// Holds a data folder and the database in it until it goes: two servers must never share one. The
/// database is locked by itself, since a link or a bind mount may show it in another folder, where
/// SQLite would put a second log beside it.
class FolderLock {
 public:
  /// Makes the files when they are not there. Errors: configuration_invalid (another process holds
  /// one of them), storage_failed.
  static Result<FolderLock> take(const std::filesystem::path& folder,
                                 const std::filesystem::path& database);
  /// A file by itself, made when it is not there. Errors: as above.
  static Result<FolderLock> take_file(const std::filesystem::path& file);
  /// For a command beside a server. Errors: configuration_invalid (a server holds the database, but
  /// not by way of this folder), storage_failed.
  static Result<void> check_beside(const std::filesystem::path& folder,
                                   const std::filesystem::path& database);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  FolderLock(int folder, int database) : folder_(folder), database_(database) {}
  int folder_ = -1, database_ = -1;
};

}  // namespace telavis
