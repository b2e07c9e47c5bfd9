// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/config.h"
#include "engine/core/ports.h"

namespace telavis {

/// The records of a data folder beside a server that may be running, for commands that need no key.
/// Errors: not_found (no database), those of FolderLock and of the database.
Result<std::unique_ptr<Repository>> records_beside(const Config& config);

}  // namespace telavis
