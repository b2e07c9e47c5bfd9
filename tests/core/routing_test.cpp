// SPDX-License-Identifier: Apache-2.0
#include "engine/core/routing.h"
#include "formats/sanitized.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace telavis {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant utc(std::string_view text) {
  return parse_instant(text).value();
}

/// A Wednesday, 10 h in Guadeloupe; a complete case of ECG at 971 and three equal experts.
struct Scene {
  Case subject;
  Programme programme;
  std::vector<User> pool;
  std::map<UserId, PoolLoad> load;
  std::map<UserId, std::int64_t> contacts;
  std::string territory = "971";
  Instant now = utc("2026-01-14T14:00:00Z");

  explicit Scene(int experts = 3) {
    subject.id = CaseId("case-1");
    subject.requester = UserId("requester");
    subject.exams = {{"ecg", "SCP-ECG", "", {}}};
    subject.plan.policy = OfferPolicy::rotation;
    programme.time_zone = "America/Guadeloupe";
    promise_at(now);
    for (int i = 0; i < experts; ++i) pool.push_back(expert("expert-" + std::to_string(i)));
  }
  static User expert(const std::string& id) {
    User user;
    user.id = UserId(id);
    user.territory = "971";
    return user;
  }
  void promise_at(Instant completed) {
    subject.promise = Promise{completed, completed + hours(24), completed + hours(32),
                              completed + hours(36), completed + hours(48)};
  }
  void offered(int who, Instant when, OfferOutcome outcome) {
    subject.offers.push_back(
        {pool[static_cast<std::size_t>(who)].id, when, when + hours(4), outcome, ""});
  }
  Assignment routed() const {
    return route({subject, programme, pool, load, contacts, territory, now});
  }
  /// The code for which expert 0 was left out, empty when he was not.
  std::string exclusion() const { return routed().considered.front().excluded_because; }
  std::string chosen() const {
    const Assignment assignment = routed();
    return assignment.chosen.size() == 1 ? assignment.chosen.front().expert.value : "";
  }
};

std::set<std::string> experts_of(const Assignment& assignment) {
  std::set<std::string> ids;
  for (const Chosen& chosen : assignment.chosen) ids.insert(chosen.expert.value);
  return ids;
}

// ---- who is left out ----------------------------------------------------------------------------

TEST(RoutingTest, EveryReasonToLeaveSomebodyOutHasItsCode) {
  using Change = std::function<void(Scene&, User&)>;
  const std::vector<std::pair<std::string, Change>> rows = {
      {"", [](Scene&, User&) {}},
      {"inactive", [](Scene&, User& u) { u.status = PersonStatus::suspended; }},
      {"inactive", [](Scene&, User& u) { u.status = PersonStatus::requested; }},
      {"inactive", [](Scene&, User& u) { u.status = PersonStatus::left; }},
      {"unavailable", [](Scene&, User& u) { u.available = false; }},
      {"absent",
       [](Scene&, User& u) {
         u.terms.availability.shut = {{"2026-01-14", "2026-01-14"}};
       }},
      {"",
       [](Scene&, User& u) {
         u.terms.availability.shut = {{"2026-01-15", "2026-01-20"}};
       }},
      {"is_requester", [](Scene& s, User& u) { s.subject.requester = u.id; }},
      {"conflict_of_interest", [](Scene&, User& u) { u.terms.conflicts = {UserId("requester")}; }},
      {"", [](Scene&, User& u) { u.terms.conflicts = {UserId("another")}; }},
      {"", [](Scene&, User& u) { u.territory = "972"; }},
      {"territory",
       [](Scene& s, User& u) {
         s.programme.territory_experts_only = true;
         u.territory = "972";
       }},
      {"",
       [](Scene& s, User& u) {
         s.programme.territory_experts_only = true;
         u.territory = "972";
         u.terms.territories = {"973", "971"};
       }},
      {"territory", [](Scene&, User& u) { u.terms.territories = {"972"}; }},
      {"territory",
       [](Scene& s, User& u) {
         s.programme.territory_experts_only = true;
         s.territory.clear();
         u.territory.clear();
       }},
      {"exam_kind", [](Scene&, User& u) { u.terms.exam_kinds = {"photo"}; }},
      {"exam_kind",
       [](Scene& s, User& u) {
         s.subject.exams.push_back({"document", "PDF", "", {}});
         u.terms.exam_kinds = {"ecg"};
       }},
      {"",
       [](Scene&, User& u) {
         u.terms.exam_kinds = {"photo", "ecg"};
       }},
      {"full",
       [](Scene& s, User& u) {
         u.terms.max_open_cases = 2;
         s.load[u.id].open_cases = 2;
       }},
      {"",
       [](Scene& s, User& u) {
         u.terms.max_open_cases = 3;
         s.load[u.id].open_cases = 2;
       }},
      {"quota",
       [](Scene& s, User& u) {
         u.terms.max_weekly_cases = 3;
         s.load[u.id].week_cases = 3;
       }},
      {"",
       [](Scene& s, User& u) {
         u.terms.max_weekly_cases = 3;
         s.load[u.id].week_cases = 2;
       }},
      {"not_trained", [](Scene& s, User&) { s.programme.training_required = true; }},
      {"",
       [](Scene& s, User& u) {
         s.programme.training_required = true;
         u.enrolment.trained_on = "2025-01-01";
       }},
      {"not_insured", [](Scene&, User& u) { u.enrolment.insured_until = "2026-01-13"; }},
      {"", [](Scene&, User& u) { u.enrolment.insured_until = "2026-01-14"; }},
  };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Scene scene;
    rows[row].second(scene, scene.pool.front());
    EXPECT_EQ(scene.exclusion(), rows[row].first) << "row " << row;
    if (!rows[row].first.empty()) {
      EXPECT_NE(scene.chosen(), "expert-0") << "row " << row;
    }
  }
}

TEST(RoutingTest, AnswersGivenInTheCaseLeaveOut) {
  const auto code = [](OfferOutcome outcome, Duration ago) {
    Scene scene;
    scene.offered(0, scene.now - ago, outcome);
    return scene.exclusion();
  };
  for (const OfferOutcome outcome :
       {OfferOutcome::declined, OfferOutcome::given_back, OfferOutcome::taken_back}) {
    EXPECT_EQ(code(outcome, hours(1)), "declined");
    EXPECT_EQ(code(outcome, hours(24 * 30)), "declined");
  }
  EXPECT_EQ(code(OfferOutcome::pending, hours(1)), "pending");
  EXPECT_EQ(code(OfferOutcome::accepted, hours(1)), "pending");
  EXPECT_EQ(code(OfferOutcome::withdrawn, hours(1)), "");
  // The window of four hours ended 12 h ago, and a millisecond less.
  EXPECT_EQ(code(OfferOutcome::expired, hours(16)), "");
  EXPECT_EQ(code(OfferOutcome::expired, hours(16) - Duration(1)), "asked_lately");
  // A clock that was set back does not make him fresh.
  EXPECT_EQ(code(OfferOutcome::expired, -hours(5)), "asked_lately");
  Scene scene;
  scene.offered(0, scene.now - hours(40), OfferOutcome::declined);
  scene.offered(0, scene.now - hours(5), OfferOutcome::expired);
  EXPECT_EQ(scene.exclusion(), "declined");
}

TEST(RoutingTest, AbsenceIsTheLocalDayOfTheExpert) {
  Scene scene;
  scene.now = utc("2026-01-14T23:30:00Z");  // still the 14th in Guadeloupe, the 15th in Paris
  scene.pool[0].terms.availability.shut = {{"2026-01-15", "2026-01-15"}};
  EXPECT_EQ(scene.exclusion(), "");
  scene.pool[0].terms.availability.time_zone = "Europe/Paris";
  scene.pool[0].terms.availability.week = daytime("Europe/Paris").week;
  EXPECT_EQ(scene.exclusion(), "absent");
}

TEST(RoutingTest, NobodyEligibleChoosesNobodyAndSaysWhy) {
  Scene scene;
  for (User& expert : scene.pool) expert.available = false;
  for (const OfferPolicy policy : {OfferPolicy::direct, OfferPolicy::rotation, OfferPolicy::open}) {
    scene.subject.plan.policy = policy;
    const Assignment assignment = scene.routed();
    EXPECT_TRUE(assignment.chosen.empty());
    ASSERT_EQ(assignment.considered.size(), 3U);
    for (const Considered& considered : assignment.considered) {
      EXPECT_EQ(considered.excluded_because, "unavailable");
      EXPECT_EQ(considered.score, 0);
      EXPECT_EQ(considered.why, "");
    }
  }
  scene.pool.clear();
  EXPECT_TRUE(scene.routed().chosen.empty());
}

// ---- who is best --------------------------------------------------------------------------------

TEST(RoutingTest, FewerOpenCasesThenFewerRecentOffersAreAskedFirst) {
  Scene scene;
  scene.load = {
      {UserId("expert-0"), {2, 0}}, {UserId("expert-1"), {1, 0}}, {UserId("expert-2"), {1, 1}}};
  EXPECT_EQ(scene.chosen(), "expert-1");
  scene.load[UserId("expert-1")].recent_offers = 2;
  EXPECT_EQ(scene.chosen(), "expert-2");
}

TEST(RoutingTest, WhoWasAskedLessInTheCaseComesBeforeAnyLoad) {
  Scene scene(2);
  scene.load[UserId("expert-1")] = {500, 5000};
  scene.contacts[UserId("expert-0")] = 100;
  scene.offered(0, scene.now - hours(40), OfferOutcome::expired);
  EXPECT_EQ(scene.chosen(), "expert-1");
  scene.offered(1, scene.now - hours(30), OfferOutcome::expired);
  EXPECT_EQ(scene.chosen(), "expert-0");
}

TEST(RoutingTest, AcquaintanceDecidesOnlyBetweenThoseWhoAreClose) {
  Scene scene(2);
  scene.contacts[UserId("expert-1")] = 1;
  EXPECT_EQ(scene.chosen(), "expert-1");
  scene.load[UserId("expert-1")] = {0, 1};
  EXPECT_EQ(scene.chosen(), "expert-1");
  scene.contacts[UserId("expert-1")] = 1'000'000;
  scene.load[UserId("expert-1")] = {0, 2};
  EXPECT_EQ(scene.chosen(), "expert-0");
  scene.load[UserId("expert-1")] = {1, 0};
  EXPECT_EQ(scene.chosen(), "expert-0");
}

TEST(RoutingTest, TheOwnTerritoryWeighsMoreThanAcquaintanceAndLessThanALoad) {
  Scene scene(2);
  scene.pool[0].territory = "972";
  scene.contacts[UserId("expert-0")] = 50;
  EXPECT_EQ(scene.chosen(), "expert-1");
  scene.load[UserId("expert-1")] = {1, 0};
  EXPECT_EQ(scene.chosen(), "expert-0");
  scene.load.clear();
  scene.pool[0].terms.territories = {"971"};
  EXPECT_EQ(scene.chosen(), "expert-0");
}

TEST(RoutingTest, WhoeverCanStillAnswerInTimeComesFirst) {
  Scene scene(2);
  // His week has one hour on Mondays: after the breach on Friday.
  Timetable& monday = scene.pool[0].terms.availability;
  monday.time_zone = "America/Guadeloupe";
  monday.week[0] = {{540, 600}};
  scene.load[UserId("expert-1")] = {300, 3000};
  scene.offered(1, scene.now - hours(30), OfferOutcome::expired);
  EXPECT_EQ(scene.chosen(), "expert-1");
  // After the breach nobody can: the other reasons decide.
  scene.now = scene.subject.promise->breach_at + hours(1);
  EXPECT_EQ(scene.chosen(), "expert-0");
}

TEST(RoutingTest, TheScoreSaysWhatItIsMadeOf) {
  Scene scene(2);
  scene.load[UserId("expert-0")] = {3, 5};
  scene.contacts[UserId("expert-0")] = 1;
  scene.offered(0, scene.now - hours(40), OfferOutcome::withdrawn);
  const Assignment assignment = scene.routed();
  EXPECT_EQ(assignment.considered[0].why,
            "asked 1, open 3, recent 5, contacts 1, territory 1, in_time 1");
  EXPECT_EQ(assignment.considered[0].score, 1'000'000'000'000 - 1'000'000'000 - 120 - 50 + 15 + 11);
  EXPECT_EQ(assignment.considered[1].score, 1'000'000'000'000 + 15);
}

TEST(RoutingTest, TheChoiceIsTheHighestScoreWhateverTheOrderOfThePool) {
  std::mt19937_64 engine(11);
  for (int round = 0; round < 300; ++round) {
    Scene scene(8);
    scene.subject.id = CaseId("case-" + std::to_string(round));
    for (const User& expert : scene.pool) {
      scene.load[expert.id] = {static_cast<std::int64_t>(engine() % 2),
                               static_cast<std::int64_t>(engine() % 3)};
      if (engine() % 4 == 0) scene.contacts[expert.id] = 1;
    }
    const Assignment assignment = scene.routed();
    ASSERT_EQ(assignment.chosen.size(), 1U);
    std::int64_t best = 0, score = 0;
    for (const Considered& considered : assignment.considered) {
      best = std::max(best, considered.score);
      if (considered.expert == assignment.chosen[0].expert) score = considered.score;
    }
    ASSERT_EQ(score, best);
    for (std::size_t i = scene.pool.size() - 1; i > 0; --i) {
      std::swap(scene.pool[i], scene.pool[engine() % (i + 1)]);
    }
    ASSERT_EQ(scene.chosen(), assignment.chosen[0].expert.value);
  }
}

TEST(RoutingTest, TiesAreSpreadOverThePool) {
  Scene scene(6);
  std::map<std::string, int> count;
  for (int i = 0; i < 1200; ++i) {
    scene.subject.id = CaseId("case-" + std::to_string(i));
    ++count[scene.chosen()];
  }
  ASSERT_EQ(count.size(), 6U);
  for (const auto& [expert, cases] : count) {
    EXPECT_GT(cases, 150) << expert;  // 200 expected, standard deviation 13
    EXPECT_LT(cases, 250) << expert;
  }
}

// ---- policies -----------------------------------------------------------------------------------

TEST(RoutingTest, DirectAsksTheNamedExpertOnceThenThePool) {
  Scene scene;
  scene.subject.plan.policy = OfferPolicy::direct;
  scene.subject.requested_experts = {UserId("expert-2")};
  scene.load[UserId("expert-2")] = {9, 99};
  Assignment assignment = scene.routed();
  EXPECT_EQ(experts_of(assignment), std::set<std::string>{"expert-2"});
  EXPECT_EQ(assignment.group, "");
  EXPECT_EQ(assignment.considered.size(), 1U);
  EXPECT_TRUE(assignment.chosen[0].expires_at.has_value());
  scene.offered(2, scene.now - hours(5), OfferOutcome::expired);
  assignment = scene.routed();
  EXPECT_EQ(assignment.chosen.size(), 1U);
  EXPECT_FALSE(experts_of(assignment).contains("expert-2"));
  EXPECT_EQ(assignment.considered.size(), 3U);
}

TEST(RoutingTest, DirectTurnsToThePoolWhenTheNamedExpertCannot) {
  Scene scene;
  scene.subject.plan.policy = OfferPolicy::direct;
  scene.subject.requested_experts = {UserId("stranger"), UserId("expert-0")};
  scene.pool[0].available = false;
  const Assignment assignment = scene.routed();
  EXPECT_EQ(assignment.chosen.size(), 1U);
  ASSERT_EQ(assignment.considered.size(), 4U);
  EXPECT_EQ(assignment.considered[0].expert, UserId("stranger"));
  EXPECT_EQ(assignment.considered[0].excluded_because, "not_in_pool");
  EXPECT_EQ(assignment.considered[1].excluded_because, "unavailable");
}

TEST(RoutingTest, DirectWithoutANameIsRotation) {
  Scene scene;
  scene.subject.plan.policy = OfferPolicy::direct;
  EXPECT_EQ(scene.routed().chosen.size(), 1U);
}

TEST(RoutingTest, AGroupPracticeIsAskedAsOne) {
  Scene scene(5);
  scene.subject.plan.policy = OfferPolicy::direct;
  scene.subject.requested_experts = {UserId("expert-1"), UserId("expert-2"), UserId("expert-3")};
  scene.subject.requested_group = "cabinet-des-alizes";
  scene.pool[2].available = false;
  Assignment assignment = scene.routed();
  EXPECT_EQ(experts_of(assignment), (std::set<std::string>{"expert-1", "expert-3"}));
  EXPECT_EQ(assignment.group, "cabinet-des-alizes");
  for (const Chosen& chosen : assignment.chosen) EXPECT_TRUE(chosen.expires_at.has_value());
  // One of them was asked: the pool follows, one expert, no group.
  scene.offered(1, scene.now - hours(1), OfferOutcome::declined);
  assignment = scene.routed();
  EXPECT_EQ(assignment.chosen.size(), 1U);
  EXPECT_EQ(assignment.group, "");
  EXPECT_EQ(assignment.considered.size(), 5U);
}

TEST(RoutingTest, OpenAsksEverybodyEligibleWithoutAnEnd) {
  Scene scene(4);
  scene.subject.plan.policy = OfferPolicy::open;
  scene.offered(1, scene.now - hours(1), OfferOutcome::declined);
  scene.offered(2, scene.now - hours(1), OfferOutcome::pending);
  const Assignment assignment = scene.routed();
  EXPECT_EQ(experts_of(assignment), (std::set<std::string>{"expert-0", "expert-3"}));
  for (const Chosen& chosen : assignment.chosen) {
    EXPECT_FALSE(chosen.expires_at.has_value());
    EXPECT_EQ(chosen.invite_at, scene.now);
  }
}

// ---- until when ---------------------------------------------------------------------------------

TEST(RoutingTest, TheWindowRunsInTheHoursOfTheExpert) {
  Scene scene(1);
  Chosen chosen = scene.routed().chosen.at(0);
  EXPECT_EQ(chosen.invite_at, scene.now);
  EXPECT_EQ(chosen.expires_at, scene.now + hours(4));
  // 19 h: one hour today, three tomorrow.
  scene.now = utc("2026-01-14T23:00:00Z");
  chosen = scene.routed().chosen.at(0);
  EXPECT_EQ(chosen.invite_at, scene.now);
  EXPECT_EQ(format_utc(*chosen.expires_at), "2026-01-15T15:00:00Z");
  // Night.
  scene.now = utc("2026-01-15T03:00:00Z");
  chosen = scene.routed().chosen.at(0);
  EXPECT_EQ(format_utc(chosen.invite_at), "2026-01-15T12:00:00Z");
  EXPECT_EQ(format_utc(*chosen.expires_at), "2026-01-15T16:00:00Z");
  // His absence begins tomorrow for a day: the default hours go on after it.
  scene.now = utc("2026-01-14T23:00:00Z");
  scene.pool[0].terms.availability.shut = {{"2026-01-15", "2026-01-15"}};
  EXPECT_EQ(format_utc(*scene.routed().chosen.at(0).expires_at), "2026-01-16T15:00:00Z");
  // His own hours, elsewhere.
  scene.pool[0].terms.availability = daytime("Europe/Paris");
  chosen = scene.routed().chosen.at(0);
  EXPECT_EQ(format_utc(chosen.invite_at), "2026-01-15T07:00:00Z");
  EXPECT_EQ(format_utc(*chosen.expires_at), "2026-01-15T11:00:00Z");
}

TEST(RoutingTest, TheWindowIsShortOnceTheReminderIsDue) {
  Scene scene(1);
  scene.promise_at(scene.now - hours(24));
  EXPECT_EQ(scene.routed().chosen.at(0).expires_at, scene.now + hours(1));
  scene.promise_at(scene.now - hours(24) + Duration(1));
  EXPECT_EQ(scene.routed().chosen.at(0).expires_at, scene.now + hours(4));
  scene.subject.promise.reset();
  EXPECT_EQ(scene.routed().chosen.at(0).expires_at, scene.now + hours(4));
}

TEST(RoutingTest, AnUrgentLineAsksAtNight) {
  Scene scene(1);
  scene.now = utc("2026-01-15T03:00:00Z");
  scene.subject.plan.line = "stemi";
  scene.subject.plan.sla.offer_window = minutes(10);
  scene.subject.plan.sla.breach = hours(4) - Duration(1);
  Chosen chosen = scene.routed().chosen.at(0);
  EXPECT_EQ(chosen.invite_at, scene.now);
  EXPECT_EQ(chosen.expires_at, scene.now + minutes(10));
  // A fast line of four hours waits for the day, and so does an ordinary promise.
  scene.subject.plan.sla.breach = hours(4);
  EXPECT_EQ(format_utc(scene.routed().chosen.at(0).invite_at), "2026-01-15T12:00:00Z");
  scene.subject.plan.sla.breach = hours(1);
  scene.subject.plan.line.clear();
  EXPECT_EQ(format_utc(scene.routed().chosen.at(0).invite_at), "2026-01-15T12:00:00Z");
}

// ---- fairness -----------------------------------------------------------------------------------

struct Month {
  int experts, cases, requesters;
  int declines_in_100;
  std::uint64_t seed;
};

/// Routes the cases of 30 days to equals who know some requesters better and better, after a first
/// month that fills the memory of the past. Returns the cases accepted in the second month.
std::map<UserId, std::int64_t> simulated(const Month& month) {
  std::mt19937_64 engine(month.seed);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(bound));
  };
  Scene scene(month.experts);
  const Instant start = utc("2026-01-01T00:00:00Z");
  const Duration days = hours(24 * 30);
  std::vector<Instant> arrivals;
  for (int i = 0; i < 2 * month.cases; ++i)
    arrivals.push_back(start + Duration(below(2 * days.count())));
  std::sort(arrivals.begin(), arrivals.end());
  std::map<UserId, std::vector<Instant>> offers, ends;
  std::map<std::int64_t, std::map<UserId, std::int64_t>> known;
  std::map<UserId, std::int64_t> accepted;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    scene.now = arrivals[i];
    scene.subject.id = CaseId("case-" + std::to_string(month.seed) + "-" + std::to_string(i));
    scene.subject.offers.clear();
    scene.promise_at(scene.now);
    const std::int64_t requester = below(month.requesters);
    scene.contacts = known[requester];
    for (;;) {
      for (const User& expert : scene.pool) {
        std::erase_if(ends[expert.id], [&](Instant end) { return end <= scene.now; });
        std::erase_if(offers[expert.id], [&](Instant made) { return made <= scene.now - days; });
        scene.load[expert.id] = {static_cast<std::int64_t>(ends[expert.id].size()),
                                 static_cast<std::int64_t>(offers[expert.id].size())};
      }
      const Assignment assignment = scene.routed();
      if (assignment.chosen.empty()) break;
      const UserId chosen = assignment.chosen[0].expert;
      offers[chosen].push_back(scene.now);
      if (below(100) < month.declines_in_100) {
        scene.subject.offers.push_back(
            {chosen, scene.now, std::nullopt, OfferOutcome::declined, ""});
        continue;
      }
      // From ten minutes to 40 hours, mostly short.
      ends[chosen].push_back(scene.now + minutes(10) + minutes(below(below(2400) + 1)));
      ++known[requester][chosen];
      if (scene.now >= start + days) ++accepted[chosen];
      break;
    }
  }
  return accepted;
}

double max_over_mean(const std::map<UserId, std::int64_t>& accepted, int experts) {
  std::int64_t most = 0, sum = 0;
  for (const auto& [expert, cases] : accepted) {
    most = std::max(most, cases);
    sum += cases;
  }
  return static_cast<double>(most) * experts / static_cast<double>(sum);
}

TEST(RoutingTest, APoolOfEqualsSharesTheMonthFairly) {
  constexpr double kFair = 1.2;
  constexpr std::uint64_t kSeeds = kAddressSanitizer ? 1 : 3;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const Month& month :
         {Month{12, 3000, 40, 0, seed}, Month{12, 3000, 3, 10, seed}, Month{5, 300, 20, 0, seed},
          Month{5, 300, 2, 10, seed}, Month{36, 1000, 100, 5, seed}}) {
      const double ratio = max_over_mean(simulated(month), month.experts);
      EXPECT_LE(ratio, kFair) << month.experts << " experts, " << month.cases << " cases, seed "
                              << seed;
      RecordProperty("max_over_mean_" + std::to_string(month.experts) + "_" +
                         std::to_string(month.requesters) + "_" + std::to_string(seed),
                     std::to_string(ratio));
    }
  }
}

}  // namespace
}  // namespace telavis
