// SPDX-License-Identifier: Apache-2.0
// Tells open pages that something of theirs has changed, so that they ask what. It carries nothing
// but that. It knows the changes of this process alone: pages ask from time to time as well.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "engine/core/case.h"
#include "engine/core/people.h"

namespace telavis {

/// What a person's pages show: his own cases, and in other roles than requester all those of his
/// programmes.
std::set<std::string> topics_of(const User& user);

/// Thread-safe.
class ChangeBoard {
 public:
  /// `run` tells the marks of one run of the engine from those of another.
  explicit ChangeBoard(std::string run) : run_(std::move(run)) {}

  void changed(const Case& subject);

  /// How far these topics have come.
  std::string mark(const std::set<std::string>& topics) const;

  /// Calls `woken` once, from any thread, as soon as the mark of `topics` is another than `seen`;
  /// at once when it is already. The number serves to forget().
  std::uint64_t wait(const std::set<std::string>& topics, const std::string& seen,
                     std::function<void()> woken);
  /// Nobody waits any more. What was woken already is.
  void forget(std::uint64_t waiter);

 private:
  struct Waiter {
    std::set<std::string> topics;
    std::function<void()> woken;
  };
  std::string locked_mark(const std::set<std::string>& topics) const;

  std::string run_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::string, std::uint64_t> changes_;  // by topic
  std::uint64_t next_waiter_ = 1;
  std::map<std::uint64_t, Waiter> waiters_;
};

}  // namespace telavis
