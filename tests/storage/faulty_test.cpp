// SPDX-License-Identifier: Apache-2.0
#include "tests/faulty.h"

#include <gtest/gtest.h>

#include "tests/fakes.h"

namespace telavis::test {
namespace {

TEST(FaultPlanTest, FailsTheChosenCallOverAllPortsBeforeOrAfterTheWork) {
  for (const FaultSide side : {FaultSide::before, FaultSide::after}) {
    MemoryBlobStore blobs;
    RecordingMailer mailer;
    FaultPlan plan(2, side, FaultExtent::once);
    FaultyBlobStore faulty_blobs(blobs, plan);
    FaultyMailer faulty_mailer(mailer, plan);
    EXPECT_TRUE(faulty_blobs.put(BlobRef("a"), Bytes{1}));
    EXPECT_EQ(faulty_mailer.send({"m", "f", "t"}, Bytes{2}).outcome, SendOutcome::retry);
    EXPECT_EQ(mailer.sent().size(), side == FaultSide::after ? 1U : 0U);
    EXPECT_EQ(plan.failed_call(), "mailer.send");
    EXPECT_TRUE(faulty_blobs.get(BlobRef("a")));
    EXPECT_EQ(plan.calls(), 3);
  }
}

TEST(FaultPlanTest, ADeadProcessReachesNothingAnyMore) {
  MemoryBlobStore blobs;
  FaultPlan plan(1, FaultSide::after, FaultExtent::from_then_on);
  FaultyBlobStore faulty(blobs, plan);
  EXPECT_FALSE(faulty.put(BlobRef("a"), Bytes{1}));
  EXPECT_FALSE(faulty.put(BlobRef("b"), Bytes{1}));
  EXPECT_EQ(blobs.blobs().size(), 1U);
}

TEST(FaultPlanTest, WithoutAFaultItCounts) {
  ScriptedMailbox mailbox;
  mailbox.deliver({1});
  mailbox.deliver({2});
  FaultPlan plan;
  FaultyMailbox faulty(mailbox, plan);
  EXPECT_EQ(faulty.fetch_after({1, 1}, 10)->size(), 1U);
  EXPECT_EQ(faulty.fetch_after({1, 0}, 10)->size(), 2U);
  EXPECT_EQ(plan.calls(), 2);
  EXPECT_EQ(plan.failed_call(), "");
}

}  // namespace
}  // namespace telavis::test
