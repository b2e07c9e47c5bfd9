// SPDX-License-Identifier: Apache-2.0
// Many cases in virtual time, under invariants. The same options give the same figures on every
// machine, whatever the number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/simulation/figures.h"
#include "engine/simulation/profile.h"
#include "formats/result.h"

namespace telavis {

/// Of the calls of ports, the share at which the process dies, when nothing else is asked for: one
/// crash in some ten cases.
inline constexpr double kCrashes = 0.0005;

struct SimulationOptions {
  std::size_t cases = 1'000;
  std::uint64_t seed = 1;
  std::vector<Programme> programmes;  // simulated one world after the other, in turn
  std::vector<Programme> known;       // where cases may be transferred to
  unsigned threads = 1;
  bool calm = false;  // nothing dies either
  bool equals = false;
  double crashes = kCrashes;
  /// Called by one thread at a time when a world has kept its invariants.
  std::function<void(std::int64_t cases_so_far)> progress = {};
};

/// Cases are simulated in worlds of this many: each has its own engine, people and years, so that
/// nothing has to be forgotten to keep the memory bounded.
inline constexpr std::size_t kCasesAWorld = 2'500;
/// Of the commands of a simulation of several worlds, the share that is compared with what decide()
/// permits (see StageOptions); of a single world all are, so that a replay sees at least as much.
inline constexpr double kComparedOfMany = 0.05;

/// A world begins on this day: a Monday in January.
Instant simulation_start();

/// One world. `door`: see StageOptions. Errors: internal; the text holds the violated invariant,
/// the chain of the case and the command that replays it.
struct World {
  Programme programme;
  std::vector<Programme> known;
  std::size_t cases = 0;
  std::uint64_t seed = 1;
  bool calm = false;
  bool equals = false;
  double compared = 1;
  double crashes = kCrashes;
  std::function<void(Stage&)> at_the_end;  // looks at a world that has kept its invariants
  std::function<Repository&(MemoryRepository& model, std::function<std::int64_t()> lease_now_ms)>
      door;
};
Result<Figures> simulate_world(const World& world);

/// Errors: as of the first world that fails.
Result<Figures> simulate(const SimulationOptions& options);

}  // namespace telavis
