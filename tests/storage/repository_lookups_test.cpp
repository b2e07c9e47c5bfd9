// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: what cases are found and counted by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

const UserId kAnna("expert-anna");
const UserId kBruno("expert-bruno");
const UserId kChloe("expert-chloe");
const ProgrammeId kProgramme("p");

Offer named(const UserId& expert, Instant at, OfferOutcome outcome = OfferOutcome::pending) {
  return {expert, at, at + hours(4), outcome, ""};
}
Offer announced(const UserId& expert, OfferOutcome outcome = OfferOutcome::pending) {
  return {expert, kMonday, std::nullopt, outcome, ""};
}

class LookupContract : public RepositoryContract {
 protected:
  std::vector<std::string> ids(const CaseQuery& query) {
    std::vector<std::string> found;
    const auto cases = repository().cases(query);
    EXPECT_TRUE(cases) << cases.error().text;
    if (!cases) return found;
    for (const Case& one : *cases) found.push_back(one.id.value);
    return found;
  }
  std::vector<std::string> ids_of_expert(const UserId& expert) {
    CaseQuery query;
    query.expert = expert;
    return ids(query);
  }
  std::vector<std::string> ids_of_requester(const std::string& requester) {
    CaseQuery query;
    query.requester = UserId(requester);
    return ids(query);
  }
  /// "open/recent" by expert.
  std::map<std::string, std::string> load(const ProgrammeId& programme, Instant since) {
    std::map<std::string, std::string> shown_load;
    const auto load = repository().pool_load(programme, since);
    EXPECT_TRUE(load) << load.error().text;
    if (!load) return shown_load;
    for (const auto& [expert, one] : *load)
      shown_load[expert.value] =
          std::to_string(one.open_cases) + "/" + std::to_string(one.recent_offers);
    return shown_load;
  }
  std::vector<std::string> open_of(const UserId& expert) {
    std::vector<std::string> found;
    const auto open = repository().open_cases_of(expert);
    EXPECT_TRUE(open) << open.error().text;
    if (!open) return found;
    for (const CaseId& id : *open) found.push_back(id.value);
    return found;
  }
  CaseFigures figures(const ProgrammeId& programme, Instant now) {
    const auto all = repository().case_figures(now);
    EXPECT_TRUE(all) << all.error().text;
    if (!all || !all->contains(programme)) {
      ADD_FAILURE() << "no figures of " << programme.value;
      return {};
    }
    return all->at(programme);
  }
  /// A case in the programme "p" with these offers.
  Case add(const std::string& id, CaseState state, std::vector<Offer> offers) {
    Case subject = queued_case(id);
    subject.programme = kProgramme;
    subject.state = state;
    subject.offers = std::move(offers);
    for (const Offer& offer : subject.offers)
      if (offer.outcome == OfferOutcome::accepted) subject.expert = offer.expert;
    return commit(subject);
  }
  Case commit(const Case& subject) {
    const Commit commit =
        commit_of(subject, "e-" + subject.id.value + "-" + std::to_string(subject.version));
    must_commit(repository(), commit);
    return commit.next;
  }
};

TEST_P(LookupContract, CasesAreFoundByPersonProgrammeAndStateNewestFirst) {
  for (int i = 0; i < 4; ++i) {
    Case subject = i == 3 ? answered_case("c3") : queued_case("c" + std::to_string(i));
    subject.submitted_at = kMonday + hours(i);
    subject.requester = UserId(i == 1 ? "gp-2" : "gp-1");
    subject.programme = ProgrammeId(i == 2 ? "other" : "meligua-rythmologie");
    must_commit(repository(), commit_of(subject, "e" + std::to_string(i)));
  }
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
  EXPECT_THAT(ids(query), ElementsAre("c3", "c2", "c1", "c0"));
  query.limit = 2;
  EXPECT_THAT(ids(query), ElementsAre("c3", "c2"));
  query.open_only = true;
  EXPECT_THAT(ids(query), ElementsAre("c2", "c1"));
  query = {};
  query.expert = UserId("expert-2");
  EXPECT_THAT(ids(query), ElementsAre("c3"));
  query.requester = UserId("gp-1");
  EXPECT_THAT(ids(query), ElementsAre("c3"));
  query.requester = UserId("gp-2");
  EXPECT_THAT(ids(query), IsEmpty());
  query = {};
  query.expert = UserId("' or 1=1 --");
  EXPECT_THAT(ids(query), IsEmpty());
}

TEST_P(LookupContract, AnExpertFindsEveryCaseHeWasEverOffered) {
  Case subject = add("c1", CaseState::offered, {named(kAnna, kMonday)});
  EXPECT_THAT(ids_of_expert(kAnna), ElementsAre("c1"));
  subject.offers = {named(kAnna, kMonday, OfferOutcome::declined), named(kBruno, kMonday)};
  subject = commit(subject);
  subject.offers[1].outcome = OfferOutcome::accepted;
  subject.state = CaseState::accepted;
  subject.expert = kBruno;
  subject = commit(subject);
  subject.offers[1].outcome = OfferOutcome::given_back;
  subject.expert.reset();
  subject.state = CaseState::queued;
  commit(subject);
  Case held = queued_case("c2");
  held.submitted_at = kMonday + hours(1);
  held.expert = kBruno;
  held.state = CaseState::closed;
  commit(held);
  EXPECT_THAT(ids_of_expert(kAnna), ElementsAre("c1"));
  EXPECT_THAT(ids_of_expert(kBruno), ElementsAre("c2", "c1"));
  EXPECT_THAT(ids_of_expert(kChloe), IsEmpty());
  EXPECT_THAT(ids_of_requester(kAnna.value), IsEmpty());
  CaseQuery open_of_bruno;
  open_of_bruno.expert = kBruno;
  open_of_bruno.open_only = true;
  EXPECT_THAT(ids(open_of_bruno), ElementsAre("c1"));
}

TEST_P(LookupContract, ADelegateFindsWhatHeMayReadForAnother) {
  Case subject = commit(queued_case("c1"));
  commit(queued_case("c2"));
  EXPECT_THAT(ids_of_requester("gp-9"), IsEmpty());
  subject.requester_delegate = UserId("gp-9");
  commit(subject);
  EXPECT_THAT(ids_of_requester("gp-9"), ElementsAre("c1"));
  EXPECT_THAT(ids_of_requester("gp-1"), ElementsAre("c1", "c2"));
  EXPECT_THAT(ids_of_expert(UserId("gp-9")), IsEmpty());
}

TEST_P(LookupContract, SomebodyMayAskAndAnswer) {
  Case subject = queued_case("c1");
  subject.requester = kAnna;
  commit(subject);
  add("c2", CaseState::accepted, {named(kAnna, kMonday, OfferOutcome::accepted)});
  EXPECT_THAT(ids_of_requester(kAnna.value), ElementsAre("c1"));
  EXPECT_THAT(ids_of_expert(kAnna), ElementsAre("c2"));
}

TEST_P(LookupContract, TheLoadIsWhatIsOpenByNameAndWhatWasOfferedSince) {
  const Instant old = kMonday - hours(24 * 40);
  add("c1", CaseState::offered, {named(kAnna, kMonday)});
  add("c2", CaseState::accepted, {named(kAnna, kMonday - hours(1), OfferOutcome::accepted)});
  add("c3", CaseState::waiting, {announced(kBruno, OfferOutcome::accepted)});
  add("c4", CaseState::offered, {announced(kAnna), announced(kChloe)});
  add("c5", CaseState::offered,
      {named(kBruno, old, OfferOutcome::declined), named(kBruno, kMonday, OfferOutcome::expired),
       named(kAnna, kMonday)});
  add("c6", CaseState::closed, {named(kAnna, old, OfferOutcome::accepted)});
  Case elsewhere = queued_case("c7");
  elsewhere.programme = ProgrammeId("other");
  elsewhere.state = CaseState::offered;
  elsewhere.offers = {named(kAnna, kMonday)};
  commit(elsewhere);
  const Instant month_ago = kMonday - hours(24 * 30);
  EXPECT_THAT(load(kProgramme, month_ago),
              ElementsAre(Pair(kAnna.value, "3/3"), Pair(kBruno.value, "1/1")));
  EXPECT_THAT(load(kProgramme, kMonday),  // at that very instant counts
              ElementsAre(Pair(kAnna.value, "3/2"), Pair(kBruno.value, "1/1")));
  EXPECT_THAT(load(kProgramme, old),
              ElementsAre(Pair(kAnna.value, "3/4"), Pair(kBruno.value, "1/2")));
  EXPECT_THAT(load(ProgrammeId("other"), kMonday + hours(1)),
              ElementsAre(Pair(kAnna.value, "1/0")));
  EXPECT_THAT(load(ProgrammeId("third"), old), IsEmpty());
}

TEST_P(LookupContract, OneMayBeAskedTwiceForOneCase) {
  Case subject = add("c1", CaseState::queued, {named(kAnna, kMonday, OfferOutcome::expired)});
  subject.offers.push_back(named(kAnna, kMonday + hours(5)));
  subject.state = CaseState::offered;
  commit(subject);
  EXPECT_THAT(load(kProgramme, kMonday), ElementsAre(Pair(kAnna.value, "1/2")));
  EXPECT_THAT(open_of(kAnna), ElementsAre("c1"));
  EXPECT_THAT(ids_of_expert(kAnna), ElementsAre("c1"));
}

TEST_P(LookupContract, OpenCasesOfAnExpertAreThoseHeIsAskedOrHoldsAnywhere) {
  add("c1", CaseState::offered, {announced(kAnna), announced(kBruno)});
  add("c2", CaseState::accepted, {named(kAnna, kMonday, OfferOutcome::accepted)});
  add("c3", CaseState::delivered, {named(kAnna, kMonday, OfferOutcome::accepted)});
  add("c4", CaseState::queued, {named(kAnna, kMonday, OfferOutcome::taken_back)});
  Case elsewhere = queued_case("c5");
  elsewhere.state = CaseState::offered;
  elsewhere.offers = {named(kAnna, kMonday)};
  elsewhere = commit(elsewhere);
  EXPECT_THAT(open_of(kAnna), UnorderedElementsAre("c1", "c2", "c5"));
  EXPECT_THAT(open_of(kBruno), UnorderedElementsAre("c1"));
  elsewhere.state = CaseState::cancelled;
  elsewhere.offers.front().outcome = OfferOutcome::withdrawn;
  commit(elsewhere);
  EXPECT_THAT(open_of(kAnna), UnorderedElementsAre("c1", "c2"));
}

TEST_P(LookupContract, ContactsAreTheAnswersARequesterHasHad) {
  const auto answered_by = [&](const std::string& id, const UserId& expert,
                               const std::string& requester) {
    Case subject = answered_case(id);
    subject.requester = UserId(requester);
    subject.opinion->expert = expert;
    commit(subject);
  };
  answered_by("c1", kAnna, "gp-1");
  answered_by("c2", kAnna, "gp-1");
  answered_by("c3", kBruno, "gp-1");
  answered_by("c4", kBruno, "gp-2");
  add("c5", CaseState::accepted, {named(kChloe, kMonday, OfferOutcome::accepted)});
  const auto contacts = repository().previous_contacts(UserId("gp-1"));
  ASSERT_TRUE(contacts) << contacts.error().text;
  EXPECT_THAT(*contacts, ElementsAre(Pair(kAnna, 2), Pair(kBruno, 1)));
  EXPECT_THAT(*repository().previous_contacts(UserId("gp-9")), IsEmpty());  // a delegate
}

TEST_P(LookupContract, DueCasesComeEarliestFirstAndOnlyWhileATimerRuns) {
  for (int i = 0; i < 5; ++i) {
    Case subject = queued_case("c" + std::to_string(i));
    subject.route_at = kMonday + hours(5 - i);
    must_commit(repository(), commit_of(subject, "e" + std::to_string(i)));
  }
  Case closed = queued_case("closed");
  closed.state = CaseState::closed;
  closed.kept_until = kMonday + hours(24 * 7305);  // twenty years
  must_commit(repository(), commit_of(closed, "e-closed"));
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

TEST_P(LookupContract, EveryKindOfTimerIsFoundByItsName) {
  Case subject = queued_case("c");
  subject.state = CaseState::incomplete;
  subject.promise.reset();
  subject.purge_at = kMonday + hours(1);
  commit(subject);
  Case redirected = queued_case("d");
  redirected.state = CaseState::redirected;
  redirected.promise.reset();
  redirected.redirect_remind_at = kMonday + hours(2);
  commit(redirected);
  const auto due = repository().due_cases(kMonday + hours(2), 10);
  ASSERT_TRUE(due) << due.error().text;
  ASSERT_EQ(due->size(), 2U);
  EXPECT_EQ(due->at(0).kind, TimerKind::purge);
  EXPECT_EQ(due->at(1).kind, TimerKind::redirect_reminder);
}

// ---- figures

TEST_P(LookupContract, FiguresNameEveryStateAndEveryBucket) {
  add("c1", CaseState::queued, {});
  const CaseFigures all = figures(kProgramme, kMonday);
  EXPECT_EQ(all.by_state.size(), static_cast<std::size_t>(CaseState::cancelled) + 1);
  EXPECT_EQ(all.by_state.at("queued"), 1);
  EXPECT_EQ(all.by_state.at("closed"), 0);
  EXPECT_THAT(all.open_by_time_left,
              ElementsAre(Pair("late", 0), Pair("no_promise", 0), Pair("over_24h", 1),
                          Pair("under_12h", 0), Pair("under_24h", 0), Pair("under_4h", 0)));
  EXPECT_THAT(all.events, ElementsAre(Pair("breaches", 0), Pair("declines", 0), Pair("offers", 0),
                                      Pair("waits", 0)));
  EXPECT_FALSE(repository().case_figures(kMonday)->contains(ProgrammeId("other")));
}

TEST_P(LookupContract, TimeLeftIsThatOfOpenCases) {
  const auto promised = [&](const std::string& id, CaseState state, Duration left) {
    Case subject = queued_case(id);
    subject.programme = kProgramme;
    subject.state = state;
    subject.promise->breach_at = kMonday + left;
    return commit(subject);
  };
  promised("c0", CaseState::waiting, -hours(100));
  promised("c1", CaseState::queued, hours(0));
  promised("c2", CaseState::offered, minutes(1));
  promised("c3", CaseState::accepted, hours(4) - minutes(1));
  Case subject = promised("c4", CaseState::accepted, hours(4));
  promised("c5", CaseState::queued, hours(12));
  promised("c6", CaseState::queued, hours(24));
  promised("c7", CaseState::queued, hours(900));
  promised("c8", CaseState::answered, hours(1));
  promised("c9", CaseState::cancelled, hours(1));
  Case incomplete = queued_case("c10");
  incomplete.programme = kProgramme;
  incomplete.state = CaseState::incomplete;
  incomplete.promise.reset();
  incomplete = commit(incomplete);
  EXPECT_THAT(figures(kProgramme, kMonday).open_by_time_left,
              ElementsAre(Pair("late", 2), Pair("no_promise", 1), Pair("over_24h", 2),
                          Pair("under_12h", 1), Pair("under_24h", 1), Pair("under_4h", 2)));
  EXPECT_THAT(figures(kProgramme, kMonday + hours(20)).open_by_time_left,
              ElementsAre(Pair("late", 6), Pair("no_promise", 1), Pair("over_24h", 1),
                          Pair("under_12h", 1), Pair("under_24h", 0), Pair("under_4h", 0)));
}

TEST_P(LookupContract, EventsAreCountedOnceAndNeverTakenBack) {
  Case subject = add("c1", CaseState::offered, {named(kAnna, kMonday), announced(kBruno)});
  subject.offers[0].outcome = OfferOutcome::declined;
  subject.offers.push_back(named(kChloe, kMonday));
  subject = commit(subject);
  subject.offers[2].outcome = OfferOutcome::accepted;
  for (const CaseState state : {CaseState::accepted, CaseState::waiting, CaseState::waiting,
                                CaseState::accepted, CaseState::waiting}) {
    subject.state = state;
    subject = commit(subject);
  }
  subject.breached_at = kMonday + hours(48);
  subject = commit(subject);
  const auto events =
      ElementsAre(Pair("breaches", 1), Pair("declines", 1), Pair("offers", 3), Pair("waits", 2));
  EXPECT_THAT(figures(kProgramme, kMonday).events, events);

  // To another programme: what happened, happened here.
  subject.programme = ProgrammeId("other");
  subject.state = CaseState::queued;
  subject = commit(subject);
  EXPECT_THAT(figures(kProgramme, kMonday).events, events);
  EXPECT_EQ(figures(kProgramme, kMonday).by_state.at("waiting"), 0);
  EXPECT_EQ(figures(kProgramme, kMonday).open_by_time_left["over_24h"], 0);
  const CaseFigures other = figures(ProgrammeId("other"), kMonday);
  EXPECT_EQ(other.by_state.at("queued"), 1);
  EXPECT_EQ(other.open_by_time_left.at("over_24h"), 1);
  EXPECT_THAT(other.events, ElementsAre(Pair("breaches", 0), Pair("declines", 0), Pair("offers", 0),
                                        Pair("waits", 0)));
  CaseQuery query;
  query.expert = kAnna;
  query.programmes = {kProgramme};
  EXPECT_THAT(ids(query), IsEmpty());
  query.programmes = {ProgrammeId("other")};
  EXPECT_THAT(ids(query), ElementsAre("c1"));
}

TEST_P(LookupContract, ACommitThatIsNotTakenCountsNothing) {
  const Case subject = add("c1", CaseState::offered, {named(kAnna, kMonday)});
  const auto before = figures(kProgramme, kMonday);
  Case stale = subject;
  stale.version = 0;
  stale.state = CaseState::closed;
  EXPECT_EQ(outcome_of(commit_of(stale, "stale")), CommitOutcome::conflict);
  Commit lost = commit_of(subject, "lost");
  lost.next.state = CaseState::closed;
  lost.completes = {OutboxId("m"), "1", OutboxState::sent};
  EXPECT_EQ(outcome_of(lost), CommitOutcome::lease_lost);
  Commit again = commit_of(subject, "e-c1-0");
  again.next.state = CaseState::closed;
  EXPECT_EQ(outcome_of(again), CommitOutcome::duplicate);
  EXPECT_EQ(figures(kProgramme, kMonday).by_state, before.by_state);
  EXPECT_EQ(figures(kProgramme, kMonday).events, before.events);
  EXPECT_EQ(outbox_counts().at("pending"), 0);
  EXPECT_THAT(open_of(kAnna), ElementsAre("c1"));
}

// ---- all of it against a plain reading of the cases

/// What the look-ups must say, worked out from every case as it is.
struct Expected {
  std::map<UserId, std::set<std::string>> open_of;
  std::map<UserId, std::set<std::string>> ever;
  std::map<UserId, std::pair<std::int64_t, std::int64_t>> load;  // open, recent
  std::map<std::string, std::int64_t> by_state;
  std::map<std::string, std::int64_t> time_left;
};

Expected expected_of(const std::map<std::string, Case>& cases, Instant now, Instant since) {
  Expected all;
  for (const auto& [id, subject] : cases) {
    all.by_state[std::string(case_state_name(subject.state))] += 1;
    std::set<UserId> open;
    std::set<UserId> by_name;
    for (const Offer& offer : subject.offers) {
      all.ever[offer.expert].insert(id);
      if (offer.expires_at && offer.offered_at >= since) all.load[offer.expert].second += 1;
      if (!is_open(subject.state) || offer.outcome != OfferOutcome::pending) continue;
      open.insert(offer.expert);
      if (offer.expires_at) by_name.insert(offer.expert);
    }
    if (subject.expert) {
      all.ever[*subject.expert].insert(id);
      if (is_open(subject.state)) {
        open.insert(*subject.expert);
        by_name.insert(*subject.expert);
      }
    }
    for (const UserId& expert : open) all.open_of[expert].insert(id);
    for (const UserId& expert : by_name) all.load[expert].first += 1;
    if (!is_open(subject.state)) continue;
    const auto left = subject.promise ? subject.promise->breach_at - now : Duration{};
    all.time_left[!subject.promise   ? "no_promise"
                  : left <= hours(0) ? "late"
                  : left < hours(4)  ? "under_4h"
                  : left < hours(12) ? "under_12h"
                  : left < hours(24) ? "under_24h"
                                     : "over_24h"] += 1;
  }
  return all;
}

/// One step in the life of a case, of those that change what is looked up; not a likely one.
void change(Case& subject, ByChance& chance) {
  static const std::vector<UserId> kExperts = {kAnna, kBruno, kChloe, UserId("expert-dario")};
  const auto anybody = [&] { return kExperts[static_cast<std::size_t>(chance.below(4))]; };
  chance.fill(subject.state);
  for (Offer& offer : subject.offers)
    if (offer.outcome == OfferOutcome::pending && chance.coin()) chance.fill(offer.outcome);
  if (chance.coin()) {
    subject.offers.push_back(named(anybody(), kMonday - hours(chance.below(100))));
    if (chance.coin()) subject.offers.back().expires_at.reset();
  }
  subject.expert.reset();
  if (chance.coin()) subject.expert = anybody();
  subject.promise.reset();
  if (chance.coin()) {
    const Instant breach_at = kMonday + minutes(chance.below(3'000) - 500);
    subject.promise = Promise{kMonday, kMonday, kMonday, kMonday, breach_at};
  }
}

TEST_P(LookupContract, WhatIsLookedUpIsWhatTheCasesSay) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const std::string prefix = "s" + std::to_string(seed) + "-";
    const ProgrammeId programme(prefix + "programme");
    ByChance chance(seed);
    std::map<std::string, Case> cases;
    for (int step = 0; step < 120; ++step) {
      const std::string id = prefix + std::to_string(chance.below(15));
      Case& subject = cases.try_emplace(id, queued_case(id)).first->second;
      subject.programme = programme;
      change(subject, chance);
      subject = commit(subject);
    }
    const Instant since = kMonday - hours(50);
    const Expected expected = expected_of(cases, kMonday, since);
    const auto load = repository().pool_load(programme, since);
    ASSERT_TRUE(load) << load.error().text;
    EXPECT_EQ(load->size(), expected.load.size()) << "seed " << seed;
    for (const auto& [expert, count] : expected.load) {
      EXPECT_EQ(load->at(expert).open_cases, count.first) << "seed " << seed << expert.value;
      EXPECT_EQ(load->at(expert).recent_offers, count.second) << "seed " << seed << expert.value;
    }
    CaseFigures found = figures(programme, kMonday);
    std::erase_if(found.by_state, [](const auto& one) { return one.second == 0; });
    std::erase_if(found.open_by_time_left, [](const auto& one) { return one.second == 0; });
    EXPECT_EQ(found.by_state, expected.by_state) << "seed " << seed;
    EXPECT_EQ(found.open_by_time_left, expected.time_left) << "seed " << seed;
    for (const auto& [expert, wanted] : expected.open_of) {
      std::set<std::string> open;
      for (const std::string& id : open_of(expert))
        if (id.starts_with(prefix)) open.insert(id);
      EXPECT_EQ(open, wanted) << "seed " << seed << expert.value;
    }
    for (const auto& [expert, wanted] : expected.ever) {
      CaseQuery query;
      query.expert = expert;
      query.programmes = {programme};
      const auto ever = ids(query);  // also those he held once, of which the case says no more
      for (const std::string& id : wanted)
        EXPECT_THAT(ever, testing::Contains(id)) << "seed " << seed << expert.value;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, LookupContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
