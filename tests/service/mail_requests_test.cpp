// SPDX-License-Identifier: Apache-2.0
// A requester who has nothing but his secure mail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/service/mail_world.h"

namespace telavis::test::mail_requests_test {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

using MailRequests = MailStory;

std::string without(std::string text, const std::string& line_start) {
  const auto from = text.find(line_start);
  EXPECT_NE(from, std::string::npos);
  return text.erase(from, text.find('\n', from) + 1 - from);
}

TEST_F(MailRequests, AFormWithATracingIsACaseWithAPromise) {
  const CaseId id = asked();
  const Case subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::offered);
  EXPECT_EQ(subject.requester, engine.gp.id);
  const LeftMail told = got(MessageKind::request_received, engine.gp);
  EXPECT_THAT(told.text, HasSubstr(subject.number));
  EXPECT_THAT(told.text, HasSubstr("08/01/2026"));  // 48 h, local
  EXPECT_THAT(told.text, HasSubstr("15"));
  EXPECT_EQ(told.in_reply_to, last_message_id);
  EXPECT_EQ(told.auto_submitted, "auto-replied");
  const auto opened = engine.service.open(engine.gp, id);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->request.question, "ZZQUESTION");
  EXPECT_EQ(opened->request.patient.birth_date, "1961-03-02");
  EXPECT_EQ(opened->request.consent.given_by, "patient");
  EXPECT_EQ(opened->request.information.by, engine.gp.id.value);
  audited(id);
}

TEST_F(MailRequests, TheNamedExpertGetsQuestionTracingAndHowToAnswer) {
  const CaseId id = asked();
  const std::string number = engine.load(id).number;
  const LeftMail question = got(MessageKind::invitation, first);
  EXPECT_THAT(question.text, HasSubstr("ZZQUESTION"));
  EXPECT_THAT(question.text, HasSubstr("64 ans"));
  EXPECT_THAT(question.text, Not(HasSubstr("ZZPATIENTNAME")));  // it stands in the PDF
  EXPECT_THAT(question.text, HasSubstr("AVIS :"));
  EXPECT_THAT(question.attachments, ElementsAre(number + "_demande.pdf", number + "_trace_1.scp"));
  EXPECT_EQ(question.auto_submitted, "auto-generated");
}

TEST_F(MailRequests, WhatIsMissingIsAskedForAndTheAnswerCompletesTheSameCase) {
  const std::string form = without(without(kFormText, "Consentement"), "Motif");
  ASSERT_EQ(arrives({engine.gp.mail_address, form}), MailVerdict::submitted);
  const CaseId id = last().case_id;
  Case subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::incomplete);
  EXPECT_FALSE(subject.promise);
  EXPECT_THAT(subject.missing, ElementsAre("reason", "consent", "exam"));
  const LeftMail told = got(MessageKind::incomplete, engine.gp);
  EXPECT_THAT(told.text, HasSubstr("NON TRANSMIS, aucun délai ne court"));
  EXPECT_THAT(told.text, HasSubstr("Consentement"));
  EXPECT_THAT(told.text, HasSubstr("En urgence : 15"));
  EXPECT_EQ(count(MessageKind::request_received), 0U);

  ASSERT_EQ(arrives({engine.gp.mail_address, "Motif : trouble du rythme", "Re", told.message_id}),
            MailVerdict::completed);
  EXPECT_THAT(engine.load(id).missing, ElementsAre("consent", "exam"));
  ASSERT_EQ(arrives({engine.gp.mail_address,
                     "Consentement : patient",
                     "Re",
                     got(MessageKind::incomplete, engine.gp).message_id,
                     {tracing()}}),
            MailVerdict::completed);
  subject = engine.load(id);
  EXPECT_EQ(subject.state, CaseState::offered);
  EXPECT_EQ(subject.exams.size(), 1U);
  EXPECT_THAT(got(MessageKind::request_received, engine.gp).text, HasSubstr(subject.number));
  EXPECT_EQ(engine.repository->cases({}).value().size(), 1U);
}

TEST_F(MailRequests, AnUnfinishedOneIsRemindedThenTheCoordinatorIsTold) {
  ASSERT_EQ(
      arrives({engine.gp.mail_address, without(kFormText, "Consentement"), "x", "", {tracing()}}),
      MailVerdict::submitted);
  mails();
  run_until(hour(25));
  EXPECT_THAT(mails(), ElementsAre("4:00 incomplete gp", "24:00 incomplete_alert coordinator"));
}

TEST_F(MailRequests, ARedFlagIsAnsweredAtOnce) {
  const std::string form = with(kFormText, "Signes de gravité : aucun", "Signes de gravité : oui");
  ASSERT_EQ(arrives({engine.gp.mail_address, form, "x", "", {tracing()}}), MailVerdict::submitted);
  EXPECT_THAT(got(MessageKind::emergency, engine.gp).text, HasSubstr("APPELEZ LE 15"));
  EXPECT_EQ(count(MessageKind::invitation), 0U);
}

TEST_F(MailRequests, AfterTheRegulationTheQuestionIsMaintained) {
  const std::string flag = message(Language::french, "red_flag.st_elevation");
  const std::string form = with(kFormText, "Signes de gravité : aucun", flag + " : oui");
  ASSERT_EQ(arrives({engine.gp.mail_address, form, "x", "", {tracing()}}), MailVerdict::submitted);
  const CaseId id = last().case_id;
  ASSERT_EQ(engine.load(id).state, CaseState::redirected);
  const LeftMail told = got(MessageKind::emergency, engine.gp);
  EXPECT_EQ(arrives({engine.gp.mail_address, "D'accord merci", "Re", told.message_id}),
            MailVerdict::asked_again);
  EXPECT_EQ(engine.load(id).state, CaseState::redirected);
  EXPECT_EQ(arrives({engine.gp.mail_address, "REGULATION 8h10", "Re", told.message_id}),
            MailVerdict::resumed);
  EXPECT_EQ(engine.load(id).state, CaseState::offered);
}

TEST_F(MailRequests, APatientWhoOpposesIsNeverTakenIn) {
  const std::string form = with(kFormText, "Consentement : patient", "Consentement : refusé");
  EXPECT_EQ(arrives({engine.gp.mail_address, form, "x", "", {tracing()}}), MailVerdict::not_done);
  EXPECT_THAT(engine.repository->cases({}).value(), IsEmpty());
  EXPECT_THAT(got(MessageKind::mail_refused, engine.gp).text, HasSubstr("NON TRANSMIS"));
}

TEST_F(MailRequests, OneWhoSaysNothingOfTheFormIsTold) {
  EXPECT_EQ(arrives({engine.gp.mail_address, "Bonjour, je voudrais un avis. Merci."}),
            MailVerdict::asked_again);
  EXPECT_THAT(got(MessageKind::mail_refused, engine.gp).text, HasSubstr("Date de naissance"));
  EXPECT_THAT(engine.repository->cases({}).value(), IsEmpty());
}

TEST_F(MailRequests, FilesThatCannotBeReadDoNotHoldUpTheOthers) {
  const Bytes noise(5'000, 7);
  ASSERT_EQ(arrives({engine.gp.mail_address,
                     kFormText,
                     "x",
                     "",
                     {{"notes.bin", "application/octet-stream", noise}, tracing()}}),
            MailVerdict::submitted);
  EXPECT_EQ(last_case().exams.size(), 1U);
  EXPECT_THAT(got(MessageKind::request_received, engine.gp).text, HasSubstr("1 fichier"));
}

TEST_F(MailRequests, InformationGoesToTheExpertInTheDoctorsWords) {
  const CaseId id = asked();
  answers(first, "PRECISION : ZZWHICHDOSE ?");
  ASSERT_EQ(engine.load(id).state, CaseState::waiting);
  const LeftMail wanted = got(MessageKind::info_needed, engine.gp);
  EXPECT_THAT(wanted.text, HasSubstr("ZZWHICHDOSE"));
  std::vector<std::string> documents;
  std::vector<std::pair<std::string, std::string>> lines;
  std::size_t tracings = 0;
  engine.drawn = [&](const ReportContent& content) {
    documents.push_back(content.title);
    for (const ReportSection& section : content.sections)
      lines.insert(lines.end(), section.lines.begin(), section.lines.end());
    tracings += content.tracings.size();
  };
  EXPECT_EQ(arrives({engine.gp.mail_address,
                     "ZZFIVEMG le matin.\n\nDr Nomgp",
                     "Re",
                     wanted.message_id,
                     {tracing()}}),
            MailVerdict::informed);
  EXPECT_EQ(engine.load(id).state, CaseState::accepted);
  const LeftMail given = got(MessageKind::info_given, first);
  EXPECT_THAT(given.text, HasSubstr("ZZFIVEMG"));
  const std::string number = engine.load(id).number;
  EXPECT_THAT(given.attachments, ElementsAre(number + "_complement.pdf", number + "_trace_1.scp"));
  EXPECT_THAT(documents, ElementsAre(message(Language::french, "letter.title.information")));
  EXPECT_THAT(lines, Contains(Pair("Complément", HasSubstr("ZZFIVEMG le matin."))));
  EXPECT_THAT(lines, Contains(Pair(_, "ZZQUESTION")));
  EXPECT_EQ(tracings, 1U);  // what was added alone
}

TEST_F(MailRequests, WhoIsAskedLaterReadsWhatWasAdded) {
  asked();
  answers(first, "PRECISION : ZZWHICHDOSE ?");
  ASSERT_EQ(arrives({engine.gp.mail_address, "ZZFIVEMG le matin.", "Re",
                     got(MessageKind::info_needed, engine.gp).message_id}),
            MailVerdict::informed);
  std::string drawn;
  engine.drawn = [&](const ReportContent& content) {
    for (const auto& [label, text] : content.sections.at(2).lines) drawn += label + text;
  };
  ASSERT_EQ(answers(first, "REFUSE : congés"), MailVerdict::declined);
  run_until(hour(2));
  EXPECT_THAT(got(MessageKind::invitation, second).text, HasSubstr("ZZFIVEMG le matin."));
  EXPECT_THAT(drawn, HasSubstr("ComplémentZZFIVEMG le matin."));
}

TEST_F(MailRequests, WordsAloneGoToTheExpertWithoutADocument) {
  asked();
  answers(first, "PRECISION : ZZWHICHDOSE ?");
  EXPECT_EQ(arrives({engine.gp.mail_address, "ZZFIVEMG le matin.", "Re",
                     got(MessageKind::info_needed, engine.gp).message_id}),
            MailVerdict::informed);
  EXPECT_THAT(got(MessageKind::info_given, first).attachments, IsEmpty());
}

TEST_F(MailRequests, HeAddsWithdrawsReadsAndAsksByAWord) {
  const CaseId id = asked();
  const std::string received = got(MessageKind::request_received, engine.gp).message_id;
  EXPECT_EQ(arrives({engine.gp.mail_address, "Merci", "Re", received}), MailVerdict::asked_again);
  EXPECT_EQ(arrives({engine.gp.mail_address, "COMPLEMENT : ZZMORE", "Re", received}),
            MailVerdict::informed);
  answers(first, "AVIS : ZZCONCLUSION.\nDELAI : sans");
  disk.clock.advance(minutes(16));
  ASSERT_TRUE(engine.settle());
  const std::string report = got(MessageKind::report, engine.gp).message_id;
  EXPECT_EQ(arrives({engine.gp.mail_address, "ANNULE", "Re", report}), MailVerdict::asked_again);
  EXPECT_EQ(arrives({engine.gp.mail_address, "Lu", "Re", report}), MailVerdict::read);
  EXPECT_TRUE(engine.load(id).opened_at);
  EXPECT_EQ(arrives({engine.gp.mail_address, "QUESTION : ZZANDTHEN ?", "Re", report}),
            MailVerdict::questioned);
  const LeftMail question = got(MessageKind::follow_up, first);
  EXPECT_THAT(question.text, HasSubstr("ZZANDTHEN"));
  EXPECT_EQ(arrives({first.mail_address, "ZZTHENTHIS", "Re", question.message_id}),
            MailVerdict::answered);
  EXPECT_THAT(got(MessageKind::follow_up_answer, engine.gp).text, HasSubstr("ZZTHENTHIS"));
}

TEST_F(MailRequests, AnnuleWithdraws) {
  const CaseId id = asked();
  const std::string received = got(MessageKind::request_received, engine.gp).message_id;
  EXPECT_EQ(arrives({engine.gp.mail_address, "Annulé.", "Re", received}), MailVerdict::cancelled);
  EXPECT_EQ(engine.load(id).state, CaseState::cancelled);
}

TEST_F(MailRequests, AnUrgentOpinionIsAcknowledgedByMail) {
  const CaseId id = asked();
  answers(first, "URGENT\nAVIS : ZZURGENT, à hospitaliser.");
  ASSERT_EQ(engine.load(id).state, CaseState::delivered);  // at once
  const std::string urgent = got(MessageKind::urgent_opinion, engine.gp).message_id;
  EXPECT_EQ(arrives({engine.gp.mail_address, "LU", "Re", urgent}), MailVerdict::read);
  EXPECT_TRUE(engine.load(id).acknowledged_at);
  EXPECT_TRUE(engine.load(id).opened_at);
}

TEST_F(MailRequests, WhoWritesWithoutTheFormGetsItAndFillsItInWhereHeAnswers) {
  EXPECT_EQ(arrives({engine.gp.mail_address, "Bonjour, un avis SVP.\nMerci", "Avis"}),
            MailVerdict::asked_again);
  const LeftMail form = got(MessageKind::mail_refused, engine.gp);
  EXPECT_THAT(form.text, HasSubstr("NON TRANSMIS"));
  std::string filled = form.text;
  for (const auto& [label, value] : {std::pair("Nom de naissance", "ZZPATIENTNAME"),
                                     {"Prénom", "Camille"},
                                     {"Date de naissance", "02/03/1961"},
                                     {"Sexe", "F"},
                                     {"Question", "ZZQUESTION"},
                                     {"Motif", "a"},
                                     {"Signes de gravité", "aucun"},
                                     {"Information", "orale"},
                                     {"Consentement", "patient"}}) {
    const std::size_t line = filled.find("\n" + std::string(label));
    ASSERT_NE(line, std::string::npos) << label << filled;
    filled.insert(filled.find('\n', line + 1), " " + std::string(value));
  }
  std::string quoted;
  for (const char c : filled) quoted += c == '\n' ? std::string("\n> ") : std::string(1, c);
  EXPECT_EQ(arrives({engine.gp.mail_address,
                     "Voici.\n\nLe 06/01/2026, la filière a écrit :\n> " + quoted,
                     "Re: message non transmis",
                     form.message_id,
                     {tracing()}}),
            MailVerdict::submitted);
  EXPECT_EQ(last_case().state, CaseState::offered);
}

TEST_F(MailRequests, WhoReadsTheCaseAgainAndAgainKeepsNobodyFromBeingAsked) {
  deliver({engine.gp.mail_address, kFormText, "Avis", "", {tracing()}});
  ASSERT_TRUE(duty.round());
  const CaseId id = last().case_id;
  std::atomic<bool> enough = false;
  std::thread reader([&] {
    while (!enough) EXPECT_TRUE(engine.service.open(engine.gp, id));
  });
  ASSERT_TRUE(engine.service.run_timers(10));
  enough = true;
  reader.join();
  EXPECT_EQ(engine.load(id).state, CaseState::offered);
}

TEST_F(MailRequests, AGroupGetsNoSensitivePhoto) {
  Programme skin = by_mail(OfferPolicy::direct);
  skin.speciality = "dermatology";
  use(skin);
  ASSERT_TRUE(engine.repository->put_group({"g",
                                            0,
                                            kRhythmology,
                                            "Cabinet",
                                            "cabinet@guadeloupe.telavis.test",
                                            "",
                                            {engine.expert_a.id, engine.expert_b.id}},
                                           engine.by_operator()));
  for (const auto& [site, photos] :
       {std::pair("dos", 1U), std::pair("sein gauche", 0U), std::pair("lésion", 0U)}) {
    const std::string json = with(with(kRequestJson, R"("context")",
                                       R"("requested_group":"g","clinical":{"lesion":{"site":")" +
                                           std::string(site) + R"("}},"context")"),
                                  R"("st_elevation":false)", R"("st_elevation":false)");
    const auto receipt =
        engine.service.submit(engine.gp, "k" + std::to_string(std::string(site).size()), json,
                              {{"web", "a.jpg", fixture("demo-lesion.jpg")}});
    ASSERT_TRUE(receipt) << receipt.error().text;
    ASSERT_TRUE(engine.settle());
    const auto left = engine.postman.left();
    const LeftMail& sent = left.back();
    ASSERT_EQ(sent.kind, MessageKind::invitation);
    EXPECT_EQ(sent.to, "cabinet@guadeloupe.telavis.test");
    EXPECT_EQ(sent.attachments.size(), 1U + photos) << site;
    EXPECT_EQ(sent.text.find("boîte partagée") == std::string::npos, photos == 1U) << site;
  }
}

}  // namespace
}  // namespace telavis::test::mail_requests_test
