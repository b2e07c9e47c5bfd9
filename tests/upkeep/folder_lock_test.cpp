// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/files.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FolderLockTest : public testing::Test {
 protected:
  FolderLockTest() {
    for (const char* name : {"a", "b"}) fs::create_directory(at(name));
    std::ofstream(at("a/telavis.db")) << "x";
  }
  fs::path at(const char* name) const { return temporary_.path() / name; }
  Result<FolderLock> take(const char* folder) {
    return FolderLock::take(at(folder), at(folder) / "telavis.db");
  }
  Result<void> beside(const char* folder) {
    return FolderLock::check_beside(at(folder), at(folder) / "telavis.db");
  }
  TempFolder temporary_;
};

TEST_F(FolderLockTest, IsForOneUntilItGoes) {
  EXPECT_TRUE(beside("a"));
  {
    const auto held = take("a");
    ASSERT_TRUE(held);
    const auto second = take("a");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::configuration_invalid);
    EXPECT_THAT(second.error().text, HasSubstr("Another Telavis"));
    EXPECT_TRUE(beside("a")) << "a command of the operator may work beside";
    ASSERT_TRUE(take("b")) << "another folder is another's";
  }
  EXPECT_TRUE(take("a"));
}

TEST_F(FolderLockTest, FindsTheSameDatabaseByAnyPath) {
  fs::create_directory_symlink(at("a"), at("linked"));
  for (const bool hard : {false, true}) {
    fs::remove(at("b/telavis.db"));
    if (hard) {
      fs::create_hard_link(at("a/telavis.db"), at("b/telavis.db"));
    } else {
      fs::create_symlink(at("a/telavis.db"), at("b/telavis.db"));
    }
    const auto held = take("a");
    ASSERT_TRUE(held);
    EXPECT_FALSE(take("b"));
    EXPECT_FALSE(take("linked"));
    EXPECT_FALSE(beside("b")) << "it would have a log of its own";
    EXPECT_TRUE(beside("linked"));
  }
}

}  // namespace
}  // namespace telavis::test
