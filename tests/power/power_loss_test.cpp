// SPDX-License-Identifier: Apache-2.0
// The main job, with the power cut behind any of its file operations: what was acknowledged is
// there, nothing is there twice, and it goes on to its end. TELAVIS_POWER_CUTS=all cuts behind
// every operation, in every variant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "engine/core/durable_file.h"
#include "tests/power/recorded_disk.h"
#include "tests/service/main_job.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;

// Every so many operations in ./test: with it, some 10 s. A prime, so that no rhythm of the
// operations hides one kind of them.
constexpr std::size_t kShortStride = 7;
constexpr int kTornSeeds = 3;

bool long_form() {
  const char* text = std::getenv("TELAVIS_POWER_CUTS");  // NOLINT(concurrency-mt-unsafe)
  return text != nullptr && std::string_view(text) == "all";
}

/// What was acknowledged, and behind how many operations.
struct Promise {
  std::size_t operations;
  Instant at;
  Acknowledged command;
};

/// Everything that the engine promised until the cut is kept; the same request again gives the
/// answer of the first time.
void expect_kept(Engine& engine, const std::vector<Promise>& promises, std::size_t cut,
                 const Bytes& ecg, const std::string& what) {
  for (const Promise& promise : promises) {
    if (promise.operations > cut) break;
    const Acknowledged& command = promise.command;
    const auto receipt = command.name == "submit"
                             ? engine.service.submit(command.actor, "submit", command.body,
                                                     {{"web", "ecg.scp", ecg}})
                             : engine.service.command(command.actor, command.name, command.name,
                                                      command.id, command.body);
    ASSERT_TRUE(receipt) << what << ": " << command.name << ": " << receipt.error().text;
    EXPECT_TRUE(receipt->replayed) << what << ": lost: " << command.name;
  }
  const auto cases = engine.repository->cases({}).value();
  for (const Case& subject : cases) {
    for (const BlobRef& blob : blobs_of(subject)) {
      EXPECT_TRUE(engine.blobs.get(blob)) << what << ": " << blob.value;
    }
    EXPECT_TRUE(engine.service.exams(engine.gp, subject.id)) << what;
    const Case read = engine.load(subject.id);  // reading was written down
    EXPECT_EQ(verify_chain(engine.repository->audit_chain(subject.id.value).value(), read.audit), 0)
        << what;
  }
  EXPECT_EQ(verify_chain(engine.repository->audit_chain("node").value(),
                         engine.repository->node_audit_head().value()),
            0)
      << what;
}

class PowerLoss : public ::testing::Test {
 protected:
  void record() {
    recorded_.emplace(disk_.folder);
    {
      Engine engine(disk_, nullptr, Reports::plain);
      engine.enrol();
      enrolled_ = recorded_->operations();
      ASSERT_TRUE(go_on(disk_, engine, ecg_, [this](const Acknowledged& command) {
        promises_.push_back({recorded_->operations(), disk_.clock.now(), command});
      }));
    }
    operations_ = recorded_->operations();
    ASSERT_GT(operations_, 300U) << "little was recorded";
    ASSERT_THAT(promises_, testing::SizeIs(testing::Ge(6U)));
  }

  void cut_behind(std::size_t cut, Unsynced unsynced, std::uint64_t seed) {
    const std::string what = "cut behind " + std::to_string(cut) + " of " +
                             std::to_string(operations_) + " (" + recorded_->describe(cut - 1) +
                             "), variant " + std::to_string(static_cast<int>(unsynced)) +
                             ", seed " + std::to_string(seed);
    Disk left;
    recorded_->rebuild(cut, unsynced, seed, left.folder);
    left.clock.set(disk_.clock.now() + std::chrono::minutes(5));
    Bytes drawn(1 << 16);  // a new process draws other numbers than the one before
    left.random.fill(drawn);
    auto database = open_sqlite_repository({left.folder / "telavis.db", {}});
    ASSERT_TRUE(database) << what << ": " << database.error().text;
    database->reset();
    Engine engine(left, nullptr, Reports::plain);
    if (cut < enrolled_) {
      engine.enrol();
    } else {
      expect_kept(engine, promises_, cut, ecg_, what);
    }
    for (int attempt = 0; attempt < 3 && !go_on(left, engine, ecg_); ++attempt) {
    }
    expect_exactly_once(left, engine, what);
  }

  Disk disk_;
  std::optional<RecordedDisk> recorded_;
  const Bytes ecg_ = fixture("demo-ecg.scp");
  std::vector<Promise> promises_;
  std::size_t enrolled_ = 0, operations_ = 0;
};

TEST_F(PowerLoss, AtAnyOperationLosesAndDoublesNothing) {
  record();
  const bool all = long_form();
  std::size_t cuts = 0;
  for (std::size_t cut = 1; cut <= operations_ && !HasFailure(); cut += all ? 1 : kShortStride) {
    cut_behind(cut, Unsynced::dropped, 0);
    ++cuts;
    if (!all) continue;
    cut_behind(cut, Unsynced::kept, 0);
    for (std::uint64_t seed = 1; seed <= kTornSeeds; ++seed) cut_behind(cut, Unsynced::torn, seed);
    cuts += 1 + kTornSeeds;
  }
  std::printf("%zu operations, %zu power cuts\n", operations_, cuts);
}

/// The moments that matter most: right behind each answer. There all variants are tried.
TEST_F(PowerLoss, RightBehindAnAnswerLosesNothing) {
  record();
  for (const Promise& promise : promises_) {
    cut_behind(promise.operations, Unsynced::dropped, 0);
    cut_behind(promise.operations, Unsynced::torn, promise.operations);
    if (HasFailure()) return;
  }
}

/// That the test would see it: without its syncs the same job does lose what it promised.
TEST_F(PowerLoss, TheDiskForgetsWhatWasNotSynced) {
  RecordedDisk recorded(disk_.folder);
  const fs::path folder = disk_.folder / "a";
  fs::create_directory(folder);
  ASSERT_TRUE(write_durably(folder, folder / "b", as_bytes("kept"), IfPresent::replace));
  const auto left = [&](std::size_t cut, Unsynced unsynced) {
    TempFolder into;
    recorded.rebuild(cut, unsynced, 0, into.path());
    const auto read = read_whole(into.path() / "a" / "b", 100);
    return std::string(read ? as_text(*read) : error_name(read.error().code));
  };
  const std::size_t all = recorded.operations();
  EXPECT_EQ(left(all, Unsynced::kept), "kept");
  EXPECT_EQ(left(all, Unsynced::dropped), "not_found");  // nobody has synced the folder's name
  ASSERT_TRUE(make_folder_durably(folder));
  EXPECT_EQ(left(recorded.operations(), Unsynced::dropped), "kept");
  EXPECT_EQ(left(all - 2, Unsynced::kept), "not_found");  // before the rename
}

}  // namespace
}  // namespace telavis::test
