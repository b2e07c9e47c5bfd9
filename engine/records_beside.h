// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "engine/config.h"
#include "engine/core/ports.h"

namespace telavis {

/// The database of a data folder beside a server that may be running, for commands that need no
/// key. Errors: not_found (there is none), those of FolderLock.
Result<std::filesystem::path> database_beside(const Config& config);
/// The records in it. Errors: likewise, and those of the database.
Result<std::unique_ptr<Repository>> records_beside(const Config& config);

}  // namespace telavis
