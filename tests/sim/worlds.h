// SPDX-License-Identifier: Apache-2.0
// Worlds of the shipped programmes, of a size that suits the build.
#pragma once

#include <string>

#include "engine/simulation/simulation.h"
#include "formats/sanitized.h"

namespace telavis::test {

inline constexpr bool kSanitized = kAddressSanitizer || kThreadSanitizer;
// In three programmes: 510 over a database.
inline constexpr std::size_t kFewCases = kSanitized ? 40 : 170;
inline constexpr std::size_t kManyCases = kSanitized ? 500 : 100'000;

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
