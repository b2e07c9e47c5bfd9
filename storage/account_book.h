// SPDX-License-Identifier: Apache-2.0
// The AccountBook port over SQL, on a connection of its own: a treasurer's work waits for nobody's
// opinion, and nobody's opinion for a treasurer.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/core/account_book.h"

namespace telavis {

/// Opens and migrates, as open_sqlite_repository() does; both may be open at the same time.
Result<std::unique_ptr<AccountBook>> open_sqlite_account_book(const std::filesystem::path& file);

}  // namespace telavis
