// SPDX-License-Identifier: Apache-2.0
// How long a connection may go on. Whoever serves it says so as it goes along; whoever watches cuts
// it when the time is over. So a read never needs a limit of its own, and bytes that drip in one by
// one do not stretch it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace telavis {

class DicomDeadline {
 public:
  using Clock = std::chrono::steady_clock;

  /// `whole`: of the connection, whatever is allowed later.
  explicit DicomDeadline(Clock::duration whole) : end_(Clock::now() + whole), at_(end_) {}

  void allow(Clock::duration time) { at_ = std::min(Clock::now() + time, end_); }
  /// While the server itself works: only the end of the connection counts.
  void suspend() { at_ = end_; }
  bool passed(Clock::time_point now) const { return now >= at_.load(); }
  /// A device that may send has asked for an association: it is not cut to make room for others.
  void establish() { established_ = true; }
  bool established() const { return established_; }

 private:
  const Clock::time_point end_;
  std::atomic<Clock::time_point> at_;
  std::atomic<bool> established_{false};
};

}  // namespace telavis
