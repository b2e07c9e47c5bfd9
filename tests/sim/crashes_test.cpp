// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/crashes.h"

#include <gtest/gtest.h>

namespace telavis::test {
namespace {

TEST(Crashes, ACallInsideOneThatDiesAfterItsWorkReachesItsPort) {
  int reached = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Crashes crashes(1.0, SeededStream(seed));
    const auto inner = [&]() -> Result<int> {
      ++reached;
      return 2;
    };
    const auto outer = [&]() -> Result<int> {
      EXPECT_FALSE(crashes.is_dead());
      crashes.pause(true);
      const auto answer = crashes.run("inner", inner);
      crashes.pause(false);
      EXPECT_TRUE(answer);
      return 1;
    };
    Result<int> answer = 1;
    while (answer) answer = crashes.run("outer", outer);
    EXPECT_TRUE(crashes.is_dead());
    EXPECT_EQ(crashes.count(), 1);
    EXPECT_FALSE(crashes.run("the next one", inner));
  }
  EXPECT_GT(reached, 5);  // one death in two comes after the work
}

}  // namespace
}  // namespace telavis::test
