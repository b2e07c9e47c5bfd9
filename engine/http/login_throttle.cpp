// SPDX-License-Identifier: Apache-2.0
#include "engine/http/login_throttle.h"

#include <algorithm>

namespace telavis {

bool LoginThrottle::begin(const std::string& login, const std::string& peer, Instant now) {
  const std::lock_guard lock(mutex_);
  const Pair pair(login, peer);
  if (failures_.size() >= kMaxTracked && failures_.count(pair) == 0) forget_old(now);
  auto& failures = failures_[pair];
  while (!failures.empty() && now - failures.front() >= kWindow) failures.pop_front();
  if (failures.size() >= kMaxFailures) return false;
  failures.push_back(now);
  return true;
}

void LoginThrottle::succeeded(const std::string& login, const std::string& peer) {
  const std::lock_guard lock(mutex_);
  failures_.erase(Pair(login, peer));
}

void LoginThrottle::forget_old(Instant now) {
  std::erase_if(failures_, [&](const auto& entry) { return now - entry.second.back() >= kWindow; });
  if (failures_.size() < kMaxTracked) return;
  failures_.erase(
      std::min_element(failures_.begin(), failures_.end(), [](const auto& left, const auto& right) {
        return left.second.back() < right.second.back();
      }));
}

}  // namespace telavis
