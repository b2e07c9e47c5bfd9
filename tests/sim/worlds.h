// SPDX-License-Identifier: Apache-2.0
// Worlds of the shipped programmes, of a size that suits the build.
#pragma once

#include <string>

#include "engine/simulation/simulation.h"

namespace telavis::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::size_t kFewCases = 40;
inline constexpr std::size_t kManyCases = 500;
#else
inline constexpr std::size_t kFewCases = 170;  // in three programmes: 510 over a database
inline constexpr std::size_t kManyCases = 100'000;
#endif

inline Programme shipped(const std::string& id) {
  for (const Programme& programme : shipped_programmes()) {
    if (programme.id.value == id) return programme;
  }
  return {};
}

inline World world_of(const std::string& programme, std::size_t cases, std::uint64_t seed) {
  World world;
  world.programme = shipped(programme);
  world.known = shipped_programmes();
  world.cases = cases;
  world.seed = seed;
  return world;
}

}  // namespace telavis::test
