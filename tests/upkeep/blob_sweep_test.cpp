// SPDX-License-Identifier: Apache-2.0
#include "engine/blob_sweep.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "engine/simulation/memory_repository.h"
#include "tests/fakes.h"
#include "tests/storage/sample_cases.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;

class BlobSweepTest : public testing::Test {
 protected:
  void put(const std::string& ref) { ASSERT_TRUE(blobs_.put(BlobRef(ref), as_bytes("sealed"))); }
  bool is_there(const std::string& ref) { return blobs_.get(BlobRef(ref)).has_value(); }
  /// The whole store once.
  int turn() {
    int removed = 0;
    for (std::size_t i = 0; i < FileBlobStore::kParts; ++i) {
      const auto swept = sweep_.round();
      EXPECT_TRUE(swept) << (swept ? "" : swept.error().text);
      removed += swept.value_or(0);
    }
    return removed;
  }
  /// Both clocks go on; files stay as old as they are by the real one, where the test began.
  void pass(Duration time) {
    clock_.advance(time);
    uptime_ += time;
  }
  void commit(const Case& subject) {
    ASSERT_EQ(repository_
                  .commit(commit_of(
                      subject, "e-" + subject.id.value + "-" + std::to_string(subject.version)))
                  ->outcome,
              CommitOutcome::committed);
  }
  std::size_t entries() { return repository_.audit_chain("node")->size(); }

  static Instant file_system_now() {
    TempFolder folder;
    struct stat status {};
    EXPECT_EQ(::stat(folder.path().c_str(), &status), 0);
    return from_epoch_ms(std::int64_t{status.st_mtim.tv_sec} * 1000);
  }

  TempFolder folder_;
  FileBlobStore blobs_ = FileBlobStore::open(folder_.path() / "blobs").value();
  SimClock clock_{file_system_now()};
  Duration uptime_{};
  MemoryRepository repository_{[] { return std::int64_t{0}; }};
  BlobSweep sweep_{blobs_, repository_, clock_, [this] { return uptime_; }};
};

TEST_F(BlobSweepTest, WhatNothingNamesForAnHourGoesAndIsCounted) {
  put("orphan-exams");
  put("orphan-exams-abc");
  pass(minutes(59));
  EXPECT_EQ(turn(), 0);
  pass(hours(1));
  EXPECT_EQ(turn(), 0);  // seen for the first time, old enough
  pass(minutes(61));
  EXPECT_EQ(turn(), 2);
  EXPECT_FALSE(is_there("orphan-exams"));
  EXPECT_EQ(entries(), 2U) << "each part with something removed is an entry";
  const auto chain = repository_.audit_chain("node").value();
  EXPECT_EQ(chain.back().what.action, "blobs-swept");
  EXPECT_EQ(chain.back().what.detail, "1");
  pass(hours(2));
  EXPECT_EQ(turn(), 0);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(BlobSweepTest, WhatACaseNamesStays) {
  Case subject = queued_case("c1");
  subject.exam_blobs = {BlobRef("c1-exams"), BlobRef("c1-exams-more")};
  subject.report_blob = BlobRef("c1-report-2");
  subject.kept_opinions.push_back({{}, "corrected", {}, BlobRef("c1-report-1")});
  subject.wrapped_key = Bytes(8, 1);
  commit(subject);
  for (const BlobRef& named : blobs_of(subject)) put(named.value);
  put("c1-exams-lost");
  for (int i = 0; i < 4; ++i) {
    pass(hours(2));
    turn();
  }
  EXPECT_FALSE(is_there("c1-exams-lost"));
  for (const BlobRef& named : blobs_of(subject)) EXPECT_TRUE(is_there(named.value));
}

TEST_F(BlobSweepTest, FilesOfAnErasedCaseGo) {
  Case subject = queued_case("c1");
  subject.exam_blobs = {BlobRef("c1-exams")};
  erase_content(subject, clock_.now());
  commit(subject);
  put("c1-exams");
  pass(hours(2));
  turn();
  pass(hours(2));
  EXPECT_EQ(turn(), 1);
}

TEST_F(BlobSweepTest, AClockThatJumpsMakesNothingOld) {
  put("inflight-exams");
  clock_.advance(hours(24 * 365));
  turn();
  uptime_ += minutes(59);
  EXPECT_EQ(turn(), 0) << "its commit may still come";
  clock_.advance(-hours(24 * 366));
  uptime_ += hours(2);
  EXPECT_EQ(turn(), 0) << "by this clock it is yet to be written";
  EXPECT_TRUE(is_there("inflight-exams"));
}

TEST_F(BlobSweepTest, WhatIsPutAnewMeanwhileStays) {
  put("again-report-1");
  const Instant before = clock_.now() + hours(1);
  EXPECT_TRUE(*blobs_.erase_written_before(BlobRef("again-report-1"), before));
  EXPECT_FALSE(*blobs_.erase_written_before(BlobRef("again-report-1"), before)) << "gone already";
  put("again-report-1");
  EXPECT_FALSE(*blobs_.erase_written_before(BlobRef("again-report-1"), clock_.now() - hours(1)));
  EXPECT_TRUE(is_there("again-report-1"));
}

TEST_F(BlobSweepTest, PartsMakeUpTheStore) {
  for (int i = 0; i < 500; ++i) put("blob-" + std::to_string(i));
  const Instant later = clock_.now() + hours(1);
  std::size_t found = 0;
  for (std::size_t part = 0; part < FileBlobStore::kParts; ++part) {
    found += blobs_.written_before(later, part)->size();
  }
  EXPECT_EQ(found, 500U);
  EXPECT_EQ(blobs_.written_before(later)->size(), 500U);
}

}  // namespace
}  // namespace telavis::test
