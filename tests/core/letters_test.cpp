// SPDX-License-Identifier: Apache-2.0
#include "engine/core/letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/pdf.h"
#include "tests/core/clinical_requests.h"
#include "tests/core/documents.h"

namespace telavis {
namespace {

using test::said_in;
using test::with;
using testing::HasSubstr;
using testing::Not;

const Instant kWritten = parse_instant("2026-01-06T14:05:00Z").value();

struct Sent {
  Programme programme = test::ecg_programme();
  User requester = test::doctor("zephir", "Maëlle", "Zéphir");
  CaseRequest request;
  std::vector<ArchivedExam> exams;

  explicit Sent(const std::string& json) : request(parse_case_request(json).value()) {}
  LetterInput letter(const std::string& exit, Language language = Language::french) const {
    return {programme, requester, request, exams, "TE-2026-7K3M9Q", exit, kWritten, language};
  }
};

Sent emergency() {
  Sent sent(with(test::ecg_request(), "red_flags", R"({"st_elevation":true,"shock":false})"));
  sent.exams = {test::fixture_exam("demo-ecg.scp")};
  return sent;
}

TEST(Letter, SaysWhyWhoAndHowToCallBack) {
  const Sent sent = emergency();
  const std::string said = said_in(transfer_letter_content(sent.letter("15_now")).value());
  EXPECT_THAT(said, HasSubstr("sus-décalage du segment ST"));
  EXPECT_THAT(said, HasSubstr("Dr Maëlle Zéphir (RPPS\u00A099900000011)"));
  EXPECT_THAT(said, HasSubstr("0690 00 00 01 ; 0590 00 00 02"));
  EXPECT_THAT(said, HasSubstr("|06/01/2026 à 10:05\n"));  // Guadeloupe
  EXPECT_THAT(said, HasSubstr("EXEMPLE Camille"));
  EXPECT_THAT(said, HasSubstr("02/03/1961 (64 ans)\n"));
  EXPECT_THAT(said, HasSubstr("0590 00 00 01"));  // the patient's
  EXPECT_THAT(said, HasSubstr("261039935000181 (identité de test), identité qualifiée"));
  EXPECT_THAT(said, HasSubstr("Kaliémie\u00A0: 4,1\u00A0mmol/l\n"));
  EXPECT_THAT(said, HasSubstr("Antécédents|HTA, asthme"));
  EXPECT_THAT(said, HasSubstr("Oui|Palpitations\n"));
  EXPECT_THAT(said, HasSubstr("Rythme, lu par le médecin requérant|irrégulier"));
  EXPECT_THAT(said, HasSubstr("aucun acte facturé"));
  EXPECT_THAT(said, HasSubstr("TE-2026-7K3M9Q"));
  EXPECT_THAT(said, HasSubstr("SAMU"));
}

TEST(Letter, WhatIsAddedToAQuestionComesFirstWithTheQuestion) {
  const Sent sent = emergency();
  LetterInput input = sent.letter(std::string(kInformationExit));
  input.added = "ZZADDED";
  const ReportContent content = question_content(input).value();
  EXPECT_EQ(content.title, "Demande de téléexpertise : complément");
  EXPECT_EQ(content.tracings.size(), 1U);
  const std::string said = said_in(content);
  const auto added = said.find("Complément|ZZADDED\n");
  ASSERT_NE(added, std::string::npos);
  EXPECT_LT(added, said.find("Question"));
  input.exit = kQuestionExit;
  EXPECT_THAT(said_in(question_content(input).value()), HasSubstr("Complément|ZZADDED\n"));
  input.exit = "15_now";
  EXPECT_EQ(question_content(input).error().code, ErrorCode::invalid_field);
}

TEST(Letter, ShowsNoIdentityThatIsNotQualified) {
  Sent sent = emergency();
  sent.request.patient.id = "device 7";  // of a file that named the patient
  EXPECT_EQ(transfer_letter_content(sent.letter("15_now"))->tracings.at(0).patient.id,
            "261039935000181");
  sent.request.ins.status = InsStatus::validated;
  const ReportContent content = transfer_letter_content(sent.letter("15_now")).value();
  EXPECT_THAT(said_in(content), Not(HasSubstr("261039935000181")));
  ASSERT_EQ(content.tracings.size(), 1U);
  EXPECT_EQ(content.tracings[0].patient.id, "");
  EXPECT_EQ(content.tracings[0].patient.family_name, "EXEMPLE");
}

TEST(Letter, IsForARedFlagAlone) {
  const Sent sent = emergency();
  for (const char* exit : {"", "15", "by_post"}) {
    EXPECT_EQ(transfer_letter_pdf(sent.letter(exit)).error().code, ErrorCode::invalid_field);
  }
  Sent nowhere = emergency();
  nowhere.programme.time_zone = "Mars/Olympus";
  EXPECT_EQ(transfer_letter_pdf(nowhere.letter("15_now")).error().code,
            ErrorCode::configuration_invalid);
}

TEST(Letter, HasTwoPagesWithATracing) {
  for (const Language language : {Language::french, Language::english}) {
    const Sent sent = emergency();
    const auto pdf = transfer_letter_pdf(sent.letter("15_now", language));
    ASSERT_TRUE(pdf) << pdf.error().text;
    EXPECT_EQ(inspect_pdf(*pdf)->pages, 2);
    EXPECT_EQ(*transfer_letter_pdf(sent.letter("15_now", language)), *pdf);
  }
}

TEST(Letter, GoesToAColleagueWithPhotos) {
  Sent sent(with(test::dermatology_request(), "red_flags", R"({"fever_purpura":true})"));
  sent.programme = test::dermatology_programme();
  sent.exams = {test::fixture_exam("demo-lesion.jpg"), test::fixture_exam("demo-lesion.jpg")};
  const ReportContent content = transfer_letter_content(sent.letter("in_person_today")).value();
  EXPECT_EQ(content.photos.size(), 2U);
  EXPECT_THAT(said_in(content), HasSubstr("fièvre avec purpura ou pétéchies"));
  EXPECT_THAT(said_in(content), HasSubstr("Phototype (I à VI)\u00A0: II ;"));
  EXPECT_THAT(said_in(content), HasSubstr("Traitements essayés|aucun\n"));
  EXPECT_THAT(said_in(content), HasSubstr("Présente depuis\u00A0: 06/2025 ;"));
  EXPECT_EQ(inspect_pdf(transfer_letter_pdf(sent.letter("in_person_today")).value())->pages, 2);
}

TEST(Letter, TellsOfRepresentativesAndSecrecy) {
  Sent sent = emergency();
  sent.request.minor_secrecy = true;
  sent.request.consent.accompanying_adult = "Mme Tante";
  EXPECT_THAT(said_in(transfer_letter_content(sent.letter("15_now")).value()),
              HasSubstr("ne rien leur communiquer. Adulte accompagnant"));
  sent.request.minor_secrecy = false;
  sent.request.guardianship = Guardianship::tutelle;
  sent.request.consent.representative_name = "M. Tiers";
  sent.request.consent.representative_quality = "tuteur";
  const std::string said = said_in(transfer_letter_content(sent.letter("15_now")).value());
  EXPECT_THAT(said, HasSubstr("Représentant|M. Tiers (tuteur)"));
  EXPECT_THAT(said, HasSubstr("Protection juridique|tutelle"));
}

TEST(Letter, LosesNothingOfALongRequest) {
  Sent sent = emergency();
  sent.request.context = std::string(kMaxTextBytes, 'x');
  const auto pdf = transfer_letter_pdf(sent.letter("15_now"));
  ASSERT_TRUE(pdf) << pdf.error().text;
  EXPECT_GT(inspect_pdf(*pdf)->pages, 2);
}

TEST(Notice, IsOnePageInEveryProgrammeAndLanguage) {
  std::vector<Programme> programmes = shipped_programmes();
  for (const OfferPolicy policy : {OfferPolicy::direct, OfferPolicy::rotation, OfferPolicy::open}) {
    Programme programme = test::ecg_programme();
    programme.policy = policy;
    programme.report_copies = {"attending_physician", "citizen_mailbox"};
    programmes.push_back(programme);
  }
  for (const Programme& programme : programmes) {
    for (const Language language : {Language::french, Language::english}) {
      const auto pdf = patient_notice_pdf(programme, {}, language);
      ASSERT_TRUE(pdf) << pdf.error().text;
      EXPECT_EQ(inspect_pdf(*pdf)->pages, 1) << programme.id.value;
    }
  }
}

TEST(Notice, NamesWhoAnswersForTheDataAndTakesTwoPagesAtMost) {
  std::string longest;
  while (longest.size() + 6 <= kMaxDeclaredBytes) longest += "Nantes";
  for (std::size_t i = 9; i < longest.size(); i += 10) longest[i] = ' ';
  Declaration declared{longest, longest, longest, longest, "2026-03-02"};
  for (const Programme& programme : shipped_programmes()) {
    const auto pdf = patient_notice_pdf(programme, declared, Language::french);
    ASSERT_TRUE(pdf) << pdf.error().text;
    EXPECT_LE(inspect_pdf(*pdf)->pages, 2) << programme.id.value;
  }
  const Programme programme = test::ecg_programme();
  declared = {"ESS fictive, 1 rue du Port", "Hébergeur fictif", "HDS 0001", "dpo@ess.test",
              "2026-03-02"};
  std::string said = said_in(patient_notice_content(programme, declared, Language::french));
  EXPECT_THAT(said, HasSubstr("Responsable de vos données : ESS fictive, 1 rue du Port. "));
  EXPECT_THAT(said, HasSubstr("Hébergeur : Hébergeur fictif. "));
  EXPECT_THAT(said, HasSubstr("Délégué à la protection des données : dpo@ess.test. "));
  declared.dpo = "";
  said = said_in(patient_notice_content(programme, declared, Language::french));
  EXPECT_THAT(said, Not(HasSubstr("Délégué")));
}

TEST(Notice, SaysWhoSeesWhatAndWhomToAsk) {
  Programme programme = test::ecg_programme();
  programme.policy = OfferPolicy::open;
  std::string said = said_in(patient_notice_content(programme, {}, Language::french));
  EXPECT_THAT(said, HasSubstr("tranche d’âge"));
  EXPECT_THAT(said, HasSubstr("aucun diagnostic"));
  EXPECT_THAT(said, HasSubstr("Association fictive"));
  EXPECT_THAT(said, HasSubstr("rythme@telavis.test"));
  EXPECT_THAT(said, HasSubstr("CNIL"));
  EXPECT_THAT(said, HasSubstr("20 ans"));
  EXPECT_THAT(said, HasSubstr(kNoticeVersion));
  EXPECT_THAT(said, Not(HasSubstr("médecin traitant, sauf opposition")));
  programme.report_copies = {"attending_physician"};
  said = said_in(patient_notice_content(programme, {}, Language::french));
  EXPECT_THAT(said, HasSubstr("médecin traitant, sauf opposition"));
}

}  // namespace
}  // namespace telavis
