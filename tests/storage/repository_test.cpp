// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: commits, audit, cases, outbox, acts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/storage/repository_contract.h"

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

TEST_P(RepositoryContract, OfManyWritersOfOneVersionOneWins) {
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

TEST_P(RepositoryContract, OfManySendersOfOneEventOneCommitsAndAllGetItsAnswer) {
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

TEST_P(RepositoryContract, WhatOneRepositoryCommitsAnotherReads) {
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

TEST_P(RepositoryContract, TheNodesChainGrowsUnderManyHands) {
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

// ---- cases by what is asked

TEST_P(RepositoryContract, CasesAreFoundByPersonProgrammeAndStateNewestFirst) {
  for (int i = 0; i < 4; ++i) {
    Case subject = i == 3 ? answered_case("c3") : queued_case("c" + std::to_string(i));
    subject.submitted_at = kMonday + hours(i);
    subject.requester = UserId(i == 1 ? "gp-2" : "gp-1");
    subject.programme = ProgrammeId(i == 2 ? "other" : "meligua-rythmologie");
    must_commit(repository(), commit_of(subject, "e" + std::to_string(i)));
  }
  const auto ids = [&](const CaseQuery& query) {
    std::vector<std::string> found;
    const auto cases = repository().cases(query);
    EXPECT_TRUE(cases) << cases.error().text;
    for (const Case& one : *cases) found.push_back(one.id.value);
    return found;
  };
  CaseQuery query;
  EXPECT_THAT(ids(query), ElementsAre("c3", "c2", "c1", "c0"));
  query.limit = 2;
  EXPECT_THAT(ids(query), ElementsAre("c3", "c2"));
  query = {};
  query.requester = UserId("gp-1");
  EXPECT_THAT(ids(query), ElementsAre("c3", "c2", "c0"));
  query.open_only = true;
  EXPECT_THAT(ids(query), ElementsAre("c2", "c0"));
  query.programmes = {ProgrammeId("other"), ProgrammeId("third")};
  EXPECT_THAT(ids(query), ElementsAre("c2"));
  query = {};
  query.programmes = {ProgrammeId("other"), ProgrammeId("meligua-rythmologie")};
  EXPECT_EQ(ids(query).size(), 4U);
  query = {};
  query.expert = UserId("expert-2");
  EXPECT_THAT(ids(query), ElementsAre("c3"));
  query.expert = UserId("' or 1=1 --");
  EXPECT_THAT(ids(query), IsEmpty());
}

TEST_P(RepositoryContract, TheLoadOfAnExpertIsHisOpenCasesInTheProgramme) {
  const auto add = [&](const std::string& id, const std::string& expert, CaseState state,
                       const std::string& programme) {
    Case subject = queued_case(id);
    subject.state = state;
    subject.expert = UserId(expert);
    subject.programme = ProgrammeId(programme);
    subject.offers = {{UserId(expert), kMonday, kMonday + hours(4), OfferOutcome::pending}};
    must_commit(repository(), commit_of(subject, "e-" + id));
  };
  add("c1", "expert-1", CaseState::offered, "p");
  add("c2", "expert-1", CaseState::accepted, "p");
  add("c3", "expert-1", CaseState::closed, "p");
  add("c4", "expert-1", CaseState::offered, "other");
  add("c5", "expert-2", CaseState::accepted, "p");
  Case unassigned = queued_case("c6");
  unassigned.programme = ProgrammeId("p");
  must_commit(repository(), commit_of(unassigned, "e-c6"));
  const auto load = repository().open_cases_by_expert(ProgrammeId("p"));
  ASSERT_TRUE(load) << load.error().text;
  EXPECT_THAT(*load, ElementsAre(Pair(UserId("expert-1"), 2), Pair(UserId("expert-2"), 1)));
}

TEST_P(RepositoryContract, DueCasesComeEarliestFirstAndOnlyWhileATimerRuns) {
  for (int i = 0; i < 5; ++i) {
    Case subject = queued_case("c" + std::to_string(i));
    subject.route_at = kMonday + hours(5 - i);
    must_commit(repository(), commit_of(subject, "e" + std::to_string(i)));
  }
  must_commit(repository(), commit_of(answered_case("done"), "e-done"));
  EXPECT_THAT(*repository().due_cases(kMonday, 10), IsEmpty());
  const auto due = repository().due_cases(kMonday + hours(3), 10);
  ASSERT_TRUE(due) << due.error().text;
  ASSERT_EQ(due->size(), 3U);
  EXPECT_EQ(due->at(0).id, CaseId("c4"));
  EXPECT_EQ(due->at(0).kind, TimerKind::route);
  EXPECT_EQ(due->at(0).at, kMonday + hours(1));
  EXPECT_EQ(due->at(2).id, CaseId("c2"));  // due at this very instant
  EXPECT_EQ(repository().due_cases(kMonday + hours(100), 2)->size(), 2U);
  EXPECT_EQ(repository().due_cases(kMonday + hours(100), 100)->size(), 5U);

  Case moved = loaded(repository(), CaseId("c4"));
  moved.route_at = kMonday + hours(9);
  must_commit(repository(), commit_of(moved, "move"));
  EXPECT_EQ(repository().due_cases(kMonday + hours(3), 10)->front().id, CaseId("c3"));
}

TEST_P(RepositoryContract, CountsNameEveryState) {
  case_with_message("c1", "m1", kMonday);
  case_with_message("c2", "m2", kMonday);
  must_commit(repository(), commit_of(answered_case("c3"), "e3"));
  const auto counts = repository().counts();
  ASSERT_TRUE(counts) << counts.error().text;
  EXPECT_EQ(counts->at("case.queued"), 2);
  EXPECT_EQ(counts->at("case.answered"), 1);
  EXPECT_EQ(counts->at("case.closed"), 0);
  EXPECT_EQ(counts->at("outbox.pending"), 2);
  EXPECT_EQ(counts->at("outbox.dead"), 0);
  EXPECT_EQ(counts->size(), 10U);
}

// ---- outbox

TEST_P(RepositoryContract, AMessageIsClaimedWholeOldestFirst) {
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

TEST_P(RepositoryContract, ALeaseEndsByTheDatabasesClockAndTheOldTokenIsWorthless) {
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

TEST_P(RepositoryContract, ALeaseThatNobodyTookOverStillCompletes) {
  const Case subject = case_with_message("c", "m", kMonday);
  const OutboxClaim claim = must_claim(kMonday);
  lease_clock_ += Duration(hours(5)).count();
  Commit sent = commit_of(subject, "sent");
  sent.completes = {claim.message.id, claim.lease_token, OutboxState::sent};
  EXPECT_EQ(outcome_of(sent), CommitOutcome::committed);
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(9)));
}

TEST_P(RepositoryContract, ALostLeaseRollsBackTheWholeCommit) {
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
  EXPECT_EQ(repository().counts()->at("outbox.pending"), 1);
}

TEST_P(RepositoryContract, ACompletedMessageIsNeverClaimedOrCompletedAgain) {
  Case subject = case_with_message("c", "m", kMonday);
  const OutboxClaim claim = must_claim(kMonday);
  Commit dead = commit_of(subject, "dead");
  dead.completes = {claim.message.id, claim.lease_token, OutboxState::dead};
  must_commit(repository(), dead);
  EXPECT_EQ(repository().counts()->at("outbox.dead"), 1);
  lease_clock_ += Duration(hours(50)).count();
  EXPECT_TRUE(nothing_to_claim(kMonday + hours(50)));
  Commit sent = commit_of(dead.next, "sent");
  sent.completes = {claim.message.id, claim.lease_token, OutboxState::sent};
  EXPECT_EQ(outcome_of(sent), CommitOutcome::lease_lost);
  EXPECT_EQ(repository().counts()->at("outbox.dead"), 1);
}

TEST_P(RepositoryContract, APostponedMessageWaitsForItsTimeAndCountsItsAttempts) {
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

TEST_P(RepositoryContract, AfterARestartEveryLeaseMayBeForgotten) {
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

TEST_P(RepositoryContract, ManyWorkersClaimEveryMessageOnce) {
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

}  // namespace
}  // namespace telavis::test
