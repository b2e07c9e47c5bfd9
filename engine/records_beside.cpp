// SPDX-License-Identifier: Apache-2.0
#include "engine/records_beside.h"

#include "engine/files.h"
#include "engine/node.h"
#include "storage/sqlite.h"

namespace telavis {

Result<std::filesystem::path> database_beside(const Config& config) {
  auto database = config.data_dir / "telavis.db";
  if (!std::filesystem::exists(database)) {
    return fail(ErrorCode::not_found, "There is no database in " + config.data_dir.string() +
                                          ": name the folder with --data-dir or --config.");
  }
  if (auto alone = FolderLock::check_beside(config.data_dir, database); !alone)
    return tl::unexpected(alone.error());
  return database;
}

Result<std::unique_ptr<Repository>> records_beside(const Config& config) {
  const auto database = database_beside(config);
  if (!database) return tl::unexpected(database.error());
  return open_sqlite_repository({*database, {}});
}

}  // namespace telavis
