// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

namespace telavis {
namespace {

// After the last request: long enough for the promise, the month until the closing and what a
// correction or a late question adds to it.
constexpr Duration kDrained = std::chrono::hours(75 * 24);

// Of the worlds, by their seeds, one in so many lives on until its cases are erased.
constexpr std::uint64_t kLivesOn = 8;

std::string replay_command(const World& world) {
  return fmt::format("telavis simulate --cases {} --seed {} --programme {}{}{}{}", world.cases,
                     world.seed, world.programme.id.value, world.calm ? " --calm" : "",
                     world.equals ? " --equals" : "",
                     world.crashes == kCrashes ? "" : fmt::format(" --crashes {}", world.crashes));
}

/// The simulated programme, and another one of its speciality when there is one.
std::vector<Programme> programmes_of(const World& world) {
  std::vector<Programme> programmes = {world.programme};
  for (Programme& programme : programmes) programme.version = 1;
  for (const Programme& other : world.known) {
    if (other.id == world.programme.id || other.speciality != world.programme.speciality) continue;
    programmes.push_back(other);
    programmes.back().version = 1;
    break;
  }
  return programmes;
}

std::vector<World> worlds_of(const SimulationOptions& options) {
  std::vector<World> worlds;
  std::size_t left = options.cases;
  while (left > 0) {
    World world;
    world.programme = options.programmes[worlds.size() % options.programmes.size()];
    world.known = options.known;
    world.cases = std::min(left, kCasesAWorld);
    world.seed = options.seed + worlds.size();
    world.calm = options.calm;
    world.equals = options.equals;
    world.crashes = options.crashes;
    world.compared = options.cases > kCasesAWorld ? kComparedOfMany : 1;
    left -= world.cases;
    worlds.push_back(std::move(world));
  }
  return worlds;
}

}  // namespace

Instant simulation_start() {
  return Instant(std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / 5));
}

Result<Figures> simulate_world(const World& world) {
  Profile profile = profile_of(world.programme);
  profile.calm = world.calm;
  profile.equals = world.equals;
  Stage stage({world.seed, simulation_start(), world.calm, world.compared,
               world.calm ? 0 : world.crashes, world.door});
  Cast cast(stage, programmes_of(world), profile);
  cast.enrol();
  cast.plan_arrivals(world.cases);
  const Instant end = cast.last_arrival() + kDrained;
  cast.plan_disturbances(cast.last_arrival());
  stage.run(end);
  if (!stage.invariants().violation()) stage.at_the_end();
  const Figures figures = figures_of(stage, cast);
  if (!stage.invariants().violation() && world.seed % kLivesOn == 0) stage.live_on();
  if (!stage.invariants().violation()) stage.invariants().at_the_end();
  if (const auto& violation = stage.invariants().violation()) {
    return fail(ErrorCode::internal,
                fmt::format("seed {}, after {} steps at {}: {}replay: {}\n", world.seed,
                            stage.counts().steps, format_utc(stage.now()), violation->text,
                            replay_command(world)));
  }
  if (world.at_the_end) world.at_the_end(stage);
  return figures;
}

Result<Figures> simulate(const SimulationOptions& options) {
  if (options.programmes.empty()) {
    return fail(ErrorCode::unknown_programme, "There is no such programme to simulate.");
  }
  const std::vector<World> worlds = worlds_of(options);
  std::vector<std::optional<Result<Figures>>> results(worlds.size());
  std::atomic<std::size_t> next = 0;
  std::mutex one_at_a_time;
  std::int64_t done = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < worlds.size(); i = next++) {
      results[i] = simulate_world(worlds[i]);
      if (!*results[i]) {
        next = worlds.size();
      } else if (options.progress) {
        const std::lock_guard lock(one_at_a_time);
        options.progress(done += (*results[i])->cases);
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.threads; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  Figures figures;
  for (auto& result : results) {
    if (!result) continue;  // after one that failed
    if (!*result) return tl::unexpected(result->error());
    figures.add(**result);
    result.reset();
  }
  return figures;
}

}  // namespace telavis
