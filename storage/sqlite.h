// SPDX-License-Identifier: Apache-2.0
// The SQLite driver: one file, one process that writes (others may).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "engine/core/ports.h"
#include "storage/database.h"

namespace telavis {

struct SqliteOptions {
  std::filesystem::path file;
  /// Clock of the leases, milliseconds since 1970; SQLite's own when empty.
  std::function<std::int64_t()> now_ms;
  /// How long a writer waits for another process.
  std::chrono::milliseconds busy_timeout = std::chrono::seconds(10);
};

/// Makes an empty database (mode 0600, on the disk) unless there is a file of that name. Errors:
/// storage_full, storage_failed.
Result<void> make_sqlite_file(const std::filesystem::path& file);

/// Opens, or makes with mode 0600. A file that is not a database of this program is never written
/// to. Errors: configuration_invalid (another program's database), storage_full, storage_failed
/// (also: not a database, torn).
Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

/// The whole: opens, migrates, and gives the repository over one connection that writes and one
/// that reads. Errors: also those of migrate().
Result<std::unique_ptr<Repository>> open_sqlite_repository(const SqliteOptions& options);

}  // namespace telavis
