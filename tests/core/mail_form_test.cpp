// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_form.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/core/catalogue.h"
#include "engine/core/mail_form_values.h"

namespace telavis::test {
namespace {

Programme shipped(std::string_view id) {
  for (const Programme& one : shipped_programmes()) {
    if (one.id.value == id) return one;
  }
  return {};
}

bool holds(const std::vector<std::string>& list, std::string_view wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

std::string item(const FormReading& read, std::string_view name) {
  for (const ClinicalItem& one : read.request.clinical) {
    if (one.name == name) return one.value;
  }
  return "(none)";
}

constexpr const char* kEcg =
    "Bonjour,\n\nPatient âgé, vu au cabinet.\n\nNom de naissance : EXEMPLE\nPrénom : Camille\n"
    "Né(e) le 02/03/1961\nSexe : F\nMOTIF : trouble du rythme\n"
    "Question : Fibrillation atriale ?\nFaut-il anticoaguler ?\n\n"
    "douleur thoracique : non\nSyncope: non\nDyspnee = oui, à l'effort\nPalpitations : OUI\n"
    "TA : 13/8\nFC : 92/min\nSpO2 : 98 %\nTraitements : bisoprolol 2,5 mg, apixaban\n"
    "ATCD : HTA ; asthme\nPacemaker : non\nDéfibrillateur implanté : non\nKaliémie : 4,1 mmol/l\n"
    "Lecture du médecin requérant : rythme : irrégulier\n"
    "Lecture du médecin requérant : conclusion : FA ?\nECG antérieur disponible : non\n"
    "Signes de gravité : aucun\nInformation du patient : oralement\n"
    "Consentement du patient : oui\n\nCordialement\nDr Exemple\n";

TEST(MailForm, ReadsARequestAsItIsTyped) {
  const Programme programme = shipped("rythmologie-guadeloupe");
  const FormReading read = read_form(kEcg, programme);
  EXPECT_TRUE(read.missing.empty()) << testing::PrintToString(read.missing);
  EXPECT_TRUE(read.doubts.empty()) << testing::PrintToString(read.doubts);
  EXPECT_EQ(read.request.patient.family_name, "EXEMPLE");
  EXPECT_EQ(read.request.patient.birth_date, "1961-03-02");
  EXPECT_EQ(read.request.patient.sex, Sex::female);
  EXPECT_EQ(read.request.reason, "rhythm_disorder");
  EXPECT_EQ(read.request.question, "Fibrillation atriale ?\nFaut-il anticoaguler ?");
  EXPECT_EQ(item(read, "vitals.systolic_mmhg"), "130");
  EXPECT_EQ(item(read, "vitals.diastolic_mmhg"), "80");
  EXPECT_EQ(item(read, "symptoms.dyspnoea"), "yes");
  EXPECT_EQ(item(read, "treatments"), "bisoprolol 2,5 mg\napixaban");
  EXPECT_EQ(item(read, "history"), "HTA\nasthme");
  EXPECT_EQ(item(read, "labs.potassium_mmol_l"), "4.1");
  EXPECT_EQ(item(read, "own_reading.conclusion"), "FA ?");
  EXPECT_EQ(read.request.red_flags.size(), programme.red_flags.size());
  EXPECT_FALSE(read.red_flag);
  EXPECT_EQ(read.request.consent.given_by, "patient");
  EXPECT_EQ(read.request.information.form, "oral");
  EXPECT_EQ(read.request.context, "Patient âgé, vu au cabinet.\nDyspnee : oui, à l'effort");
  const auto parsed = parse_case_request(case_request_json(read.request));
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_TRUE(check_against(*parsed, programme));
}

TEST(MailForm, OrderQuotationAndBoldTypeDoNotMatter) {
  const Programme programme = shipped("rythmologie-guadeloupe");
  const FormReading plain = read_form(kEcg, programme);
  std::vector<std::string> lines;
  std::string text = kEcg, quoted, bold;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  for (const std::string& line : lines) {
    quoted += "> " + line + "\n";
    const std::size_t colon = line.rfind(" : ");
    bold += colon == std::string::npos
                ? line + "\n"
                : "*" + line.substr(0, colon) + " :* " + line.substr(colon + 3) + "\n";
  }
  EXPECT_EQ(read_form(quoted, programme).request.clinical, plain.request.clinical);
  EXPECT_EQ(read_form(quoted, programme).request.patient.birth_date, "1961-03-02");
  EXPECT_EQ(read_form(bold, programme).request.clinical, plain.request.clinical);
  EXPECT_EQ(read_form(bold, programme).request.question, plain.request.question);
}

TEST(MailForm, TheQuestionnaireOfAnotherPatientBelowIsNotRead) {
  const Programme programme = shipped("rythmologie-guadeloupe");
  const FormReading read =
      read_form("Nom de naissance : AUTRE\n\n> Nom de naissance : EXEMPLE\n> FC : 92\n", programme);
  EXPECT_EQ(read.request.patient.family_name, "AUTRE");
  EXPECT_TRUE(read.request.clinical.empty());
}

std::string filled(const Programme& programme, const std::string& prefix) {
  std::string out;
  std::string text = form_template(programme);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    at = end + 1;
    const auto starts = [&](std::string_view start) { return line.starts_with(start); };
    if (line.ends_with(" :")) {
      if (starts("Nom "))
        line += " EXEMPLE";
      else if (starts("Prénom"))
        line += " Camille";
      else if (starts("Date"))
        line += " 02/03/1961";
      else if (starts("Sexe"))
        line += " M";
      else if (starts("Motif"))
        line += " a";
      else if (starts("Question"))
        line += " Que faire ?";
      else if (starts("Signes"))
        line += " aucun";
      else if (starts("Information"))
        line += " par écrit";
      else if (starts("Consentement"))
        line += " patient";
      else if (line.find("oui ou non") != std::string::npos)
        line += " non";
      else if (starts("Traitements"))
        line += " aucun";
      else if (starts("Antécédents"))
        line += " aucun";
      else if (starts("Pression systolique"))
        line += " 120";
      else if (starts("Pression diastolique"))
        line += " 70";
      else if (starts("Fréquence"))
        line += " 60";
      else if (starts("Nombre"))
        line += " 1";
      else if (starts("Taille"))
        line += " 9";
      else if (starts("Présente"))
        line += " 06/2025";
      else if (starts("Évolution"))
        line += " s'étend";
      else if (starts("Phototype"))
        line += " II";
      else if (starts("Siège") || starts("Lecture") || starts("Hypothèse"))
        line += " texte";
    }
    out += prefix + line + "\n";
  }
  return out;
}

TEST(MailForm, TheTemplateOfEveryProgrammeIsReadBack) {
  for (const Programme& programme : shipped_programmes()) {
    SCOPED_TRACE(programme.id.value);
    const FormReading empty = read_form(form_template(programme), programme);
    EXPECT_TRUE(empty.given.empty()) << testing::PrintToString(empty.given);
    EXPECT_TRUE(empty.request.context.empty()) << empty.request.context;
    EXPECT_TRUE(empty.doubts.empty()) << testing::PrintToString(empty.doubts);
    for (const std::string prefix : {"", "> "}) {
      const FormReading read = read_form(filled(programme, prefix), programme);
      EXPECT_TRUE(read.missing.empty()) << testing::PrintToString(read.missing);
      EXPECT_TRUE(read.doubts.empty()) << testing::PrintToString(read.doubts);
      EXPECT_TRUE(read.request.context.empty()) << read.request.context;
      const auto parsed = parse_case_request(case_request_json(read.request));
      ASSERT_TRUE(parsed) << parsed.error().text;
      EXPECT_TRUE(check_against(*parsed, programme));
    }
  }
}

TEST(MailForm, RedFlagsAreTakenByNumberByNameOrAsked) {
  const Programme programme = shipped("rythmologie-guadeloupe");
  const auto numbers = read_form("Signes de gravité : 1 et 3", programme);
  EXPECT_TRUE(numbers.red_flag);
  EXPECT_TRUE(numbers.request.red_flags.at("st_elevation"));
  EXPECT_FALSE(numbers.request.red_flags.at("ongoing_chest_pain"));
  EXPECT_TRUE(numbers.request.red_flags.at("wide_qrs_tachycardia"));
  const auto named = read_form("Tachycardie à QRS larges : oui", programme);
  EXPECT_TRUE(named.red_flag);
  EXPECT_TRUE(holds(named.missing, "red_flag.st_elevation"));
  const auto unclear = read_form("Signes de gravité : oui", programme);
  EXPECT_TRUE(unclear.red_flag);
  EXPECT_TRUE(unclear.request.red_flags.empty());
  EXPECT_TRUE(holds(unclear.doubts, "red_flags_unclear"));
  const auto contradicted =
      read_form("Signes de gravité : aucun\nTachycardie à QRS larges : oui", programme);
  EXPECT_TRUE(contradicted.red_flag);
  EXPECT_TRUE(contradicted.request.red_flags.at("wide_qrs_tachycardia"));
  EXPECT_TRUE(holds(contradicted.doubts, "repeated:red_flag.wide_qrs_tachycardia"));
}

TEST(MailForm, ConsentNamesWhoGaveIt) {
  const Programme programme = shipped("rythmologie-guadeloupe");
  EXPECT_EQ(read_form("Consentement : oui", programme).request.consent.given_by, "");
  EXPECT_TRUE(holds(read_form("Consentement : oui", programme).missing, "consent.given_by"));
  EXPECT_TRUE(read_form("Consentement du patient : non", programme).consent_refused);
  const auto other =
      read_form("Consentement donné par : représentant : Mme Exemple, mère", programme)
          .request.consent;
  EXPECT_EQ(other.given_by, "representative");
  EXPECT_EQ(other.representative_name, "Mme Exemple");
  EXPECT_EQ(other.representative_quality, "mère");
  EXPECT_TRUE(read_form("Opposition : échange de données", programme).consent_refused);
  EXPECT_EQ(read_form("Information du patient : pas par écrit", programme).request.information.form,
            "");
}

TEST(MailForm, WhatIsNotCertainIsAskedAndKept) {
  const Programme programme = shipped("rythmologie-guadeloupe");
  const auto read = read_form(
      "FC : entre 60 et 90\nSyncope : non recherché\nPalpitations : oui\nPalpitations : non\n"
      "Date de naissance : 02/03/61\nINS : 1 23 45\nMotif : fatigue\nPatient : Camille Exemple",
      programme);
  for (const char* doubt :
       {"unreadable:vitals.heart_rate_bpm", "unreadable:symptoms.syncope",
        "repeated:symptoms.palpitations", "unreadable:patient.birth_date",
        "unreadable:ins.matricule", "unreadable:reason", "unreadable:patient.name"}) {
    EXPECT_TRUE(holds(read.doubts, doubt))
        << doubt << " of " << testing::PrintToString(read.doubts);
  }
  EXPECT_TRUE(read.request.clinical.empty());
  EXPECT_NE(read.request.context.find("FC : entre 60 et 90"), std::string::npos);
}

TEST(MailForm, AnAnswerCompletesWhatWasKnown) {
  const Programme programme = shipped("rythmologie-guadeloupe");
  std::string text = kEcg;
  const std::size_t rate = text.find("FC : 92/min\n");
  text.erase(rate, std::string_view("FC : 92/min\n").size());
  const FormReading first = read_form(text, programme);
  ASSERT_EQ(first.missing, std::vector<std::string>{"vitals.heart_rate_bpm"});
  const FormReading answer =
      read_form("FC : 92\n\nDossier TE-2026-7K3M9Q2A\n\n> manque : FC", programme);
  EXPECT_EQ(answer.case_number, "TE-2026-7K3M9Q2A");
  const CaseRequest whole = completed_request(first.request, answer);
  EXPECT_TRUE(missing_of_form(whole, programme).empty());
  EXPECT_EQ(whole.patient.family_name, "EXEMPLE");
}

TEST(MailFormValues, AreReadAsTyped) {
  EXPECT_EQ(typed_date("2 mars 1961", false), "1961-03-02");
  EXPECT_EQ(typed_date("1er février 2026", false), "2026-02-01");
  EXPECT_EQ(typed_date("mars 2026", true), "2026-03");
  EXPECT_EQ(typed_date("mars 2026", false), std::nullopt);
  EXPECT_EQ(typed_date("31/02/2026", true), std::nullopt);
  EXPECT_EQ(typed_date("1961-03-02", false), "1961-03-02");
  EXPECT_EQ(typed_pressure("132/78"), std::pair(132, 78));
  EXPECT_EQ(typed_pressure("12,5/7"), std::pair(125, 70));
  EXPECT_EQ(typed_pressure("8/13"), std::nullopt);
  EXPECT_EQ(typed_pressure("132"), std::nullopt);
  EXPECT_EQ(typed_time("régulation à 9 h 05"), "09:05");
  EXPECT_EQ(typed_time("14:05"), "14:05");
  EXPECT_EQ(typed_time("25h00"), std::nullopt);
  EXPECT_FALSE(typed_yes_no("oui/non"));
  EXPECT_FALSE(typed_yes_no("?"));
  EXPECT_EQ(typed_yes_no("pas de fièvre")->value, "no");
  EXPECT_EQ(typed_item(*clinical_item("lesion.size_mm"), "1,2 cm")->value, "12");
  EXPECT_EQ(typed_item(*clinical_item("lesion.size_mm"), "9 x 7 mm")->value, "9");
  EXPECT_EQ(typed_item(*clinical_item("phototype"), "IV")->value, "4");
  EXPECT_FALSE(typed_item(*clinical_item("vitals.heart_rate_bpm"), "900"));
}

}  // namespace
}  // namespace telavis::test
