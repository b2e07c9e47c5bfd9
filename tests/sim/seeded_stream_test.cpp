// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/seeded_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace telavis::test {
namespace {

TEST(SeededStream, OneSeedIsOneStreamAndPurposesAreApart) {
  SeededStream first(7);
  SeededStream again(7);
  SeededStream other(8);
  std::array<std::uint8_t, 13> a{}, b{}, c{};  // no multiple of a word
  first.fill(a);
  again.fill(b);
  other.fill(c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(SeededStream(7).split("mail").next(), SeededStream(7).split("mail").next());
  EXPECT_NE(SeededStream(7).split("mail").next(), SeededStream(7).split("people").next());
  EXPECT_NE(SeededStream(7).split("mail").next(), SeededStream(8).split("mail").next());
}

TEST(SeededStream, DrawsWhatItIsAskedFor) {
  SeededStream stream(1);
  constexpr int kDraws = 20'000;
  double sum = 0;
  double normal_sum = 0;
  double normal_squares = 0;
  int hits = 0;
  std::array<int, 5> counts{};
  std::vector<double> waits;
  for (int i = 0; i < kDraws; ++i) {
    sum += stream.exponential(3);
    const double normal = stream.normal();
    normal_sum += normal;
    normal_squares += normal * normal;
    hits += stream.chance(0.25) ? 1 : 0;
    counts[stream.below(counts.size())] += 1;
    waits.push_back(stream.log_normal(4, 1));
    const double within = stream.uniform(-2, 3);
    EXPECT_GE(within, -2);
    EXPECT_LT(within, 3);
  }
  // Five standard errors and more: a seed is fixed, so this never fails by chance.
  EXPECT_NEAR(sum / kDraws, 3, 0.12);
  EXPECT_NEAR(normal_sum / kDraws, 0, 0.04);
  EXPECT_NEAR(normal_squares / kDraws, 1, 0.06);
  EXPECT_NEAR(hits, kDraws / 4, 350);
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 5, 300);
  std::ranges::nth_element(waits, waits.begin() + kDraws / 2);
  EXPECT_NEAR(waits[kDraws / 2], 4, 0.2);
}

}  // namespace
}  // namespace telavis::test
