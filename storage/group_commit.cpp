// SPDX-License-Identifier: Apache-2.0
#include "storage/group_commit.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace telavis {
namespace {

// Bounds how long the first of a group waits for the last, and the log of one transaction (some 5
// MB). A sync costs as much as a few commits: more would gain nothing.
constexpr std::size_t kMaxGroup = 64;

}  // namespace

Result<void> GroupCommit::run(const Work& work) {
  Waiting self{work, false, {}, nullptr};
  Group mine = {&self};
  std::unique_lock lock(mutex_);
  waiting_.splice(waiting_.end(), mine);
  while (true) {
    changed_.wait(lock, [&] { return self.done || !is_led_; });
    if (self.done) break;
    is_led_ = true;
    // Nothing from here on may throw: the others rely on this thread.
    const Group group = next_group();
    lock.unlock();
    run_together(group);
    lock.lock();
    for (Waiting* one : group) one->done = true;
    is_led_ = false;
    changed_.notify_all();
  }
  lock.unlock();
  if (self.thrown) std::rethrow_exception(self.thrown);
  return std::move(self.result);
}

std::size_t GroupCommit::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

GroupCommit::Group GroupCommit::next_group() {
  Group group;
  const auto size = std::min(waiting_.size(), kMaxGroup);
  group.splice(group.end(), waiting_, waiting_.begin(),
               std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(size)));
  return group;
}

void GroupCommit::run_together(const Group& group) noexcept {
  try {
    const auto committed = commit_together(group);
    if (committed) return;
    for (Waiting* one : group) one->result = committed;
  } catch (...) {
    for (Waiting* one : group) one->thrown = std::current_exception();
  }
}

Result<void> GroupCommit::commit_together(const Group& group) {
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return tl::unexpected(transaction.error());
  bool any_kept = false;
  for (Waiting* one : group) {
    // Alone, the transaction itself is what is undone.
    const auto effect = group.size() == 1 ? one->work(*database_) : run_guarded(*one);
    if (!effect) return tl::unexpected(effect.error());
    any_kept = any_kept || *effect == Effect::keep;
  }
  if (!any_kept) return {};
  return transaction->commit();
}

/// Its error is that of the whole group.
Result<GroupCommit::Effect> GroupCommit::run_guarded(Waiting& one) {
  if (const auto set = database_->run("savepoint one_of_group"); !set)
    return tl::unexpected(set.error());
  const auto effect = one.work(*database_);
  if (!effect) one.result = tl::unexpected(effect.error());
  const bool undo = !effect || *effect == Effect::undo;
  if (undo) {
    // A full disk makes a database end the transaction by itself: the savepoint went with it, and
    // what matters is why.
    if (const auto undone = database_->run("rollback to savepoint one_of_group"); !undone)
      return tl::unexpected(effect ? undone.error() : effect.error());
  }
  if (const auto released = database_->run("release savepoint one_of_group"); !released)
    return tl::unexpected(released.error());
  return undo ? Effect::undo : Effect::keep;
}

}  // namespace telavis
