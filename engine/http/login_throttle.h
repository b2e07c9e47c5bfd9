// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "engine/core/time.h"

namespace telavis {

/// Slows down who guesses passwords: so many failures in so long for one login from one address. In
/// memory: a restart forgives, and an address elsewhere cannot lock a doctor out. Thread-safe.
class LoginThrottle {
 public:
  static constexpr std::size_t kMaxFailures = 10;
  static constexpr Duration kWindow = std::chrono::minutes(15);
  /// Pairs remembered: at 60 ms an attempt one core makes 15,000 of them in a window.
  static constexpr std::size_t kMaxTracked = 20'000;

  /// Counts an attempt as a failure until succeeded() says otherwise, so that attempts side by side
  /// count too. False: too many, and this one is not counted.
  bool begin(const std::string& login, const std::string& peer, Instant now);
  void succeeded(const std::string& login, const std::string& peer);

 private:
  using Pair = std::pair<std::string, std::string>;
  void forget_old(Instant now);

  std::mutex mutex_;
  std::map<Pair, std::deque<Instant>> failures_;
};

}  // namespace telavis
