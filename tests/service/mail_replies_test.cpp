// SPDX-License-Identifier: Apache-2.0
// An expert who never opens a web page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/mail_world.h"

namespace telavis::test::mail_replies_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class MailReplies : public MailStory {
 protected:
  /// The text of the report that left.
  std::string drawn() const {
    std::string all;
    for (const ReportSection& section : report.sections) {
      for (const auto& [label, value] : section.lines) all += label + ": " + value + "\n";
    }
    return all;
  }
  void SetUp() override {
    engine.drawn = [this](const ReportContent& content) { report = content; };
  }
  ReportContent report;
};

TEST_F(MailReplies, TheWholeJobIsDoneByMail) {
  const CaseId id = asked();
  EXPECT_EQ(answers(first, "ACCEPTE"), MailVerdict::accepted);
  EXPECT_EQ(engine.load(id).state, CaseState::accepted);
  EXPECT_EQ(answers(first,
                    "AVIS : ZZSINUSAL, pas d'urgence.\nCONDUITE : ZZHOLTER\n"
                    "DELAI : 15 jours\n\nCordialement\nDr Nomexperta"),
            MailVerdict::opinion);
  const LeftMail echo = got(MessageKind::opinion_echo, first);
  EXPECT_THAT(echo.text, HasSubstr("AVIS : ZZSINUSAL"));
  EXPECT_THAT(echo.text, HasSubstr("CONDUITE : ZZHOLTER"));
  EXPECT_THAT(echo.text, HasSubstr("DELAI : 15 jour(s)"));
  EXPECT_THAT(echo.text, HasSubstr("06/01/2026 à 08:15"));
  disk.clock.advance(minutes(14));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.load(id).state, CaseState::accepted);  // he may still correct it
  disk.clock.advance(minutes(2));
  ASSERT_TRUE(engine.settle());
  const Case done = engine.load(id);
  EXPECT_EQ(done.state, CaseState::delivered);
  EXPECT_EQ(done.opinion->expert, first.id);
  EXPECT_TRUE(done.opinion->marks.needs_appointment);
  EXPECT_FALSE(done.opinion->marks.urgent);
  EXPECT_THAT(drawn(), HasSubstr("AVIS : ZZSINUSAL, pas d'urgence.\nCONDUITE : ZZHOLTER"));
  EXPECT_EQ(got(MessageKind::report, engine.gp).attachments.size(), 1U);
  EXPECT_EQ(engine.repository->acts({}).value().size(), 2U);
  audited(id);
}

TEST_F(MailReplies, AnAnswerToTheOfferIsAcceptanceAndOpinion) {
  const CaseId id = asked();
  EXPECT_EQ(answers(first, "AVIS : ZZNORMAL"), MailVerdict::opinion);
  EXPECT_EQ(engine.load(id).expert, first.id);
  const OpinionText text = parse_opinion(R"({"conclusion":"x","own_words":"x"})").value();
  EXPECT_TRUE(text.orientation.empty());  // a code that he did not give is none of his
  disk.clock.advance(minutes(15));
  ASSERT_TRUE(engine.settle());
  EXPECT_EQ(engine.load(id).state, CaseState::delivered);
}

TEST_F(MailReplies, ACorrectionWithinTheQuarterOfAnHourTakesItsPlace) {
  const CaseId id = asked();
  answers(first, "AVIS : ZZWRONG");
  const std::string hash = engine.load(id).pending_opinion->hash;
  disk.clock.advance(minutes(10));
  EXPECT_EQ(arrives({first.mail_address, "AVIS : ZZRIGHT", "Re",
                     got(MessageKind::opinion_echo, first).message_id}),
            MailVerdict::opinion);
  EXPECT_NE(engine.load(id).pending_opinion->hash, hash);
  disk.clock.advance(minutes(10));
  ASSERT_TRUE(engine.settle());
  EXPECT_FALSE(engine.load(id).opinion);  // a quarter of an hour from the correction
  disk.clock.advance(minutes(6));
  ASSERT_TRUE(engine.settle());
  EXPECT_THAT(drawn(), HasSubstr("ZZRIGHT"));
  EXPECT_THAT(drawn(), Not(HasSubstr("ZZWRONG")));
  EXPECT_EQ(engine.repository->acts({}).value().size(), 2U);
  EXPECT_TRUE(engine.load(id).kept_opinions.empty());
}

TEST_F(MailReplies, UrgentLeavesAtOnce) {
  const CaseId id = asked();
  EXPECT_EQ(answers(first, "URGENT : appeler le 15\nAVIS : ZZSCA"), MailVerdict::opinion);
  const Case done = engine.load(id);
  EXPECT_EQ(done.state, CaseState::delivered);
  EXPECT_TRUE(done.opinion->marks.urgent);
  EXPECT_THAT(got(MessageKind::opinion_echo, first).text, HasSubstr("URGENT"));
  got(MessageKind::urgent_opinion, engine.gp);
}

TEST_F(MailReplies, WhatIsUnclearIsAskedAgainAndNothingHappens) {
  const CaseId id = asked();
  const auto version = engine.load(id).version;
  EXPECT_EQ(answers(first, "Bonjour, tracé sans particularité à mon avis."),
            MailVerdict::asked_again);
  EXPECT_EQ(engine.load(id).version, version + 2);  // noted, and that the answer was sent
  EXPECT_FALSE(engine.load(id).pending_opinion);
  EXPECT_THAT(got(MessageKind::mail_unclear, first).text, HasSubstr("AVIS :"));
  // His next word settles it: nobody else need look at the first.
  EXPECT_EQ(engine.service.kept_mails(engine.referent).value().size(), 1U);
  EXPECT_EQ(arrives({first.mail_address, "AVIS : ZZNORMAL", "Re",
                     got(MessageKind::mail_unclear, first).message_id}),
            MailVerdict::opinion);
  EXPECT_TRUE(engine.service.kept_mails(engine.referent).value().empty());
}

TEST_F(MailReplies, AnUnclearDelayIsAskedAndNotGuessed) {
  const CaseId id = asked();
  EXPECT_EQ(answers(first, "AVIS : ZZNORMAL\nDELAI : quand vous voulez"), MailVerdict::asked_again);
  EXPECT_FALSE(engine.load(id).pending_opinion);
}

TEST_F(MailReplies, UnclearAndUrgentTellsTheMedicalReferentAtOnce) {
  asked();
  EXPECT_EQ(answers(first, "URGENT\nje vous rappelle"), MailVerdict::asked_again);
  got(MessageKind::mail_kept_alert, engine.referent);
}

TEST_F(MailReplies, ARefusalGoesToTheNext) {
  const CaseId id = asked();
  EXPECT_EQ(answers(first, "REFUSE : en congés"), MailVerdict::declined);
  EXPECT_EQ(engine.load(id).state, CaseState::offered);
  EXPECT_EQ(engine.expert_of(id).id, second.id);
  EXPECT_EQ(answers(second, "ACCEPTE"), MailVerdict::accepted);
  EXPECT_EQ(answers(second, "REFUSE : finalement non"), MailVerdict::declined);  // given back
  EXPECT_NE(engine.load(id).state, CaseState::accepted);
}

TEST_F(MailReplies, NobodyAnswersInAnothersName) {
  const CaseId id = asked();
  const std::string invitation = got(MessageKind::invitation, first).message_id;
  const auto before = engine.load(id).version;
  // A colleague who got the message passed on; a requester; the expert from his private mail.
  EXPECT_EQ(arrives({second.mail_address, "AVIS : ZZFORGED", "Re", invitation}),
            MailVerdict::asked_again);
  EXPECT_EQ(arrives({engine.other_gp.mail_address, "AVIS : ZZFORGED", "Re", invitation}),
            MailVerdict::asked_again);
  EXPECT_EQ(arrives({"experta@mail.example.test", "AVIS : ZZFORGED", "Re", invitation}),
            MailVerdict::refused);
  EXPECT_EQ(arrives({"nobody@guadeloupe.telavis.test", "AVIS : ZZFORGED", "Re", invitation}),
            MailVerdict::refused);
  // Header and envelope disagree.
  SentMail spoofed{first.mail_address, "AVIS : ZZFORGED", "Re", invitation};
  spoofed.return_path = engine.other_gp.mail_address;
  EXPECT_EQ(arrives(spoofed), MailVerdict::kept);
  EXPECT_EQ(engine.load(id).version, before);
}

TEST_F(MailReplies, AForgedMessageIdLeadsNowhere) {
  const CaseId id = asked();
  const auto before = engine.load(id).version;
  for (const std::string& forged :
       {std::string(32, 'a') + "@guadeloupe.telavis.test", std::string("x@y.test"),
        got(MessageKind::request_received, engine.gp).message_id}) {
    EXPECT_EQ(arrives({first.mail_address, "AVIS : ZZFORGED", "Re", forged}),
              MailVerdict::asked_again);
    EXPECT_THAT(got(MessageKind::mail_refused, first).text, HasSubstr("quel dossier"));
  }
  EXPECT_EQ(engine.load(id).version, before);
}

TEST_F(MailReplies, TheCaseNumberStandsForTheMessage) {
  const CaseId id = asked();
  EXPECT_EQ(arrives({first.mail_address, "AVIS : ZZNORMAL", "Avis " + engine.load(id).number}),
            MailVerdict::opinion);
  EXPECT_EQ(arrives({second.mail_address, "AVIS : ZZFORGED", "Avis " + engine.load(id).number}),
            MailVerdict::asked_again);
  EXPECT_EQ(engine.load(id).pending_opinion->expert, first.id);
}

TEST_F(MailReplies, TwoCasesInOneReplyAreAskedApart) {
  const CaseId one = asked();
  const std::string invitation = got(MessageKind::invitation, first).message_id;
  const User asked_first = first;
  disk.clock.advance(minutes(1));
  ASSERT_EQ(arrives({engine.gp.mail_address, kFormText, "x", "", {tracing()}}),
            MailVerdict::submitted);
  const CaseId other = last().case_id;
  if (engine.expert_of(other).id != asked_first.id) {
    engine.done(engine.coordinator, "reassign", other,
                R"({"expert":")" + asked_first.id.value + R"(","reason":"other"})");
    ASSERT_TRUE(engine.settle());
  }
  // Header and number disagree.
  EXPECT_EQ(arrives({asked_first.mail_address, "AVIS : ZZWHICH", "Re " + engine.load(other).number,
                     invitation}),
            MailVerdict::asked_again);
  EXPECT_THAT(got(MessageKind::mail_refused, asked_first).text, HasSubstr("plusieurs dossiers"));
  EXPECT_FALSE(engine.load(one).pending_opinion);
  EXPECT_FALSE(engine.load(other).pending_opinion);
}

TEST_F(MailReplies, AnOpenPoolSeesCodesAndWhoAcceptsGetsTheCase) {
  use(by_mail(OfferPolicy::open));
  ASSERT_EQ(arrives({engine.gp.mail_address, kFormText, "x", "", {tracing()}}),
            MailVerdict::submitted);
  const CaseId id = last().case_id;
  const LeftMail announced = got(MessageKind::open_invitation, engine.expert_a);
  EXPECT_THAT(announced.text, HasSubstr("60-69"));
  EXPECT_THAT(announced.text, HasSubstr("ACCEPTE"));
  EXPECT_THAT(announced.text, Not(HasSubstr("ZZ")));
  EXPECT_TRUE(announced.attachments.empty());
  // An opinion about what he has not seen is none.
  EXPECT_EQ(arrives({engine.expert_a.mail_address, "AVIS : ZZBLIND", "Re", announced.message_id}),
            MailVerdict::asked_again);
  EXPECT_EQ(arrives({engine.expert_a.mail_address, "ACCEPTE", "Re", announced.message_id}),
            MailVerdict::accepted);
  EXPECT_EQ(engine.load(id).expert, engine.expert_a.id);
  const LeftMail question = got(MessageKind::question, engine.expert_a);
  EXPECT_THAT(question.text, HasSubstr("ZZQUESTION"));
  EXPECT_EQ(question.attachments.size(), 2U);
  // The slower one is told.
  EXPECT_EQ(arrives({engine.expert_b.mail_address, "ACCEPTE", "Re",
                     got(MessageKind::open_invitation, engine.expert_b).message_id}),
            MailVerdict::not_done);
  EXPECT_EQ(arrives({engine.expert_a.mail_address, "AVIS : ZZSEEN", "Re", question.message_id}),
            MailVerdict::opinion);
}

TEST_F(MailReplies, ASecondOpinionIsKeptAndItsAuthorTold) {
  const CaseId id = asked();
  EXPECT_EQ(answers(first, "REFUSE : en congés"), MailVerdict::declined);
  ASSERT_EQ(engine.expert_of(id).id, second.id);
  disk.clock.advance(hours(5));  // his window passes; the first declined
  ASSERT_TRUE(engine.settle());
  answers(second, "AVIS : ZZFIRST");
  disk.clock.advance(minutes(16));
  ASSERT_TRUE(engine.settle());
  ASSERT_EQ(engine.load(id).state, CaseState::delivered);
  // After it left, his own correction needs the inbox; nothing is lost meanwhile.
  EXPECT_EQ(answers(second, "AVIS : ZZLATER"), MailVerdict::asked_again);
  EXPECT_EQ(engine.load(id).kept_opinions.size(), 0U);
  EXPECT_EQ(engine.service.kept_mails(engine.referent).value().size(), 1U);
}

TEST_F(MailReplies, AQuestionToTheRequesterAccepts) {
  const CaseId id = asked();
  EXPECT_EQ(answers(first, "PRECISION : ZZPOTASSIUM ?"), MailVerdict::asked_info);
  const Case subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::waiting);
  EXPECT_EQ(subject.expert, first.id);
  EXPECT_THAT(audited(id), Contains("accept"));
}

// ---- reports ------------------------------------------------------------------------------------

std::string dsn(const std::string& message_id, const std::string& action,
                const std::string& status) {
  return "Content-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\r\n\r\n"
         "--r\r\nContent-Type: text/plain\r\n\r\nReport.\r\n"
         "--r\r\nContent-Type: message/delivery-status\r\n\r\n"
         "Reporting-MTA: dns; mx.guadeloupe.telavis.test\r\n\r\n"
         "Final-Recipient: rfc822; gp@guadeloupe.telavis.test\r\nAction: " +
         action + "\r\nStatus: " + status +
         "\r\n\r\n--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + message_id +
         ">\r\nSubject: x\r\n\r\n--r--\r\n";
}

std::string mdn(const std::string& message_id) {
  return "Content-Type: multipart/report; report-type=disposition-notification; "
         "boundary=\"r\"\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nLu.\r\n"
         "--r\r\nContent-Type: message/disposition-notification\r\n\r\n"
         "Final-Recipient: rfc822; gp@guadeloupe.telavis.test\r\nOriginal-Message-ID: <" +
         message_id +
         ">\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--r--\r\n";
}

class MailReports : public MailReplies {
 protected:
  void SetUp() override {
    MailReplies::SetUp();
    id = asked();
    answers(first, "AVIS : ZZNORMAL");
    disk.clock.advance(minutes(16));
    ASSERT_TRUE(engine.settle());
    report_id = got(MessageKind::report, engine.gp).message_id;
  }
  SentMail from_server(const std::string& content) const {
    SentMail mail{"mailer-daemon@guadeloupe.telavis.test", "", "Undelivered"};
    mail.content = content;
    return mail;
  }
  CaseId id;
  std::string report_id;
};

TEST_F(MailReports, ABounceAlertsTheCoordinatorAndShowsOnTheCase) {
  ASSERT_EQ(engine.load(id).state, CaseState::delivered);
  EXPECT_EQ(arrives(from_server(dsn(report_id, "failed", "5.1.1"))), MailVerdict::reported);
  const Case subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::answered);
  EXPECT_TRUE(subject.undelivered_at);
  ASSERT_EQ(subject.mail_reports.size(), 1U);
  EXPECT_EQ(subject.mail_reports[0].outcome, MailOutcome::failed);
  EXPECT_EQ(subject.mail_reports[0].status, "5.1.1");
  got(MessageKind::delivery_failed_alert, engine.coordinator);
  // The same bounce again tells nobody anything new.
  EXPECT_EQ(arrives(from_server(dsn(report_id, "failed", "5.1.1"))), MailVerdict::reported);
  EXPECT_EQ(count(MessageKind::delivery_failed_alert), 1U);
  const auto opened = engine.service.open(engine.gp, id);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->incidents.size(), 1U);
}

TEST_F(MailReports, DeliveryIsNotReading) {
  EXPECT_EQ(arrives(from_server(dsn(report_id, "delivered", "2.0.0"))), MailVerdict::reported);
  EXPECT_EQ(engine.load(id).mail_reports.back().outcome, MailOutcome::delivered);
  EXPECT_FALSE(engine.load(id).opened_at);
  SentMail read{engine.gp.mail_address, "", "Lu"};
  read.content = mdn(report_id);
  read.from = engine.other_gp.mail_address;  // not the one whom it was sent to
  EXPECT_EQ(arrives(read), MailVerdict::recorded);
  EXPECT_FALSE(engine.load(id).opened_at);
  read.from = engine.gp.mail_address;
  EXPECT_EQ(arrives(read), MailVerdict::reported);
  EXPECT_TRUE(engine.load(id).opened_at);
}

TEST_F(MailReports, AReportOfNothingOfOursIsRecorded) {
  EXPECT_EQ(arrives(from_server(dsn("somebody@else.test", "failed", "5.1.1"))),
            MailVerdict::recorded);
  EXPECT_EQ(count(MessageKind::delivery_failed_alert), 0U);
}

}  // namespace
}  // namespace telavis::test::mail_replies_test
