// SPDX-License-Identifier: Apache-2.0
// Which cases were erased: ids alone, one a line. It is copied off the machine, so that a restore
// of an older backup can erase them again.
#pragma once

#include <filesystem>
#include <mutex>
#include <vector>

#include "engine/core/service_ports.h"
#include "formats/result.h"

namespace telavis {

struct Erasure {
  CaseId id;
  Instant at;
  bool kept = false;  // it did not come about: the newest line about a case is the one that holds
};

/// {"case":"...","at":"..."} a line, with "kept":true when it did not come about. Thread-safe.
/// Every backup makes the whole list anew of the database; this one is for what was erased since.
class ErasureLog : public ErasureRecord {
 public:
  /// The file is made with the first line.
  explicit ErasureLog(std::filesystem::path file) : file_(std::move(file)) {}
  /// Both return after the line is on the disk. Errors: storage_full, storage_failed.
  Result<void> erased(const CaseId& id, Instant at) override { return append({id, at}); }
  Result<void> kept(const CaseId& id, Instant at) override { return append({id, at, true}); }
  /// For a start: what a crash cut short between the last lines and their commits is said as the
  /// database has it. Errors also: configuration_invalid.
  Result<void> settle(Repository& repository, Instant now);

 private:
  Result<void> append(const Erasure& erasure);

  std::filesystem::path file_;
  std::mutex mutex_;
};

std::string erasure_line(const Erasure& erasure);
/// In the order of the lines. A last line without its end is one that was being written: it is left
/// out. Errors: not_found, storage_failed, configuration_invalid (another line is none; its number
/// is said).
Result<std::vector<Erasure>> read_erasures(const std::filesystem::path& file);

}  // namespace telavis
