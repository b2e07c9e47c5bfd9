// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "engine/core/crypto.h"

namespace telavis {

/// Makes a key file (64 hexadecimal digits, mode 0600) unless it exists. Errors: storage_failed.
Result<void> create_key_file(const std::filesystem::path& file, Random& random);
/// Errors: configuration_invalid (others can read it, or it is no key), not_found.
Result<Key> read_key_file(const std::filesystem::path& file);
/// The master keys: one a line, newest first. Errors: as read_key_file.
Result<std::vector<Key>> read_master_keys(const std::filesystem::path& file);

}  // namespace telavis
