// SPDX-License-Identifier: Apache-2.0
// A wall clock may be wrong: a dead battery, a mistyped date, a virtual machine that slept. What
// follows from the passing of time then waits until people or NTP have had time to put it right.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "engine/core/time.h"

namespace telavis {

/// Both clocks of a machine, read together.
struct ClockLook {
  Instant wall;
  Duration uptime{};  // since the start of the machine, suspended time included; never set
};

/// How far the wall clock may move against the uptime between two looks. Above what NTP and a leap
/// second do to a clock that is right, below the shortest delay of the engine (an opinion's
/// minute).
inline constexpr Duration kMaxClockDrift = std::chrono::seconds(10);

struct ClockFigures {
  std::int64_t jumps = 0;
  Duration last_jump{};  // later: positive
  bool holds = false;
};

/// Thread-safe.
class ClockWatch {
 public:
  /// `newest_known` is the newest instant that something was stored with: a clock that stands
  /// before it is wrong. After a jump the hold lasts `hold` of uptime; it ends at once when the
  /// clock comes back to where it would be without the jump.
  ClockWatch(ClockLook start, Instant newest_known, Duration hold);

  struct Verdict {
    bool holds = false;            // do nothing yet for the mere reason that time has passed
    std::optional<Duration> jump;  // seen by this look for the first time
  };
  Verdict look(ClockLook now);
  ClockFigures figures() const;

 private:
  void note(Duration jump, Duration uptime);
  bool is_back(Duration offset) const;

  const Duration hold_;
  mutable std::mutex mutex_;
  ClockFigures figures_;
  Duration last_offset_;                // wall clock less uptime, at the last look
  Duration trusted_offset_;             // what it was before the jump
  bool was_behind_ = false;             // from the start: how far it should come is not known
  Duration hold_until_{};               // uptime
  std::optional<Duration> first_jump_;  // of the start, until a look has told of it
};

}  // namespace telavis
