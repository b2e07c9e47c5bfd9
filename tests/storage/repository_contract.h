// SPDX-License-Identifier: Apache-2.0
// What the contract of Repository is tested with; it knows no implementation. Those are in
// stores.h. `lease_clock_` is the clock of the leases.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/core/ports.h"
#include "tests/storage/sample_cases.h"

namespace telavis::test {
/// One store, reached through as many repositories as asked for.
class Store {
 public:
  virtual ~Store() = default;
  virtual Repository& another() = 0;
};

struct StoreKind {
  const char* name;
  std::function<std::unique_ptr<Store>(std::atomic<std::int64_t>&)> make;
};

/// What every implementation keeps, also one for a single thread.
class RepositoryContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    store_ = GetParam().make(lease_clock_);
    repository_ = &store_->another();
  }
  Repository& repository() { return *repository_; }

  CommitOutcome outcome_of(const Commit& commit) {
    const auto result = repository().commit(commit);
    EXPECT_TRUE(result) << result.error().text;
    return result ? result->outcome : CommitOutcome::committed;
  }
  OutboxClaim must_claim(Instant now) {
    const auto claim = repository().claim_outbox(now, std::chrono::minutes(5));
    EXPECT_TRUE(claim) << claim.error().text;
    if (!claim || !*claim) {
      ADD_FAILURE() << "nothing to claim";
      return {};
    }
    return **claim;
  }
  bool nothing_to_claim(Instant now) {
    const auto claim = repository().claim_outbox(now, std::chrono::minutes(5));
    EXPECT_TRUE(claim) << claim.error().text;
    return claim && !*claim;
  }
  std::map<std::string, std::int64_t> outbox_counts() {
    const auto counts = repository().outbox_counts();
    EXPECT_TRUE(counts) << counts.error().text;
    return counts.value_or(std::map<std::string, std::int64_t>());
  }
  /// A new case with one message of that id.
  Case case_with_message(const std::string& id, const std::string& message, Instant created_at) {
    Commit commit = commit_of(queued_case(id), "submit-" + id);
    commit.outbox.push_back(message_of(commit.next, message, created_at));
    must_commit(repository(), commit);
    return commit.next;
  }

  std::atomic<std::int64_t> lease_clock_ = 1'000'000;
  std::unique_ptr<Store> store_;
  Repository* repository_ = nullptr;
};

/// What those keep besides that are shared by threads and processes.
class SharedRepositoryContract : public RepositoryContract {};

}  // namespace telavis::test
