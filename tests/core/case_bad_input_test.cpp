// SPDX-License-Identifier: Apache-2.0
// What must not happen, and what comes of it when it does.
#include <gmock/gmock.h>

#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

TEST(CaseBadInput, TwoAcceptsInTheSameMillisecond) {
  const Case subject = offered_case();
  const Case first = after(subject, hour(37), kHolder, event::Accept{});
  // The second decides again on what the first left.
  const auto second = decide(&first, event_of(hour(37), kOffered, event::Accept{}));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::state_conflict);
  EXPECT_EQ(first.expert, kHolder);
}

TEST(CaseBadInput, AnAcceptAfterTheWindow) {
  const Case subject = offered_case();
  const auto late = decide(&subject, event_of(hour(37), kExpired, event::Accept{}));
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().text, HasSubstr("an opinion of yours still counts"));
}

TEST(CaseBadInput, AnAnswerFromTheWrongPerson) {
  for (const Case& subject : {queued_case(), offered_case(), accepted_case(), waiting_case(),
                              delivered_case(), closed_case(), cancelled_case()}) {
    for (const UserId& who : {kStranger, kRequester, kCoordinator, UserId()}) {
      const auto decision = decide(&subject, event_of(hour(40), who, opinion("x")));
      ASSERT_FALSE(decision) << who.value;
      EXPECT_EQ(decision.error().code, ErrorCode::forbidden);
    }
  }
}

TEST(CaseBadInput, AnEventForAClosedCase) {
  const Case subject = closed_case();
  const std::vector<std::pair<UserId, EventBody>> events = {
      {kRequester, event::Cancel{"other"}},  {kRequester, event::Info{}},
      {kRequester, event::CloseOut{}},       {kHolder, event::NeedInfo{}},
      {kHolder, event::GiveBack{}},          {kHolder, event::SaveDraft{}},
      {kHolder, event::TakeOpinionBack{}},   {kHolder, event::Decline{}},
      {kHolder, event::FollowUpAnswer{}},    {kRequester, event::WaitOn{}},
      {kRequester, event::SetAppointment{}}, {kRequester, event::Resume{}},
  };
  for (const auto& [who, body] : events) {
    const auto decision = decide(&subject, event_of(hour(41), who, body));
    ASSERT_FALSE(decision) << event_name(body);
    EXPECT_EQ(decision.error().code, ErrorCode::state_conflict);
    EXPECT_THAT(decision.error().text, HasSubstr("closed"));
  }
}

TEST(CaseBadInput, AClockThatJumpsBackFiresNothingAndUndoesNothing) {
  const Case subject = after(submitted(draft_case()), hour(0), {}, route_to({kHolder}, hour(0)));
  const Instant before = hour(-1000);
  for (int i = 0; i <= static_cast<int>(kLastTimerKind); ++i) {
    const auto kind = static_cast<TimerKind>(i);
    EXPECT_FALSE(decide(&subject, event_of(before, {}, timer(kind)))) << timer_kind_name(kind);
  }
  // People are served all the same, and nothing that was promised moves.
  Case next = after(subject, before, kHolder, event::Accept{});
  EXPECT_EQ(next.promise->breach_at, hour(48));
  EXPECT_EQ(timer_at(next, TimerKind::take_back), hour(36));
  next = after(next, hour(2), kHolder, event::NeedInfo{});
  next = after(next, hour(1), kRequester, event::Info{});
  EXPECT_EQ(next.waited, Duration{});  // not minus an hour
  next = after(next, hour(3), kHolder, opinion("hash"));
  EXPECT_FALSE(decide(&next, event_of(hour(2), {}, release())));
  EXPECT_TRUE(decide(&next, event_of(hour(4), {}, release())));
}

TEST(CaseBadInput, AClockThatJumpsForwardFiresEveryTimerOnceAndEnds) {
  const Instant far = hour(20 * 365 * 24);
  Case subject = after(submitted(draft_case()), hour(0), {}, route_to({kHolder}, hour(0), {}));
  subject = after(subject, hour(1), kHolder, event::Accept{});
  int fired = 0;
  while (true) {
    const auto next = next_timer(subject);
    ASSERT_TRUE(next);
    if (next->at > far) break;
    EventBody body = timer(next->kind);
    if (next->kind == TimerKind::route) body = event::Route{};
    subject = after(subject, far, {}, body);
    ASSERT_LT(++fired, 20);
  }
  EXPECT_EQ(subject.state, CaseState::queued);  // taken back, and nobody else is there
  EXPECT_EQ(subject.promise->breach_at, hour(48));
  EXPECT_EQ(subject.breached_at, far);
}

TEST(CaseBadInput, AnExpertRemovedMidOffer) {
  const Case one = after(submitted(draft_case()), hour(0), {}, route_to({kHolder}, hour(0)));
  const Case next = after(one, hour(1), {}, event::ExpertGone{kHolder, false});
  EXPECT_EQ(next.state, CaseState::queued);
  EXPECT_EQ(next_timer(next)->kind, TimerKind::route);
  EXPECT_EQ(next_timer(next)->at, hour(1));
  EXPECT_FALSE(decide(&next, event_of(hour(1), kHolder, event::Accept{})));
  // What he held goes back as well; what he has signed leaves.
  EXPECT_EQ(after(accepted_case(), hour(38), {}, event::ExpertGone{kHolder, false}).state,
            CaseState::queued);
  EXPECT_TRUE(
      after(signed_case(), hour(38), {}, event::ExpertGone{kHolder, false}).pending_opinion);
}

TEST(CaseBadInput, AProgrammeChangedWhileCasesAreOpen) {
  Programme programme;
  programme.time_zone = "UTC";
  Case draft = draft_case();
  draft.plan = plan_of(programme, "any");
  Case subject = submitted(draft);
  programme.policy = OfferPolicy::open;
  programme.sla.breach = hours(5);
  programme.sla.remind = hours(1);
  const Case later = submitted([&] {
    Case other = draft_case();
    other.plan = plan_of(programme, "any");
    return other;
  }());
  EXPECT_EQ(later.promise->breach_at, hour(5));
  subject = after(subject, hour(0), {}, route_to({kHolder}, hour(0)));
  subject = after(subject, hour(1), kHolder, event::Decline{"other"});
  EXPECT_EQ(subject.plan.policy, OfferPolicy::rotation);
  EXPECT_EQ(subject.promise->breach_at, hour(48));
  EXPECT_EQ(subject.promise->remind_at, hour(24));
}

TEST(CaseBadInput, NobodyAsksForWhatHappensByItself) {
  const Case subject = signed_case();
  for (const EventBody& body : {EventBody(event::ExpertGone{kHolder, false}), EventBody(release()),
                                EventBody(event::Route{}), EventBody(timer(TimerKind::breach)),
                                EventBody(event::MessageSent{MessageKind::report}),
                                EventBody(event::MessageDead{MessageKind::report})}) {
    for (const UserId& who : {kRequester, kHolder, kCoordinator}) {
      const auto decision = decide(&subject, event_of(hour(100), who, body, Role::coordinator));
      ASSERT_FALSE(decision) << event_name(body);
      EXPECT_EQ(decision.error().code, ErrorCode::forbidden);
    }
  }
}

TEST(CaseBadInput, AMailOfACaseThatHasEndedRaisesNoAlert) {
  const Case purged = after(incomplete_case(), hour(7 * 24), {}, timer(TimerKind::purge));
  for (const Case& subject : {purged, cancelled_case(), closed_case()}) {
    const Decision decision =
        decided(subject, event_of(hour(200), {}, event::MessageDead{MessageKind::incomplete}));
    EXPECT_TRUE(decision.messages.empty()) << case_state_name(subject.state);
  }
}

TEST(CaseBadInput, APersonsWordsReachNoAudit) {
  // Texts stand sealed in the case; the audit names them by hash.
  const Decision decision =
      decided(accepted_case(), event_of(hour(38), kHolder, event::NeedInfo{{'s', 'e', 'c'}}));
  EXPECT_THAT(decision.audit[0].detail, testing::MatchesRegex("1 [0-9a-f]+"));
}

}  // namespace
}  // namespace telavis::test
