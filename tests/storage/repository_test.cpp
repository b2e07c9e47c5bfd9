// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: commits, audit, acts.
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
using testing::IsEmpty;
using testing::Pair;

// ---- commit

TEST_P(RepositoryContract, ACaseIsReadBackWhole) {
  for (const Case& subject : {queued_case("c1"), answered_case("c2")}) {
    const Commit commit = commit_of(subject, "submit-" + subject.id.value);
    must_commit(repository(), commit);
    expect_same(loaded(repository(), subject.id), commit.next);
  }
  EXPECT_FALSE(*repository().load_case(CaseId("nobody")));
}

TEST_P(RepositoryContract, EveryChangeOfACaseIsKept) {
  must_commit(repository(), commit_of(queued_case("c"), "e1"));
  Case next = answered_case("c");
  const Case first = loaded(repository(), CaseId("c"));
  next.version = first.version;
  next.audit = first.audit;
  const Commit second = commit_of(next, "e2");
  must_commit(repository(), second);
  expect_same(loaded(repository(), CaseId("c")), second.next);
  Case emptied = queued_case("c");
  emptied.version = second.next.version;
  emptied.audit = second.next.audit;
  emptied.wrapped_key.clear();
  const Commit third = commit_of(emptied, "e3");
  must_commit(repository(), third);
  expect_same(loaded(repository(), CaseId("c")), third.next);
}

TEST_P(RepositoryContract, ARepeatedEventGetsTheFirstAnswerAndChangesNothing) {
  const Commit first = commit_of(queued_case("c"), "e1");
  must_commit(repository(), first);
  Commit again = commit_of(first.next, "e1");
  again.answer = "another answer";
  again.request_hash = "another hash";
  again.outbox.push_back(message_of(again.next, "m", kMonday));
  const auto result = repository().commit(again);
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->outcome, CommitOutcome::duplicate);
  EXPECT_EQ(result->answer, first.answer);
  EXPECT_EQ(result->request_hash, first.request_hash);
  expect_same(loaded(repository(), CaseId("c")), first.next);
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(1)));

  const auto stored = repository().find_event("e1");
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->answer, first.answer);
  EXPECT_EQ((*stored)->request_hash, first.request_hash);
  EXPECT_FALSE(*repository().find_event("e2"));
}

TEST_P(RepositoryContract, AStaleVersionIsAConflictAndStoresNothing) {
  const Commit first = commit_of(queued_case("c"), "e1");
  must_commit(repository(), first);
  const Commit second = commit_of(first.next, "e2");
  must_commit(repository(), second);
  Commit stale = commit_of(first.next, "e3");
  stale.outbox.push_back(message_of(stale.next, "m", kMonday));
  EXPECT_EQ(outcome_of(stale), CommitOutcome::conflict);
  expect_same(loaded(repository(), CaseId("c")), second.next);
  EXPECT_FALSE(*repository().find_event("e3"));
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(1)));
  // The same event may come again on the version that is there.
  EXPECT_EQ(outcome_of(commit_of(second.next, "e3")), CommitOutcome::committed);
}

TEST_P(RepositoryContract, ACaseThatExistsOrDoesNotIsAConflict) {
  must_commit(repository(), commit_of(queued_case("c"), "e1"));
  EXPECT_EQ(outcome_of(commit_of(queued_case("c"), "e2")), CommitOutcome::conflict);
  Case never = queued_case("never");
  never.version = 4;
  EXPECT_EQ(outcome_of(commit_of(never, "e3")), CommitOutcome::conflict);
  EXPECT_FALSE(*repository().load_case(CaseId("never")));
}

TEST_P(RepositoryContract, ANumberBelongsToOneCase) {
  must_commit(repository(), commit_of(queued_case("c"), "e1"));
  Case other = queued_case("other");
  other.number = queued_case("c").number;
  const auto result = repository().commit(commit_of(other, "e2"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::state_conflict);
  EXPECT_FALSE(*repository().load_case(CaseId("other")));
  EXPECT_FALSE(*repository().find_event("e2"));
}

TEST_P(RepositoryContract, NoRoleOfACaseIsPaidTwice) {
  Commit first = commit_of(answered_case("c"), "e1");
  first.acts = {act_of(first.next, ActRole::expert)};
  must_commit(repository(), first);
  Commit second = commit_of(first.next, "e2");
  second.acts = {act_of(second.next, ActRole::requester), act_of(second.next, ActRole::expert)};
  EXPECT_FALSE(repository().commit(second));
  EXPECT_EQ(repository().acts({})->size(), 1U);  // not even the act that was new
  expect_same(loaded(repository(), CaseId("c")), first.next);
  EXPECT_FALSE(*repository().find_event("e2"));
  EXPECT_EQ(repository().audit_chain("c")->size(), 1U);
}

TEST_P(RepositoryContract, ACommitThatContradictsItselfIsRefused) {
  const Commit sound = commit_of(queued_case("c"), "e1");
  Commit no_event = sound;
  no_event.event_id.clear();
  Commit wrong_version = sound;
  wrong_version.next.version = 7;
  Commit other_chain = sound;
  other_chain.audit.front().chain = "other";
  Commit no_head = sound;
  no_head.next.audit.hash = "00";
  Commit no_opinion = sound;
  no_opinion.acts = {act_of(sound.next, ActRole::expert)};
  for (const Commit& commit : {no_event, wrong_version, other_chain, no_head, no_opinion}) {
    const auto result = repository().commit(commit);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::internal);
  }
  EXPECT_FALSE(*repository().load_case(CaseId("c")));
}

TEST_P(SharedRepositoryContract, OfManyWritersOfOneVersionOneWins) {
  must_commit(repository(), commit_of(queued_case("c"), "e0"));
  const Case start = loaded(repository(), CaseId("c"));
  std::vector<Repository*> doors = {&repository(), &store_->another(), &store_->another()};
  std::atomic<int> committed = 0;
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      const auto result =
          doors[t % doors.size()]->commit(commit_of(start, "race-" + std::to_string(t)));
      ASSERT_TRUE(result) << result.error().text;
      (result->outcome == CommitOutcome::committed ? committed : conflicts) += 1;
      EXPECT_TRUE(result->outcome == CommitOutcome::committed ||
                  result->outcome == CommitOutcome::conflict);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(committed, 1);
  EXPECT_EQ(conflicts, 5);
  EXPECT_EQ(loaded(repository(), CaseId("c")).version, 2);
}

TEST_P(SharedRepositoryContract, WritersOfOneCaseThatDecideAgainLoseNothing) {
  constexpr std::int64_t kWriters = 4;
  constexpr std::int64_t kCommitsEach = 8;
  must_commit(repository(), commit_of(queued_case("c"), "e0"));
  std::vector<Repository*> doors = {&repository(), &store_->another()};
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < kWriters; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t n = 0; n < kCommitsEach;) {
        Repository& door = *doors[static_cast<std::size_t>(t) % 2];
        Case next = loaded(door, CaseId("c"));
        next.state = CaseState::offered;
        next.offers.push_back({UserId("expert-" + std::to_string(t)), kMonday, kMonday + hours(4),
                               OfferOutcome::pending, ""});
        const auto result =
            door.commit(commit_of(next, "e-" + std::to_string(t) + "-" + std::to_string(n)));
        ASSERT_TRUE(result) << result.error().text;
        if (result->outcome == CommitOutcome::committed) ++n;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(loaded(repository(), CaseId("c")).version, 1 + kWriters * kCommitsEach);
  const ProgrammeId programme = queued_case("c").programme;
  const auto figures = repository().case_figures(kMonday);
  ASSERT_TRUE(figures) << figures.error().text;
  EXPECT_EQ(figures->at(programme).events.at("offers"), kWriters * kCommitsEach);
  EXPECT_EQ(figures->at(programme).by_state.at("offered"), 1);
  const auto load = repository().pool_load(programme, kMonday);
  ASSERT_TRUE(load) << load.error().text;
  EXPECT_EQ(load->size(), static_cast<std::size_t>(kWriters));
  for (const auto& [expert, one] : *load) {
    EXPECT_EQ(one.open_cases, 1) << expert.value;
    EXPECT_EQ(one.recent_offers, kCommitsEach) << expert.value;
  }
}

TEST_P(SharedRepositoryContract, OfManySendersOfOneEventOneCommitsAndAllGetItsAnswer) {
  std::vector<Repository*> doors = {&repository(), &store_->another()};
  std::atomic<int> committed = 0;
  std::mutex mutex;
  std::set<std::string> answers;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      Commit commit = commit_of(queued_case("c" + std::to_string(t)), "same-event");
      commit.answer = "answer of " + std::to_string(t);
      const auto result = doors[t % doors.size()]->commit(commit);
      ASSERT_TRUE(result) << result.error().text;
      committed += result->outcome == CommitOutcome::committed ? 1 : 0;
      const std::lock_guard lock(mutex);
      answers.insert(result->answer);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(committed, 1);
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_EQ(repository().cases({})->size(), 1U);
}

TEST_P(SharedRepositoryContract, InACrowdEveryCommitGetsItsOwnOutcome) {
  constexpr int kWriters = 8;
  constexpr int kRounds = 6;
  Case first = queued_case("first");
  must_commit(repository(), commit_of(first, "e-first"));
  std::vector<Repository*> doors = {&repository(), &repository(), &store_->another()};
  const auto write = [&](int writer) {
    Repository& door = *doors[static_cast<std::size_t>(writer) % doors.size()];
    for (int round = 0; round < kRounds; ++round) {
      const std::string name = std::to_string(writer) + "-" + std::to_string(round);
      Commit fresh = commit_of(queued_case("c" + name), "e" + name);
      fresh.outbox.push_back(message_of(fresh.next, "m" + name, kMonday));
      const auto outcome = [&](const Commit& commit) {
        const auto result = door.commit(commit);
        EXPECT_TRUE(result) << result.error().text;
        return result.value_or(CommitResult{CommitOutcome::committed, "", ""});
      };
      EXPECT_EQ(outcome(fresh).outcome, CommitOutcome::committed);
      const auto again = outcome(fresh);
      EXPECT_EQ(again.outcome, CommitOutcome::duplicate);
      EXPECT_EQ(again.answer, fresh.answer);
      EXPECT_EQ(outcome(commit_of(queued_case("c" + name), "stale" + name)).outcome,
                CommitOutcome::conflict);
      Commit unleased = commit_of(fresh.next, "unleased" + name);
      unleased.completes = {OutboxId("m" + name), "7", OutboxState::sent};
      EXPECT_EQ(outcome(unleased).outcome, CommitOutcome::lease_lost);
      Case twin = queued_case("twin" + name);
      twin.number = first.number;
      const auto refused = door.commit(commit_of(twin, "twin" + name));
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::state_conflict);
      EXPECT_TRUE(door.append_node_audit({kMonday, "engine", "read", name}));
    }
  };
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) threads.emplace_back(write, writer);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(repository().cases({})->size(), std::size_t{kWriters * kRounds + 1});
  EXPECT_EQ(outbox_counts().at("pending"), kWriters * kRounds);
  EXPECT_EQ(repository().node_audit_head()->length, kWriters * kRounds);
  for (const char* undone : {"stale", "unleased", "twin"})
    EXPECT_FALSE(*repository().find_event(std::string(undone) + "0-0")) << undone;
  const Case one = loaded(repository(), CaseId("c7-5"));
  EXPECT_EQ(verify_chain(*repository().audit_chain("c7-5"), one.audit), 0);
}

TEST_P(SharedRepositoryContract, WhatOneRepositoryCommitsAnotherReads) {
  Repository& other = store_->another();
  must_commit(repository(), commit_of(queued_case("c"), "e1"));
  must_commit(other, commit_of(loaded(other, CaseId("c")), "e2"));
  EXPECT_EQ(loaded(repository(), CaseId("c")).version, 2);
}

// ---- audit

TEST_P(RepositoryContract, TheChainOfACaseVerifiesAgainstTheHeadInItsRow) {
  must_commit(repository(), commit_of(queued_case("c"), "e1"));
  for (const char* event : {"e2", "e3"})
    must_commit(repository(), commit_of(loaded(repository(), CaseId("c")), event));
  const auto chain = repository().audit_chain("c");
  ASSERT_TRUE(chain) << chain.error().text;
  ASSERT_EQ(chain->size(), 3U);
  EXPECT_EQ((*chain)[1].what.detail, "e2");
  EXPECT_EQ((*chain)[1].what.at, kMonday);
  EXPECT_EQ((*chain)[1].what.actor, "gp-1");
  EXPECT_EQ(verify_chain(*chain, loaded(repository(), CaseId("c")).audit), 0);
  EXPECT_THAT(*repository().audit_chain("other"), IsEmpty());
}

TEST_P(RepositoryContract, AnExpiredTraceForgetsWhoItWasOfAndItsChainStillVerifies) {
  const Instant later = kMonday + std::chrono::hours(1);
  for (const Instant when : {kMonday, kMonday, later})
    ASSERT_TRUE(repository().append_node_audit({when, "gp-1", "login", "from", "salt"}));
  ASSERT_TRUE(repository().append_node_audit({kMonday, "gp-1", "blobs-swept", "3"}));  // no trace
  Commit commit = commit_of(queued_case("c"), "e1");
  commit.next.audit = {};
  commit.audit = {
      append_audit("c", commit.next.audit, {kMonday, "gp-1", "content_read", "request", "salt"})};
  must_commit(repository(), commit);

  EXPECT_EQ(repository().expire_traces(kMonday, later, 10), 0);
  EXPECT_EQ(repository().node_audit_head()->length, 4);
  EXPECT_EQ(repository().expire_traces(later, later, 2), 2);
  EXPECT_EQ(repository().expire_traces(later, later, 2), 1);
  EXPECT_EQ(repository().expire_traces(later, later, 2), 0);

  const auto node = repository().audit_chain("node").value();
  ASSERT_EQ(node.size(), 6U);  // and two notes
  EXPECT_EQ(verify_chain(node, *repository().node_audit_head()), 0);
  EXPECT_EQ(node[0].what.actor + node[0].what.detail + node[0].what.salt, "");
  EXPECT_EQ(node[0].what.action, "login");
  EXPECT_EQ(node[2].what.actor, "gp-1");
  EXPECT_EQ(node[3].what.actor, "gp-1");
  EXPECT_EQ(expiry_of(node[5].what), later);
  const auto chain = repository().audit_chain("c").value();
  EXPECT_EQ(chain[0].what.actor, "");
  EXPECT_EQ(verify_chain(chain, loaded(repository(), CaseId("c")).audit), 0);
  EXPECT_EQ(repository().audit_entries("c", 0, 1)->front().expired, chain[0].expired);
}

TEST_P(SharedRepositoryContract, TheNodesChainGrowsUnderManyHands) {
  EXPECT_EQ(repository().node_audit_head()->length, 0);
  std::vector<Repository*> doors = {&repository(), &store_->another()};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(doors[t % 2]->append_node_audit(
            {kMonday, "engine", "refused:login_failed", std::to_string(t)}));
    });
  }
  for (auto& thread : threads) thread.join();
  const auto chain = repository().audit_chain("node");
  const auto head = repository().node_audit_head();
  ASSERT_TRUE(chain && head);
  EXPECT_EQ(chain->size(), 40U);
  EXPECT_EQ(head->length, 40);
  EXPECT_EQ(verify_chain(*chain, *head), 0);
}

// ---- acts

TEST_P(RepositoryContract, ActsAreFoundWithWhatAnExportNeeds) {
  const auto add = [&](const std::string& id, const std::string& date,
                       const std::string& programme) {
    Commit commit = commit_of(answered_case(id), "e-" + id);
    commit.next.programme = ProgrammeId(programme);
    commit.acts = {act_of(commit.next, ActRole::expert), act_of(commit.next, ActRole::requester)};
    for (BillableAct& act : commit.acts) act.care_date = date;
    commit.acts[1].professional = UserId("gp-1");
    commit.acts[1].billable = false;
    commit.acts[1].refusal = "NO_TARIFF";
    must_commit(repository(), commit);
  };
  add("c1", "2026-01-07", "p");
  add("c2", "2026-02-01", "p");
  add("c3", "2026-01-31", "other");
  const auto found = [&](const ActQuery& query) {
    std::vector<std::string> rows;
    const auto acts = repository().acts(query);
    EXPECT_TRUE(acts) << acts.error().text;
    for (const ActRow& row : *acts) rows.push_back(row.act.case_id.value + row.act.code);
    return rows;
  };
  EXPECT_THAT(found({}), ElementsAre("c1TE2", "c1RQD", "c3TE2", "c3RQD", "c2TE2", "c2RQD"));
  ActQuery january;
  january.from_date = "2026-01-07";
  january.to_date = "2026-01-31";
  EXPECT_THAT(found(january), ElementsAre("c1TE2", "c1RQD", "c3TE2", "c3RQD"));
  january.programmes = {ProgrammeId("p")};
  january.professional = UserId("gp-1");
  EXPECT_THAT(found(january), ElementsAre("c1RQD"));

  const auto rows = repository().acts(january);
  const ActRow& row = rows->front();
  EXPECT_EQ(row.act.role, ActRole::requester);
  EXPECT_EQ(row.act.professional, UserId("gp-1"));
  EXPECT_EQ(row.act.care_date, "2026-01-07");
  EXPECT_EQ(row.act.tariff_zone, "DROM");
  EXPECT_EQ(row.act.amount_cents, 1000);
  EXPECT_FALSE(row.act.billable);
  EXPECT_EQ(row.act.refusal, "NO_TARIFF");
  EXPECT_EQ(row.case_number, "TE-2026-c1");
  EXPECT_EQ(row.programme, ProgrammeId("p"));
  EXPECT_EQ(row.submitted_at, kMonday);
  EXPECT_EQ(row.signed_at, kMonday + hours(49));
}

INSTANTIATE_TEST_SUITE_P(Each, RepositoryContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });
INSTANTIATE_TEST_SUITE_P(Each, SharedRepositoryContract, shared_stores(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
