// SPDX-License-Identifier: Apache-2.0
#include "engine/storage_trouble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

const Instant kStart = parse_instant("2026-01-06T12:00:00Z").value();

class StorageTroubleTest : public testing::Test {
 protected:
  std::vector<std::string> lines;
  StorageTrouble trouble{[this](const std::string& line) { lines.push_back(line); }};
  const Error full{ErrorCode::storage_full, "free space"};
};

TEST_F(StorageTroubleTest, IsToldOnceHoweverOftenItStrikes) {
  for (int i = 0; i < 1000; ++i) trouble.failed(full, kStart + seconds(i));
  EXPECT_THAT(lines, ElementsAre("storage: storage_full begins: free space"));
  EXPECT_EQ(trouble.figures().at("storage_full").errors, 1000);
  EXPECT_EQ(trouble.figures().at("storage_full").since, kStart);
  EXPECT_EQ(trouble.figures().at("storage_failed").errors, 0);
  EXPECT_EQ(trouble.figures().at("storage_failed").since, std::nullopt);
}

TEST_F(StorageTroubleTest, IsOverWhenNothingFailedForAWhile) {
  trouble.failed(full, kStart);
  trouble.worked(kStart + seconds(59));  // a small file went in
  EXPECT_TRUE(trouble.figures().at("storage_full").since);
  trouble.failed(full, kStart + seconds(60));
  trouble.worked(kStart + seconds(70));
  EXPECT_EQ(trouble.figures().at("storage_full").since, kStart);
  trouble.worked(kStart + seconds(120));
  EXPECT_FALSE(trouble.figures().at("storage_full").since);
  EXPECT_EQ(trouble.figures().at("storage_full").errors, 2);
  EXPECT_THAT(lines, ElementsAre("storage: storage_full begins: free space",
                                 "storage: storage_full is over"));
}

TEST_F(StorageTroubleTest, EndsAlsoWhenTheClockWasSetBack) {
  trouble.failed(full, kStart);
  trouble.worked(kStart - minutes(60));
  EXPECT_FALSE(trouble.figures().at("storage_full").since);
}

TEST_F(StorageTroubleTest, IsNotAboutWhatPeopleAreRefused) {
  trouble.failed({ErrorCode::forbidden, "not yours"}, kStart);
  EXPECT_TRUE(lines.empty());
}

}  // namespace
}  // namespace telavis::test
