// SPDX-License-Identifier: Apache-2.0
// Makes the signed roots of the audit chains and brings them off the machine. One root at a time:
// the next one is made when the one before has left, and says when that was.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/audit_root.h"

namespace telavis {

/// Where root documents go. Putting the same root again is success; nothing that is there is ever
/// overwritten by another document.
struct RootSink {
  std::string name;  // "folder", "mail" or "s3", for error texts
  std::function<Result<void>(const AuditRoot& root)> put;
};

struct RootingOptions {
  RootSchedule schedule;
  std::string engine_version;
  std::size_t max_heads = kMaxRootHeads;
};

/// Whatever step a crash comes after, the next round goes on from what the repository holds: a root
/// that was stored is exported, byte for byte the same, until every sink has it. Not thread-safe.
class AuditRooter {
 public:
  /// At least one sink: a root that never leaves proves nothing.
  AuditRooter(Clock& clock, Repository& repository, const SealKey& key, RootingOptions options,
              std::vector<RootSink> sinks);

  /// One step, if any is due: exports the root that has not left, or makes the next one. Gives how
  /// many steps were taken. Errors: those of sinks and storage; state_conflict (a chain that does
  /// not fit its head was left out of the last root, until a later root finds it whole).
  Result<int> round();
  /// Exports what has not left, then makes and exports a root, due or not. Gives its number.
  Result<std::int64_t> root_now();

 private:
  Result<std::optional<AuditRoot>> newest();
  Result<void> make(const std::optional<AuditRoot>& before);
  Result<bool> is_whole(const ChainHead& head);
  Result<void> export_root(const AuditRoot& root);

  Clock& clock_;
  Repository& repository_;
  SealKey key_;
  RootingOptions options_;
  std::vector<RootSink> sinks_;
  std::int64_t known_ = 0;      // number of the newest root that was seen
  std::string damaged_chains_;  // left out of the last root, by name
};

}  // namespace telavis
