// SPDX-License-Identifier: Apache-2.0
// Sealed files whose commit never came, and those of erased cases that a crash kept from being
// removed. A part of the store at a time: a million files cost little at any moment.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <vector>

#include "engine/core/ports.h"
#include "storage/blobs_file.h"

namespace telavis {

/// A file is named by its commit moments after it was written: what lies between is one composition
/// and the wait for the database, seconds. An hour is far more than any request may take.
inline constexpr Duration kOrphanAge = std::chrono::hours(1);
/// The whole store once in so long.
inline constexpr Duration kSweepTurn = std::chrono::hours(1);

/// Not thread-safe.
class BlobSweep {
 public:
  /// `uptime` never jumps: a file that nothing names must stay so for kOrphanAge of it as well, so
  /// that a wall clock that jumped on makes nothing look old.
  BlobSweep(FileBlobStore& blobs, Repository& repository, Clock& clock,
            std::function<Duration()> uptime);

  /// The next part of the store; gives how many files were removed. What was removed is one entry
  /// of the node's chain, "blobs-swept", with the count alone. Errors: those of both stores.
  Result<int> round();

 private:
  using Suspects = std::map<BlobRef, Duration>;  // the uptime at which nothing named it first
  Result<bool> is_named(const BlobRef& ref);
  Result<void> sweep(const std::vector<BlobRef>& old, Instant before);

  FileBlobStore& blobs_;
  Repository& repository_;
  Clock& clock_;
  std::function<Duration()> uptime_;
  std::size_t part_ = 0;
  int unwritten_ = 0;               // removed, and not yet in the node's chain
  std::vector<Suspects> suspects_;  // of each part
};

}  // namespace telavis
