// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: texts of experts, appointments to offer, what experts took.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class DeskContract : public RepositoryContract {
 protected:
  void SetUp() override {
    RepositoryContract::SetUp();
    for (const char* id : {"e1", "e2"}) {
      ASSERT_TRUE(repository().put_user(user_of(id, {}), {kMonday, "admin-1", std::nullopt}));
    }
  }
  bool put_slot(const std::string& id, const std::string& expert, Instant at) {
    return repository().put_slot({id, UserId(expert), at, "Cabinet", "0590 00 00 00", {}}).value();
  }
  /// "id" of those that are free, "id:case" of the others.
  std::vector<std::string> slots(const std::string& expert, Instant from = kMonday) {
    std::vector<std::string> found;
    const auto all = repository().slots(UserId(expert), from).value();
    for (const Slot& slot : all) {
      found.push_back(slot.id + (slot.offered_in.empty() ? "" : ":" + slot.offered_in.value));
    }
    return found;
  }
  /// Commits the case's next version, offering these; `id` is the event's.
  CommitOutcome offer(Case& subject, const std::string& id, std::vector<std::string> slots) {
    Commit commit = commit_of(subject, id);
    commit.slots = std::move(slots);
    const CommitOutcome outcome = outcome_of(commit);
    if (outcome == CommitOutcome::committed) subject = commit.next;
    return outcome;
  }
};

TEST_P(DeskContract, TextsReplaceTheVersionThatIsThere) {
  const UserId user("e1");
  EXPECT_FALSE(*repository().personal_texts(user));
  EXPECT_FALSE(repository().put_personal_texts({user, 2, {9}}).value());
  EXPECT_TRUE(repository().put_personal_texts({user, 1, {1}}).value());
  EXPECT_FALSE(repository().put_personal_texts({user, 1, {2}}).value());
  EXPECT_TRUE(repository().put_personal_texts({user, 2, {3}}).value());
  const auto read = repository().personal_texts(user).value();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->version, 2);
  EXPECT_EQ(read->sealed, Bytes{3});
  EXPECT_FALSE(*repository().personal_texts(UserId("e2")));
}

TEST_P(DeskContract, AnAppointmentIsOfOneExpertAtOneTime) {
  EXPECT_TRUE(put_slot("s2", "e1", kMonday + hours(2)));
  EXPECT_TRUE(put_slot("s1", "e1", kMonday + hours(1)));
  EXPECT_FALSE(put_slot("s3", "e1", kMonday + hours(1)));
  EXPECT_TRUE(put_slot("s3", "e2", kMonday + hours(1)));
  EXPECT_THAT(slots("e1"), ElementsAre("s1", "s2"));
  EXPECT_THAT(slots("e1", kMonday + hours(2)), ElementsAre("s2"));
  EXPECT_FALSE(repository().erase_slot(UserId("e2"), "s1").value());
  EXPECT_TRUE(repository().erase_slot(UserId("e1"), "s1").value());
  EXPECT_FALSE(repository().erase_slot(UserId("e1"), "s1").value());
  EXPECT_THAT(slots("e1"), ElementsAre("s2"));
}

TEST_P(DeskContract, AnAppointmentIsOfferedInOneCase) {
  put_slot("s1", "e1", kMonday + hours(1));
  put_slot("s2", "e1", kMonday + hours(2));
  Case one = queued_case("c1"), two = queued_case("c2");
  EXPECT_EQ(offer(one, "1", {"s1", "s2"}), CommitOutcome::committed);
  EXPECT_THAT(slots("e1"), ElementsAre("s1:c1", "s2:c1"));
  EXPECT_FALSE(repository().erase_slot(UserId("e1"), "s1").value());
  EXPECT_EQ(offer(two, "2", {"s2"}), CommitOutcome::slot_gone);
  EXPECT_FALSE(*repository().load_case(CaseId("c2")));  // nothing of the commit happened
  EXPECT_EQ(offer(two, "3", {"s9"}), CommitOutcome::slot_gone);
  EXPECT_EQ(offer(one, "4", {"s1", "s1"}), CommitOutcome::slot_gone);
  EXPECT_THAT(slots("e1"), ElementsAre("s1:c1", "s2:c1"));
  EXPECT_EQ(offer(one, "5", {"s1"}), CommitOutcome::committed);
  EXPECT_THAT(slots("e1"), ElementsAre("s1:c1", "s2"));
  EXPECT_EQ(offer(two, "6", {"s2"}), CommitOutcome::committed);
  EXPECT_EQ(offer(one, "7", {}), CommitOutcome::committed);
  EXPECT_THAT(slots("e1"), ElementsAre("s1", "s2:c2"));
}

TEST_P(DeskContract, WhatAnExpertTookCountsFromItsOffer) {
  const auto taken = [&](Instant since) { return repository().taken_since(since).value(); };
  Case subject = queued_case("c1");
  subject.offers = {
      {UserId("e1"), kMonday, kMonday + hours(4), OfferOutcome::pending, ""},
      {UserId("e2"), kMonday, std::nullopt, OfferOutcome::pending, ""}};  // with the whole pool
  subject.state = CaseState::offered;
  Commit commit = commit_of(subject, "1");
  must_commit(repository(), commit);
  EXPECT_THAT(taken(kMonday), ElementsAre(Pair(UserId("e1"), 1)));
  EXPECT_THAT(taken(kMonday + hours(1)), IsEmpty());
  Commit next = commit_of(commit.next, "2");
  next.next.offers[0].outcome = OfferOutcome::declined;
  next.next.offers[1].outcome = OfferOutcome::accepted;
  next.next.expert = UserId("e2");
  next.next.state = CaseState::accepted;
  must_commit(repository(), next);
  EXPECT_THAT(taken(kMonday), ElementsAre(Pair(UserId("e2"), 1)));
}

INSTANTIATE_TEST_SUITE_P(Each, DeskContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
