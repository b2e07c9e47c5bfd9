// SPDX-License-Identifier: Apache-2.0
// Files that the operator names: configuration, keys, exams on the command line.
#pragma once

#include <filesystem>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

enum class FileMode { secret, plain };  // 0600, 0644

/// Errors: not_found, limit_exceeded (over `max_bytes`), storage_failed.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);
/// Whole or not at all: written beside, fsynced, renamed. Errors: storage_full, storage_failed.
Result<void> write_file(const std::filesystem::path& path, ByteView bytes, FileMode mode);
/// As read_file, for a file that nobody but its owner may read or write. Errors: also
/// configuration_invalid, which says the chmod that is needed.
Result<Bytes> read_secret_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Holds an exclusive lock on a folder until it goes: two servers must never share one.
class FolderLock {
 public:
  /// Errors: configuration_invalid (another process holds it), storage_failed.
  static Result<FolderLock> take(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace telavis
