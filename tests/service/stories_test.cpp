// SPDX-License-Identifier: Apache-2.0
// The promise and the offers over days: who is written to and when, and what the chain says.
#include <gmock/gmock.h>

#include "tests/service/stories_world.h"

namespace telavis::test::stories_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Stories : public Story {};

TEST_F(Stories, ADeclineASilenceATakeBackAndALateAnswer) {
  const CaseId id = submitted();
  name_experts(id);
  EXPECT_THAT(mails(), ElementsAre("0:00 invitation first"));
  run_until(hour(1));
  engine.done(first, "decline", id, reason("unavailable"));
  run_until(hour(25));
  // The window passes at 5 h; nobody else is there until the silent one may be asked again after
  // 12 h, in his night: the invitation waits for the morning.
  EXPECT_THAT(mails(), ElementsAre("1:00 invitation second", "5:00 no_expert_alert coordinator",
                                   "24:00 invitation second", "24:00 not_accepted coordinator",
                                   "24:00 not_accepted gp"));
  engine.done(second, "accept", id);
  run_until(hour(48));
  EXPECT_THAT(mails(), ElementsAre("32:00 expert_warning second", "48:00 breach_alert coordinator",
                                   "48:00 breach_alert gp", "48:00 no_expert_alert coordinator",
                                   "48:00 taken_back second"));
  Case subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::queued);
  EXPECT_EQ(subject.offers[2].outcome, OfferOutcome::taken_back);
  EXPECT_EQ(subject.breached_at, hour(48));
  EXPECT_EQ(subject.promise->breach_at, hour(48));

  EXPECT_TRUE(engine.done(engine.gp, "wait", id).requester_waits);
  run_until(hour(73));
  EXPECT_THAT(mails(), ElementsAre("72:00 breach_alert coordinator"));
  engine.done(engine.coordinator, "reassign", id,
              R"({"expert":")" + first.id.value + R"(","reason":"nobody_eligible"})");
  engine.done(first, "opinion", id, kOpinionJson);
  run_until(hour(74));
  EXPECT_THAT(mails(), ElementsAre("73:00 invitation first", "73:01 report gp"));
  subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::delivered);
  EXPECT_EQ(subject.breached_at, hour(48));  // late, and marked so
  EXPECT_EQ(engine.repository->acts({})->size(), 2U);
  const auto actions = audited(id);
  EXPECT_EQ(std::count(actions.begin(), actions.end(), "accept"), 1);
  EXPECT_EQ(actions.front(), "submit");
  EXPECT_EQ(actions.back(), "release");
}

TEST_F(Stories, AQuestionWaitsAndTheAnswerGivesTwelveHours) {
  const CaseId id = submitted();
  name_experts(id);
  mails();
  run_until(hour(1));
  engine.done(first, "accept", id);
  run_until(hour(2));
  engine.done(first, "need-info", id, kText);
  run_until(hour(40));
  EXPECT_THAT(mails(), ElementsAre("2:00 info_needed gp", "6:00 info_reminder gp",
                                   "24:00 info_reminder gp"));
  engine.done(engine.gp, "info", id, kText, {{"web", "ecg.scp", ecg}});
  EXPECT_EQ(engine.service.exams(first, id)->size(), 2U);
  EXPECT_EQ(engine.service.open(first, id)->dialogue[1].text, "ZZTEXT");
  run_until(hour(51));
  // The reminder of 36 h fell into the night and came too late to be kept back.
  EXPECT_THAT(mails(), ElementsAre("48:00 breach_alert coordinator", "48:00 breach_alert gp",
                                   "48:00 info_given first", "48:00 info_reminder gp"));
  Case subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::accepted);
  EXPECT_EQ(subject.waited, hours(38));
  EXPECT_EQ(subject.promise->breach_at, hour(48));
  EXPECT_EQ(timer_at(subject, TimerKind::take_back), hour(52));
  engine.done(first, "opinion", id, kOpinionJson);
  run_until(hour(52));
  EXPECT_THAT(mails(), ElementsAre("51:01 report gp"));
}

TEST_F(Stories, AnOpenPoolSeesNothingOfThePatientUntilSomebodyAccepts) {
  Programme open = rhythmology();
  open.policy = OfferPolicy::open;
  engine.put(open);
  const CaseId id = submitted();
  ASSERT_THAT(mails(), ElementsAre("0:00 open_invitation experta", "0:00 open_invitation expertb"));
  for (const LeftMail& mail : engine.postman.left()) {
    EXPECT_THAT(mail.text, Not(HasSubstr("ZZ")));
    EXPECT_THAT(mail.text, Not(HasSubstr("Camille")));
    EXPECT_THAT(mail.text, HasSubstr("60-69"));
  }
  const User& taker = engine.expert_b;
  const auto coded = engine.service.open_coded(taker, id);
  ASSERT_TRUE(coded) << coded.error().text;
  EXPECT_EQ(coded->coded.age_band, "60-69");
  EXPECT_EQ(coded->coded.sex, "female");
  EXPECT_EQ(coded->coded.reason, "rhythm_disorder");
  EXPECT_EQ(engine.service.open(taker, id).error().code, ErrorCode::forbidden);
  EXPECT_EQ(engine.service.exams(taker, id).error().code, ErrorCode::forbidden);
  EXPECT_EQ(engine.service.transfer_letter(taker, id).error().code, ErrorCode::forbidden);
  EXPECT_EQ(engine.refused(taker, "opinion", id, kOpinionJson), ErrorCode::forbidden);
  engine.done(taker, "accept", id);
  EXPECT_EQ(engine.service.open(taker, id)->request.question, "ZZQUESTION");
  EXPECT_EQ(engine.service.open_coded(engine.expert_a, id).error().code, ErrorCode::not_found);
  // The slower of two is told that a colleague was quicker.
  EXPECT_EQ(engine.refused(engine.expert_a, "accept", id), ErrorCode::state_conflict);
}

TEST_F(Stories, AnOpenPoolThatDeclinesGoesToTheCoordinatorAtOnce) {
  Programme open = rhythmology();
  open.policy = OfferPolicy::open;
  engine.put(open);
  const CaseId id = submitted();
  mails();
  run_until(hour(3));
  engine.done(engine.expert_a, "decline", id, reason("not_my_field"));
  EXPECT_EQ(engine.load(id).state, CaseState::offered);
  engine.done(engine.expert_b, "decline", id, reason("unavailable"));
  run_until(hour(4));
  EXPECT_THAT(mails(), ElementsAre("3:00 no_expert_alert coordinator"));
  EXPECT_EQ(engine.load(id).state, CaseState::queued);
}

TEST_F(Stories, AGroupPracticeIsAskedAsOneAndTheSignerIsNamed) {
  Programme direct = rhythmology();
  direct.policy = OfferPolicy::direct;
  engine.put(direct);
  const User third = person("expertc", Role::expert, kRhythmology);
  engine.put(third);
  GroupPractice group{"cabinet",
                      0,
                      kRhythmology,
                      "Cabinet Fictif",
                      "cabinet@guadeloupe.telavis.test",
                      "+590590000000",
                      {engine.expert_a.id, engine.expert_b.id}};
  ASSERT_TRUE(engine.repository->put_group(group, engine.by_operator()));
  const std::string json =
      with(kRequestJson, "\"red_flags\"", R"("requested_group":"cabinet","red_flags")");
  const CaseId id = submitted(json);
  EXPECT_THAT(mails(), ElementsAre("0:00 invitation cabinet"));
  EXPECT_EQ(engine.service.open(engine.expert_a, id)->request.question, "ZZQUESTION");
  engine.done(engine.expert_b, "opinion", id, kOpinionJson);
  run_until(hour(1));
  EXPECT_THAT(mails(), ElementsAre("0:01 report gp"));
  EXPECT_EQ(engine.load(id).opinion->expert, engine.expert_b.id);
  EXPECT_EQ(engine.service.open(engine.expert_a, id).error().code, ErrorCode::not_found);
  // A group that stays silent gives way to the pool.
  const CaseId silent = submitted(json);
  run_until(hour(6));
  EXPECT_THAT(mails(), ElementsAre("1:00 invitation cabinet", "5:00 invitation expertc"));
  EXPECT_EQ(engine.expert_of(silent).id, third.id);
}

TEST_F(Stories, AfterTheBreachTheQuestionGoesToAnotherProgramme) {
  Programme other = rhythmology();
  other.id = kSecondRhythmology;
  other.policy = OfferPolicy::open;
  engine.put(other);
  const User there = person("expertc", Role::expert, kSecondRhythmology);
  engine.put(there);
  const CaseId id = submitted();
  const std::string body = R"({"programme":"rythmologie-2"})";
  EXPECT_EQ(engine.refused(engine.gp, "transfer", id, body), ErrorCode::forbidden);  // not enrolled
  engine.gp.memberships.push_back({kSecondRhythmology, Role::requester});
  engine.put(engine.gp);
  EXPECT_EQ(engine.refused(engine.gp, "transfer", id, body), ErrorCode::state_conflict);  // early
  run_until(hour(49));
  EXPECT_EQ(engine.refused(engine.gp, "transfer", id, R"({"programme":"rythmologie"})"),
            ErrorCode::unknown_programme);
  mails();
  engine.done(engine.gp, "transfer", id, body);
  run_until(hour(50));
  EXPECT_THAT(mails(), testing::Contains("49:00 open_invitation expertc"));
  const Case subject = engine.load(id);
  EXPECT_EQ(subject.promise->breach_at, hour(48));
  engine.done(there, "accept", id);
  EXPECT_EQ(engine.service.open(there, id)->request.question, "ZZQUESTION");  // nothing typed again
}

TEST_F(Stories, ASecondOpinionIsKeptAndItsAuthorTold) {
  const CaseId id = submitted();
  name_experts(id);
  run_until(hour(5));  // the window of the first passes, the second is asked
  engine.done(second, "opinion", id, kOpinionJson);
  mails();
  const Case subject = engine.done(first, "opinion", id, kUrgentJson);
  ASSERT_EQ(subject.kept_opinions.size(), 1U);
  EXPECT_EQ(subject.kept_opinions[0].why, "second");
  run_until(hour(6));
  EXPECT_THAT(mails(), ElementsAre("5:00 opinion_not_used first", "5:01 report gp"));
  EXPECT_EQ(engine.load(id).opinion->expert, second.id);
  EXPECT_EQ(engine.repository->acts({})->size(), 2U);
}

TEST_F(Stories, TheFirstOpinionCountsAlsoAfterTheWindow) {
  const CaseId id = submitted();
  name_experts(id);
  run_until(hour(5));
  mails();
  engine.done(first, "opinion", id, kOpinionJson);
  run_until(hour(6));
  EXPECT_THAT(mails(), ElementsAre("5:00 withdrawn second", "5:01 report gp"));
  EXPECT_EQ(engine.load(id).opinion->expert, first.id);
}

// ---- bad input ----------------------------------------------------------------------------------

TEST_F(Stories, AProgrammeChangedWhileCasesAreOpenKeepsTheirPromises) {
  const CaseId id = submitted();
  Programme changed = rhythmology();
  changed.policy = OfferPolicy::open;
  changed.sla.breach = hours(72);
  changed.sla.take_back = hours(60);
  engine.put(changed);
  run_until(hour(5));
  Case subject = engine.load(id);
  EXPECT_EQ(subject.plan.policy, OfferPolicy::rotation);
  EXPECT_EQ(subject.programme_version, 1);
  EXPECT_EQ(
      std::count_if(subject.offers.begin(), subject.offers.end(),
                    [](const Offer& offer) { return offer.outcome == OfferOutcome::pending; }),
      1);
  EXPECT_EQ(subject.promise->breach_at, hour(48));
  subject = engine.load(submitted());
  EXPECT_EQ(subject.programme_version, 2);
  EXPECT_EQ(subject.promise->breach_at, hour(5 + 72));
}

TEST_F(Stories, AnExpertSuspendedWithOpenCasesLosesThem) {
  const CaseId offered = submitted();
  name_experts(offered);
  engine.done(first, "accept", offered);
  first.status = PersonStatus::suspended;
  engine.put(first);
  EXPECT_EQ(engine.service.expert_gone(first.id, false).value(), 1);
  run_until(hour(1));
  EXPECT_EQ(engine.expert_of(offered).id, second.id);
  EXPECT_EQ(engine.load(offered).promise->breach_at, hour(48));
  EXPECT_EQ(engine.service.open(first, offered).error().code, ErrorCode::not_found);
  EXPECT_EQ(engine.service.expert_gone(first.id, false).value(), 0);
}

TEST_F(Stories, ARequesterSuspendedWithOpenCasesStillGetsTheAnswer) {
  const CaseId id = submitted();
  engine.gp.status = PersonStatus::suspended;
  engine.put(engine.gp);
  engine.done(engine.expert_of(id), "opinion", id, kOpinionJson);
  mails();
  run_until(hour(1));
  EXPECT_THAT(mails(), ElementsAre("0:01 report gp"));
}

TEST_F(Stories, AClockThatJumpsBackLosesNothingAndSendsNothingTwice) {
  const CaseId id = submitted();
  name_experts(id);
  run_until(hour(1));
  engine.done(first, "accept", id);
  run_until(hour(26));
  mails();
  disk.clock.jump_back(hours(20));
  ASSERT_TRUE(engine.settle());
  EXPECT_THAT(mails(), IsEmpty());
  engine.done(first, "opinion", id, kOpinionJson);
  run_until(hour(7));
  EXPECT_THAT(mails(), ElementsAre("6:01 report gp"));
  EXPECT_EQ(engine.load(id).promise->breach_at, hour(48));
  audited(id);
}

TEST_F(Stories, NobodyButThePartiesIsWrittenTo) {
  const CaseId id = answered();
  run_until(hour(40 * 24));
  EXPECT_EQ(engine.load(id).state, CaseState::closed);
  const std::set<std::string> parties = {first.mail_address, engine.gp.mail_address,
                                         engine.coordinator.mail_address};
  for (const LeftMail& mail : engine.postman.left()) {
    EXPECT_TRUE(parties.contains(mail.to)) << mail.to;
    EXPECT_THAT(mail.text, Not(HasSubstr("ZZ"))) << message_kind_name(mail.kind);
    const auto local = local_time(mail.at, "America/Guadeloupe").value();
    if (mail.kind != MessageKind::report) {
      EXPECT_GE(local.time, "08:00:00") << message_kind_name(mail.kind);
      EXPECT_LT(local.time, "20:00:01") << message_kind_name(mail.kind);
    }
  }
}

}  // namespace
}  // namespace telavis::test::stories_test
