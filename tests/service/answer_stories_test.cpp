// SPDX-License-Identifier: Apache-2.0
// What leads to an opinion and what follows it, over weeks: red flags, unfinished requests, urgent
// and unopened opinions, corrections, appointments, follow-up, close-out.
#include <gmock/gmock.h>

#include "tests/service/stories_world.h"

namespace telavis::test::answer_stories_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class AnswerStories : public Story {};

TEST_F(AnswerStories, AnUrgentOpinionLeavesAtOnceAndIsCalledOutUntilItIsKnown) {
  const CaseId id = submitted();
  name_experts(id);
  engine.done(first, "accept", id);
  run_until(hour(13));  // 21 h there: night
  mails();
  engine.done(first, "opinion", id, kUrgentJson);
  run_until(hour(15.5));
  EXPECT_THAT(mails(), ElementsAre("13:00 report gp", "13:00 urgent_opinion gp",  //
                                   "13:30 urgent_alert first", "13:30 urgent_alert referent",
                                   "13:30 urgent_opinion gp",  //
                                   "14:00 urgent_alert first", "14:00 urgent_alert referent",
                                   "14:00 urgent_opinion gp",  //
                                   "15:00 urgent_alert first", "15:00 urgent_alert referent",
                                   "15:00 urgent_opinion gp"));
  engine.done(first, "call", id, kText);
  EXPECT_EQ(engine.refused(first, "acknowledge", id), ErrorCode::forbidden);
  engine.done(engine.gp, "acknowledge", id);
  run_until(hour(23));
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_EQ(engine.load(id).acknowledged_at, hour(15.5));
  EXPECT_THAT(audited(id), testing::IsSupersetOf({"log_call", "acknowledge"}));
}

TEST_F(AnswerStories, AnOpinionLeftUnopenedGoesToTheDelegate) {
  engine.gp.delegate = engine.other_gp.id;
  engine.put(engine.gp);
  const CaseId id = answered();
  mails();
  EXPECT_EQ(engine.service.report(engine.other_gp, id).error().code, ErrorCode::not_found);
  run_until(hour(49));
  // The report left at 0:01, in the hours of mails: so do its reminders.
  EXPECT_THAT(mails(),
              ElementsAre("24:01 unopened_reminder gp", "48:01 unopened_reminder othergp"));
  EXPECT_TRUE(engine.service.report(engine.other_gp, id));
  EXPECT_EQ(engine.service.open(engine.other_gp, id)->opinion->conclusion, "ZZCONCLUSION");
  EXPECT_TRUE(engine.load(id).opened_at);
}

TEST_F(AnswerStories, AnOpinionNobodyOpensWithoutADelegateIsTheCoordinators) {
  answered();
  mails();
  run_until(hour(50));
  EXPECT_THAT(mails(),
              ElementsAre("24:01 unopened_reminder gp", "48:01 unopened_reminder coordinator"));
}

TEST_F(AnswerStories, ACorrectionIsANewSealedVersionThatNamesTheOldOne) {
  const CaseId id = answered();
  const Case before = engine.load(id);
  const Bytes first_report = engine.service.report(engine.gp, id).value();
  mails();
  const std::string body =
      with(kInPersonJson, "{", R"({"corrects":")" + before.opinion->hash + R"(",)");
  EXPECT_EQ(engine.refused(first, "correct", id, with(body, before.opinion->hash, "beef")),
            ErrorCode::state_conflict);
  EXPECT_EQ(engine.refused(first, "correct", id, kInPersonJson), ErrorCode::missing_field);
  EXPECT_EQ(engine.refused(second, "correct", id, body), ErrorCode::not_found);
  engine.done(first, "correct", id, body);
  EXPECT_EQ(engine.service.open(engine.gp, id)->opinion->conclusion, "ZZCONCLUSION");
  run_until(hour(1));
  EXPECT_THAT(mails(), ElementsAre("0:02 report gp"));
  const Case after = engine.load(id);
  EXPECT_EQ(after.opinion->corrects, before.opinion->hash);
  EXPECT_TRUE(verify_seal(SealKey(Key(std::array<std::uint8_t, 32>{2})).public_key(),
                          after.opinion->hash, after.opinion->seal));
  ASSERT_EQ(after.kept_opinions.size(), 1U);
  EXPECT_EQ(after.kept_opinions[0].opinion.hash, before.opinion->hash);
  EXPECT_EQ(after.kept_opinions[0].opinion.seal, before.opinion->seal);
  EXPECT_EQ(after.kept_opinions[0].report, before.report_blob);
  EXPECT_TRUE(engine.blobs.get(before.report_blob));  // the old one stays
  EXPECT_NE(engine.service.report(engine.gp, id).value(), first_report);
  EXPECT_EQ(engine.service.open(engine.gp, id)->opinion->conclusion, "ZZSEEN");
  EXPECT_EQ(engine.repository->acts({})->size(), 2U);  // no new act
  EXPECT_TRUE(after.appointment_at);
}

TEST_F(AnswerStories, AnAppointmentStaysOnBothListsUntilItsDate) {
  const CaseId id = answered(kInPersonJson);
  ASSERT_TRUE(engine.service.report(engine.gp, id));
  mails();
  run_until(hour(8 * 24));
  EXPECT_THAT(mails(),
              ElementsAre("168:01 appointment_reminder first", "168:01 appointment_reminder gp",
                          "168:01 close_out_reminder gp"));
  EXPECT_EQ(engine.refused(engine.gp, "appointment", id), ErrorCode::invalid_field);
  EXPECT_EQ(engine.refused(engine.gp, "appointment", id, R"({"date":"2026-13-01"})"),
            ErrorCode::invalid_field);
  engine.done(engine.gp, "close-out", id, kCloseOutJson);
  EXPECT_EQ(engine.load(id).state, CaseState::delivered);
  const Case dated = engine.done(engine.gp, "appointment", id, R"({"date":"2026-02-01"})");
  EXPECT_EQ(dated.state, CaseState::closed);
  EXPECT_EQ(engine.service.open(engine.gp, id)->dialogue.back().text, R"({"date":"2026-02-01"})");
  run_until(hour(40 * 24));
  EXPECT_THAT(mails(), ElementsAre("720:01 outcome_reminder gp"));
}

TEST_F(AnswerStories, AFollowUpIsAnsweredWithoutANewAct) {
  const CaseId id = answered();
  ASSERT_TRUE(engine.service.report(engine.gp, id));
  mails();
  run_until(hour(24));
  engine.done(engine.gp, "follow-up", id, kText);
  run_until(hour(73));
  EXPECT_THAT(mails(), ElementsAre("24:00 follow_up first", "72:00 follow_up_overdue coordinator",
                                   "72:00 follow_up_overdue first"));
  engine.done(first, "follow-up-answer", id, kText);
  run_until(hour(74));
  EXPECT_THAT(mails(), ElementsAre("73:00 follow_up_answer gp"));
  EXPECT_EQ(engine.repository->acts({})->size(), 2U);
  run_until(hour(31 * 24));
  EXPECT_THAT(mails(), ElementsAre("168:01 close_out_reminder gp", "336:01 close_out_reminder gp"));
  EXPECT_EQ(engine.load(id).state, CaseState::closed);
  EXPECT_EQ(engine.refused(engine.gp, "follow-up", id, kText), ErrorCode::state_conflict);
}

TEST_F(AnswerStories, FiveAnswersCloseTheCase) {
  const CaseId id = answered();
  EXPECT_EQ(engine.refused(engine.gp, "close-out", id, "{}"), ErrorCode::missing_field);
  EXPECT_EQ(engine.done(engine.gp, "close-out", id, kCloseOutJson).state, CaseState::closed);
  mails();
  run_until(hour(20 * 24));
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_EQ(engine.done(engine.gp, "follow-up", id, kText).state, CaseState::delivered);
}

TEST_F(AnswerStories, ARedFlagLeadsOutWithALetterAndBackAfterTheRegulation) {
  const CaseId id =
      submitted(with(kRequestJson, R"("st_elevation":false)", R"("st_elevation":true)"));
  EXPECT_EQ(engine.load(id).state, CaseState::redirected);
  EXPECT_EQ(engine.load(id).redirect_exit, "15_now");
  const auto letter = engine.service.transfer_letter(engine.gp, id);
  ASSERT_TRUE(letter) << letter.error().text;
  EXPECT_EQ(as_text(*letter).substr(0, 5), "%PDF-");
  run_until(hour(25 + 7 * 24));
  EXPECT_THAT(mails(), ElementsAre("24:00 redirect_reminder gp", "192:00 redirect_reminder gp"));
  EXPECT_EQ(engine.refused(engine.gp, "resume", id, R"({"regulated_at":"25:00"})"),
            ErrorCode::invalid_field);
  engine.done(engine.gp, "resume", id, R"({"regulated_at":"14:05"})");
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.load(id).state, CaseState::offered);
  EXPECT_EQ(engine.service.open(engine.gp, id)->request.regulated_at, "14:05");
  EXPECT_EQ(engine.load(id).promise->completed_at, disk.clock.now());
  EXPECT_THAT(engine.repository->acts({}).value(), IsEmpty());
  const auto actions = audited(id);
  EXPECT_THAT(actions, Contains("resume"));
  EXPECT_EQ(engine.repository->audit_chain(id.value)->front().what.detail,
            "rythmologie v1 redirected 15_now");
}

TEST_F(AnswerStories, AnUnfinishedRequestIsCompletedOrErased) {
  const std::string unfinished = with(kRequestJson, R"("red_flags":{"st_elevation":false},)", "");
  const CaseId kept = submitted(unfinished, Incomplete::kept);
  EXPECT_EQ(engine.load(kept).state, CaseState::incomplete);
  EXPECT_THAT(engine.load(kept).missing, ElementsAre("red_flag.st_elevation"));
  EXPECT_THAT(mails(), ElementsAre("0:00 incomplete gp"));
  EXPECT_EQ(engine.done(engine.gp, "complete", kept, unfinished).state, CaseState::incomplete);
  engine.done(engine.gp, "complete", kept, kRequestJson, {{"web", "ecg.scp", ecg}});
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.load(kept).state, CaseState::offered);
  EXPECT_EQ(engine.service.exams(engine.gp, kept)->size(), 2U);

  disk.clock.advance(minutes(1));
  const CaseId erased = submitted(unfinished, Incomplete::kept);
  const Case before = engine.load(erased);
  ASSERT_TRUE(engine.blobs.get(before.exam_blobs.front()));
  run_until(hour(7 * 24 + 1));
  const Case after = engine.load(erased);
  EXPECT_EQ(after.state, CaseState::cancelled);
  EXPECT_FALSE(engine.blobs.get(before.exam_blobs.front()));
  EXPECT_FALSE(engine.service.open(engine.gp, erased));
  EXPECT_FALSE(engine.service.exams(engine.gp, erased));
  EXPECT_EQ(engine.service.figures(engine.gp, erased)->number, before.number);
  EXPECT_FALSE(engine.service.open_as_referent(engine.referent, "o", erased, "A good reason"));
  EXPECT_FALSE(engine.service.command(engine.gp, "complete", "late", erased, kRequestJson));
  audited(erased);
}

TEST_F(AnswerStories, AMailThatCouldNotLeaveBeforeTheErasureEndsWithIt) {
  // The requester's mailbox cannot be reached for a week.
  const auto folder = disk.folder / "maildir" / engine.gp.mail_address;
  std::filesystem::create_directories(disk.folder / "maildir");
  std::ofstream(folder) << "in the way";
  submitted(with(kRequestJson, R"("red_flags":{"st_elevation":false},)", ""), Incomplete::kept);
  run_until(hour(7 * 24 + 3));
  std::filesystem::remove(folder);
  run_until(hour(7 * 24 + 6));
  EXPECT_THAT(mails(), ElementsAre("24:00 incomplete_alert coordinator"));
  const auto counts = engine.repository->outbox_counts().value();
  EXPECT_EQ(counts.at("pending"), 0);
  EXPECT_EQ(counts.at("dead"), 2);  // what he lacks, and its reminder
}

TEST_F(AnswerStories, AReportThatCannotBeSentIsDeliveredWhenItIsRead) {
  const auto folder = disk.folder / "maildir" / engine.gp.mail_address;
  const CaseId id = submitted();
  name_experts(id);
  std::ofstream(folder) << "in the way";
  engine.done(first, "opinion", id, kOpinionJson);
  mails();
  run_until(hour(30));
  EXPECT_EQ(engine.load(id).state, CaseState::answered);
  EXPECT_THAT(mails(), ElementsAre("24:01 delivery_failed_alert coordinator"));
  ASSERT_TRUE(engine.service.report(engine.gp, id));
  EXPECT_EQ(engine.load(id).state, CaseState::delivered);
}

TEST_F(AnswerStories, APatientsWithdrawalStopsASignedOpinion) {
  const CaseId id = submitted();
  name_experts(id);
  engine.done(first, "opinion", id, kOpinionJson);
  EXPECT_EQ(engine.refused(engine.gp, "cancel", id, reason("other")), ErrorCode::state_conflict);
  mails();
  engine.done(engine.gp, "cancel", id, reason("patient_withdrew"));
  run_until(hour(50));
  EXPECT_THAT(mails(), UnorderedElementsAre("0:00 opinion_not_used first", "0:00 withdrawn first",
                                            "0:00 refusal gp"));
  EXPECT_THAT(engine.repository->acts({}).value(), IsEmpty());
  EXPECT_EQ(engine.service.figures(first, id)->state, CaseState::cancelled);
  EXPECT_EQ(engine.service.open(first, id).error().code, ErrorCode::forbidden);
}

}  // namespace
}  // namespace telavis::test::answer_stories_test
