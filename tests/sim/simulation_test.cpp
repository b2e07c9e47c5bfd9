// SPDX-License-Identifier: Apache-2.0
// Whole programmes in virtual time, under invariants. A seed that fails prints what replays it.
#include "engine/simulation/simulation.h"

#include <gtest/gtest.h>

#include "tests/sim/worlds.h"

namespace telavis::test {
namespace {

/// All but the questions that a crash kept from being asked.
void expect_all_cases(const Figures& figures, std::size_t cases) {
  EXPECT_EQ(figures.cases + figures.counts.never_asked, static_cast<std::int64_t>(cases));
}

class EveryProgramme : public testing::TestWithParam<const char*> {};

TEST_P(EveryProgramme, KeepsItsInvariantsWhateverPeopleDo) {
  std::int64_t refused = 0, replayed = 0;
  for (const std::uint64_t seed : {1U, 2U, 8U}) {  // the last one lives on until all is erased
    const auto figures = simulate_world(world_of(GetParam(), kFewCases, seed));
    ASSERT_TRUE(figures) << figures.error().text;
    expect_all_cases(*figures, kFewCases);
    refused += figures->counts.refused;
    replayed += figures->counts.replayed;
  }
  // The model is meant to reach what it tests: nothing here is empty.
  EXPECT_GT(refused, 0);
  EXPECT_GT(replayed, 0);
}

INSTANTIATE_TEST_SUITE_P(Shipped, EveryProgramme,
                         testing::Values("rythmologie-guadeloupe", "dermato-oncologie-bretagne",
                                         "ecg-pays-de-la-loire", "dermatologie-hauts-de-france"));

TEST_P(EveryProgramme, KeepsThemThoughTheProcessDiesAllTheTime) {
  constexpr std::size_t kCases = 170;  // of fewer, no mail may happen to leave again
  World world = world_of(GetParam(), kCases, 4);
  world.crashes = 0.01;
  const auto figures = simulate_world(world);
  ASSERT_TRUE(figures) << figures.error().text;
  expect_all_cases(*figures, kCases);
  EXPECT_GT(figures->counts.crashes, static_cast<std::int64_t>(kCases));
  EXPECT_GT(figures->counts.asked_again, 0);
  EXPECT_GT(figures->counts.wire_copies, 0);
}

TEST(Simulation, NothingDiesInACalmWorld) {
  World world = world_of("rythmologie-guadeloupe", kFewCases, 4);
  world.calm = true;
  const auto figures = simulate_world(world);
  ASSERT_TRUE(figures) << figures.error().text;
  EXPECT_EQ(figures->cases, static_cast<std::int64_t>(kFewCases));
  EXPECT_EQ(figures->counts.crashes, 0);
  EXPECT_EQ(figures->counts.wire_copies, 0);
  EXPECT_EQ(figures->counts.files_left, 0);
}

TEST(Simulation, OneSeedGivesTheSameFiguresWithAnyNumberOfThreads) {
  SimulationOptions options;
  options.cases = kFewCases;
  options.seed = 5;
  options.programmes = {shipped("rythmologie-guadeloupe")};
  options.known = shipped_programmes();
  const auto first = simulate(options);
  options.threads = 2;
  const auto second = simulate(options);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(figures_text(*first), figures_text(*second));
  options.seed = 6;
  EXPECT_NE(figures_text(*simulate(options)), figures_text(*first));
}

TEST(Simulation, APoolOfEqualsIsAskedFairly) {
  // Some thirty an expert: of ten, one more than the others is a tenth already.
  constexpr std::size_t kCases = 1000;
  World world = world_of("dermato-oncologie-bretagne", kCases, 3);
  world.equals = true;
  world.calm = true;
  const auto figures = simulate_world(world);
  ASSERT_TRUE(figures) << figures.error().text;
  EXPECT_LE(figures->fairness.front(), 1.2);
}

/// The programme that asks its whole pool costs five times as much a case; its invariants are held
/// above and in the next test.
TEST(Simulation, ManyCasesOfTheProgrammesThatAskByName) {
  SimulationOptions options;
  options.cases = kManyCases;
  options.seed = 1'000;
  options.known = shipped_programmes();
  for (const Programme& programme : options.known) {
    if (programme.policy != OfferPolicy::open) options.programmes.push_back(programme);
  }
  options.threads = 2;
  const auto figures = simulate(options);
  ASSERT_TRUE(figures) << figures.error().text;
  expect_all_cases(*figures, kManyCases);
  RecordProperty("figures", figures_text(*figures));
}

TEST(Simulation, ManyCasesOfAPoolThatIsAskedOpenly) {
  SimulationOptions options;
  options.cases = kManyCases / 40;
  options.seed = 2'000;
  options.known = shipped_programmes();
  options.programmes = {shipped("dermatologie-hauts-de-france")};
  const auto figures = simulate(options);
  ASSERT_TRUE(figures) << figures.error().text;
}

}  // namespace
}  // namespace telavis::test
