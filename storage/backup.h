// SPDX-License-Identifier: Apache-2.0
// One consistent copy of a database in use, without what opens its cases, and the way back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ports.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// What a database holds: to be compared with what it held.
struct DatabaseCount {
  std::int64_t schema = 0;                   // its version
  std::map<std::string, std::int64_t> rows;  // by table
  bool operator==(const DatabaseCount&) const = default;
};

/// Whose key it is.
enum class KeyOwner { case_file, received_mail, received_exam };
std::string_view key_owner_name(KeyOwner owner);  // "case", "mail", "exam"
std::optional<KeyOwner> key_owner_from_name(std::string_view name);
struct WrappedKey {
  KeyOwner owner = KeyOwner::case_file;
  std::string id;
  Bytes wrapped;
};

struct DatabaseCopy {
  DatabaseCount count;
  /// Of the cases in the copy, then of the received mails and exams, each in the order of their
  /// ids.
  std::vector<WrappedKey> keys;
};

/// Copies the state of one instant into a new file, while others read and write. The copy has no
/// wrapped key anywhere, not even in a free page; nothing else is left out. It is not synced.
/// Errors: storage_full, storage_failed.
Result<DatabaseCopy> copy_without_keys(const std::filesystem::path& database,
                                       const std::filesystem::path& target);

/// Of a database that nobody else has open: SQLite's own check of every page, index and foreign
/// key, and what it holds. Errors: storage_failed (damaged).
Result<DatabaseCount> examine_database(const std::filesystem::path& database);

/// Puts keys into a copy, in one transaction; of a case or mail that is not there, or was erased,
/// none. Gives the cases that still have none although they had one when the copy was made;
/// received mails that have none were erased since, and are marked as such. Errors: storage_full,
/// storage_failed.
Result<std::vector<CaseId>> put_keys(const std::filesystem::path& database,
                                     const std::vector<WrappedKey>& keys);

/// Cases that have no key any more. Errors: storage_failed.
Result<std::vector<CaseId>> erased_cases(const std::filesystem::path& database);

}  // namespace telavis
