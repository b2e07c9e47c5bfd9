// SPDX-License-Identifier: Apache-2.0
// The invariants see what they are there for: each test breaks one rule by hand.
#include "engine/simulation/invariants.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/storage/sample_cases.h"

namespace telavis::test {
namespace {

using std::chrono::hours;

class InvariantsTest : public testing::Test {
 protected:
  InvariantsTest() {
    must_commit(model_, commit_of(queued_case("c"), "e1"));
    EXPECT_FALSE(invariants_.violation());
  }
  /// What is said of the next commit after `change` was made to it.
  std::string said_of(const std::function<void(Commit&)>& change) {
    Case next = loaded(model_, CaseId("c"));
    Commit commit = commit_of(next, "e2");
    change(commit);
    EXPECT_TRUE(model_.commit(commit));
    return invariants_.violation() ? invariants_.violation()->text : "";
  }

  MemoryRepository model_{[] { return std::int64_t{1}; }};
  Invariants invariants_{model_};
};

TEST(Edges, AreThoseOfTheDesign) {
  using enum CaseState;
  EXPECT_TRUE(is_allowed_edge(queued, offered));
  EXPECT_TRUE(is_allowed_edge(closed, delivered));
  EXPECT_FALSE(is_allowed_edge(queued, answered));
  EXPECT_FALSE(is_allowed_edge(answered, queued));
  for (const CaseState to :
       {incomplete, redirected, queued, offered, accepted, waiting, answered, delivered, closed}) {
    EXPECT_FALSE(is_allowed_edge(cancelled, to));
  }
}

TEST_F(InvariantsTest, ASoundCommitPasses) {
  EXPECT_EQ(said_of([](Commit&) {}), "");
}

TEST_F(InvariantsTest, APromiseThatMoves) {
  const std::string text =
      said_of([](Commit& commit) { commit.next.promise->breach_at += hours(1); });
  EXPECT_NE(text.find("the promise moved"), std::string::npos) << text;
  EXPECT_NE(text.find("gp-1 test e1"), std::string::npos) << "the chain is missing: " << text;
}

TEST_F(InvariantsTest, AnEdgeThatDoesNotExist) {
  const std::string text = said_of([](Commit& commit) {
    commit.next.state = CaseState::waiting;
    commit.next.waiting_remind_at = kMonday + hours(4);
    commit.next.expert = UserId("expert-1");
  });
  EXPECT_NE(text.find("from queued to waiting"), std::string::npos) << text;
}

TEST_F(InvariantsTest, AMessageToSomebodyWhoHasNoPartInIt) {
  const std::string text = said_of([](Commit& commit) {
    commit.outbox.push_back(message_of(commit.next, "m", kMonday));
    commit.outbox.back().kind = MessageKind::invitation;
  });
  EXPECT_NE(text.find("invitation goes to dr@medecin.test"), std::string::npos) << text;
}

TEST_F(InvariantsTest, AReportWithoutAnOpinion) {
  const std::string text = said_of([this](Commit& commit) {
    User requester = user_of("gp-1", {});
    ASSERT_TRUE(model_.put_user(requester, {kMonday, "operator"}));
    commit.outbox.push_back(message_of(commit.next, "m", kMonday));
    commit.outbox.back().to = requester.mail_address;
  });
  EXPECT_NE(text.find("1 report messages"), std::string::npos) << text;
}

TEST_F(InvariantsTest, AnEntryThatDoesNotFollow) {
  const std::string text =
      said_of([](Commit& commit) { commit.audit.back().what.detail = "another detail"; });
  EXPECT_NE(text.find("does not follow"), std::string::npos) << text;
}

TEST_F(InvariantsTest, ATimerLeftBehindAndACaseLost) {
  EXPECT_EQ(said_of([](Commit&) {}), "");
  invariants_.after_step(kMonday - hours(1));
  EXPECT_FALSE(invariants_.violation());
  invariants_.whole_database(kMonday - hours(1), 1);
  EXPECT_FALSE(invariants_.violation());
  invariants_.whole_database(kMonday - hours(1), 2);
  ASSERT_TRUE(invariants_.violation());
  EXPECT_NE(invariants_.violation()->text.find("2 cases were submitted, 1 are there"),
            std::string::npos);
}

TEST_F(InvariantsTest, AMailThatLeavesTwice) {
  const OutboxMessage message = message_of(loaded(model_, CaseId("c")), "m", kMonday);
  EXPECT_FALSE(invariants_.mail_left(message, as_bytes("mail"), 0));
  EXPECT_TRUE(invariants_.mail_left(message, as_bytes("mail"), 1));
  EXPECT_FALSE(invariants_.violation()) << "its sender died in between";
  EXPECT_TRUE(invariants_.mail_left(message, as_bytes("mail"), 1));
  ASSERT_TRUE(invariants_.violation());
  EXPECT_NE(invariants_.violation()->text.find("although nobody died"), std::string::npos);
}

TEST_F(InvariantsTest, AMailThatLeavesAgainWithOtherBytes) {
  const OutboxMessage message = message_of(loaded(model_, CaseId("c")), "m", kMonday);
  EXPECT_FALSE(invariants_.mail_left(message, as_bytes("mail"), 0));
  EXPECT_TRUE(invariants_.mail_left(message, as_bytes("another"), 1));
  ASSERT_TRUE(invariants_.violation());
  EXPECT_NE(invariants_.violation()->text.find("with other bytes"), std::string::npos);
}

TEST_F(InvariantsTest, AMessageThatCountsAsSentAndNeverLeft) {
  EXPECT_EQ(said_of([](Commit& commit) {
              commit.outbox.push_back(message_of(commit.next, "m", kMonday));
              commit.outbox.back().kind = MessageKind::close_out_reminder;
            }).find("has not left"),
            std::string::npos);
  const auto claim = model_.claim_outbox(kMonday + hours(1), hours(1)).value();
  ASSERT_TRUE(claim);
  Commit sent = commit_of(loaded(model_, CaseId("c")), "e3");
  sent.completes = {claim->message.id, claim->lease_token, OutboxState::sent};
  Invariants fresh(model_);
  ASSERT_TRUE(model_.commit(sent));
  ASSERT_TRUE(fresh.violation());
  EXPECT_NE(fresh.violation()->text.find("has not left"), std::string::npos);
}

TEST_F(InvariantsTest, ACaseThatStandsStill) {
  invariants_.after_step(kMonday + hours(1));
  ASSERT_TRUE(invariants_.violation());
  EXPECT_NE(invariants_.violation()->text.find("was left behind"), std::string::npos);
}

}  // namespace
}  // namespace telavis::test
