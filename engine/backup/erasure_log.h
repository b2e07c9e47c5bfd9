// SPDX-License-Identifier: Apache-2.0
// Which cases were erased: ids alone, one a line. It is copied off the machine, so that a restore
// of an older backup can erase them again.
#pragma once

#include <filesystem>
#include <mutex>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

struct Erasure {
  CaseId id;
  Instant at;
};

/// {"case":"...","at":"..."} a line. Thread-safe. Every backup makes the whole list anew of the
/// database; this one is for what was erased since.
class ErasureLog {
 public:
  /// The file is made with the first line.
  explicit ErasureLog(std::filesystem::path file) : file_(std::move(file)) {}
  /// Returns after the line is on the disk. Errors: storage_full, storage_failed.
  Result<void> append(const Erasure& erasure);

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
};

std::string erasure_line(const Erasure& erasure);
/// A last line without its end is one that was being written: it is left out. Errors: not_found,
/// storage_failed, configuration_invalid (another line is none; its number is said).
Result<std::vector<Erasure>> read_erasures(const std::filesystem::path& file);

}  // namespace telavis
