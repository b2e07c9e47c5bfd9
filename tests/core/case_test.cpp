// SPDX-License-Identifier: Apache-2.0
#include "engine/core/case.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>

namespace telavis {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Instant kStart = from_epoch_ms(1'767'600'000'000);  // 2026-01-05T08:00:00Z
const UserId kRequester("requester"), kExpert("expert"), kOther("other");

Case draft() {
  Case subject;
  subject.id = CaseId("case1");
  subject.number = "TE-2026-TEST";
  subject.programme = ProgrammeId("p");
  subject.requester = kRequester;
  return subject;
}

Case after(const Case* before, Instant at, std::optional<UserId> actor, EventBody body) {
  auto decision = decide(before, {"e", at, std::move(actor), std::move(body)});
  EXPECT_TRUE(decision) << (decision ? "" : decision.error().text);
  return decision ? decision->next : *before;
}

/// A case in the given state, reached by real events.
Case in_state(CaseState state, bool pending = false) {
  Case subject = after(nullptr, kStart, kRequester, event::Submit{draft(), Sla{}});
  if (state == CaseState::queued) return subject;
  if (state == CaseState::cancelled) {
    return after(&subject, kStart, kRequester, event::Cancel{"other"});
  }
  subject = after(&subject, kStart, {}, event::Route{{kExpert, {}}});
  if (state == CaseState::offered) return subject;
  subject = after(&subject, kStart, kExpert, event::Accept{});
  if (state == CaseState::accepted && !pending) return subject;
  subject = after(&subject, kStart, kExpert, event::Sign{"hash", {1}});
  if (state == CaseState::accepted) return subject;
  subject = after(&subject, kStart + seconds(60), {}, event::Release{"seal", BlobRef("r"), {}});
  if (state == CaseState::answered) return subject;
  subject = after(&subject, kStart + seconds(61), {}, event::MessageSent{"report"});
  EXPECT_EQ(subject.state, CaseState::delivered);
  return subject;
}

struct Trial {
  const char* name;
  std::optional<UserId> actor;
  EventBody body;
};

std::vector<Trial> trials() {
  return {
      {"route", {}, event::Route{{kExpert, {}}}},
      {"offer window", {}, event::OfferWindowOver{}},
      {"accept by expert", kExpert, event::Accept{}},
      {"accept by other", kOther, event::Accept{}},
      {"decline by expert", kExpert, event::Decline{"other"}},
      {"decline by other", kOther, event::Decline{"other"}},
      {"sign by expert", kExpert, event::Sign{"h", {1}}},
      {"sign by other", kOther, event::Sign{"h", {1}}},
      {"release", {}, event::Release{"s", BlobRef("r"), {}}},
      {"breach", {}, event::Breach{}},
      {"report read", kRequester, event::ReportRead{}},
      {"cancel by requester", kRequester, event::Cancel{"other"}},
      {"cancel by expert", kExpert, event::Cancel{"other"}},
      {"submit again", kRequester, event::Submit{draft(), Sla{}}},
  };
}

// What each trial leads to, an hour after the start: a state, or the refusal.
const std::map<CaseState, std::vector<std::string>> kExpected = {
    {CaseState::queued,
     {"offered", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "state_conflict", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "state_conflict", "cancelled", "forbidden", "state_conflict"}},
    {CaseState::offered,
     {"state_conflict", "state_conflict", "accepted", "forbidden", "queued", "forbidden",
      "accepted", "forbidden", "state_conflict", "state_conflict", "state_conflict", "cancelled",
      "forbidden", "state_conflict"}},
    {CaseState::accepted,
     {"state_conflict", "state_conflict", "accepted", "state_conflict", "state_conflict",
      "state_conflict", "accepted", "forbidden", "state_conflict", "state_conflict",
      "state_conflict", "cancelled", "forbidden", "state_conflict"}},
    {CaseState::answered,
     {"state_conflict", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "state_conflict", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "delivered", "state_conflict", "state_conflict", "state_conflict"}},
    {CaseState::delivered,
     {"state_conflict", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "state_conflict", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "delivered", "state_conflict", "state_conflict", "state_conflict"}},
    {CaseState::cancelled,
     {"state_conflict", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "state_conflict", "state_conflict", "state_conflict", "state_conflict", "state_conflict",
      "state_conflict", "state_conflict", "state_conflict", "state_conflict"}},
};

TEST(Case, EveryStateMeetsEveryEvent) {
  for (const auto& [state, expected] : kExpected) {
    const Case subject = in_state(state);
    const auto all = trials();
    ASSERT_EQ(all.size(), expected.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto decision = decide(&subject, {"e", kStart + hours(1), all[i].actor, all[i].body});
      const std::string outcome = decision ? std::string(case_state_name(decision->next.state))
                                           : std::string(error_name(decision.error().code));
      EXPECT_EQ(outcome, expected[i]) << case_state_name(state) << " x " << all[i].name;
      if (decision) {
        EXPECT_EQ(decision->next.version, subject.version + 1);
        EXPECT_EQ(decision->audit.size(), 1U);
      }
    }
  }
}

TEST(Case, AnOfferThatIsOverGoesBackToTheQueue) {
  const Case subject = in_state(CaseState::offered);
  EXPECT_FALSE(
      decide(&subject, {"e", kStart + hours(4) - seconds(1), {}, event::OfferWindowOver{}}));
  const Case queued = after(&subject, kStart + hours(4), {}, event::OfferWindowOver{});
  EXPECT_EQ(queued.state, CaseState::queued);
  EXPECT_FALSE(queued.expert);
  EXPECT_EQ(queued.offers.front().outcome, OfferOutcome::expired);
  ASSERT_TRUE(next_timer(queued));
  EXPECT_EQ(next_timer(queued)->kind, TimerKind::route);
}

TEST(Case, NobodyEligibleKeepsTheCaseAndAlertsOnce) {
  Case subject = in_state(CaseState::queued);
  auto decision = decide(&subject, {"e", kStart, {}, event::Route{}});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->next.state, CaseState::queued);
  ASSERT_EQ(decision->messages.size(), 1U);
  EXPECT_EQ(decision->messages[0].kind, MessageKind::no_expert_alert);
  EXPECT_FALSE(decision->messages[0].recipient);
  EXPECT_EQ(next_timer(decision->next)->at, kStart + hours(1));
  subject = decision->next;
  decision = decide(&subject, {"e", kStart + hours(1), {}, event::Route{}});
  ASSERT_TRUE(decision);
  EXPECT_TRUE(decision->messages.empty());
}

TEST(Case, AnAnswerToAnOfferAcceptsIt) {
  const Case subject = in_state(CaseState::offered);
  const Case signed_case = after(&subject, kStart, kExpert, event::Sign{"hash", {1}});
  EXPECT_EQ(signed_case.state, CaseState::accepted);
  EXPECT_EQ(signed_case.offers.front().outcome, OfferOutcome::accepted);
  ASSERT_TRUE(signed_case.pending_opinion);
  EXPECT_EQ(next_timer(signed_case)->kind, TimerKind::release);
  EXPECT_EQ(next_timer(signed_case)->at, kStart + seconds(60));
  EXPECT_FALSE(decide(&signed_case, {"e", kStart, kExpert, event::Sign{"again", {1}}}));
  EXPECT_FALSE(decide(&signed_case, {"e", kStart, kRequester, event::Cancel{"other"}}));
}

TEST(Case, ReleaseMakesOpinionActsAndReportTogether) {
  const Case subject = in_state(CaseState::accepted, true);
  BillableAct act;
  act.code = "TE2";
  act.amount_cents = 2760;
  EXPECT_FALSE(decide(&subject, {"e", kStart + seconds(59), {}, event::Release{}}));
  const auto decision = decide(
      &subject, {"e", kStart + seconds(60), {}, event::Release{"seal", BlobRef("report"), {act}}});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->next.state, CaseState::answered);
  EXPECT_EQ(decision->next.opinion->hash, "hash");
  EXPECT_EQ(decision->next.opinion->signed_at, kStart);
  EXPECT_EQ(decision->next.report_blob.value, "report");
  EXPECT_FALSE(decision->next.pending_opinion);
  ASSERT_EQ(decision->acts.size(), 1U);
  ASSERT_EQ(decision->messages.size(), 1U);
  EXPECT_EQ(decision->messages[0].recipient, kRequester);
}

TEST(Case, ABrokenPromiseIsToldAndComesBackDaily) {
  Case subject = in_state(CaseState::accepted);
  EXPECT_EQ(next_timer(subject)->at, kStart + hours(48));
  auto decision = decide(&subject, {"e", kStart + hours(48), {}, event::Breach{}});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->messages.size(), 2U);  // requester and coordinators
  subject = decision->next;
  EXPECT_EQ(subject.breached_at, kStart + hours(48));
  EXPECT_EQ(next_timer(subject)->at, kStart + hours(72));
  decision = decide(&subject, {"e", kStart + hours(72), {}, event::Breach{}});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->messages.size(), 1U);  // coordinators
  EXPECT_EQ(decision->next.breached_at, kStart + hours(48));
  // A late answer is taken.
  const Case late = after(&subject, kStart + hours(60), kExpert, event::Sign{"hash", {1}});
  EXPECT_TRUE(late.pending_opinion);
}

TEST(Case, AnUndeliverableReportAlertsTheCoordinators) {
  const Case subject = in_state(CaseState::answered);
  const auto decision =
      decide(&subject, {"e", kStart + hours(1), {}, event::MessageDead{"report"}});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->next.state, CaseState::answered);
  ASSERT_EQ(decision->messages.size(), 1U);
  EXPECT_EQ(decision->messages[0].kind, MessageKind::delivery_failed_alert);
}

// Whatever happens in whatever order: an open case has a timer, a promise never moves, the version
// counts every event, and no other state lets an act be made.
TEST(Case, HoldsItsInvariantsOverRandomEvents) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    Instant now = kStart;
    Case subject = after(nullptr, now, kRequester, event::Submit{draft(), Sla{}});
    const Instant promise = subject.breach_at;
    for (int step = 0; step < 40; ++step) {
      now += std::chrono::minutes(random() % 300);
      const auto all = trials();
      const Trial& trial = all[random() % all.size()];
      const auto decision = decide(&subject, {"e", now, trial.actor, trial.body});
      if (!decision) continue;
      EXPECT_EQ(decision->next.version, subject.version + 1);
      if (!decision->acts.empty()) {
        EXPECT_EQ(decision->next.state, CaseState::answered);
      }
      subject = decision->next;
      EXPECT_EQ(subject.breach_at, promise) << "seed " << seed;
      EXPECT_EQ(is_open(subject.state), next_timer(subject).has_value()) << "seed " << seed;
    }
  }
}

TEST(Case, NamesAndEventsAgree) {
  for (const CaseState state :
       {CaseState::queued, CaseState::offered, CaseState::accepted, CaseState::answered,
        CaseState::delivered, CaseState::closed, CaseState::cancelled}) {
    EXPECT_EQ(case_state_from_name(case_state_name(state)), state);
  }
  EXPECT_EQ(event_name(event::Submit{}), "submit");
  EXPECT_EQ(event_name(event::Cancel{}), "cancel");
  EXPECT_EQ(event_name(event::ReportRead{}), "report_read");
  EXPECT_EQ(event_name(event::Release{}), "release");
}

}  // namespace
}  // namespace telavis
