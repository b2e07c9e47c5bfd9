// SPDX-License-Identifier: Apache-2.0
#include "engine/clock.h"

#include <time.h>

namespace telavis {

Instant SystemClock::now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Duration uptime() {
  timespec since_start{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_start);  // cannot fail: Linux has had it since 2.6.39
  return std::chrono::floor<Duration>(std::chrono::seconds(since_start.tv_sec) +
                                      std::chrono::nanoseconds(since_start.tv_nsec));
}

ClockLook look_at_clocks() {
  // A thread may be stopped between two readings; the shortest of a few attempts has the least of
  // that.
  constexpr int kAttempts = 3;
  ClockLook best;
  Duration least = Duration::max();
  for (int i = 0; i < kAttempts; ++i) {
    const Duration before = uptime();
    const Instant wall = SystemClock().now();
    const Duration taken = uptime() - before;
    if (taken >= least) continue;
    least = taken;
    best = {wall, before};
  }
  return best;
}

}  // namespace telavis
