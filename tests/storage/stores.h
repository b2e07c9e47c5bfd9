// SPDX-License-Identifier: Apache-2.0
// The implementations that the contract of Repository is held against.
#pragma once

#include <memory>
#include <vector>

#include "engine/simulation/memory_repository.h"
#include "storage/sqlite.h"
#include "tests/faulty.h"
#include "tests/storage/repository_contract.h"
#include "tests/temp_folder.h"

namespace telavis::test {

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

/// The simulation's: one repository, however many are asked for, and for one thread only.
class MemoryStore : public Store {
 public:
  explicit MemoryStore(std::atomic<std::int64_t>& now_ms)
      : repository_([&now_ms] { return now_ms.load(); }) {}
  Repository& another() override { return repository_; }

 private:
  MemoryRepository repository_;
};

template <typename Kind>
StoreKind store_kind(const char* name) {
  return {name, [](std::atomic<std::int64_t>& now) -> std::unique_ptr<Store> {
            return std::make_unique<Kind>(now);
          }};
}

/// For INSTANTIATE_TEST_SUITE_P: those that threads and processes may share.
inline auto shared_stores() {
  return testing::Values(store_kind<SqliteStore>("sqlite"), store_kind<WrappedStore>("wrapped"));
}
/// Every implementation.
inline auto every_store() {
  return testing::Values(store_kind<SqliteStore>("sqlite"), store_kind<WrappedStore>("wrapped"),
                         store_kind<MemoryStore>("memory"));
}

}  // namespace telavis::test
