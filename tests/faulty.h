// SPDX-License-Identifier: Apache-2.0
// Ports that fail at one chosen call: what crash_at_n loops are made of. Wrap every port with the
// same FaultPlan, run once with `fail_at` 0 to count the calls, then once for each n up to that
// count.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/ports.h"
#include "engine/simulation/relay_repository.h"

namespace telavis::test {

/// Where the Nth call fails: the caller cannot tell the two apart, but the world differs.
enum class FaultSide {
  before,  // nothing was done
  after,   // all was done, the answer was lost
};
/// What comes after the fault.
enum class FaultExtent {
  once,         // the next call works: a passing failure
  from_then_on  // no later call reaches its port: the process is dead
};

class FaultPlan {
 public:
  FaultPlan() = default;
  FaultPlan(std::int64_t fail_at, FaultSide side, FaultExtent extent)
      : fail_at_(fail_at), side_(side), extent_(extent) {}

  enum class Verdict { work, fail_before, fail_after };
  /// Counts one call and tells what becomes of it.
  Verdict next(const char* what) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    if (fail_at_ == 0 || calls_ < fail_at_) return Verdict::work;
    if (calls_ == fail_at_) {
      failed_call_ = what;
      return side_ == FaultSide::before ? Verdict::fail_before : Verdict::fail_after;
    }
    return extent_ == FaultExtent::once ? Verdict::work : Verdict::fail_before;
  }

  std::int64_t calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  /// Name of the call that failed, empty when none did.
  std::string failed_call() const {
    const std::lock_guard lock(mutex_);
    return failed_call_;
  }

  /// Does `work` or fails as planned; for the ports whose answer is a Result.
  template <typename Work>
  std::invoke_result_t<Work> run(const char* what, Work work) {
    const Verdict verdict = next(what);
    if (verdict != Verdict::fail_before) {
      auto answer = work();
      if (verdict == Verdict::work) return answer;
    }
    return fail(ErrorCode::storage_failed, std::string("planned fault in ") + what);
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t fail_at_ = 0;  // 1-based over all ports; 0: never
  FaultSide side_ = FaultSide::before;
  FaultExtent extent_ = FaultExtent::once;
  std::int64_t calls_ = 0;
  std::string failed_call_;
};

class FaultyBlobStore : public BlobStore {
 public:
  FaultyBlobStore(BlobStore& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  Result<void> put(const BlobRef& ref, ByteView sealed) override {
    return plan_.run("blobs.put", [&] { return inner_.put(ref, sealed); });
  }
  Result<Bytes> get(const BlobRef& ref) override {
    return plan_.run("blobs.get", [&] { return inner_.get(ref); });
  }
  Result<void> erase(const BlobRef& ref) override {
    return plan_.run("blobs.erase", [&] { return inner_.erase(ref); });
  }

 private:
  BlobStore& inner_;
  FaultPlan& plan_;
};

class FaultyMailer : public Mailer {
 public:
  FaultyMailer(Mailer& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  SendResult send(const Envelope& envelope, ByteView mime) override {
    const auto verdict = plan_.next("mailer.send");
    if (verdict != FaultPlan::Verdict::fail_before) {
      SendResult answer = inner_.send(envelope, mime);
      if (verdict == FaultPlan::Verdict::work) return answer;
    }
    return {SendOutcome::retry, "planned fault in mailer.send"};
  }

 private:
  Mailer& inner_;
  FaultPlan& plan_;
};

class FaultyMailbox : public Mailbox {
 public:
  FaultyMailbox(Mailbox& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  Result<std::vector<FetchedMail>> fetch_after(const MailboxCursor& cursor,
                                               std::size_t limit) override {
    return plan_.run("mailbox.fetch_after", [&] { return inner_.fetch_after(cursor, limit); });
  }

 private:
  Mailbox& inner_;
  FaultPlan& plan_;
};

using FaultyRepository = RelayRepository<FaultPlan>;

}  // namespace telavis::test
