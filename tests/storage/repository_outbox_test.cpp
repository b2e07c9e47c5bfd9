// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: outbox.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::Pair;

class OutboxContract : public RepositoryContract {};
class SharedOutboxContract : public SharedRepositoryContract {};

TEST_P(OutboxContract, AMessageIsClaimedWholeOldestFirst) {
  case_with_message("c1", "m-late", kMonday + minutes(2));
  const Case subject = case_with_message("c2", "m-early", kMonday + minutes(1));
  EXPECT_TRUE(nothing_to_claim(kMonday));
  const OutboxClaim claim = must_claim(kMonday + hours(1));
  EXPECT_EQ(claim.message.id, OutboxId("m-early"));
  EXPECT_EQ(claim.message.case_id, subject.id);
  EXPECT_EQ(claim.message.kind, MessageKind::report);
  EXPECT_EQ(claim.message.from, "filiere@telavis.test");
  EXPECT_EQ(claim.message.to, "dr@medecin.test");
  EXPECT_EQ(claim.message.sealed_mime, bytes_of("sealed m-early"));
  EXPECT_EQ(claim.message.created_at, kMonday + minutes(1));
  EXPECT_EQ(claim.message.attempts, 0);
  EXPECT_EQ(must_claim(kMonday + hours(1)).message.id, OutboxId("m-late"));
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(1)));
}

TEST_P(OutboxContract, ALeaseEndsByTheDatabasesClockAndTheOldTokenIsWorthless) {
  const Case subject = case_with_message("c", "m", kMonday);
  const OutboxClaim first = must_claim(kMonday);
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(1000)));  // the node's clock says nothing
  lease_clock_ += Duration(minutes(5)).count();
  EXPECT_TRUE(nothing_to_claim(kMonday));
  lease_clock_ += 1;
  const OutboxClaim second = must_claim(kMonday);
  EXPECT_NE(first.lease_token, second.lease_token);

  Commit late = commit_of(subject, "sent-1");
  late.completes = {first.message.id, first.lease_token, OutboxState::sent};
  EXPECT_EQ(outcome_of(late), CommitOutcome::lease_lost);
  EXPECT_FALSE(repository().postpone_outbox(first.message.id, first.lease_token, kMonday + hours(1),
                                            "late"));
  Commit current = commit_of(subject, "sent-2");
  current.completes = {second.message.id, second.lease_token, OutboxState::sent};
  EXPECT_EQ(outcome_of(current), CommitOutcome::committed);
}

TEST_P(OutboxContract, ALeaseFromBeforeTheClockWasSetBackHoldsNothing) {
  lease_clock_ += Duration(hours(1000)).count();
  case_with_message("c", "m", kMonday);
  const OutboxClaim ahead = must_claim(kMonday);
  lease_clock_ -= Duration(minutes(5)).count();  // by a lease: it may well be held
  EXPECT_TRUE(nothing_to_claim(kMonday));
  lease_clock_ -= Duration(hours(500)).count();
  const OutboxClaim current = must_claim(kMonday);  // not in 500 hours
  EXPECT_NE(current.lease_token, ahead.lease_token);
  EXPECT_TRUE(nothing_to_claim(kMonday));
}

TEST_P(OutboxContract, ALeaseThatNobodyTookOverStillCompletes) {
  const Case subject = case_with_message("c", "m", kMonday);
  const OutboxClaim claim = must_claim(kMonday);
  lease_clock_ += Duration(hours(5)).count();
  Commit sent = commit_of(subject, "sent");
  sent.completes = {claim.message.id, claim.lease_token, OutboxState::sent};
  EXPECT_EQ(outcome_of(sent), CommitOutcome::committed);
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(9)));
}

TEST_P(OutboxContract, ALostLeaseRollsBackTheWholeCommit) {
  const Case subject = case_with_message("c", "m", kMonday);
  must_claim(kMonday);
  for (const char* token : {"", "0", "7", "x", "1x", " 1", "99999999999999999999"}) {
    Commit commit = commit_of(subject, "sent");
    commit.completes = {OutboxId("m"), token, OutboxState::sent};
    commit.outbox.push_back(message_of(subject, "m2", kMonday));
    EXPECT_EQ(outcome_of(commit), CommitOutcome::lease_lost) << token;
  }
  expect_same(loaded(repository(), CaseId("c")), subject);
  EXPECT_FALSE(*repository().find_event("sent"));
  EXPECT_EQ(outbox_counts().at("pending"), 1);
}

TEST_P(OutboxContract, ACompletedMessageIsNeverClaimedOrCompletedAgain) {
  Case subject = case_with_message("c", "m", kMonday);
  const OutboxClaim claim = must_claim(kMonday);
  Commit dead = commit_of(subject, "dead");
  dead.completes = {claim.message.id, claim.lease_token, OutboxState::dead};
  must_commit(repository(), dead);
  EXPECT_EQ(outbox_counts().at("dead"), 1);
  lease_clock_ += Duration(hours(50)).count();
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(50)));
  Commit sent = commit_of(dead.next, "sent");
  sent.completes = {claim.message.id, claim.lease_token, OutboxState::sent};
  EXPECT_EQ(outcome_of(sent), CommitOutcome::lease_lost);
  EXPECT_EQ(outbox_counts().at("dead"), 1);
}

TEST_P(OutboxContract, APostponedMessageWaitsForItsTimeAndCountsItsAttempts) {
  case_with_message("c", "m", kMonday);
  OutboxClaim claim = must_claim(kMonday);
  ASSERT_TRUE(repository().postpone_outbox(claim.message.id, claim.lease_token,
                                           kMonday + minutes(10), "451 try later"));
  EXPECT_TRUE(nothing_to_claim(kMonday + minutes(9)));
  // Given back once: the token is spent.
  const auto again = repository().postpone_outbox(claim.message.id, claim.lease_token,
                                                  kMonday + minutes(20), "451");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::state_conflict);
  claim = must_claim(kMonday + minutes(10));
  EXPECT_EQ(claim.message.attempts, 1);
}

TEST_P(OutboxContract, AfterARestartEveryLeaseMayBeForgotten) {
  const Case subject = case_with_message("c", "m", kMonday);
  const OutboxClaim lost = must_claim(kMonday);
  ASSERT_TRUE(repository().release_leases());
  Commit sent = commit_of(subject, "sent");
  sent.completes = {lost.message.id, lost.lease_token, OutboxState::sent};
  EXPECT_EQ(outcome_of(sent), CommitOutcome::lease_lost);
  const OutboxClaim claim = must_claim(kMonday);
  EXPECT_EQ(claim.message.id, lost.message.id);
  EXPECT_NE(claim.lease_token, lost.lease_token);
}

TEST_P(SharedOutboxContract, ManyWorkersClaimEveryMessageOnce) {
  constexpr int kMessages = 60;
  Commit commit = commit_of(queued_case("c"), "e");
  for (int i = 0; i < kMessages; ++i)
    commit.outbox.push_back(message_of(commit.next, "m" + std::to_string(i), kMonday));
  must_commit(repository(), commit);
  std::vector<Repository*> doors = {&repository(), &store_->another()};
  std::mutex mutex;
  std::multiset<std::string> claimed;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      while (true) {
        const auto claim = doors[t % 2]->claim_outbox(kMonday, minutes(5));
        ASSERT_TRUE(claim) << claim.error().text;
        if (!*claim) return;
        const std::lock_guard lock(mutex);
        claimed.insert((*claim)->message.id.value);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(claimed.size(), static_cast<std::size_t>(kMessages));
  EXPECT_EQ(std::set(claimed.begin(), claimed.end()).size(), static_cast<std::size_t>(kMessages));
}

TEST_P(OutboxContract, AMessageWaitsForItsFirstInstant) {
  Commit commit = commit_of(queued_case("c"), "e");
  OutboxMessage at_eight = message_of(commit.next, "m-eight", kMonday);
  at_eight.not_before = kMonday + hours(8);
  OutboxMessage careless = message_of(commit.next, "m-now", kMonday + hours(1));
  careless.not_before = Instant{};  // never before it is made
  commit.outbox = {at_eight, careless};
  must_commit(repository(), commit);
  EXPECT_TRUE(nothing_to_claim(kMonday));
  EXPECT_EQ(must_claim(kMonday + hours(7)).message.id, careless.id);
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(8) - Duration(1)));
  const OutboxClaim claim = must_claim(kMonday + hours(8));
  EXPECT_EQ(claim.message.id, at_eight.id);
  EXPECT_EQ(claim.message.not_before, at_eight.not_before);
}

TEST_P(OutboxContract, EveryKindOfMessageIsReadBack) {
  Commit commit = commit_of(queued_case("c"), "e");
  std::set<MessageKind> kinds;
  for (int i = 0; i <= static_cast<int>(kLastMessageKind); ++i) {
    commit.outbox.push_back(message_of(commit.next, "m" + std::to_string(i), kMonday));
    commit.outbox.back().kind = static_cast<MessageKind>(i);
    kinds.insert(commit.outbox.back().kind);
  }
  must_commit(repository(), commit);
  std::set<MessageKind> claimed;
  while (claimed.size() < kinds.size()) claimed.insert(must_claim(kMonday).message.kind);
  EXPECT_EQ(claimed, kinds);
}

TEST_P(OutboxContract, AMessageOfNoCaseEndsByItself) {
  Commit commit = commit_of(queued_case("c"), "e");
  commit.outbox = {message_of(CaseId(), "kit", kMonday)};
  commit.outbox.front().kind = MessageKind::activation_kit;
  must_commit(repository(), commit);
  const OutboxClaim first = must_claim(kMonday);
  EXPECT_EQ(first.message.case_id, CaseId());
  EXPECT_EQ(first.message.kind, MessageKind::activation_kit);
  lease_clock_ += Duration(hours(1)).count();
  const OutboxClaim claim = must_claim(kMonday);
  for (const std::string& token : {first.lease_token, std::string(), std::string("x")}) {
    const auto late = repository().complete_outbox({OutboxId("kit"), token, OutboxState::sent});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::state_conflict);
  }
  EXPECT_FALSE(repository().complete_outbox({OutboxId("no"), claim.lease_token, {}}));
  EXPECT_EQ(outbox_counts().at("pending"), 1);
  EXPECT_EQ(repository().pending_of_no_case().value(), 1);
  ASSERT_TRUE(
      repository().complete_outbox({OutboxId("kit"), claim.lease_token, OutboxState::sent}));
  EXPECT_FALSE(
      repository().complete_outbox({OutboxId("kit"), claim.lease_token, OutboxState::sent}));
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(1)));
  EXPECT_THAT(outbox_counts(), ElementsAre(Pair("dead", 0), Pair("pending", 0), Pair("sent", 1)));
  EXPECT_EQ(repository().pending_of_no_case().value(), 0);
  case_with_message("d", "of-a-case", kMonday);
  EXPECT_EQ(repository().pending_of_no_case().value(), 0);
}

TEST_P(OutboxContract, AMessageOfACaseEndsOnlyWithACommitOfIt) {
  case_with_message("c", "m", kMonday);
  const OutboxClaim claim = must_claim(kMonday);
  EXPECT_FALSE(repository().complete_outbox({OutboxId("m"), claim.lease_token, OutboxState::sent}));
  EXPECT_EQ(outbox_counts().at("pending"), 1);
}

TEST_P(OutboxContract, CountsNameEveryState) {
  EXPECT_THAT(outbox_counts(), ElementsAre(Pair("dead", 0), Pair("pending", 0), Pair("sent", 0)));
  Case one = case_with_message("c1", "m1", kMonday);
  case_with_message("c2", "m2", kMonday);
  case_with_message("c3", "m3", kMonday);
  for (const OutboxState state : {OutboxState::sent, OutboxState::dead}) {
    const OutboxClaim claim = must_claim(kMonday);
    Commit ended =
        commit_of(loaded(repository(), claim.message.case_id), "end-" + claim.message.id.value);
    ended.completes = {claim.message.id, claim.lease_token, state};
    must_commit(repository(), ended);
  }
  EXPECT_THAT(outbox_counts(), ElementsAre(Pair("dead", 1), Pair("pending", 1), Pair("sent", 1)));
}

INSTANTIATE_TEST_SUITE_P(Each, OutboxContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });
INSTANTIATE_TEST_SUITE_P(Each, SharedOutboxContract, shared_stores(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
