// SPDX-License-Identifier: Apache-2.0
// Cases by the hundred thousand, as they are in the database of an association after years: most
// are closed, the last ones open. Nothing in them was decided; their audit chains, keys and sealed
// files are real. The same number always makes the same case, but for its keys.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/key_ring.h"
#include "engine/core/ports.h"

namespace telavis::bench {

/// Few, so that each has a list of fifty among a thousand cases, and of fifty thousand among a
/// million.
constexpr std::int64_t kRequesters = 20;
constexpr std::int64_t kExperts = 200;
constexpr std::int64_t kProgrammes = 10;
/// Of the newest cases: those of two days at 300 a day and programme.
constexpr std::int64_t kOpen = 6'000;
/// When the first case was asked; one follows every 29 seconds, 3,000 a day.
constexpr Instant kFirst = Instant(Duration(1'767'600'000'000));
Instant asked_at(std::int64_t number);
UserId requester_of(std::int64_t number);
UserId expert_of(std::int64_t number);

struct MadeCase {
  Commit commit;  // of a new case
  Key data_key;
};
/// `open`: offered to an expert by name, with a timer; otherwise closed, with opinion and acts.
MadeCase made_case(std::int64_t number, bool open, const KeyRing& keys, Random& random);
/// The next step of an open case: the expert accepts.
Commit accepted(const Case& offered);

struct Filling {
  std::int64_t first = 0;      // number of the first case
  std::int64_t count = 0;      // the last kOpen of them are open
  std::size_t threads = 8;     // who write at the same time share a sync
  std::size_t exam_bytes = 0;  // plain size of each case's sealed file; 0: none
  BlobStore* blobs = nullptr;  // when there are files
};
/// Errors: those of the stores; cases until then stay.
Result<void> fill(Repository& repository, const KeyRing& keys, const Filling& filling);

}  // namespace telavis::bench
