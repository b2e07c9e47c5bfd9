// SPDX-License-Identifier: Apache-2.0
// From submission to the expert who has the case, and away from him again.
#include <gmock/gmock.h>

#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Case offered_to(const std::vector<UserId>& experts, OfferPolicy policy, const std::string& group,
                std::vector<MessageDraft>* messages = nullptr) {
  Case draft = draft_case();
  draft.plan.policy = policy;
  event::Route body =
      policy == OfferPolicy::open ? route_to(experts, hour(1), {}) : route_to(experts, hour(1));
  body.assignment.group = group;
  Decision decision = decided(submitted(draft), event_of(hour(0), {}, body));
  if (messages != nullptr) *messages = decision.messages;
  return decision.next;
}

TEST(CaseOffers, AnInvitationLeavesWhenTheExpertsHoursBegin) {
  std::vector<MessageDraft> messages;
  const Case subject = offered_to({kHolder}, OfferPolicy::rotation, "", &messages);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].kind, MessageKind::invitation);
  EXPECT_EQ(messages[0].recipient, kHolder);
  EXPECT_EQ(messages[0].not_before, hour(1));
  EXPECT_EQ(subject.offers.front().offered_at, hour(0));
  EXPECT_EQ(subject.offers.front().expires_at, hour(5));
}

TEST(CaseOffers, APoolIsAskedWithoutAnythingOfThePatient) {
  std::vector<MessageDraft> messages;
  offered_to({kHolder, kOffered}, OfferPolicy::open, "", &messages);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].kind, MessageKind::open_invitation);
  EXPECT_EQ(messages[1].recipient, kOffered);
}

TEST(CaseOffers, AGroupIsWrittenToOnce) {
  std::vector<MessageDraft> messages;
  const Case subject = offered_to({kHolder, kOffered}, OfferPolicy::direct, "practice", &messages);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].kind, MessageKind::invitation);
  EXPECT_EQ(messages[0].group, "practice");
  EXPECT_FALSE(messages[0].recipient);
  EXPECT_EQ(subject.offers.size(), 2U);
  // Who of them takes it is seen in their inbox: no mail to the others.
  const Decision taken = decided(subject, event_of(hour(2), kOffered, event::Accept{}));
  EXPECT_THAT(taken.messages, IsEmpty());
  EXPECT_EQ(taken.next.expert, kOffered);
  EXPECT_EQ(taken.next.offers[0].outcome, OfferOutcome::withdrawn);
  EXPECT_EQ(taken.next.offers[1].outcome, OfferOutcome::accepted);
}

TEST(CaseOffers, TheRouteIsWrittenDownWithItsReasons) {
  event::Route body = route_to({kHolder}, hour(0));
  body.assignment.considered = {{kHolder, "", 7, "asked 0"}, {kStranger, "full", 0, ""}};
  const Decision decision = decided(submitted(draft_case()), event_of(hour(0), {}, body));
  EXPECT_EQ(decision.audit[0].detail,
            "offered to holder; holder: score 7, asked 0; stranger: full");
}

TEST(CaseOffers, ADeclineRemovesThatExpertOnly) {
  Case subject = offered_to({kHolder, kOffered}, OfferPolicy::open, "");
  subject = after(subject, hour(2), kHolder, event::Decline{"not_my_field"});
  EXPECT_EQ(subject.state, CaseState::offered);
  EXPECT_EQ(pending_offer(subject, kHolder), nullptr);
  subject = after(subject, hour(3), kOffered, event::Decline{"unavailable"});
  EXPECT_EQ(subject.state, CaseState::queued);
  EXPECT_EQ(timer_at(subject, TimerKind::route), hour(3));  // at once
  EXPECT_EQ(subject.offers[1].reason, "unavailable");
}

TEST(CaseOffers, WhoeverAcceptsTwiceWantsTheSameThing) {
  const Decision decision = decided(accepted_case(), event_of(hour(38), kHolder, event::Accept{}));
  EXPECT_EQ(decision.next.state, CaseState::accepted);
  EXPECT_EQ(decision.audit[0].detail, "again");
}

TEST(CaseOffers, GivingBackLeavesTheDialogueAndNoDraft) {
  Case subject = after(waiting_case(), hour(40), kHolder, event::SaveDraft{{1}});
  subject = after(subject, hour(41), kHolder, event::GiveBack{"other"});
  EXPECT_EQ(subject.state, CaseState::queued);
  EXPECT_FALSE(subject.expert);
  EXPECT_FALSE(subject.draft);
  EXPECT_EQ(subject.waited, hours(4));
  EXPECT_EQ(subject.dialogue.size(), 1U);
  EXPECT_EQ(subject.offers[3].outcome, OfferOutcome::given_back);
}

TEST(CaseOffers, TheCoordinatorReassignsFromEveryOpenState) {
  for (const Case& subject : {queued_case(), offered_case(), accepted_case(), waiting_case()}) {
    const Decision decision = decided(
        subject,
        event_of(hour(40), kCoordinator, reassign_to(kStranger, hour(42)), Role::coordinator));
    const Case& next = decision.next;
    EXPECT_EQ(next.state, CaseState::offered);
    EXPECT_FALSE(next.expert);
    EXPECT_FALSE(next.waiting_since);
    EXPECT_NE(pending_offer(next, kStranger), nullptr);
    EXPECT_EQ(next.dialogue.size(), subject.dialogue.size());
    EXPECT_EQ(decision.messages.back().kind, MessageKind::invitation);
    EXPECT_EQ(decision.messages.back().recipient, kStranger);
    EXPECT_EQ(decision.messages.back().not_before, hour(42));
    for (const UserId& before : {kHolder, kOffered}) {
      EXPECT_EQ(pending_offer(next, before), nullptr);
      const bool told = std::any_of(
          decision.messages.begin(), decision.messages.end(), [&](const MessageDraft& message) {
            return message.kind == MessageKind::withdrawn && message.recipient == before;
          });
      const bool had = pending_offer(subject, before) != nullptr || subject.expert == before;
      EXPECT_EQ(told, had) << before.value << case_state_name(subject.state);
    }
  }
}

TEST(CaseOffers, TheHolderPassesOnWithoutBeingToldSo) {
  const Decision decision =
      decided(accepted_case(), event_of(hour(40), kHolder, reassign_to(kStranger, hour(40))));
  ASSERT_EQ(decision.messages.size(), 1U);
  EXPECT_EQ(decision.messages[0].recipient, kStranger);
  EXPECT_EQ(decision.next.offers[3].outcome, OfferOutcome::given_back);
}

TEST(CaseOffers, AConflictOfInterestIsForGood) {
  Case subject = offered_to({kHolder, kOffered}, OfferPolicy::rotation, "");
  subject = after(subject, hour(2), kHolder, event::Decline{"conflict_of_interest"});
  EXPECT_EQ(decide(&subject, event_of(hour(3), kHolder, opinion("x"))).error().code,
            ErrorCode::forbidden);
  const auto again = decide(
      &subject, event_of(hour(3), kCoordinator, reassign_to(kHolder, hour(3)), Role::coordinator));
  EXPECT_EQ(again.error().code, ErrorCode::invalid_field);
  EXPECT_THAT(again.error().text, HasSubstr("conflict of interest"));
}

TEST(CaseOffers, AfterTheBreachTheRequesterTakesAnotherProgramme) {
  Case subject = after(waiting_case(), hour(48), {}, timer(TimerKind::breach));
  subject = after(subject, hour(49), kRequester, event::WaitOn{});
  EXPECT_TRUE(subject.requester_waits);
  event::Transfer transfer{ProgrammeId("q"), 3, {}};
  transfer.plan.time_zone = "UTC";
  transfer.plan.sla.remind = hours(2);
  const Decision decision = decided(subject, event_of(hour(50), kRequester, transfer));
  const Case& next = decision.next;
  EXPECT_EQ(next.state, CaseState::queued);
  EXPECT_EQ(next.programme, ProgrammeId("q"));
  EXPECT_EQ(next.programme_version, 3);
  EXPECT_FALSE(next.expert);
  EXPECT_FALSE(next.requester_waits);
  EXPECT_EQ(next.waited, hours(13));
  EXPECT_EQ(next.promise->completed_at, hour(0));
  EXPECT_EQ(next.promise->breach_at, hour(48));
  EXPECT_EQ(next.promise->remind_at, hour(52));
  EXPECT_EQ(next.breached_at, hour(48));
  EXPECT_EQ(timer_at(next, TimerKind::breach), hour(74));
  EXPECT_EQ(timer_at(next, TimerKind::remind), hour(52));
  ASSERT_EQ(decision.messages.size(), 1U);
  EXPECT_EQ(decision.messages[0].kind, MessageKind::withdrawn);
  EXPECT_EQ(decision.messages[0].recipient, kHolder);
}

TEST(CaseOffers, AnExpertWhoIsGoneLosesWhatHeHas) {
  const auto gone = [](const Case& subject, const UserId& who, bool holds_on) {
    return after(subject, hour(40), {}, event::ExpertGone{who, holds_on});
  };
  Case next = gone(offered_case(), kHolder, true);
  EXPECT_EQ(next.state, CaseState::offered);
  EXPECT_EQ(next.offers[3].reason, "gone");
  next = gone(next, kOffered, false);
  EXPECT_EQ(next.state, CaseState::queued);
  next = gone(waiting_case(), kHolder, false);
  EXPECT_EQ(next.state, CaseState::queued);
  EXPECT_EQ(next.waited, hours(3));
  EXPECT_EQ(gone(waiting_case(), kHolder, true).state, CaseState::waiting);
  EXPECT_EQ(gone(signed_case(), kHolder, false).state, CaseState::accepted);  // it leaves first
  EXPECT_EQ(gone(accepted_case(), kStranger, false).state, CaseState::accepted);
}

TEST(CaseOffers, AWithdrawnQuestionIsTakenFromWhoeverWasNamed) {
  const Decision decision =
      decided(offered_case(), event_of(hour(38), kRequester, event::Cancel{"seen_in_person"}));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::withdrawn, MessageKind::withdrawn));
  EXPECT_EQ(decision.audit[0].detail, "seen_in_person");
  const Case pool = offered_to({kHolder, kOffered}, OfferPolicy::open, "");
  EXPECT_THAT(decided(pool, event_of(hour(3), kRequester, event::Cancel{"other"})).messages,
              IsEmpty());
}

TEST(CaseOffers, APatientsWithdrawalStopsASignedOpinion) {
  const Decision decision =
      decided(signed_case(), event_of(hour(38), kRequester, event::Cancel{"patient_withdrew"}));
  EXPECT_EQ(decision.next.state, CaseState::cancelled);
  EXPECT_FALSE(decision.next.pending_opinion);
  ASSERT_EQ(decision.next.kept_opinions.size(), 1U);
  EXPECT_EQ(decision.next.kept_opinions[0].why, "after_cancel");
  EXPECT_EQ(decision.next.kept_opinions[0].opinion.hash, "hash");
  EXPECT_EQ(decision.next.kept_opinions[0].opinion.released_at, Instant());
  EXPECT_THAT(kinds_of(decision),
              ElementsAre(MessageKind::opinion_not_used, MessageKind::withdrawn));
}

}  // namespace
}  // namespace telavis::test
