// SPDX-License-Identifier: Apache-2.0
#include "engine/core/change_board.h"

#include <algorithm>
#include <vector>

namespace telavis {
namespace {

std::string topic_of(const UserId& user) {
  return "user/" + user.value;
}
std::string topic_of(const ProgrammeId& programme) {
  return "programme/" + programme.value;
}

std::set<std::string> topics_of_case(const Case& subject) {
  std::set<std::string> topics = {topic_of(subject.programme), topic_of(subject.requester)};
  if (subject.requester_delegate) topics.insert(topic_of(*subject.requester_delegate));
  if (subject.expert) topics.insert(topic_of(*subject.expert));
  for (const Offer& offer : subject.offers) topics.insert(topic_of(offer.expert));
  return topics;
}

}  // namespace

std::set<std::string> topics_of(const User& user) {
  std::set<std::string> topics = {topic_of(user.id)};
  for (const Membership& membership : user.memberships) {
    if (membership.role != Role::requester) topics.insert(topic_of(membership.programme));
  }
  return topics;
}

void ChangeBoard::changed(const Case& subject) {
  const std::set<std::string> topics = topics_of_case(subject);
  std::vector<std::function<void()>> woken;
  {
    const std::lock_guard lock(mutex_);
    ++last_;
    for (const std::string& topic : topics) changes_[topic] = last_;
    for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
      const bool concerned = std::ranges::any_of(
          waiter->second.topics, [&](const std::string& topic) { return topics.contains(topic); });
      if (!concerned) {
        ++waiter;
        continue;
      }
      woken.push_back(std::move(waiter->second.woken));
      waiter = waiters_.erase(waiter);
    }
  }
  for (const auto& wake : woken) wake();
}

std::string ChangeBoard::locked_mark(const std::set<std::string>& topics) const {
  std::uint64_t latest = 0;
  for (const std::string& topic : topics) {
    const auto found = changes_.find(topic);
    if (found != changes_.end()) latest = std::max(latest, found->second);
  }
  return run_ + "-" + std::to_string(latest);
}

std::string ChangeBoard::mark(const std::set<std::string>& topics) const {
  const std::lock_guard lock(mutex_);
  return locked_mark(topics);
}

std::uint64_t ChangeBoard::wait(const std::set<std::string>& topics, const std::string& seen,
                                std::function<void()> woken) {
  {
    const std::lock_guard lock(mutex_);
    if (locked_mark(topics) == seen) {
      waiters_.emplace(next_waiter_, Waiter{topics, std::move(woken)});
      return next_waiter_++;
    }
  }
  woken();
  return 0;
}

void ChangeBoard::forget(std::uint64_t waiter) {
  const std::lock_guard lock(mutex_);
  waiters_.erase(waiter);
}

}  // namespace telavis
