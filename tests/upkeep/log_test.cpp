// SPDX-License-Identifier: Apache-2.0
#include "engine/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

TEST(Log, KeepsTheFilesOfTheLastDaysAndTouchesNothingElse) {
  const TempFolder folder;
  const std::set<std::string> kept = {"telavis_2026-11-22.log",
                                      "telavis_2026-11-20.log",
                                      "telavis_2026-11-1.log",
                                      "telavis_2024-99-99.log",
                                      "telavis.log",
                                      "notes_2020-01-01.log"};
  // Days on which nothing ran lie between them.
  for (const std::string& name : kept) std::ofstream(folder.path() / name) << "x";
  for (const char* name :
       {"telavis_2026-11-19.log", "telavis_2026-11-02.log", "telavis_2020-02-29.log"})
    std::ofstream(folder.path() / name) << "x";
  const Instant now = parse_instant("2026-11-22T12:00:00Z").value();
  EXPECT_EQ(remove_old_logs(folder.path(), now, 2), 3);
  EXPECT_EQ(names_in(folder.path()), kept);
  EXPECT_EQ(remove_old_logs(folder.path(), now, 2), 0);
}

TEST(Log, AFolderThatIsGoneIsSaid) {
  const TempFolder folder;
  const auto removed = remove_old_logs(folder.path() / "none", Instant(), 2);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::storage_failed);
}

TEST(Log, WritesAFileADayThatOthersCannotRead) {
  const TempFolder folder;
  const fs::path logs = folder.path() / "logs";
  ASSERT_TRUE(log_to_folder(logs));
  log_info("one line");
  const auto names = names_in(logs);
  ASSERT_EQ(names.size(), 1U);
  EXPECT_THAT(*names.begin(), testing::MatchesRegex("telavis_....-..-...log"));
  EXPECT_EQ(fs::status(logs).permissions() & fs::perms::all, fs::perms::owner_all);
  std::ifstream in(logs / *names.begin());
  std::string line;
  std::getline(in, line);
  EXPECT_THAT(line, testing::EndsWith(" info one line"));
  std::ofstream(folder.path() / "a-file") << "x";
  EXPECT_FALSE(log_to_folder(folder.path() / "a-file" / "logs"));
}

}  // namespace
}  // namespace telavis::test
