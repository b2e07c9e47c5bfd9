// SPDX-License-Identifier: Apache-2.0
#include "storage/group_commit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "storage/sqlite.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

using Effect = GroupCommit::Effect;
using testing::ElementsAre;
using testing::HasSubstr;

struct Counts {
  std::atomic<int> begun = 0;
  std::atomic<int> committed = 0;
  std::atomic<bool> fail_commit = false;
};

/// Passes everything on, counts, and may fail a commit.
class CountingDatabase : public Database {
 public:
  CountingDatabase(std::unique_ptr<Database> inner, Counts& counts)
      : inner_(std::move(inner)), counts_(counts) {}
  using Database::run;
  Result<Rows> run(std::string_view sql, std::span<const Value> values) override {
    return inner_->run(sql, values);
  }
  Result<void> run_script(std::string_view sql) override { return inner_->run_script(sql); }
  Result<bool> has_table(std::string_view name) override { return inner_->has_table(name); }
  Result<void> begin() override {
    ++counts_.begun;
    return inner_->begin();
  }
  Result<void> commit() override {
    if (counts_.fail_commit) return fail(ErrorCode::storage_failed, "planned");
    ++counts_.committed;
    return inner_->commit();
  }
  void rollback() override { inner_->rollback(); }
  void forget_past() override { inner_->forget_past(); }

 private:
  std::unique_ptr<Database> inner_;
  Counts& counts_;
};

class GroupCommitTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE((*reader_)->run_script("create table marks (name text primary key)"));
  }
  static Result<Effect> mark(Database& database, const std::string& name, Effect effect) {
    const auto rows = database.run("insert into marks (name) values ($1)", {name});
    if (!rows) return tl::unexpected(rows.error());
    return effect;
  }
  GroupCommit::Work marking(const std::string& name, Effect effect = Effect::keep) {
    return [name, effect](Database& database) { return mark(database, name, effect); };
  }
  std::vector<std::string> marks() {
    std::vector<std::string> names;
    const auto rows = (*reader_)->run("select name from marks order by name");
    EXPECT_TRUE(rows) << rows.error().text;
    for (const Row& row : *rows) names.push_back(std::get<std::string>(row.front()));
    return names;
  }
  /// Runs the works in one group, in this order: somebody is at the connection until all wait.
  /// "thrown": what the work threw reached its caller.
  std::vector<Result<void>> together(const std::vector<GroupCommit::Work>& works) {
    std::vector<Result<void>> results(works.size());
    std::atomic<bool> is_led = false;
    std::atomic<bool> let_go = false;
    std::thread leader([&] {
      const auto led = group_.run([&](Database&) -> Result<Effect> {
        is_led = true;
        while (!let_go) std::this_thread::yield();
        return Effect::undo;
      });
      EXPECT_TRUE(led);
    });
    while (!is_led) std::this_thread::yield();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < works.size(); ++i) {
      threads.emplace_back([&, i] {
        try {
          results[i] = group_.run(works[i]);
        } catch (const std::bad_alloc&) {
          results[i] = fail(ErrorCode::internal, "thrown");
        }
      });
      while (group_.waiting() != i + 1) std::this_thread::yield();
    }
    let_go = true;
    leader.join();
    for (auto& thread : threads) thread.join();
    return results;
  }

  TempFolder folder_;
  SqliteOptions options_ = {folder_.path() / "telavis.db", {}, std::chrono::seconds(30)};
  Result<std::unique_ptr<Database>> reader_ = open_sqlite(options_);
  Counts counts_;
  GroupCommit group_{std::make_unique<CountingDatabase>(*open_sqlite(options_), counts_)};
};

TEST_F(GroupCommitTest, WhoIsAloneHasATransactionOfHisOwn) {
  EXPECT_TRUE(group_.run(marking("a")));
  EXPECT_TRUE(group_.run(marking("b", Effect::undo)));
  const auto taken = group_.run(marking("a"));
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().text, HasSubstr("UNIQUE"));
  EXPECT_THAT(marks(), ElementsAre("a"));
  EXPECT_EQ(counts_.begun, 3);
  EXPECT_EQ(counts_.committed, 1);
}

TEST_F(GroupCommitTest, WhoWaitsSharesOneTransaction) {
  for (const auto& result : together({marking("a"), marking("b"), marking("c"), marking("d")}))
    EXPECT_TRUE(result);
  EXPECT_THAT(marks(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(counts_.committed, 1);
}

TEST_F(GroupCommitTest, WhatOneUndoesOrFailsAtLeavesTheOthersAlone) {
  const auto results = together({marking("a"), marking("b", Effect::undo),
                                 [](Database& database) -> Result<Effect> {
                                   EXPECT_TRUE(mark(database, "c", Effect::keep));
                                   return fail(ErrorCode::version_conflict, "own reason");
                                 },
                                 marking("a"), marking("b")});
  EXPECT_TRUE(results[0]);
  EXPECT_TRUE(results[1]);
  ASSERT_FALSE(results[2]);
  EXPECT_EQ(results[2].error().text, "own reason");
  ASSERT_FALSE(results[3]);  // as if it had come after the first
  EXPECT_EQ(results[3].error().code, ErrorCode::storage_failed);
  EXPECT_TRUE(results[4]);  // as if the second had never been
  EXPECT_THAT(marks(), ElementsAre("a", "b"));
  EXPECT_EQ(counts_.committed, 1);
}

TEST_F(GroupCommitTest, NobodyHearsOfSuccessWhenTheCommonCommitFails) {
  counts_.fail_commit = true;
  for (const auto& result : together({marking("a"), marking("b", Effect::undo), marking("a")})) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text, "planned");
  }
  counts_.fail_commit = false;
  EXPECT_TRUE(marks().empty());
  EXPECT_TRUE(group_.run(marking("a")));
  EXPECT_THAT(marks(), ElementsAre("a"));
}

TEST_F(GroupCommitTest, WhenTheDatabaseEndsTheTransactionAllHearWhy) {
  const GroupCommit::Work full_disk = [](Database& database) -> Result<Effect> {
    database.rollback();
    return fail(ErrorCode::storage_full, "free space");
  };
  for (const auto& result : together({marking("a"), full_disk, marking("b")})) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::storage_full);
  }
  EXPECT_TRUE(marks().empty());
  EXPECT_TRUE(group_.run(marking("a")));
}

TEST_F(GroupCommitTest, WhatIsThrownReachesEveryoneAndTheNextGoesOn) {
  const GroupCommit::Work no_memory = [](Database&) -> Result<Effect> { throw std::bad_alloc(); };
  for (const auto& result : together({marking("a"), no_memory, marking("b")})) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text, "thrown");
  }
  EXPECT_TRUE(marks().empty());
  EXPECT_TRUE(group_.run(marking("a")));
}

TEST_F(GroupCommitTest, AGroupIsBounded) {
  std::vector<GroupCommit::Work> works;
  for (int i = 0; i < 100; ++i) works.push_back(marking(std::to_string(i)));
  for (const auto& result : together(works)) EXPECT_TRUE(result);
  EXPECT_EQ(marks().size(), 100U);
  EXPECT_EQ(counts_.committed, 2);
}

TEST_F(GroupCommitTest, AnotherProcessThatWritesIsAnErrorOfAll) {
  SqliteOptions impatient = options_;
  impatient.busy_timeout = std::chrono::milliseconds(1);
  GroupCommit group(*open_sqlite(impatient));
  ASSERT_TRUE((*reader_)->begin());
  const auto result = group.run(marking("a"));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().text, HasSubstr("another process"));
  (*reader_)->rollback();
  EXPECT_TRUE(group.run(marking("a")));
}

}  // namespace
}  // namespace telavis::test
