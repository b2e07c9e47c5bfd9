// SPDX-License-Identifier: Apache-2.0
#include "engine/clock_watch.h"

#include <gtest/gtest.h>

#include "engine/clock.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant kNoon = parse_instant("2026-01-06T12:00:00Z").value();

/// A machine whose two clocks a test moves.
struct Machine {
  Instant wall = kNoon;
  Duration uptime = hours(3);
  void pass(Duration time) {
    wall += time;
    uptime += time;
  }
  operator ClockLook() const { return {wall, uptime}; }
};

TEST(ClockWatch, ARightClockIsLetAlone) {
  Machine machine;
  ClockWatch watch(machine, kNoon, minutes(15));
  for (int i = 0; i < 10'000; ++i) {
    machine.pass(seconds(60));
    machine.wall += milliseconds(30);  // 500 ppm: what NTP steers by, for a week
    const auto verdict = watch.look(machine);
    EXPECT_FALSE(verdict.holds);
    EXPECT_FALSE(verdict.jump);
  }
  machine.wall -= seconds(1);  // a leap second, stepped
  EXPECT_FALSE(watch.look(machine).holds);
  EXPECT_EQ(watch.figures().jumps, 0);
}

TEST(ClockWatch, AJumpEitherWayHoldsForTheTimeConfigured) {
  for (const Duration jump : {Duration(hours(24)), Duration(-hours(24)), Duration(seconds(11))}) {
    Machine machine;
    ClockWatch watch(machine, kNoon, minutes(15));
    machine.pass(seconds(1));
    machine.wall += jump;
    const auto seen = watch.look(machine);
    EXPECT_TRUE(seen.holds);
    EXPECT_EQ(seen.jump, jump);
    machine.pass(minutes(14));
    EXPECT_TRUE(watch.look(machine).holds);
    EXPECT_FALSE(watch.look(machine).jump) << "told twice";
    machine.pass(minutes(1));
    EXPECT_FALSE(watch.look(machine).holds) << "the new time is taken for right";
    machine.pass(hours(1));
    EXPECT_FALSE(watch.look(machine).holds);
    EXPECT_EQ(watch.figures().jumps, 1);
    EXPECT_EQ(watch.figures().last_jump, jump);
  }
}

TEST(ClockWatch, AClockThatComesBackIsTrustedAtOnce) {
  Machine machine;
  ClockWatch watch(machine, kNoon, minutes(15));
  machine.wall += hours(24 * 365);
  EXPECT_TRUE(watch.look(machine).holds);
  machine.pass(minutes(3));
  machine.wall -= hours(24 * 365);
  const auto back = watch.look(machine);
  EXPECT_TRUE(back.jump);
  EXPECT_FALSE(back.holds);
}

TEST(ClockWatch, ASecondWrongJumpBeginsTheHoldAnew) {
  Machine machine;
  ClockWatch watch(machine, kNoon, minutes(15));
  machine.wall += hours(5);
  EXPECT_TRUE(watch.look(machine).holds);
  machine.pass(minutes(10));
  machine.wall += hours(5);
  EXPECT_TRUE(watch.look(machine).holds);
  machine.pass(minutes(10));
  EXPECT_TRUE(watch.look(machine).holds);
  machine.pass(minutes(5));
  EXPECT_FALSE(watch.look(machine).holds);
}

TEST(ClockWatch, AClockBehindWhatTheDatabaseKnowsHoldsFromTheStart) {
  Machine machine;
  machine.wall = parse_instant("1970-01-01T00:01:00Z").value();  // the battery is flat
  ClockWatch watch(machine, kNoon, minutes(15));
  const auto first = watch.look(machine);
  EXPECT_TRUE(first.holds);
  EXPECT_EQ(first.jump, machine.wall - kNoon);
  machine.pass(minutes(2));
  EXPECT_FALSE(watch.look(machine).jump) << "told twice";
  machine.wall = kNoon + hours(40);  // NTP; the machine had been off for a while
  EXPECT_FALSE(watch.look(machine).holds);
}

TEST(ClockWatch, TheMachineHasBothClocks) {
  const ClockLook first = look_at_clocks();
  const ClockLook second = look_at_clocks();
  EXPECT_GT(first.uptime, Duration::zero());
  EXPECT_GE(second.uptime, first.uptime);
}

}  // namespace
}  // namespace telavis::test
