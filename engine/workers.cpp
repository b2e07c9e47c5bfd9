// SPDX-License-Identifier: Apache-2.0
#include "engine/workers.h"

#include <algorithm>
#include <utility>

namespace telavis {
namespace {

constexpr std::chrono::milliseconds kLongestPause = std::chrono::seconds(30);  // after failures

}  // namespace

Workers::Workers(std::vector<Duty> duties, WorkerPorts ports)
    : duties_(std::move(duties)), ports_(std::move(ports)) {
  for (const Duty& duty : duties_) figures_[duty.name];
  threads_.reserve(duties_.size());
  for (const Duty& duty : duties_) threads_.emplace_back([this, &duty] { run(duty); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::map<std::string, DutyFigures> Workers::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

bool Workers::wait(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, duration, [this] { return stopping_; });
  return !stopping_;
}

void Workers::note_success(const Duty& duty, int handled) {
  const Instant at = ports_.now();
  const std::lock_guard lock(mutex_);
  DutyFigures& figures = figures_[duty.name];
  if (!figures.last_error.empty()) ports_.log(duty.name + ": works again");
  figures.handled += handled;
  figures.last_success = at;
  figures.last_error.clear();
}

void Workers::note_failure(const Duty& duty, const Error& error) {
  ports_.failed(error);
  const std::string code(error_name(error.code));
  const std::lock_guard lock(mutex_);
  DutyFigures& figures = figures_[duty.name];
  if (figures.last_error != code) ports_.log(duty.name + ": " + code + ": " + error.text);
  figures.failures += 1;
  figures.last_error = code;
}

void Workers::run(const Duty& duty) {
  std::chrono::milliseconds pause{0};
  while (wait(pause)) {
    const auto handled = duty.round();
    if (handled) {
      note_success(duty, *handled);
      pause = *handled > 0 ? std::chrono::milliseconds(0) : duty.pause;
    } else {
      note_failure(duty, handled.error());
      // A disk that is full stays full for a while: each failure doubles the pause.
      pause = std::clamp(pause * 2, std::min(duty.pause, kLongestPause), kLongestPause);
    }
  }
}

}  // namespace telavis
