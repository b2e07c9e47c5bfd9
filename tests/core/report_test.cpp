// SPDX-License-Identifier: Apache-2.0
#include "engine/core/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/exam_intake.h"
#include "tests/core/clinical_requests.h"
#include "tests/core/documents.h"

namespace telavis {
namespace {

using test::said_in;
using test::with;
using testing::HasSubstr;
using testing::Not;

Instant moment(const char* text) {
  return parse_instant(text).value();
}

/// `digit` is what its hash is made of.
Opinion opinion_signed(const char* instant, char digit) {
  Opinion opinion;
  opinion.signed_at = moment(instant);
  opinion.hash = std::string(64, digit);
  return opinion;
}

struct Answered {
  Programme programme = test::ecg_programme();
  User requester = test::doctor("zephir", "Maëlle", "Zéphir");
  User expert = test::doctor("corail", "Armand", "Corail");
  CaseRequest request = parse_case_request(boost::json::serialize(test::ecg_request())).value();
  OpinionText opinion;
  std::vector<ArchivedExam> exams;
  std::vector<BillableAct> acts;
  std::vector<Incident> incidents;
  Case subject;

  Answered() {
    fill_information(request, requester.id, moment("2026-01-05T14:00:00Z"));
    opinion.conclusion = "Fibrillation atriale.";
    opinion.orientation = "gp_management";
    subject.number = "TE-2026-7K3M9Q";
    subject.submitted_at = moment("2026-01-05T14:00:00Z");
    subject.opinion = opinion_signed("2026-01-06T12:02:00Z", 'a');
  }
  ReportInput input() const {
    return {subject, programme, requester, expert,    request,
            opinion, exams,     acts,      incidents, moment("2026-01-06T12:03:00Z")};
  }
  std::string said(Language language = Language::french) const {
    return said_in(report_content(input(), language).value());
  }
};

TEST(Report, SaysRequestConsentAndOpinion) {
  Answered answered;
  answered.opinion.suspicion = "none";
  answered.opinion.media_quality = "usable";
  answered.opinion.in_person = {true, "requis", 14};
  answered.opinion.agreement_with_own_reading = "partial";
  const std::string said = answered.said();
  EXPECT_THAT(said, HasSubstr("Motif|Trouble du rythme"));
  EXPECT_THAT(said,
              HasSubstr("donnée oralement par Dr Maëlle Zéphir le 05/01/2026 à 10:00 (texte " +
                        std::string(kNoticeVersion) + ")"));
  EXPECT_THAT(said, HasSubstr("Consentement|donné par le patient"));
  EXPECT_THAT(said, HasSubstr("Signes de gravité|aucun, selon le médecin requérant"));
  EXPECT_THAT(said, HasSubstr("Fréquence cardiaque\u00A0: 92\u00A0/min ;"));
  EXPECT_THAT(said, HasSubstr("Conclusion|Fibrillation atriale."));
  EXPECT_THAT(said, HasSubstr("Consultation en présence|avec le médecin requis, sous 14 jours"));
  EXPECT_THAT(said, HasSubstr("|partiel\n"));
  EXPECT_THAT(said, HasSubstr("Avis validé par Dr Armand Corail le 06/01/2026 à 08:02 ; document "
                              "scellé."));
  EXPECT_THAT(said, HasSubstr("compte tenu des informations mises à notre disposition"));
  EXPECT_THAT(said, HasSubstr("empreinte aaaaaaaaaaaaaaaa)"));
  EXPECT_THAT(said, Not(HasSubstr("délai promis")));
  EXPECT_THAT(said, Not(HasSubstr("Annule et remplace")));
}

TEST(Report, ShowsTheInsOnlyWhenQualified) {
  Answered answered;
  answered.exams = {test::fixture_exam("demo-ecg.scp")};
  EXPECT_THAT(answered.said(), HasSubstr("261039935000181 (identité de test), identité qualifiée"));
  answered.request.ins.status = InsStatus::retrieved;
  EXPECT_THAT(answered.said(), Not(HasSubstr("261039935000181")));
}

TEST(Report, SaysWhenItCameLate) {
  Answered answered;
  answered.subject.promise = Promise{};
  answered.subject.promise->breach_at = moment("2026-01-06T12:00:00Z");
  EXPECT_THAT(answered.said(), Not(HasSubstr("délai promis")));
  answered.subject.breached_at = moment("2026-01-06T12:00:00Z");
  EXPECT_THAT(answered.said(), HasSubstr("Avis rendu après le délai promis (06/01/2026 à 08:00)."));
}

TEST(Report, ACorrectionNamesWhatItReplaces) {
  Answered answered;
  // While it waits to leave...
  PendingOpinion& pending = answered.subject.pending_opinion.emplace();
  pending.signed_at = moment("2026-01-07T12:00:00Z");
  pending.hash = std::string(64, 'b');
  pending.corrects = std::string(64, 'a');
  EXPECT_THAT(answered.said(),
              HasSubstr("Annule et remplace l’avis du 06/01/2026 à 08:02 (empreinte "
                        "aaaaaaaaaaaaaaaa)."));
  EXPECT_THAT(answered.said(), HasSubstr("le 07/01/2026 à 08:00 ; document"));
  // ... and afterwards.
  answered.subject.kept_opinions = {{*answered.subject.opinion, "corrected", {}, {}}};
  answered.subject.opinion = opinion_signed("2026-01-07T12:00:00Z", 'b');
  answered.subject.opinion->corrects = std::string(64, 'a');
  answered.subject.pending_opinion.reset();
  EXPECT_THAT(answered.said(), HasSubstr("Annule et remplace l’avis du 06/01/2026 à 08:02"));
}

TEST(Report, SaysRegulationOppositionsAndInsufficientData) {
  Answered answered;
  answered.request.red_flags["shock"] = true;
  answered.request.regulated_at = "14:05";
  answered.request.oppositions.teaching = true;
  answered.request.oppositions.citizen_mailbox = true;
  answered.opinion.data_sufficient = false;
  answered.opinion.conclusion = "";
  answered.opinion.to_redo = "Refaire V1 et V2.";
  const std::string said = answered.said();
  EXPECT_THAT(said, HasSubstr("régulation faite à 14:05, avis maintenu"));
  EXPECT_THAT(said, HasSubstr("Mon espace santé ; usage pour l’enseignement"));
  EXPECT_THAT(said, HasSubstr("À refaire|Refaire V1 et V2."));
  EXPECT_THAT(said, Not(HasSubstr("Conclusion|")));
}

TEST(Report, EnglishHasWordsForEverything) {
  Answered answered;
  answered.opinion.in_person = {true, "", 0};
  const std::string said = answered.said(Language::english);
  EXPECT_THAT(said, HasSubstr("to be arranged today"));
  EXPECT_THAT(said, HasSubstr("given by the patient"));
}

TEST(Report, HasTheFiveItemsThatTheLawAsksOfBothDoctors) {
  Answered answered;
  answered.requester.speciality = "Médecine générale";
  answered.expert.place = "";
  BillableAct expertise;
  expertise.role = ActRole::expert;
  expertise.code = "TE2";
  expertise.amount_cents = 2300;
  BillableAct asking;
  asking.role = ActRole::requester;
  asking.code = "RQD";
  asking.billable = false;
  asking.refusal = "NO_TARIFF";
  answered.acts = {expertise, asking};
  std::string said = answered.said();
  EXPECT_THAT(said, HasSubstr("Mentions de l’article R. 6316-4 du code de la santé publique\n"));
  EXPECT_THAT(said, HasSubstr("1° Compte rendu|le présent document, dossier TE-2026-7K3M9Q, avis "
                              "scellé aaaaaaaaaaaaaaaa\n"));
  EXPECT_THAT(said, HasSubstr("2° Actes|TE2 (Médecin requis)\nRQD (Médecin requérant), non "
                              "facturable : aucun tarif connu à cette date\n"));
  EXPECT_THAT(said, Not(HasSubstr("23,00")));  // an amount is no clinical matter
  EXPECT_THAT(said, HasSubstr("2° Prescriptions|néant\n"));
  EXPECT_THAT(said, HasSubstr("3° Médecin requérant|Dr Maëlle Zéphir (RPPS\u00A099900000011), "
                              "Médecine générale, Sainte-Rose\n"));
  EXPECT_THAT(said, HasSubstr("3° Médecin requis|Dr Armand Corail (RPPS\u00A099900000011)\n"));
  EXPECT_THAT(said, HasSubstr("4° Date et heure|demande reçue le 05/01/2026 à 10:00 (UTC-04:00) ; "
                              "avis validé le 06/01/2026 à 08:02 (UTC-04:00) ; compte rendu établi "
                              "le 06/01/2026 à 08:03 (UTC-04:00). Heure légale de "
                              "America/Guadeloupe.\n"));
  EXPECT_THAT(said, HasSubstr("5° Incidents techniques|néant\n"));

  answered.opinion.prescriptions = "Apixaban 5 mg.";
  answered.opinion.technical_incidents = "Écran figé.";
  answered.incidents = {{moment("2026-01-06T10:00:00Z"), "Le délai promis est passé sans avis."}};
  answered.exams = {test::fixture_exam("demo-ecg.scp")};
  auto& findings = findings_of(answered.exams.front().normalised.exam);
  findings = {{"mains_noise", Severity::warning, ""}, {"lead_derivable", Severity::info, ""}};
  said = answered.said();
  EXPECT_THAT(said, HasSubstr("2° Prescriptions|Apixaban 5 mg.\n"));
  EXPECT_THAT(said, HasSubstr("Prescriptions|Apixaban 5 mg.\n"));
  EXPECT_THAT(said, HasSubstr("5° Incidents techniques|Tracé ECG (12 x 10.0 s) : " +
                              message(Language::french, "finding.mains_noise") +
                              "\n06/01/2026 à 06:00 (UTC-04:00) : Le délai promis est passé sans "
                              "avis.\nÉcran figé.\n"));
}

TEST(Report, RefusesWhatItCannotSay) {
  Answered answered;
  answered.programme.time_zone = "Mars/Olympus";
  const ReportInput input = answered.input();
  EXPECT_EQ(report_content(input, Language::french).error().code, ErrorCode::configuration_invalid);
  answered.subject.opinion.reset();
  EXPECT_EQ(report_content(input, Language::french).error().code, ErrorCode::internal);
}

TEST(RequestWords, NamesWhatIsMissing) {
  EXPECT_EQ(missing_in_words({"vitals.heart_rate_bpm", "red_flag.icd_shock"}, Language::french),
            "Fréquence cardiaque ; signe de gravité, oui ou non\u00A0: choc délivré par un "
            "défibrillateur implanté");
  EXPECT_EQ(missing_in_words({}, Language::french), "");
}

TEST(RequestWords, EveryRedFlagOfAShippedProgrammeIsAStatementToo) {
  for (const Programme& programme : shipped_programmes()) {
    for (const RedFlag& flag : programme.red_flags) {
      EXPECT_TRUE(has_message("red_flag_raised." + flag.code)) << flag.code;
    }
  }
}

}  // namespace
}  // namespace telavis
