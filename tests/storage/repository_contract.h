// SPDX-License-Identifier: Apache-2.0
// The implementations that the contract of Repository is held against. `lease_clock_` is the
// database's clock.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>

#include "storage/sqlite.h"
#include "tests/fakes.h"
#include "tests/faulty.h"
#include "tests/storage/sample_cases.h"
#include "tests/temp_folder.h"

namespace telavis::test {
/// One store, reached through as many repositories as asked for.
class Store {
 public:
  virtual ~Store() = default;
  virtual Repository& another() = 0;
};

class SqliteStore : public Store {
 public:
  explicit SqliteStore(std::atomic<std::int64_t>& now_ms) : now_ms_(now_ms) {}
  Repository& another() override {
    auto opened =
        open_sqlite_repository({folder_.path() / "telavis.db", [this] { return now_ms_.load(); },
                                std::chrono::minutes(1)});
    EXPECT_TRUE(opened) << opened.error().text;
    repositories_.push_back(std::move(*opened));
    return *repositories_.back();
  }

 private:
  TempFolder folder_;
  std::atomic<std::int64_t>& now_ms_;
  std::vector<std::unique_ptr<Repository>> repositories_;
};

/// Through the wrapper of the crash tests with no fault planned: it must pass everything on.
class WrappedStore : public Store {
 public:
  explicit WrappedStore(std::atomic<std::int64_t>& now_ms) : inner_(now_ms) {}
  Repository& another() override {
    repositories_.push_back(std::make_unique<FaultyRepository>(inner_.another(), no_fault_));
    return *repositories_.back();
  }

 private:
  SqliteStore inner_;
  FaultPlan no_fault_;
  std::vector<std::unique_ptr<Repository>> repositories_;
};

struct StoreKind {
  const char* name;
  std::function<std::unique_ptr<Store>(std::atomic<std::int64_t>&)> make;
};

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

/// Every implementation, for INSTANTIATE_TEST_SUITE_P.
inline auto every_store() {
  return testing::Values(
      StoreKind{"sqlite",
                [](std::atomic<std::int64_t>& now) -> std::unique_ptr<Store> {
                  return std::make_unique<SqliteStore>(now);
                }},
      StoreKind{"wrapped", [](std::atomic<std::int64_t>& now) -> std::unique_ptr<Store> {
                  return std::make_unique<WrappedStore>(now);
                }});
}

}  // namespace telavis::test
