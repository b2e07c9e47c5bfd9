// SPDX-License-Identifier: Apache-2.0
// What a node does without being asked: a thread a duty; look for what is due, handle it, sleep.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

struct Duty {
  std::string name;                 // of the metrics and the log: "timers", "outbox", ...
  std::chrono::milliseconds pause;  // after a round that had nothing to do
  /// Gives how much was handled; more than 0: there may be more, the next round follows at once.
  std::function<Result<int>()> round;
};

/// How the rounds of one duty went.
struct DutyFigures {
  std::int64_t handled = 0;
  std::int64_t failures = 0;
  Instant last_success;    // of the clock given to Workers; the epoch: never
  std::string last_error;  // code of the last round's failure, empty when it went well
};

/// What workers are given; called from every thread.
struct WorkerPorts {
  std::function<Instant()> now;
  /// One line when a duty begins to fail, or to fail otherwise, and one when it works again.
  std::function<void(const std::string&)> log;
  std::function<void(const Error&)> failed;  // every failure
};

class Workers {
 public:
  /// Starts at once.
  Workers(std::vector<Duty> duties, WorkerPorts ports);
  ~Workers();  // stops and joins
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::map<std::string, DutyFigures> figures() const;

 private:
  void run(const Duty& duty);
  void note_success(const Duty& duty, int handled);
  void note_failure(const Duty& duty, const Error& error);
  bool wait(std::chrono::milliseconds duration);  // false: stop

  const std::vector<Duty> duties_;
  const WorkerPorts ports_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::map<std::string, DutyFigures> figures_;
  std::vector<std::thread> threads_;
};

}  // namespace telavis
