// SPDX-License-Identifier: Apache-2.0
#include "engine/clock_watch.h"

#include <chrono>

namespace telavis {
namespace {

Duration offset_of(const ClockLook& look) {
  return look.wall.time_since_epoch() - look.uptime;
}

}  // namespace

ClockWatch::ClockWatch(ClockLook start, Instant newest_known, Duration hold)
    : hold_(hold), last_offset_(offset_of(start)), trusted_offset_(last_offset_) {
  const Duration behind = start.wall - newest_known;
  if (behind >= -kMaxClockDrift) return;
  was_behind_ = true;
  trusted_offset_ = offset_of({newest_known, start.uptime});
  first_jump_ = behind;
  note(behind, start.uptime);
}

void ClockWatch::note(Duration jump, Duration uptime) {
  figures_.jumps += 1;
  figures_.last_jump = jump;
  figures_.holds = true;
  hold_until_ = uptime + hold_;
}

bool ClockWatch::is_back(Duration offset) const {
  const bool near = std::chrono::abs(offset - trusted_offset_) <= kMaxClockDrift;
  return near || (was_behind_ && offset > trusted_offset_);
}

ClockWatch::Verdict ClockWatch::look(ClockLook now) {
  const std::lock_guard lock(mutex_);
  Verdict verdict;
  verdict.jump.swap(first_jump_);
  const Duration offset = offset_of(now);
  const Duration moved = offset - last_offset_;
  last_offset_ = offset;
  if (std::chrono::abs(moved) > kMaxClockDrift) {
    verdict.jump = moved;
    note(moved, now.uptime);
  }
  if (figures_.holds && (is_back(offset) || now.uptime >= hold_until_)) {
    figures_.holds = false;
    was_behind_ = false;
  }
  // Drift within the limit is followed: it is the machine's clock that is being disciplined.
  if (!figures_.holds) trusted_offset_ = offset;
  verdict.holds = figures_.holds;
  return verdict;
}

ClockFigures ClockWatch::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace telavis
