// SPDX-License-Identifier: Apache-2.0
// Figures out of both repositories, from cases that were committed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/billing/figures.h"
#include "engine/simulation/memory_repository.h"
#include "storage/sqlite.h"
#include "tests/storage/sample_cases.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

Programme programme_of(const char* id, const char* zone) {
  Programme programme = shipped_programmes().front();
  programme.id = ProgrammeId(id);
  programme.name_fr = std::string("Filière ") + id;
  programme.time_zone = zone;
  return programme;
}

class FiguresQuery : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_sqlite_repository({folder_.path() / "figures.db", {}});
    ASSERT_TRUE(opened) << opened.error().text;
    database_ = std::move(*opened);
    for (Repository* one : both()) {
      ASSERT_TRUE(one->put_programme(programme_of("west", "America/Guadeloupe"), {kMonday, "op"}));
      ASSERT_TRUE(one->put_programme(programme_of("east", "Europe/Paris"), {kMonday, "op"}));
      User requester = user_of("gp-1", {{ProgrammeId("west"), Role::requester}});
      requester.territory = "971";
      ASSERT_TRUE(one->put_user(requester, {kMonday, "op"}));
    }
  }
  std::vector<Repository*> both() { return {&memory_, database_.get()}; }

  void add(const std::string& id, const std::string& programme, Instant submitted_at,
           const std::string& requester = "gp-1") {
    Case subject = answered_case(id);
    subject.programme = ProgrammeId(programme);
    subject.requester = UserId(requester);
    const Duration moved = submitted_at - subject.submitted_at;
    subject.submitted_at = submitted_at;
    subject.promise->completed_at += moved;
    subject.promise->breach_at += moved;
    subject.answered_at = subject.promise->completed_at + hours(10);
    for (Repository* one : both()) must_commit(*one, commit_of(subject, "submit-" + id));
  }
  /// The same of both.
  FigureReport report(const FigureQuestion& question) {
    auto of_memory = figures_of(memory_, question, kMonday + hours(9'000));
    auto of_database = figures_of(*database_, question, kMonday + hours(9'000));
    EXPECT_TRUE(of_memory && of_database);
    if (!of_memory || !of_database) return {};
    EXPECT_EQ(counts(of_memory->figures), counts(of_database->figures));
    EXPECT_EQ(keys(of_memory->territories), keys(of_database->territories));
    return *of_database;
  }
  static std::vector<std::int64_t> counts(const std::vector<Figure>& figures) {
    std::vector<std::int64_t> all;
    for (const Figure& one : figures) all.push_back(one.count);
    return all;
  }
  static std::vector<std::string> keys(const std::vector<FigureGroup>& groups) {
    std::vector<std::string> all;
    for (const FigureGroup& one : groups)
      all.push_back(one.key + " " + std::to_string(one.figures.front().count));
    return all;
  }

  TempFolder folder_;
  std::int64_t lease_now_ = 1;
  MemoryRepository memory_{[this] { return lease_now_; }};
  std::unique_ptr<Repository> database_;
};

TEST_F(FiguresQuery, AreOfLocalDaysMonthsTerritoriesAndProgrammes) {
  const auto instant = [](const char* text) { return parse_instant(text).value(); };
  add("in-west", "west", instant("2026-02-01T03:59:00Z"));   // still January there
  add("out-west", "west", instant("2026-02-01T04:00:00Z"));  // February
  add("in-east", "east", instant("2025-12-31T23:00:00Z"));   // January already
  add("out-east", "east", instant("2025-12-31T22:59:00Z"));
  add("nobody", "east", instant("2026-01-15T12:00:00Z"), "gone");
  const FigureReport all =
      report({{ProgrammeId("west"), ProgrammeId("east")}, "2026-01-01", "2026-01-31"});
  EXPECT_EQ(all.figures.front().count, 3);
  EXPECT_THAT(keys(all.months), ElementsAre("2026-01 3"));
  EXPECT_THAT(keys(all.programmes), ElementsAre("east 2", "west 1"));
  EXPECT_EQ(all.programmes.front().label, "Filière east");
  EXPECT_THAT(keys(all.territories), ElementsAre(" 1", "971 2"));
  const FigureReport longer = report({{ProgrammeId("west")}, "2025-12-15", "2026-03-01"});
  EXPECT_THAT(keys(longer.months), ElementsAre("2025-12 0", "2026-01 1", "2026-02 1", "2026-03 0"));
  EXPECT_EQ(report({{ProgrammeId("west"), ProgrammeId("west")}, "2026-01-01", "2026-02-28"})
                .figures.front()
                .count,
            2);
}

TEST_F(FiguresQuery, GoThroughAllPages) {
  for (int i = 0; i < 1'050; ++i) {
    Case subject = queued_case(std::to_string(i));
    subject.programme = ProgrammeId("west");
    subject.submitted_at = kMonday + Duration(i / 3);
    must_commit(memory_, commit_of(subject, subject.id.value));
  }
  const auto all =
      figures_of(memory_, {{ProgrammeId("west")}, "2026-01-05", "2026-01-05"}, kMonday);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->figures.front().count, 1'050);
}

TEST_F(FiguresQuery, RefuseWhatCannotBeAsked) {
  const auto error = [&](const FigureQuestion& question) {
    const auto refused = figures_of(memory_, question, kMonday);
    return refused ? std::string("taken") : std::string(error_name(refused.error().code));
  };
  const std::vector<ProgrammeId> west = {ProgrammeId("west")};
  EXPECT_EQ(error({{}, "2026-01-01", "2026-01-31"}), "invalid_field");
  EXPECT_EQ(error({west, "2026-02-01", "2026-01-31"}), "invalid_field");
  EXPECT_EQ(error({west, "2026-02-30", "2026-03-31"}), "invalid_field");
  EXPECT_EQ(error({west, "", "2026-03-31"}), "invalid_field");
  EXPECT_EQ(error({west, "2016-01-01", "2026-01-31"}), "invalid_field");
  EXPECT_EQ(error({west, "2016-02-01", "2026-01-31"}), "taken");
  EXPECT_EQ(error({{ProgrammeId("none")}, "2026-01-01", "2026-01-31"}), "not_found");
}

}  // namespace
}  // namespace telavis::test
