// SPDX-License-Identifier: Apache-2.0
// Writers that come at the same time share one transaction, and with it the one thing that takes
// long: the sync of the disk.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "storage/database.h"

namespace telavis {

/// Owns the connection that writes. Thread-safe; no thread of its own: whoever comes while nobody
/// writes does the work of all that wait by then, one after the other, and commits once.
class GroupCommit {
 public:
  /// What is to become of what a work did.
  enum class Effect { keep, undo };
  /// May run on the thread of another caller. An error undoes what it did.
  using Work = std::function<Result<Effect>(Database&)>;

  explicit GroupCommit(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  /// Returns after the work and whatever it may have seen are on the disk. Errors: those of the
  /// work, which leave the others of its group alone; those of the database when the common
  /// transaction fails, whatever the work said.
  Result<void> run(const Work& work);
  /// How many wait for the group after the one that is being committed.
  std::size_t waiting();

 private:
  struct Waiting {
    const Work& work;
    bool done = false;
    Result<void> result;
    std::exception_ptr thrown;  // no memory: told to everyone of the group
  };
  using Group = std::list<Waiting*>;

  Group next_group();
  void run_together(const Group& group) noexcept;
  Result<void> commit_together(const Group& group);
  Result<Effect> run_guarded(Waiting& one);

  std::mutex mutex_;
  std::condition_variable changed_;
  Group waiting_;
  bool is_led_ = false;                 // somebody is at the connection
  std::unique_ptr<Database> database_;  // of whoever leads
};

}  // namespace telavis
