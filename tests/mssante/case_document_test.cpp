// SPDX-License-Identifier: Apache-2.0
#include "mssante/case_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mssante/made_documents.h"

namespace telavis::case_document_test {

using test::made_case;
using test::MadeCase;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

MadeCase cardiac_case() {
  MadeCase made = made_case(1);
  made.programme.time_zone = "America/Guadeloupe";
  made.programme.speciality = "cardiology";
  made.settings.test_identities = true;
  made.subject.number = "TE-2026-00000011";
  made.subject.submitted_at = from_epoch_ms(1'767'686'520'000);  // 2026-01-06T08:02:00Z
  made.subject.promise.reset();
  made.subject.dialogue.clear();
  made.subject.kept_opinions.clear();
  made.subject.opinion->signed_at = from_epoch_ms(1'767'690'120'000);
  made.subject.opinion->released_at = from_epoch_ms(1'767'690'180'000);
  made.request.patient = {"", "EXEMPLE", "Camille Marie", "1961-03-02", Sex::female};
  made.request.ins = {test::with_ins_key("2610397105181"), "1.2.250.1.213.1.4.10",
                      InsStatus::qualified, true};
  made.request.clinical = {{"vitals.heart_rate_bpm", "92"},
                           {"vitals.spo2_percent", "98"},
                           {"treatments", "bisoprolol 2,5 mg\nramipril"},
                           {"history", "HTA"}};
  made.expert.profession = "medecin";
  made.expert.speciality.clear();
  return made;
}

const CdaSection& section(const CdaDocument& document, std::string_view code) {
  static const CdaSection kNone;
  for (const CdaSection& one : document.sections) {
    if (one.code == code) return one;
  }
  return kNone;
}

TEST(CaseDocument, ARequestSaysWhatWasAsked) {
  const MadeCase made = cardiac_case();
  const auto document = request_document(made.input());
  ASSERT_TRUE(document) << document.error().text;
  EXPECT_EQ(document->set_id_root, "2.999.250.7.1.1.2026.33");
  EXPECT_EQ(document->id_root, "2.999.250.7.1.1.2026.33.1");
  EXPECT_EQ(document->version, 1);
  EXPECT_EQ(document->effective_time, "20260106040200-0400");
  EXPECT_EQ(document->author.rpps, made.requester.rpps);
  EXPECT_EQ(document->patient.ins.matricule, made.request.ins.matricule);
  EXPECT_EQ(document->patient.birth_place_insee, "97105");
  EXPECT_THAT(document->patient.birth_given, ElementsAre("Camille", "Marie"));
  EXPECT_EQ(document->patient.local_id, "TE-2026-00000011");
  EXPECT_EQ(document->patient.local_id_root, "2.999.250.7.2");
  EXPECT_THAT(section(*document, kCdaTreatments).treatments,
              ElementsAre("bisoprolol 2,5 mg", "ramipril"));
  EXPECT_THAT(section(*document, kCdaVitalSigns).measures, SizeIs(2));
  EXPECT_THAT(section(*document, kCdaAnamnesis).paragraphs, Contains(HasSubstr("HTA")));
  EXPECT_THAT(section(*document, kCdaAnamnesis).paragraphs,
              Contains(HasSubstr(made.request.question)));
}

TEST(CaseDocument, TellsNoTreatmentFromUnknownOnes) {
  MadeCase made = cardiac_case();
  made.request.clinical = {{"treatments", ""}};
  const auto none = request_document(made.input());
  made.request.clinical.clear();
  const auto unknown = request_document(made.input());
  ASSERT_TRUE(none && unknown);
  EXPECT_THAT(section(*none, kCdaTreatments).treatments, IsEmpty());
  EXPECT_THAT(section(*none, kCdaTreatments).paragraphs, ElementsAre(HasSubstr("Aucun")));
  EXPECT_THAT(section(*unknown, kCdaTreatments).paragraphs,
              ElementsAre(HasSubstr("non renseignés")));
}

TEST(CaseDocument, AddedInformationMakesANewVersion) {
  MadeCase made = cardiac_case();
  made.subject.dialogue.push_back(
      {DialogueKind::info, made.requester.id, from_epoch_ms(1'767'772'920'000), {}});
  const auto document = request_document(made.input());
  ASSERT_TRUE(document);
  EXPECT_EQ(document->version, 2);
  EXPECT_EQ(document->replaces_root, "2.999.250.7.1.1.2026.33.1");
  EXPECT_EQ(document->effective_time, "20260107040200-0400");
}

TEST(CaseDocument, AReportIsTheExpertsAndACorrectionReplacesIt) {
  MadeCase made = cardiac_case();
  const auto first = report_document(made.input());
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(first->id_root, "2.999.250.7.1.2.2026.33.1");
  EXPECT_EQ(first->replaces_root, "");
  EXPECT_EQ(first->author.rpps, made.expert.rpps);
  EXPECT_EQ(first->author.profession_code, "G15_10/SM04");
  EXPECT_EQ(first->recipients.at(0).rpps, made.requester.rpps);
  EXPECT_EQ(first->signed_time, "20260106050200-0400");
  EXPECT_EQ(first->effective_time, "20260106050300-0400");
  EXPECT_EQ(first->pdf, made.report);
  made.subject.kept_opinions.push_back({{}, "corrected", {}, {}});
  made.subject.kept_opinions.push_back({{}, "second", {}, {}});
  const auto second = report_document(made.input());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->version, 2);
  EXPECT_EQ(second->set_id_root, first->set_id_root);
  EXPECT_EQ(second->replaces_root, first->id_root);
  made.subject.opinion.reset();
  EXPECT_EQ(report_document(made.input()).error().code, ErrorCode::state_conflict);
}

TEST(CaseDocument, OnlyAQualifiedInsOfItsOwnWorldLeaves) {
  MadeCase made = cardiac_case();
  made.settings.test_identities = false;
  EXPECT_EQ(document_patient(made.input()).ins, InsIdentity{});
  EXPECT_EQ(document_patient(made.input()).birth_place_insee, "");
  made.request.ins.oid = "1.2.250.1.213.1.4.8";
  EXPECT_EQ(document_patient(made.input()).ins.oid, "1.2.250.1.213.1.4.8");
  made.settings.test_identities = true;
  EXPECT_EQ(document_patient(made.input()).ins, InsIdentity{});
  made = cardiac_case();
  made.request.ins.status = InsStatus::validated;
  EXPECT_EQ(document_patient(made.input()).ins, InsIdentity{});
  made = cardiac_case();
  made.request.patient.sex = Sex::unknown;
  EXPECT_EQ(document_patient(made.input()).ins, InsIdentity{});
}

TEST(CaseDocument, NothingIsNumberedWithoutARoot) {
  MadeCase made = cardiac_case();
  made.settings.root_oid.clear();
  EXPECT_EQ(request_document(made.input()).error().code, ErrorCode::configuration_invalid);
  made = cardiac_case();
  for (const char* number :
       {"", "TE-1", "TE-2026-0000001U", "TE-2026-000000111", "TX-2026-00000011"}) {
    made.subject.number = number;
    EXPECT_EQ(request_document(made.input()).error().code, ErrorCode::invalid_field) << number;
  }
}

TEST(CaseDocument, SettingsAreChecked) {
  DocumentSettings settings = cardiac_case().settings;
  EXPECT_TRUE(check_documents(settings));
  EXPECT_TRUE(check_documents({}));
  const auto refuses = [&](auto spoil) {
    DocumentSettings wrong = settings;
    spoil(wrong);
    return !check_documents(wrong).has_value();
  };
  EXPECT_TRUE(refuses([](DocumentSettings& s) { s.root_oid = "1.2.x"; }));
  EXPECT_TRUE(refuses([](DocumentSettings& s) { s.root_oid = "3.1"; }));
  EXPECT_TRUE(refuses([](DocumentSettings& s) { s.root_oid = "2"; }));
  EXPECT_TRUE(refuses([](DocumentSettings& s) { s.custodian = "1"; }));
  EXPECT_TRUE(refuses([](DocumentSettings& s) { s.custodian_name.clear(); }));
  EXPECT_TRUE(refuses([](DocumentSettings& s) { s.facility_sector = "SA99"; }));
  EXPECT_TRUE(refuses([](DocumentSettings& s) { s.practice_setting.clear(); }));
}

}  // namespace telavis::case_document_test
