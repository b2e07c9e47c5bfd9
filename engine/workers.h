// SPDX-License-Identifier: Apache-2.0
// The two workers of a node: claim what is due, handle it, sleep.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/registry.h"
#include "engine/core/service.h"

namespace telavis {

class Workers {
 public:
  /// Starts at once. `report` is told of each failure (ids and codes only); it may be called from
  /// both threads.
  Workers(Service& service, Registry& registry, std::chrono::milliseconds poll,
          std::function<void(const std::string&)> report);
  ~Workers();  // stops and joins
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

 private:
  using Round = std::function<Result<int>()>;
  void run(const char* name, const Round& round);
  bool wait(std::chrono::milliseconds duration);  // false: stop

  std::chrono::milliseconds poll_;
  std::function<void(const std::string&)> report_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace telavis
