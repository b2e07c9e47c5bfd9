// SPDX-License-Identifier: Apache-2.0
// The five items of CSP R6316-4 in the report of both doctors, read from the PDF that each of them
// downloads, after every kind of answer.
#include <gmock/gmock.h>

#include <cstdio>
#include <regex>

#include "tests/service/stories_world.h"

namespace telavis::test::legal_items_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What a reader of the document sees, line breaks as spaces.
std::string text_of(const Bytes& pdf) {
  const TempFolder folder;
  const auto file = folder.path() / "report.pdf";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(pdf.data()), static_cast<std::streamsize>(pdf.size()));
  // -raw: in the order in which it is written, a label before its text.
  const std::string command = "pdftotext -enc UTF-8 -raw '" + file.string() + "' -";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    text.append(buffer, n);
  }
  EXPECT_EQ(pclose(pipe), 0) << "pdftotext (package poppler-utils) is missing";
  static const std::regex spaces("[ \\n\\f]+");
  static const std::regex footer(
      "Dossier TE-[0-9A-Z-]+ ?[.] Document scellé par le moteur Telavis [(]empreinte "
      "[0-9a-f]+[)][.] Page [0-9]+/[0-9]+ ?");
  return std::regex_replace(std::regex_replace(text, spaces, " "), footer, "");
}

/// What the check says of the demonstration's tracing under another patient's request.
const std::string kOtherPatient =
    "Tracé ECG (12 x 10.0 s) : Le fichier ne parle pas du même patient que la demande : vérifiez "
    "que c'est le bon fichier.";

class LegalItems : public Story {
 protected:
  LegalItems() {
    engine.gp.speciality = "Médecine générale";
    engine.gp.place = "Deshaies";
    engine.put(engine.gp);
    engine.expert_a.speciality = engine.expert_b.speciality = "Cardiologie";
    engine.put(engine.expert_a);
    engine.put(engine.expert_b);
  }

  /// The legal section of a doctor's copy.
  std::string section(const User& reader, const CaseId& id) {
    const auto pdf = engine.service.report(reader, id);
    EXPECT_TRUE(pdf) << (pdf ? "" : pdf.error().text);
    if (!pdf) return {};
    const std::string text = text_of(*pdf);
    const auto from = text.find("Mentions de l’article R. 6316-4 du code de la santé publique");
    EXPECT_NE(from, std::string::npos) << text;
    return from == std::string::npos ? text : text.substr(from);
  }

  /// Both copies are there, are alike and have the five items; gives what they say.
  std::string both_copies(
      const CaseId& id, const User& expert,
      const std::string& acts = "TE2 (Médecin requis) RQD (Médecin requérant)") {
    const std::string said = section(engine.gp, id);
    EXPECT_EQ(said, section(expert, id));
    EXPECT_THAT(said, HasSubstr("1° Compte rendu le présent document, dossier " +
                                engine.load(id).number + ", avis scellé "));
    EXPECT_THAT(said, HasSubstr("2° Actes " + acts));
    EXPECT_THAT(said, HasSubstr("2° Prescriptions "));
    EXPECT_THAT(said, HasSubstr("3° Médecin requérant Dr Prénom Nomgp (RPPS 99900000014), "
                                "Médecine générale, Deshaies"));
    EXPECT_THAT(said, HasSubstr("3° Médecin requis Dr Prénom Nom" + expert.login +
                                " (RPPS 99900000014), Cardiologie"));
    EXPECT_THAT(said, HasSubstr("4° Date et heure demande reçue le 06/01/2026 à 08:00 "
                                "(UTC-04:00) ; avis validé le "));
    EXPECT_THAT(said, HasSubstr("Heure légale de America/Guadeloupe."));
    EXPECT_THAT(said, HasSubstr("5° Incidents techniques "));
    EXPECT_THAT(said, Not(HasSubstr("EUR")));
    return said;
  }
};

TEST_F(LegalItems, OfAnOrdinaryAnswer) {
  const std::string of_the_tracing =
      std::regex_replace(kRequestJson, std::regex("\"patient\":[{][^}]*[}],"), "");
  const CaseId id = submitted(of_the_tracing);
  name_experts(id);
  engine.done(first, "opinion", id, kOpinionJson);
  disk.clock.advance(minutes(1));
  ASSERT_TRUE(engine.settle());
  const std::string said = both_copies(id, first);
  EXPECT_THAT(said, HasSubstr("Prescriptions néant"));
  EXPECT_THAT(said, HasSubstr("avis validé le 06/01/2026 à 08:00 (UTC-04:00) ; compte rendu établi "
                              "le 06/01/2026 à 08:01 (UTC-04:00)."));
  EXPECT_THAT(said, HasSubstr("Incidents techniques néant"));
}

TEST_F(LegalItems, OfAnAnswerWithPrescriptionsAndIncidents) {
  const CaseId id = answered(with(
      kOpinionJson, "{",
      R"({"prescriptions":"Apixaban 5 mg, deux fois par jour.","technical_incidents":"Page lente.",)"));
  const std::string said = both_copies(id, first);
  EXPECT_THAT(said, HasSubstr("Prescriptions Apixaban 5 mg, deux fois par jour."));
  EXPECT_THAT(said, HasSubstr("Incidents techniques " + kOtherPatient + " Page lente."));
}

TEST_F(LegalItems, OfACorrectionTheActsOfTheFirstOpinion) {
  const CaseId id = answered();
  run_until(hour(30));  // another day
  const std::string hash = engine.load(id).opinion->hash;
  engine.done(first, "correct", id, with(kInPersonJson, "{", R"({"corrects":")" + hash + R"(",)"));
  run_until(hour(31));
  const std::string said = both_copies(id, first);
  EXPECT_THAT(said, HasSubstr("RQD (Médecin requérant) La correction ne donne lieu à aucun nouvel "
                              "acte."));
  EXPECT_THAT(said, HasSubstr("avis validé le 07/01/2026 à 14:00 (UTC-04:00)"));
  EXPECT_THAT(said, HasSubstr("avis scellé " + engine.load(id).opinion->hash.substr(0, 16)));
}

TEST_F(LegalItems, OfAnAnswerThatASecondOpinionFollowed) {
  const CaseId id = submitted();
  name_experts(id);
  run_until(hour(5));
  engine.done(second, "opinion", id, kOpinionJson);
  engine.done(first, "opinion", id, kUrgentJson);
  run_until(hour(6));
  both_copies(id, second);
  // Whose opinion is not the answer has no report of it to file: he is told so by mail.
  EXPECT_FALSE(engine.service.report(first, id));
}

TEST_F(LegalItems, OfALateAnswerItsLateness) {
  const CaseId id = submitted();
  name_experts(id);
  run_until(hour(49));
  const User asked = engine.expert_of(id);
  engine.done(asked, "opinion", id, kOpinionJson);
  run_until(hour(50));
  EXPECT_THAT(both_copies(id, asked),
              HasSubstr("Incidents techniques " + kOtherPatient +
                        " 08/01/2026 à 08:00 (UTC-04:00) : Le délai promis est "
                        "passé sans avis."));
}

TEST_F(LegalItems, OfInsufficientDataAfterAWaitAndARefusedFile) {
  const CaseId id = submitted();
  name_experts(id);
  engine.done(first, "accept", id);
  engine.done(first, "need-info", id, kText);
  run_until(hour(2));
  const auto refused = engine.service.command(engine.gp, "info", "bad-file", id, kText,
                                              {{"web", "x", Bytes{'n', 'o', 'n', 'e'}}});
  ASSERT_FALSE(refused);
  const std::string code(error_name(refused.error().code));
  // A stranger adds nothing to the case.
  ASSERT_FALSE(engine.service.command(engine.other_gp, "info", "bad-file", id, kText,
                                      {{"web", "x", Bytes{'n', 'o', 'n', 'e'}}}));
  run_until(hour(3));
  engine.done(engine.gp, "info", id, kText);
  engine.done(first, "opinion", id,
              R"({"data_sufficient":false,"to_redo":"Refaire.","orientation":"repeat_recording"})");
  run_until(hour(4));
  const std::string said = both_copies(
      id, first,
      "TE2 (Médecin requis), non facturable : données insuffisantes, aucun avis rendu RQD (Médecin "
      "requérant), non facturable : données insuffisantes, aucun avis rendu 2° Prescriptions ");
  EXPECT_THAT(said,
              HasSubstr("Attente d’un complément demandé au médecin requérant : 3 h 00 min."));
  EXPECT_THAT(said, HasSubstr("06/01/2026 à 10:00 (UTC-04:00) : Un fichier envoyé en complément a "
                              "été refusé (" +
                              code + ")."));
  const auto actions = audited(id);
  EXPECT_EQ(std::ranges::count(actions, "files_refused"), 1);
}

TEST_F(LegalItems, OfAnUrgentAnswerThatLeavesAtOnce) {
  const CaseId id = submitted();
  name_experts(id);
  run_until(hour(13));  // night
  engine.done(first, "opinion", id, kUrgentJson);
  run_until(hour(13.2));
  EXPECT_THAT(both_copies(id, first),
              HasSubstr("avis validé le 06/01/2026 à 21:00 (UTC-04:00) ; compte rendu établi le "
                        "06/01/2026 à 21:00 (UTC-04:00)."));
}

TEST_F(LegalItems, WhatWentWrongAfterTheReportStandsInTheCase) {
  const auto folder = disk.folder / "maildir" / engine.gp.mail_address;
  const CaseId id = submitted();
  name_experts(id);
  std::filesystem::create_directories(folder.parent_path());
  std::ofstream(folder) << "in the way";
  engine.done(first, "opinion", id, kOpinionJson);
  run_until(hour(1));
  std::filesystem::remove(folder);
  run_until(hour(3));
  both_copies(id, first);
  for (const User& reader : {engine.gp, first}) {
    const auto incidents = engine.service.open(reader, id)->incidents;
    ASSERT_EQ(incidents.size(), 1U);
    EXPECT_THAT(incidents[0].text, HasSubstr("Le compte rendu est parti après des essais"));
  }
}

}  // namespace
}  // namespace telavis::test::legal_items_test
