// SPDX-License-Identifier: Apache-2.0
// Dialogue, the opinion, and what follows it.
#include <gmock/gmock.h>

#include <functional>

#include "tests/core/case_world.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Instant kLeft = hour(38) + seconds(60);  // when the opinion of signed_case() leaves

TEST(CaseAnswer, AQuestionAndItsAnswerAreKept) {
  Decision decision = decided(accepted_case(), event_of(hour(38), kHolder, event::NeedInfo{{1}}));
  EXPECT_EQ(decision.next.waiting_since, hour(38));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::info_needed));
  EXPECT_EQ(decision.messages[0].recipient, kRequester);
  // A second question in the same wait starts no second wait.
  decision = decided(decision.next, event_of(hour(39), kHolder, event::NeedInfo{{2}}));
  EXPECT_EQ(decision.next.waiting_since, hour(38));
  event::Info info{{3}, {{"photo", "JPEG", "", {}}}, BlobRef("more")};
  decision = decided(decision.next, event_of(hour(40), kRequester, info));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::info_given));
  EXPECT_EQ(decision.messages[0].recipient, kHolder);
  const Case& subject = decision.next;
  ASSERT_EQ(subject.dialogue.size(), 3U);
  EXPECT_EQ(subject.dialogue[2].kind, DialogueKind::info);
  EXPECT_EQ(subject.dialogue[2].author, kRequester);
  EXPECT_EQ(subject.dialogue[2].at, hour(40));
  EXPECT_EQ(subject.exams.size(), 1U);
  EXPECT_THAT(subject.exam_blobs, ElementsAre(BlobRef("exams"), BlobRef("more")));
}

TEST(CaseAnswer, InformationWithoutAnExpertGoesToNobody) {
  const Decision decision =
      decided(queued_case(), event_of(hour(37), kRequester, event::Info{{1}, {}, {}}));
  EXPECT_THAT(decision.messages, IsEmpty());
  EXPECT_EQ(decision.next.state, CaseState::queued);
}

TEST(CaseAnswer, AnAnswerToAnOfferAcceptsIt) {
  const Decision decision = decided(offered_case(), event_of(hour(37), kHolder, opinion("h")));
  EXPECT_EQ(decision.next.state, CaseState::accepted);
  EXPECT_EQ(decision.next.expert, kHolder);
  EXPECT_EQ(pending_offer(decision.next, kOffered), nullptr);
  EXPECT_THAT(decision.messages, IsEmpty());
  EXPECT_EQ(timer_at(decision.next, TimerKind::release), hour(37) + seconds(60));
}

TEST(CaseAnswer, TheFirstValidOpinionFromAnybodyAskedIsTheAnswer) {
  // One whose window passed answers while another is asked: that one is told.
  Decision decision = decided(offered_case(), event_of(hour(38), kExpired, opinion("late")));
  EXPECT_EQ(decision.next.expert, kExpired);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::withdrawn, MessageKind::withdrawn));
  // While another has accepted: the case is his until the opinion leaves.
  Case subject = after(accepted_case(), hour(38), kTakenBack, opinion("late"));
  EXPECT_EQ(subject.expert, kHolder);
  EXPECT_EQ(decide(&subject, event_of(hour(38), kHolder, event::GiveBack{})).error().code,
            ErrorCode::state_conflict);
  decision = decided(subject, event_of(kLeft, {}, release()));
  EXPECT_EQ(decision.next.expert, kTakenBack);
  EXPECT_EQ(decision.next.opinion->expert, kTakenBack);
  EXPECT_EQ(decision.messages[0].kind, MessageKind::withdrawn);
  EXPECT_EQ(decision.messages[0].recipient, kHolder);
  EXPECT_EQ(decision.messages[1].kind, MessageKind::report);
}

TEST(CaseAnswer, ReleaseMakesOpinionActsAndReportTogether) {
  event::ReleaseOpinion body = release();
  body.acts.resize(2);
  body.acts[0].code = "TE2";
  body.acts[0].amount_cents = 2300;
  body.acts[1].code = "RQD";
  body.acts[1].billable = false;
  body.acts[1].refusal = "NO_TARIFF";
  const Decision decision = decided(signed_case(), event_of(kLeft, {}, body));
  const Case& next = decision.next;
  EXPECT_EQ(next.state, CaseState::answered);
  EXPECT_EQ(next.opinion->hash, "hash");
  EXPECT_EQ(next.opinion->signed_at, hour(38));
  EXPECT_EQ(next.opinion->released_at, kLeft);
  EXPECT_EQ(next.opinion->seal, "seal of report");
  EXPECT_EQ(next.answered_at, kLeft);
  EXPECT_EQ(next.report_blob, BlobRef("report"));
  EXPECT_FALSE(next.pending_opinion);
  EXPECT_EQ(decision.acts.size(), 2U);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::report));
  EXPECT_THAT(decision.audit[0].detail, HasSubstr("TE2 2300 cents; RQD NO_TARIFF"));
}

TEST(CaseAnswer, AWaitEndsWithTheOpinion) {
  Case subject = after(waiting_case(), hour(40), kHolder, opinion("hash"));
  EXPECT_EQ(subject.state, CaseState::waiting);
  subject = after(subject, hour(41), {}, release());
  EXPECT_EQ(subject.state, CaseState::answered);
  EXPECT_EQ(subject.waited, hours(4));
}

TEST(CaseAnswer, AnOpinionIsTakenBackUntilItLeaves) {
  const Case subject = after(signed_case(), hour(38), kHolder, event::TakeOpinionBack{});
  EXPECT_FALSE(subject.pending_opinion);
  ASSERT_TRUE(subject.draft);
  EXPECT_EQ(subject.draft->sealed, opinion("hash").sealed);
  EXPECT_EQ(subject.draft->expert, kHolder);
}

TEST(CaseAnswer, AColleaguesTextIsNotWrittenOver) {
  Case subject = after(accepted_case(), hour(38), kHolder, event::SaveDraft{{77}});
  subject = after(subject, hour(38), kExpired, opinion("late"));
  subject = after(subject, hour(38), kExpired, event::TakeOpinionBack{});
  EXPECT_EQ(subject.draft->expert, kHolder);
  EXPECT_EQ(subject.draft->sealed, Bytes{77});
  // Nor is it a sign of life of the holder.
  subject = after(accepted_case(), hour(48), kExpired, opinion("late"));
  subject = after(subject, hour(48), kExpired, event::TakeOpinionBack{});
  EXPECT_EQ(subject.draft->expert, kExpired);
  EXPECT_EQ(timer_at(subject, TimerKind::take_back), hour(49));
}

TEST(CaseAnswer, ASecondOpinionIsKeptAndItsAuthorTold) {
  struct Row {
    Case subject;
    std::string why;
  };
  for (const Row& row : {Row{delivered_case(), "second"}, Row{closed_case(), "second"},
                         Row{signed_case(), "second"}, Row{cancelled_case(), "after_cancel"}}) {
    const Decision decision =
        decided(row.subject, event_of(hour(50), kExpired, opinion("second", {true, true})));
    EXPECT_EQ(decision.next.state, row.subject.state);
    ASSERT_EQ(decision.next.kept_opinions.size(), 1U);
    EXPECT_EQ(decision.next.kept_opinions[0].why, row.why);
    EXPECT_EQ(decision.next.kept_opinions[0].opinion.expert, kExpired);
    EXPECT_EQ(decision.next.kept_opinions[0].sealed, opinion("second").sealed);
    EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::opinion_not_used));
    EXPECT_EQ(decision.messages[0].recipient, kExpired);
    EXPECT_THAT(decision.acts, IsEmpty());
    EXPECT_EQ(decision.next.opinion.has_value(), row.subject.opinion.has_value());
  }
}

TEST(CaseAnswer, ACorrectionIsANewReportWithoutANewAct) {
  Case subject = after(delivered_case(), hour(50), kHolder, opinion("next", {}, "hash"));
  EXPECT_EQ(subject.opinion->hash, "hash");  // until it leaves
  event::ReleaseOpinion with_acts = release("second");
  with_acts.acts.resize(1);
  EXPECT_EQ(decide(&subject, event_of(hour(51), {}, with_acts)).error().code, ErrorCode::internal);
  const Decision decision = decided(subject, event_of(hour(51), {}, release("second")));
  const Case& next = decision.next;
  EXPECT_EQ(next.state, CaseState::answered);
  EXPECT_EQ(next.opinion->hash, "next");
  EXPECT_EQ(next.opinion->corrects, "hash");
  EXPECT_EQ(next.answered_at, hour(38));
  EXPECT_FALSE(next.delivered_at);
  EXPECT_FALSE(next.urgent_alert_at);  // the correction is not urgent
  EXPECT_FALSE(next.appointment_at);
  ASSERT_EQ(next.kept_opinions.size(), 1U);
  EXPECT_EQ(next.kept_opinions[0].why, "corrected");
  EXPECT_EQ(next.kept_opinions[0].opinion.hash, "hash");
  EXPECT_EQ(next.kept_opinions[0].report, BlobRef("report"));
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::report));
}

TEST(CaseAnswer, ACorrectionNamesTheOpinionAsItStands) {
  const Case subject = delivered_case();
  for (const auto& [who, corrects] :
       std::vector<std::pair<UserId, std::string>>{{kHolder, "other hash"}, {kExpired, "hash"}}) {
    const auto decision = decide(&subject, event_of(hour(50), who, opinion("n", {}, corrects)));
    EXPECT_EQ(decision.error().code, ErrorCode::state_conflict);
    EXPECT_THAT(decision.error().text, HasSubstr("load the case again"));
  }
}

TEST(CaseAnswer, AClosedCaseOpensAgainForACorrectionUntilThatIsRead) {
  Case subject = after(closed_case(), hour(50), kHolder, opinion("next", {}, "hash"));
  EXPECT_EQ(subject.state, CaseState::delivered);
  // Taken back: as it was.
  EXPECT_EQ(after(subject, hour(50), kHolder, event::TakeOpinionBack{}).state, CaseState::closed);
  subject = after(subject, hour(51), {}, release("second"));
  subject = after(subject, hour(52), {}, event::MessageSent{MessageKind::report});
  EXPECT_EQ(subject.state, CaseState::delivered);  // the close-out was about the one before
  EXPECT_EQ(after(subject, hour(53), kRequester, event::ReportRead{}).state, CaseState::closed);
  subject = after(subject, hour(51 + 24), {}, timer(TimerKind::unopened));
  subject = after(subject, hour(51 + 48), {}, timer(TimerKind::unopened));
  EXPECT_EQ(subject.state, CaseState::closed);
}

TEST(CaseAnswer, AReportIsDeliveredWhenSentOrRead) {
  const Case subject = answered_case({});
  EXPECT_EQ(after(subject, hour(39), {}, event::MessageSent{MessageKind::invitation}).state,
            CaseState::answered);
  const Case sent = after(subject, hour(39), {}, event::MessageSent{MessageKind::report});
  EXPECT_EQ(sent.delivered_at, hour(39));
  EXPECT_FALSE(sent.opened_at);
  const Case read = after(subject, hour(39), kRequester, event::ReportRead{});
  EXPECT_EQ(read.state, CaseState::delivered);
  EXPECT_EQ(read.opened_at, hour(39));
  EXPECT_EQ(after(read, hour(45), kRequester, event::ReportRead{}).opened_at, hour(39));
  // Read again by the expert: no delivery.
  EXPECT_EQ(after(subject, hour(39), kHolder, event::ReportRead{}).state, CaseState::answered);
}

TEST(CaseAnswer, FollowUpIsForThirtyDaysAndOpensTheCaseAgain) {
  const Instant end = hour(39 + 30 * 24);
  const Case subject = closed_case();
  Decision decision = decided(subject, event_of(hour(100), kRequester, event::FollowUp{{1}}));
  EXPECT_EQ(decision.next.state, CaseState::delivered);
  EXPECT_EQ(timer_at(decision.next, TimerKind::close_out), end);
  EXPECT_THAT(kinds_of(decision), ElementsAre(MessageKind::follow_up));
  EXPECT_EQ(decision.messages[0].recipient, kHolder);
  const Case answered = after(decision.next, hour(101), kHolder, event::FollowUpAnswer{{1}});
  EXPECT_EQ(answered.state, CaseState::closed);
  decision = decided(subject, event_of(end, kRequester, event::FollowUp{{1}}));
  EXPECT_EQ(timer_at(decision.next, TimerKind::close_out), end + hours(24));
  const auto late = decide(&subject, event_of(end + Duration(1), kRequester, event::FollowUp{{1}}));
  EXPECT_EQ(late.error().code, ErrorCode::state_conflict);
  EXPECT_THAT(late.error().text, HasSubstr("ask for a new opinion"));
}

TEST(CaseAnswer, NothingIsClosedWhileSomethingIsOpen) {
  Case subject = delivered_case();  // urgent, an appointment is awaited
  subject = after(subject, hour(40), kRequester, event::FollowUp{{1}});
  subject = after(subject, hour(40), kRequester, event::CloseOut{{1}});
  EXPECT_EQ(subject.state, CaseState::delivered);
  subject = after(subject, hour(41), kRequester, event::Acknowledge{});
  EXPECT_EQ(subject.state, CaseState::delivered);
  subject = after(subject, hour(42), kRequester, event::SetAppointment{{1}});
  EXPECT_EQ(subject.state, CaseState::delivered);
  subject = after(subject, hour(43), kHolder, event::FollowUpAnswer{{1}});
  EXPECT_EQ(subject.state, CaseState::closed);
}

TEST(CaseAnswer, ADialogueHasAnEnd) {
  struct Row {
    Case subject;
    UserId who;
    EventBody body;
  };
  const Case asked = after(delivered_case(), hour(40), kRequester, event::FollowUp{{1}});
  const std::vector<Row> rows = {
      {incomplete_case(), kRequester, event::Complete{}},
      {accepted_case(), kHolder, event::NeedInfo{}},
      {accepted_case(), kRequester, event::Info{}},
      {asked, kRequester, event::FollowUp{}},
      {asked, kHolder, event::FollowUpAnswer{}},
      {asked, kHolder, event::LogCall{}},
      {asked, kHolder, event::SetAppointment{}},
      {asked, kRequester, event::CloseOut{}},
  };
  for (Row row : rows) {
    row.subject.dialogue.resize(99);
    EXPECT_TRUE(decide(&row.subject, event_of(hour(41), row.who, row.body)))
        << event_name(row.body);
    row.subject.dialogue.resize(100);
    EXPECT_EQ(decide(&row.subject, event_of(hour(41), row.who, row.body)).error().code,
              ErrorCode::limit_exceeded)
        << event_name(row.body);
    row.subject.dialogue.clear();
    row.subject.exams.resize(100);
    EXPECT_EQ(decide(&row.subject, event_of(hour(41), row.who, row.body)).error().code,
              ErrorCode::limit_exceeded)
        << event_name(row.body);
  }
}

TEST(CaseAnswer, AnOpeningIsWrittenDownWithItsEnd) {
  const Decision decision = decided(
      accepted_case(),
      event_of(hour(38), kReferent, event::ReferentOpened{hour(39), "ab"}, Role::medical_referent));
  ASSERT_EQ(decision.next.referent_access.size(), 1U);
  EXPECT_EQ(decision.next.referent_access[0].referent, kReferent);
  EXPECT_EQ(decision.audit[0].detail, "until 2026-01-06T23:00:00Z");
}

}  // namespace
}  // namespace telavis::test
