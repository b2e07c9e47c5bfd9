// SPDX-License-Identifier: Apache-2.0
// What time brings, at its exact instant.
#include <gmock/gmock.h>

#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Duration kDay = hours(24);

/// Fires this timer, which must be due at `at` and not before.
Decision fired(const Case& subject, TimerKind kind, Instant at,
               std::optional<UserId> delegate = {}) {
  EXPECT_EQ(timer_at(subject, kind), at) << timer_kind_name(kind);
  return decided(subject, event_of(at, {}, timer(kind, std::move(delegate))));
}

Case with_draft(const Case& subject, Instant at) {
  return after(subject, at, kHolder, event::SaveDraft{{9}});
}

/// Accepted by the holder an hour after the start.
Case early_accepted() {
  const Case offered = after(submitted(draft_case()), hour(0), {}, route_to({kHolder}, hour(0)));
  return after(offered, hour(1), kHolder, event::Accept{});
}

TEST(CasePromise, CountsFromCompleteness) {
  Case subject = incomplete_case();
  EXPECT_FALSE(subject.promise);
  subject = after(subject, hour(30), kRequester, event::Complete{});
  ASSERT_TRUE(subject.promise);
  EXPECT_EQ(subject.promise->completed_at, hour(30));
  EXPECT_EQ(subject.promise->remind_at, hour(54));
  EXPECT_EQ(subject.promise->warn_at, hour(62));
  EXPECT_EQ(subject.promise->take_back_at, hour(66));
  EXPECT_EQ(subject.promise->breach_at, hour(78));
}

TEST(CasePromise, CountsInWorkingHours) {
  Plan plan;
  plan.sla.working_hours = true;
  plan.sla.remind = hours(2);
  plan.sla.warn = hours(4);
  plan.sla.take_back = hours(8);
  plan.sla.breach = hours(16);
  plan.working_hours.time_zone = "UTC";
  for (std::size_t day = 0; day < 5; ++day) plan.working_hours.week[day] = {{9 * 60, 17 * 60}};
  const Instant friday_16h = hour(4 * 24 + 8);
  const Promise promise = promise_of(plan, friday_16h);
  const Instant monday_9h = hour(7 * 24 + 1);
  EXPECT_EQ(promise.remind_at, monday_9h + hours(1));
  EXPECT_EQ(promise.warn_at, monday_9h + hours(3));
  EXPECT_EQ(promise.take_back_at, monday_9h + hours(7));
  EXPECT_EQ(promise.breach_at, monday_9h + kDay + hours(7));
}

TEST(CasePromise, IsThatOfTheOpenLineForTheReason) {
  Programme programme;
  programme.policy = OfferPolicy::open;
  programme.time_zone = "Europe/Paris";
  programme.working_hours = daytime("Europe/Paris");
  FastLine line{"melanoma", {"suspected_melanoma"}, {}, false, ""};
  line.sla.breach = hours(24);
  line.sla.working_hours = true;
  programme.fast_lines = {line};
  const Plan fast = plan_of(programme, "suspected_melanoma");
  EXPECT_EQ(fast.line, "melanoma");
  EXPECT_EQ(fast.sla.breach, hours(24));
  EXPECT_EQ(fast.working_hours, programme.working_hours);
  const Plan ordinary = plan_of(programme, "mole");
  EXPECT_EQ(ordinary.line, "");
  EXPECT_EQ(ordinary.policy, OfferPolicy::open);
  EXPECT_EQ(ordinary.sla.breach, hours(48));
  EXPECT_EQ(ordinary.working_hours, Timetable());
}

TEST(CaseTimers, TheFirstIsNextAndOfEqualOnesTheOneThatMatters) {
  Case subject = accepted_case();
  ASSERT_EQ(next_timer(subject)->kind, TimerKind::remind);  // was due at 24 h
  EXPECT_EQ(next_timer(subject)->at, hour(24));
  subject.reminded = subject.warned = true;
  subject.hold_until = hour(48);
  EXPECT_EQ(next_timer(subject)->kind, TimerKind::take_back);
  EXPECT_EQ(next_timer(subject)->at, hour(48));
  subject.pending_opinion = PendingOpinion{};
  subject.pending_opinion->release_at = hour(48);
  EXPECT_EQ(next_timer(subject)->kind, TimerKind::release);
  EXPECT_EQ(next_timer(closed_case())->kind, TimerKind::retention);
  EXPECT_EQ(next_timer(cancelled_case())->kind, TimerKind::retention);
}

TEST(CaseTimers, AWindowThatIsOverGoesBackToTheQueue) {
  Case subject = after(submitted(draft_case()), hour(0), {}, route_to({kHolder}, hour(0)));
  const Decision decision = fired(subject, TimerKind::offer_window, hour(4));
  EXPECT_EQ(decision.next.state, CaseState::queued);
  EXPECT_EQ(decision.next.offers.front().outcome, OfferOutcome::expired);
  EXPECT_EQ(next_timer(decision.next)->kind, TimerKind::route);
  EXPECT_EQ(next_timer(decision.next)->at, hour(4));
  EXPECT_THAT(decision.messages, IsEmpty());
}

TEST(CaseTimers, OfSeveralWindowsEachEndsAlone) {
  event::Route body = route_to({kHolder, kOffered}, hour(0));
  body.assignment.chosen[1].expires_at = hour(6);
  Case subject = after(submitted(draft_case()), hour(0), {}, body);
  subject = fired(subject, TimerKind::offer_window, hour(4)).next;
  EXPECT_EQ(subject.state, CaseState::offered);
  EXPECT_EQ(pending_offer(subject, kHolder), nullptr);
  EXPECT_NE(pending_offer(subject, kOffered), nullptr);
  EXPECT_EQ(fired(subject, TimerKind::offer_window, hour(6)).next.state, CaseState::queued);
}

TEST(CaseTimers, APoolIsAskedWithoutAnEnd) {
  const Case subject =
      after(submitted(draft_case()), hour(0), {}, route_to({kHolder, kOffered}, hour(0), {}));
  EXPECT_FALSE(timer_at(subject, TimerKind::offer_window));
  EXPECT_EQ(next_timer(subject)->kind, TimerKind::remind);
}

TEST(CaseTimers, NobodyEligibleIsToldOnceAndTriedAgain) {
  Case subject = submitted(draft_case());
  Decision decision = decided(subject, event_of(hour(0), {}, event::Route{}));
  EXPECT_EQ(decision.next.state, CaseState::queued);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::no_expert_alert));
  EXPECT_EQ(decision.messages[0].staff, Role::coordinator);
  EXPECT_EQ(timer_at(decision.next, TimerKind::route), hour(1));
  decision = decided(decision.next, event_of(hour(1), {}, event::Route{}));
  EXPECT_THAT(decision.messages, IsEmpty());
  EXPECT_EQ(decision.next.no_expert_since, hour(0));
  decision = decided(decision.next, event_of(hour(2), {}, route_to({kHolder}, hour(2))));
  EXPECT_FALSE(decision.next.no_expert_since);
}

TEST(CaseTimers, RemindersGoToWhoeverItWaitsFor) {
  struct Row {
    const char* name;
    Case subject;
    std::vector<MessageKind> remind, warn;
  };
  const Case offered =
      after(submitted(draft_case()), hour(0), {}, route_to({kHolder}, hour(0), {}));
  Case writing = with_draft(early_accepted(), hour(23));
  Case wrote = with_draft(early_accepted(), hour(22));
  Case mailed = early_accepted();
  mailed.plan.sla.mail_release_delay = hours(48);
  event::Sign by_mail = opinion("hash");
  by_mail.by_mail = true;
  mailed = after(mailed, hour(2), kHolder, by_mail);
  using enum MessageKind;
  const std::vector<Row> rows = {
      {"queued",
       submitted(draft_case()),
       {not_accepted, not_accepted},
       {not_accepted, not_accepted}},
      {"offered", offered, {not_accepted, not_accepted}, {not_accepted, not_accepted}},
      {"accepted", early_accepted(), {expert_reminder}, {expert_warning}},
      {"writing", writing, {}, {expert_warning}},
      {"wrote two hours ago", wrote, {expert_reminder}, {expert_warning}},
      {"signed", mailed, {}, {}},
      {"waiting",
       after(early_accepted(), hour(1), kHolder, event::NeedInfo{}),
       {info_reminder},
       {}},
  };
  for (const Row& row : rows) {
    const Decision reminded = fired(row.subject, TimerKind::remind, hour(24));
    EXPECT_EQ(kinds_of(reminded), row.remind) << row.name;
    EXPECT_FALSE(timer_at(reminded.next, TimerKind::remind)) << row.name;
    EXPECT_EQ(reminded.next.state, row.subject.state) << row.name;
    const Decision warned = fired(reminded.next, TimerKind::warn, hour(32));
    EXPECT_EQ(kinds_of(warned), row.warn) << row.name;
    EXPECT_FALSE(timer_at(warned.next, TimerKind::warn)) << row.name;
  }
}

TEST(CaseTimers, ASilentExpertLosesTheCaseAt36Hours) {
  const Decision decision = fired(early_accepted(), TimerKind::take_back, hour(36));
  EXPECT_EQ(decision.next.state, CaseState::queued);
  EXPECT_FALSE(decision.next.expert);
  EXPECT_EQ(decision.next.offers.back().outcome, OfferOutcome::taken_back);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::taken_back));
  EXPECT_EQ(decision.messages[0].recipient, kHolder);
}

TEST(CaseTimers, WhoeverWritesIsNotSilent) {
  const Case writing = with_draft(early_accepted(), hour(35));
  fired(writing, TimerKind::take_back, hour(37));
  fired(with_draft(writing, hour(37) - Duration(1)), TimerKind::take_back, hour(39) - Duration(1));
  fired(with_draft(early_accepted(), hour(20)), TimerKind::take_back, hour(36));
}

TEST(CaseTimers, WhoeverAcceptsLateHasTwelveHours) {
  EXPECT_EQ(timer_at(accepted_case(), TimerKind::take_back), hour(37 + 12));
  EXPECT_EQ(timer_at(early_accepted(), TimerKind::take_back), hour(36));
}

TEST(CaseTimers, AWaitRemindsTheRequesterAndReleasesNobody) {
  Case subject = after(early_accepted(), hour(2), kHolder, event::NeedInfo{{1}});
  Decision decision = fired(subject, TimerKind::waiting_reminder, hour(6));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::info_reminder));
  EXPECT_EQ(decision.messages[0].recipient, kRequester);
  decision = fired(decision.next, TimerKind::remind, hour(24));
  decision = fired(decision.next, TimerKind::warn, hour(32));
  decision = fired(decision.next, TimerKind::waiting_reminder, hour(36));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::info_reminder));
  EXPECT_FALSE(timer_at(decision.next, TimerKind::waiting_reminder));
  EXPECT_FALSE(timer_at(decision.next, TimerKind::take_back));
  EXPECT_EQ(next_timer(decision.next)->kind, TimerKind::breach);
  EXPECT_EQ(next_timer(decision.next)->at, hour(48));
  EXPECT_EQ(decision.next.state, CaseState::waiting);
  // A question asked after 32 h is called to mind once.
  subject = after(early_accepted(), hour(33), kHolder, event::NeedInfo{{1}});
  decision = fired(subject, TimerKind::waiting_reminder, hour(37));
  EXPECT_FALSE(timer_at(decision.next, TimerKind::waiting_reminder));
}

TEST(CaseTimers, InformationGivesTwelveHoursAndMovesNoPromise) {
  const Case waiting = after(early_accepted(), hour(2), kHolder, event::NeedInfo{{1}});
  const Case early = after(waiting, hour(10), kRequester, event::Info{{2}, {}, {}});
  EXPECT_EQ(early.state, CaseState::accepted);
  EXPECT_EQ(early.waited, hours(8));
  EXPECT_EQ(timer_at(early, TimerKind::take_back), hour(36));
  const Case late = after(waiting, hour(40), kRequester, event::Info{{2}, {}, {}});
  EXPECT_EQ(timer_at(late, TimerKind::take_back), hour(52));
  EXPECT_EQ(timer_at(late, TimerKind::breach), hour(48));
  EXPECT_EQ(late.promise->breach_at, hour(48));
  // After the breach the alert leaves the expert his twelve hours as well.
  const Case breached = fired(waiting, TimerKind::breach, hour(48)).next;
  const Case informed = after(breached, hour(70), kRequester, event::Info{{2}, {}, {}});
  EXPECT_EQ(timer_at(informed, TimerKind::breach), hour(82));
  const Case at_once = after(breached, hour(49), kRequester, event::Info{{2}, {}, {}});
  EXPECT_EQ(timer_at(at_once, TimerKind::breach), hour(72));
}

TEST(CaseTimers, ABrokenPromiseIsToldAndComesBackEveryDay) {
  Decision decision = fired(early_accepted(), TimerKind::breach, hour(48));
  EXPECT_THAT(kinds_of(decision),
              ElementsAre(MessageKind::breach_alert, MessageKind::breach_alert));
  EXPECT_EQ(decision.messages[0].recipient, kRequester);
  EXPECT_EQ(decision.messages[1].staff, Role::coordinator);
  EXPECT_EQ(decision.next.breached_at, hour(48));
  decision = fired(decision.next, TimerKind::breach, hour(72));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::breach_alert));
  EXPECT_EQ(decision.messages[0].staff, Role::coordinator);
  EXPECT_EQ(decision.next.breached_at, hour(48));
  EXPECT_EQ(timer_at(decision.next, TimerKind::breach), hour(96));
  EXPECT_EQ(decision.next.promise->breach_at, hour(48));
}

TEST(CaseTimers, AnOpinionLeavesAfterItsDelay) {
  EXPECT_EQ(timer_at(signed_case(), TimerKind::release), hour(38) + seconds(60));
  EXPECT_EQ(timer_at(signed_case({true, false}), TimerKind::release), hour(38));
  event::Sign by_mail = opinion("hash");
  by_mail.by_mail = true;
  EXPECT_EQ(timer_at(after(accepted_case(), hour(38), kHolder, by_mail), TimerKind::release),
            hour(38) + minutes(15));
  EXPECT_FALSE(timer_at(signed_case(), TimerKind::take_back));
}

TEST(CaseTimers, AnUrgentOpinionIsCalledOutUntilItIsKnown) {
  Case subject = answered_case({true, false});  // left at 38 h
  Instant at = hour(38) + minutes(30);
  for (const int next_minutes : {60, 120, 240, 480, 960, 1920, 3360, 4800}) {
    const Decision decision = fired(subject, TimerKind::urgent_alert, at);
    EXPECT_THAT(kinds_of(decision),
                ElementsAre(MessageKind::urgent_opinion, MessageKind::urgent_alert,
                            MessageKind::urgent_alert));
    EXPECT_EQ(decision.messages[0].recipient, kRequester);
    EXPECT_EQ(decision.messages[1].recipient, kHolder);
    EXPECT_EQ(decision.messages[2].staff, Role::medical_referent);
    subject = decision.next;
    at = hour(38) + minutes(next_minutes);  // doubles until it is a day
  }
  EXPECT_EQ(timer_at(subject, TimerKind::urgent_alert), at);
  subject = after(subject, at, kRequester, event::Acknowledge{});
  EXPECT_EQ(subject.acknowledged_at, at);
  EXPECT_FALSE(timer_at(subject, TimerKind::urgent_alert));
  EXPECT_EQ(after(subject, at + kDay, kRequester, event::Acknowledge{}).acknowledged_at, at);
}

TEST(CaseTimers, AnUnopenedReportGoesToTheDelegateAfterTwoDays) {
  const Case subject = answered_case({});
  const Instant left = hour(38) + seconds(60);
  const Decision first = fired(subject, TimerKind::unopened, left + kDay, kDelegate);
  EXPECT_THAT(kinds_of(first), ElementsAre(MessageKind::unopened_reminder));
  EXPECT_EQ(first.messages[0].recipient, kRequester);
  EXPECT_FALSE(first.next.requester_delegate);
  const Decision second = fired(first.next, TimerKind::unopened, left + 2 * kDay, kDelegate);
  EXPECT_EQ(second.messages[0].recipient, kDelegate);
  EXPECT_EQ(second.next.requester_delegate, kDelegate);
  EXPECT_FALSE(timer_at(second.next, TimerKind::unopened));
  const Decision nobody = fired(first.next, TimerKind::unopened, left + 2 * kDay);
  EXPECT_EQ(nobody.messages[0].staff, Role::coordinator);
  const Case read = after(subject, hour(50), kRequester, event::ReportRead{});
  EXPECT_FALSE(timer_at(read, TimerKind::unopened));
}

TEST(CaseTimers, AnAppointmentIsCalledToMindEveryWeek) {
  const Case subject = answered_case({false, true});
  const Instant left = hour(38) + seconds(60);
  const Decision decision = fired(subject, TimerKind::appointment, left + 7 * kDay);
  EXPECT_THAT(kinds_of(decision),
              ElementsAre(MessageKind::appointment_reminder, MessageKind::appointment_reminder));
  EXPECT_EQ(decision.messages[0].recipient, kRequester);
  EXPECT_EQ(decision.messages[1].recipient, kHolder);
  EXPECT_EQ(timer_at(decision.next, TimerKind::appointment), left + 14 * kDay);
  const Case dated = after(decision.next, hour(60), kHolder, event::SetAppointment{{1}});
  EXPECT_FALSE(timer_at(dated, TimerKind::appointment));
}

TEST(CaseTimers, AReportThatDoesNotArriveAlertsTheCoordinatorsEveryDay) {
  const Case subject = answered_case({});
  const Instant left = hour(38) + seconds(60);
  Decision decision = fired(subject, TimerKind::undelivered, left + kDay);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::delivery_failed_alert));
  EXPECT_EQ(timer_at(decision.next, TimerKind::undelivered), left + 2 * kDay);
  const auto dead = [](const Case& of, MessageKind kind) {
    return kinds_of(decided(of, event_of(hour(60), {}, event::MessageDead{kind})));
  };
  EXPECT_THAT(dead(subject, MessageKind::report), ElementsAre(MessageKind::delivery_failed_alert));
  EXPECT_THAT(dead(subject, MessageKind::delivery_failed_alert), IsEmpty());
  decision = decided(
      subject, event_of(hour(60), {},
                        event::MessageDead{MessageKind::report, OutboxId("m"), "mailbox_full"}));
  ASSERT_EQ(decision.next.mail_reports.size(), 1U);
  EXPECT_EQ(decision.next.mail_reports[0].status, "mailbox_full");
  EXPECT_EQ(decision.next.mail_reports[0].outcome, MailOutcome::failed);
  const Case read = after(subject, hour(50), kRequester, event::ReportRead{});
  EXPECT_EQ(read.state, CaseState::delivered);
  EXPECT_FALSE(timer_at(read, TimerKind::undelivered));
}

TEST(CaseTimers, CloseOutIsAskedForTwiceAndTheCaseClosesAfterAMonth) {
  const Case subject = after(delivered_case({}), hour(39), kRequester, event::ReportRead{});
  Decision decision = fired(subject, TimerKind::close_out, hour(39) + 7 * kDay);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::close_out_reminder));
  decision = fired(decision.next, TimerKind::close_out, hour(39) + 14 * kDay);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::close_out_reminder));
  decision = fired(decision.next, TimerKind::close_out, hour(39) + 30 * kDay);
  EXPECT_THAT(decision.messages, IsEmpty());
  EXPECT_EQ(decision.next.state, CaseState::closed);
}

TEST(CaseTimers, ACaseWithSomethingOpenStaysOpenAfterAMonth) {
  Case subject = after(delivered_case({false, true}), hour(39), kRequester, event::ReportRead{});
  subject = decided(subject, event_of(hour(39) + 30 * kDay, {}, timer(TimerKind::close_out))).next;
  EXPECT_EQ(subject.state, CaseState::delivered);
  EXPECT_EQ(timer_at(subject, TimerKind::close_out), hour(39) + 31 * kDay);
  subject = after(subject, hour(39) + 30 * kDay, kRequester, event::SetAppointment{{1}});
  subject = fired(subject, TimerKind::close_out, hour(39) + 31 * kDay).next;
  EXPECT_EQ(subject.state, CaseState::closed);
}

TEST(CaseTimers, WhoeverToldWhatItBroughtIsNotAskedAgain) {
  Case subject = after(delivered_case({false, true}), hour(40), kRequester, event::CloseOut{{1}});
  EXPECT_EQ(subject.state, CaseState::delivered);  // an appointment is awaited
  const Decision decision = fired(subject, TimerKind::close_out, hour(39) + 7 * kDay);
  EXPECT_THAT(decision.messages, IsEmpty());
  EXPECT_EQ(after(decision.next, hour(300), kRequester, event::SetAppointment{{1}}).state,
            CaseState::closed);
}

TEST(CaseTimers, AnOutcomeIsAskedForTwiceAndNeverReopensACase) {
  Case subject = after(delivered_case({false, true}), hour(40), kRequester, event::CloseOut{{1}});
  subject = after(subject, hour(41), kRequester, event::SetAppointment{{1}});
  ASSERT_EQ(subject.state, CaseState::closed);
  const Instant answered = *subject.answered_at;
  Decision decision = fired(subject, TimerKind::outcome, answered + 30 * kDay);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::outcome_reminder));
  EXPECT_EQ(decision.messages[0].recipient, kRequester);
  EXPECT_EQ(decision.next.state, CaseState::closed);
  EXPECT_EQ(timer_at(decision.next, TimerKind::outcome), answered + 90 * kDay);
  const Case not_yet =
      after(decision.next, answered + 31 * kDay, kRequester, event::RecordOutcome{{1}, false});
  EXPECT_EQ(timer_at(not_yet, TimerKind::outcome), answered + 90 * kDay);
  decision = fired(not_yet, TimerKind::outcome, answered + 90 * kDay);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::outcome_reminder));
  EXPECT_EQ(next_timer(decision.next)->kind, TimerKind::retention);
  // Said before anybody asked, it is not asked for.
  const Case told = after(subject, hour(50), kRequester, event::RecordOutcome{{1}});
  EXPECT_EQ(next_timer(told)->kind, TimerKind::retention);
  EXPECT_EQ(told.state, CaseState::closed);
}

TEST(CaseTimers, ARedFlagIsCalledToMindAndNeverDropped) {
  Decision decision = fired(redirected_case(), TimerKind::redirect_reminder, hour(24));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::redirect_reminder));
  for (int week = 1; week <= 5; ++week) {
    decision = fired(decision.next, TimerKind::redirect_reminder, hour(24) + week * 7 * kDay);
    EXPECT_EQ(decision.next.state, CaseState::redirected);
  }
  const Case resumed = after(decision.next, hour(2000), kRequester, event::Resume{{5}, {}});
  EXPECT_EQ(resumed.state, CaseState::queued);
  EXPECT_EQ(resumed.promise->completed_at, hour(2000));
}

TEST(CaseTimers, AnUnfinishedRequestIsErasedAWeekAfterItWasLastTouched) {
  Case subject = incomplete_case();
  event::Complete still{{5}, {"question"}, "", {}, {}};
  const Decision touched = decided(subject, event_of(hour(100), kRequester, still));
  EXPECT_THAT(kinds_of(touched), ElementsAre(MessageKind::incomplete));
  const Decision purged = fired(touched.next, TimerKind::purge, hour(100) + 7 * kDay);
  EXPECT_EQ(purged.next.state, CaseState::cancelled);
  EXPECT_THAT(purged.next.wrapped_key, IsEmpty());
  EXPECT_THAT(purged.next.sealed_request, IsEmpty());
  EXPECT_THAT(purged.next.exam_blobs, IsEmpty());
  EXPECT_EQ(purged.next.number, subject.number);
  EXPECT_FALSE(next_timer(purged.next));
}

TEST(CaseTimers, AnUnfinishedRequestIsRemindedOnceThenTheCoordinatorIsTold) {
  const Case subject = incomplete_case();
  const Instant begun = subject.submitted_at;
  EXPECT_EQ(next_timer(subject)->at, begun + std::chrono::hours(4));
  const Decision reminded =
      fired(subject, TimerKind::incomplete_reminder, begun + std::chrono::hours(4));
  EXPECT_THAT(kinds_of(reminded), ElementsAre(MessageKind::incomplete));
  EXPECT_EQ(next_timer(reminded.next)->at, begun + kDay);
  const Decision told = fired(reminded.next, TimerKind::incomplete_reminder, begun + kDay);
  EXPECT_THAT(kinds_of(told), ElementsAre(MessageKind::incomplete_alert));
  EXPECT_EQ(next_timer(told.next)->kind, TimerKind::purge);
  EXPECT_EQ(next_timer(told.next)->at, begun + 7 * kDay);
}

TEST(CaseTimers, ARedFlagOnAnUnfinishedRequestIsCompletedAfterwards) {
  Case draft = draft_case();
  draft.missing = {"question"};
  draft.redirect_exit = "in_person_today";
  Case subject = submitted(draft);
  EXPECT_EQ(subject.state, CaseState::redirected);
  subject = after(subject, hour(1), kRequester, event::Resume{{5}, {"question"}});
  EXPECT_EQ(subject.state, CaseState::incomplete);
  EXPECT_EQ(timer_at(subject, TimerKind::purge), hour(1) + 7 * kDay);
  EXPECT_EQ(after(subject, hour(2), kRequester, event::Complete{}).state, CaseState::queued);
}

TEST(CaseTimers, AFollowUpHasItsOwnDeadline) {
  Case subject = after(delivered_case({}), hour(100), kRequester, event::FollowUp{{1}});
  EXPECT_EQ(timer_at(subject, TimerKind::follow_up), hour(148));
  // A second question moves nothing.
  subject = after(subject, hour(120), kRequester, event::FollowUp{{1}});
  Decision decision = fired(subject, TimerKind::follow_up, hour(148));
  EXPECT_THAT(kinds_of(decision),
              ElementsAre(MessageKind::follow_up_overdue, MessageKind::follow_up_overdue));
  EXPECT_EQ(decision.messages[0].recipient, kHolder);
  EXPECT_EQ(decision.messages[1].staff, Role::coordinator);
  EXPECT_EQ(timer_at(decision.next, TimerKind::follow_up), hour(172));
  decision = decided(decision.next, event_of(hour(150), kHolder, event::FollowUpAnswer{{1}}));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::follow_up_answer));
  EXPECT_FALSE(timer_at(decision.next, TimerKind::follow_up));
}

TEST(CaseTimers, NoMailAtNightButWhatCannotWait) {
  Case draft = draft_case();
  draft.plan.time_zone = "America/Guadeloupe";  // UTC-4
  const Instant night = hour(19);               // 23 h there
  Decision decision = decided(submitted(draft, night), event_of(night, {}, event::Route{}));
  EXPECT_EQ(decision.messages[0].not_before, hour(28));  // 8 h there
  const Case offered = after(submitted(draft), hour(0), {}, route_to({kHolder}, hour(0)));
  const Case urgent = after(offered, night, kHolder, opinion("hash", {true, false}));
  decision = decided(urgent, event_of(night, {}, release()));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::urgent_opinion, MessageKind::report));
  EXPECT_FALSE(decision.messages[0].not_before);
  EXPECT_FALSE(decision.messages[1].not_before);
  decision = fired(decision.next, TimerKind::urgent_alert, night + minutes(30));
  for (const MessageDraft& message : decision.messages) EXPECT_FALSE(message.not_before);
  // In the day nothing is put off.
  decision = decided(submitted(draft, hour(6)), event_of(hour(6), {}, event::Route{}));
  EXPECT_EQ(decision.messages[0].not_before, hour(6));
}

}  // namespace
}  // namespace telavis::test
