// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "formats/embedded_file.h"
#include "formats/result.h"
#include "storage/database.h"

namespace telavis {

/// The migrations compiled in: "001.sql", "002.sql", ...
std::span<const EmbeddedFile> embedded_schema();

/// Brings the database to the schema of this program, one transaction a migration. Errors:
/// configuration_invalid (the schema is newer than the program; nothing is changed), storage_full,
/// storage_failed.
Result<void> migrate(Database& database, std::span<const EmbeddedFile> migrations);

}  // namespace telavis
