// SPDX-License-Identifier: Apache-2.0
#include "tests/mssante/made_submissions.h"

#include <array>
#include <random>

#include <fmt/format.h>

namespace telavis::test {
namespace {

constexpr const char* kTestInsOid = "1.2.250.1.213.1.4.10";

Bytes smallest_cda(std::string_view words) {
  const std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ClinicalDocument "
      "xmlns=\"urn:hl7-org:v3\"><!-- {} --></ClinicalDocument>\n",
      words);
  return {text.begin(), text.end()};
}

CdaPerson cardiologist() {
  CdaPerson person;
  person.rpps = "10000000013";
  person.title = "Dr";
  person.given = "Anne";
  person.family = "LEFÈVRE";
  person.profession_code = "G15_10/SM04";
  person.profession_label = "Médecin - Cardiologie et maladies vasculaires (SM)";
  person.mail = "anne.lefevre@medecin.mssante.test";
  person.organization = {"1440000008", "Cabinet du Port", "SA07", "AMBULATOIRE"};
  return person;
}

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned bound) { return static_cast<unsigned>(engine_() % bound); }
  bool one_in(unsigned n) { return below(n) == 0; }
  template <std::size_t N>
  std::string of(const std::array<const char*, N>& choices) {
    return choices[below(N)];
  }
  std::string family() {
    return of(std::array{"MARTIN", "D'AGATA", "LE GOFF-ÉVÊQUE", "A&B", "X^Y", "P|Q~R", "B\\S",
                         "<Tag>", "O\"NEIL", "ÇELİK", "名前"});
  }
  std::string given() {
    return of(std::array{"Marie", "Jean-Loup", "Zoé", "D&G", "Élodie", "Ng^o"});
  }
  /// Local time with its offset, of every day and hour, so that months and years carry.
  std::string time() {
    static constexpr std::array kDays = {"20250101", "20251231", "20240229",
                                         "20240301", "20260630", "20250330"};
    static constexpr std::array kOffsets = {"+0100", "+0200", "-0400", "-0300",
                                            "+1100", "-1000", "+0000", "+0530"};
    return fmt::format("{}{:02}{:02}{:02}{}", of(kDays), below(24), below(60), below(60),
                       of(kOffsets));
  }
  std::string oid(std::string_view under) {
    return fmt::format("{}.{}.{}", under, below(100'000), below(1'000'000'000));
  }

 private:
  std::mt19937 engine_;
};

CdaPerson random_person(Dice& dice) {
  CdaPerson person = cardiologist();
  person.rpps = fmt::format("1{:010}", dice.below(1'000'000'000));
  person.family = dice.family();
  person.given = dice.given();
  if (dice.one_in(4)) person.organization.id.clear();
  if (dice.one_in(4)) person.organization.name = dice.family();
  if (dice.one_in(5)) person.profession_code.clear();
  if (dice.one_in(3)) person.mail.clear();
  return person;
}

CdaPatient random_patient(Dice& dice) {
  CdaPatient patient = plain_submission().documents[0].meta.patient;
  patient.birth_family = dice.family();
  patient.birth_given = {dice.given()};
  while (dice.one_in(2) && patient.birth_given.size() < 6) {
    patient.birth_given.push_back(dice.given());
  }
  if (dice.one_in(2)) {
    patient.used_family = dice.family();
    patient.used_given = dice.given();
  } else {
    patient.used_family.clear();
    patient.used_given.clear();
  }
  patient.sex = dice.of(std::array{"M", "F", "U"});
  patient.ins.matricule = made_matricule(dice.below(1'000'000));
  patient.local_id = fmt::format("IPP{}", dice.below(1'000'000));
  if (dice.one_in(4)) patient.ins = {};
  if (!patient.ins.matricule.empty() && dice.one_in(4)) {
    patient.local_id.clear();
    patient.local_id_root.clear();
  }
  return patient;
}

}  // namespace

std::string made_matricule(unsigned number) {
  const std::uint64_t body = 2'790'351'000'000ULL + number % 1'000'000;
  return fmt::format("{:013}{:02}", body, 97 - body % 97);
}

XdmSubmission plain_submission() {
  CdaDocument meta;
  meta.kind = CdaKind::tlm_da;
  meta.id_root = "1.2.250.1.999.1.2.77";
  meta.set_id_root = "1.2.250.1.999.1.3.77";
  meta.title = "Demande de téléexpertise";
  meta.effective_time = "20260101003000+0100";
  meta.patient.ins = {made_matricule(215'189), kTestInsOid, InsStatus::qualified, true};
  meta.patient.local_id = "TE-77";
  meta.patient.local_id_root = "1.2.250.1.999.1.4";
  meta.patient.birth_family = "PAT-TROIS";
  meta.patient.birth_given = {"DOMINIQUE", "MARIE-LOUISE"};
  meta.patient.used_family = "DURAND";
  meta.patient.used_given = "DOMINIQUE";
  meta.patient.sex = "F";
  meta.patient.birth_date = "1979-03-28";
  meta.patient.birth_place_insee = "51215";
  meta.author = cardiologist();
  meta.legal_authenticator = meta.author;
  meta.performer = meta.author;
  meta.service_code = "TE2";
  meta.service_time_low = "20251231190000-0400";
  meta.encounter.sector = "SA07";
  XdmSubmission submission;
  submission.unique_id = "1.2.250.1.999.1.5.77";
  submission.source_id = "1.2.250.1.999.1";
  submission.at = from_epoch_ms(1'767'229'200'123);  // 2026-01-01T01:00:00.123Z
  submission.author = meta.author;
  submission.documents = {{meta, smallest_cda("une demande")}};
  return submission;
}

XdmSubmission random_submission(unsigned seed) {
  Dice dice(seed);
  XdmSubmission submission = plain_submission();
  submission.unique_id = dice.oid("1.2.250.1.999.5");
  submission.source_id = dice.oid("1.2.250.1.999.6");
  submission.content_type_code = dice.of(std::array{"", "07", "19", "97"});
  submission.at = from_epoch_ms(1'700'000'000'000 + std::int64_t{dice.below(2'000'000'000)} * 50);
  submission.author = random_person(dice);
  const CdaPatient patient = random_patient(dice);
  const unsigned count = 1 + dice.below(3);
  const XdmDocument model = submission.documents[0];
  submission.documents.clear();
  for (unsigned i = 0; i < count; ++i) {
    XdmDocument document = model;
    CdaDocument& meta = document.meta;
    meta.kind = dice.one_in(2) ? CdaKind::tlm_da : CdaKind::tlm_cr;
    meta.id_root = dice.oid("1.2.250.1.999.7");
    if (dice.one_in(2)) meta.id_extension = fmt::format("D{}", i);
    meta.set_id_root = dice.one_in(8) ? "" : dice.oid("1.2.250.1.999.8");
    meta.title = "Titre " + dice.family();
    meta.patient = patient;
    meta.author = random_person(dice);
    meta.legal_authenticator = random_person(dice);
    meta.performer = random_person(dice);
    meta.effective_time = dice.time();
    meta.service_time_low = dice.time();
    if (dice.one_in(2)) meta.service_time_high = dice.time();
    meta.service_code = dice.of(std::array{"", "TE1", "TE2"});
    meta.confidentiality = dice.of(std::array{"N", "R", "V"});
    meta.encounter.sector = dice.of(std::array{"SA01", "SA07", "SA08", "SA99"});
    if (dice.one_in(3)) {
      meta.version = 2 + dice.below(8);
      meta.replaces_root = dice.oid("1.2.250.1.999.7");
    }
    document.cda = smallest_cda(std::string(dice.below(5000), 'x'));
    submission.documents.push_back(std::move(document));
  }
  return submission;
}

}  // namespace telavis::test
