// SPDX-License-Identifier: Apache-2.0
#include "engine/workers.h"

#include <algorithm>
#include <utility>

namespace telavis {
namespace {

constexpr std::size_t kBatch = 100;  // bounds how long a stop has to wait
constexpr std::chrono::milliseconds kLongestPause = std::chrono::seconds(30);
constexpr int kHousekeepingRounds = 1000;

}  // namespace

Workers::Workers(Service& service, Registry& registry, std::chrono::milliseconds poll,
                 std::function<void(const std::string&)> report)
    : poll_(poll), report_(std::move(report)) {
  threads_.emplace_back([this, &service, &registry, rounds = 0]() mutable {
    run("timers", [&service, &registry, &rounds]() -> Result<int> {
      if (rounds++ % kHousekeepingRounds == 0) {
        const auto erased = service.repository().erase_expired_sessions(service.clock().now());
        if (!erased) return tl::unexpected(erased.error());
        const auto tidied = registry.tidy_up();
        if (!tidied) return tl::unexpected(tidied.error());
      }
      return service.run_timers(kBatch);
    });
  });
  threads_.emplace_back(
      [this, &service] { run("outbox", [&service] { return service.deliver_messages(kBatch); }); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::wait(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, duration, [this] { return stopping_; });
  return !stopping_;
}

void Workers::run(const char* name, const Round& round) {
  std::chrono::milliseconds pause{0};
  while (wait(pause)) {
    const auto handled = round();
    if (!handled) {
      // A disk that is full stays full for a while: each failure doubles the pause.
      pause = std::min(std::max(poll_, pause * 2), kLongestPause);
      report_(std::string(name) + ": " + std::string(error_name(handled.error().code)) + ": " +
              handled.error().text);
      continue;
    }
    pause = *handled > 0 ? std::chrono::milliseconds(0) : poll_;
  }
}

}  // namespace telavis
