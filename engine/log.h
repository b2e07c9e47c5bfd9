// SPDX-License-Identifier: Apache-2.0
// Lines for the operator on standard error: ids and codes, never a name or clinical text.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

/// From now on to a file a day in this folder, telavis_2026-11-22.log (local date), which is made
/// with mode 0700 when it is not there. Called before other threads log. Errors: storage_failed.
Result<void> log_to_folder(const std::filesystem::path& folder);
/// Removes the files of that name whose day is more than `days` before `now`; gives how many.
/// Errors: storage_failed.
Result<int> remove_old_logs(const std::filesystem::path& folder, Instant now, int days);
void set_log_level(const std::string& level);  // debug, info, warning, error
void log_info(const std::string& line);
void log_warning(const std::string& line);
void log_error(const std::string& line);

}  // namespace telavis
