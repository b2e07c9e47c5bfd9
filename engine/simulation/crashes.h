// SPDX-License-Identifier: Apache-2.0
// The process dies at a random call of a port, before or after the call took effect. From then on
// nothing reaches a port, until another process goes on over what is durable.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <type_traits>

#include "engine/core/ports.h"
#include "engine/simulation/memory_blobs.h"
#include "engine/simulation/relay_repository.h"
#include "engine/simulation/seeded_stream.h"

namespace telavis {

class Crashes {
 public:
  /// `rate`: the share of the calls at which the process dies; 0: never.
  Crashes(double rate, SeededStream chance);

  /// What becomes of one call.
  enum class Fate { works, dies_before, dies_after };
  Fate next();
  /// Does the work or not; for calls whose answer is a Result.
  template <typename Work>
  std::invoke_result_t<Work> run(const char*, Work work) {
    const Fate fate = next();
    if (fate == Fate::works) return work();
    if (fate == Fate::dies_after) {
      dead_ = false;  // somebody else's call may run inside this one: it reaches its ports
      static_cast<void>(work());
      dead_ = true;
    }
    return fail(ErrorCode::storage_failed, "the simulated process is dead");
  }

  bool is_dead() const { return dead_; }
  void revive() {
    dead_ = false;
    lives_ += 1;
  }
  std::int64_t lives() const { return lives_; }  // processes so far, but for the first
  std::int64_t count() const { return count_; }
  /// While somebody else's call runs inside this one, neither dies.
  void pause(bool paused) { paused_ = paused; }
  SeededStream& chance() { return chance_; }

  /// The process is about to change something of this case: a crash may leave its files behind.
  void works_on(const std::string& case_id) { works_on_ = case_id; }
  /// May a file of the case be there that nothing names?
  bool may_leave_files(const CaseId& id) const { return left_behind_.contains(id.value); }

 private:
  void draw();

  double rate_;
  SeededStream chance_;
  std::int64_t calls_left_ = 0;  // until the next one
  std::int64_t count_ = 0;
  std::int64_t lives_ = 0;
  bool dead_ = false;
  bool paused_ = false;
  std::string works_on_;
  std::set<std::string> left_behind_;  // cases
};

class CrashingRepository : public RelayRepository<Crashes> {
 public:
  CrashingRepository(Repository& inner, Crashes& crashes)
      : RelayRepository(inner, crashes), crashes_(crashes) {}
  Result<CommitResult> commit(const Commit& commit) override {
    crashes_.works_on(commit.next.id.value);
    return RelayRepository::commit(commit);
  }

 private:
  Crashes& crashes_;
};

class CrashingBlobs : public BlobStore {
 public:
  CrashingBlobs(MemoryBlobs& inner, Crashes& crashes) : inner_(inner), crashes_(crashes) {}
  /// One that is cut off by a crash may be half there.
  Result<void> put(const BlobRef& ref, ByteView sealed) override;
  Result<Bytes> get(const BlobRef& ref) override;
  Result<void> erase(const BlobRef& ref) override;

  /// Files that were cut off and not written again.
  const std::set<std::string>& torn() const { return torn_; }

 private:
  MemoryBlobs& inner_;
  Crashes& crashes_;
  std::set<std::string> torn_;
};

class CrashingMailer : public Mailer {
 public:
  CrashingMailer(Mailer& inner, Crashes& crashes) : inner_(inner), crashes_(crashes) {}
  SendResult send(const Envelope& envelope, ByteView mime) override;

 private:
  Mailer& inner_;
  Crashes& crashes_;
};

/// Every file of a case has a name that begins with the id of the case.
CaseId case_of(const BlobRef& ref);

}  // namespace telavis
