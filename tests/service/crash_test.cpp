// SPDX-License-Identifier: Apache-2.0
// The main job with the Nth call of any port failing, for every N: before or after the work, once
// or for good (the process is dead and another one goes on from the disk).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/sanitized.h"
#include "tests/service/main_job.h"

namespace telavis::test {
namespace {

void crash_at_every_call(FaultSide side, FaultExtent extent) {
  const Bytes ecg = fixture("demo-ecg.scp");
  std::int64_t last = 1;
  constexpr std::int64_t kStride = kAddressSanitizer ? 13 : 1;
  for (std::int64_t n = 1; n <= last; n += kStride) {
    Disk disk;
    { Engine(disk).enrol(); }
    FaultPlan plan(n, side, extent);
    {
      Engine engine(disk, &plan, Reports::plain);
      for (int attempt = 0; attempt < 5 && !go_on(disk, engine, ecg); ++attempt) {
        if (extent == FaultExtent::from_then_on) break;
        disk.clock.advance(std::chrono::minutes(2));
      }
      if (plan.failed_call().empty()) {
        EXPECT_GT(n, 20) << "the main job reached few calls";
        ::testing::Test::RecordProperty("crash_points", static_cast<int>(n - 1));
        fmt::print("main job: {} crash points\n", n - 1);
        return;  // the main job has fewer than n calls
      }
      last = n + kStride;
    }
    Engine reopened(disk, nullptr, Reports::plain);
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
