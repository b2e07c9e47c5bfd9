// SPDX-License-Identifier: Apache-2.0
// The main job with the Nth call of any port failing, for every N: before or after the work, once
// or for good (the process is dead and another one goes on from the disk).
#include <gtest/gtest.h>

#include "tests/service/world.h"

namespace telavis::test {
namespace {

/// Does what is left of the main job, as people and workers would who try again. False: a port
/// failed on the way.
bool go_on(Disk& disk, Engine& engine, const Bytes& ecg) {
  if (!engine.service.submit(engine.gp, "submit", kRequestJson, {{"web", "ecg.scp", ecg}})) {
    return false;
  }
  if (!engine.settle()) return false;
  const auto listed = engine.service.list(engine.gp);
  if (!listed || listed->empty()) return false;
  const CaseId id = listed->front().id;
  if (listed->front().state == CaseState::offered) {
    const User& expert =
        listed->front().expert == engine.expert_a.id ? engine.expert_a : engine.expert_b;
    if (!engine.service.accept(expert, "accept", id)) return false;
  }
  const auto now = engine.repository->load_case(id);
  if (!now || !*now) return false;
  if ((*now)->state == CaseState::accepted && !(*now)->pending_opinion) {
    const User& expert = (*now)->expert == engine.expert_a.id ? engine.expert_a : engine.expert_b;
    if (!engine.service.answer(expert, "answer", id, kOpinionJson)) return false;
  }
  disk.clock.advance(std::chrono::minutes(5));
  if (!engine.settle()) return false;
  return engine.repository->load_case(id).value()->state == CaseState::delivered;
}

void expect_exactly_once(const Disk& disk, Engine& engine, const std::string& what) {
  const auto cases = engine.repository->cases({}).value();
  ASSERT_EQ(cases.size(), 1U) << what;
  EXPECT_EQ(cases[0].state, CaseState::delivered) << what;
  EXPECT_EQ(engine.repository->acts({})->size(), 2U) << what;
  const std::size_t invitations = mails_of(disk, engine.expert_a.mail_address).size() +
                                  mails_of(disk, engine.expert_b.mail_address).size();
  EXPECT_EQ(invitations, 1U) << what;
  EXPECT_EQ(mails_of(disk, engine.gp.mail_address).size(), 1U) << what;
  const auto chain = engine.repository->audit_chain(cases[0].id.value).value();
  EXPECT_EQ(verify_chain(chain, cases[0].audit), 0) << what;
  EXPECT_TRUE(engine.service.report(engine.gp, cases[0].id)) << what;
}

void crash_at_every_call(FaultSide side, FaultExtent extent) {
  const Bytes ecg = fixture("demo-ecg.scp");
  std::int64_t last = 1;
  for (std::int64_t n = 1; n <= last; ++n) {
    Disk disk;
    { Engine(disk).enrol(); }
    FaultPlan plan(n, side, extent);
    {
      Engine engine(disk, &plan);
      for (int attempt = 0; attempt < 5 && !go_on(disk, engine, ecg); ++attempt) {
        if (extent == FaultExtent::from_then_on) break;
        disk.clock.advance(std::chrono::minutes(2));
      }
      if (plan.failed_call().empty()) {
        EXPECT_GT(n, 20) << "the main job reached few calls";
        return;  // the main job has fewer than n calls
      }
      last = n + 1;
    }
    Engine reopened(disk);
    for (int attempt = 0; attempt < 3 && !go_on(disk, reopened, ecg); ++attempt) {
    }
    expect_exactly_once(disk, reopened, "call " + std::to_string(n) + ", " + plan.failed_call());
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Crash, BeforeAnyCallForGood) {
  crash_at_every_call(FaultSide::before, FaultExtent::from_then_on);
}
TEST(Crash, AfterAnyCallForGood) {
  crash_at_every_call(FaultSide::after, FaultExtent::from_then_on);
}
TEST(Crash, BeforeAnyCallOnce) {
  crash_at_every_call(FaultSide::before, FaultExtent::once);
}
TEST(Crash, AfterAnyCallOnce) {
  crash_at_every_call(FaultSide::after, FaultExtent::once);
}

}  // namespace
}  // namespace telavis::test
