// SPDX-License-Identifier: Apache-2.0
#include "tests/mssante/made_documents.h"

#include <fmt/format.h>

#include <array>
#include <random>

#include "engine/core/opinion.h"
#include "formats/render.h"

namespace telavis::test {
namespace {

using Words = std::vector<std::string>;

/// Draws from the engine's own bits: what std::uniform_int_distribution gives is up to the library.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  const std::string& of(const Words& words) { return words[below(words.size())]; }
  std::string digits(std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + below(10));
    return text;
  }

 private:
  std::mt19937_64 engine_;
};

const Words& family_names() {
  static const Words kNames = {"EXEMPLE",  "D'ÉTÉ-ŒUF", "LE GALL",  "MODÈLE & FILS",
                               "O\"QUOTE", "Ñandú",     "<MINUS>",  "DE LA TOUR D’AZUR",
                               "X",        "王",        "Müller-Ω", "SAINT‑JUST"};
  return kNames;
}
const Words& given_names() {
  static const Words kNames = {"Camille",  "Jean-Marie", "Élise Marie Ange", "Noël", "Ann",
                               "Zoé  Ève", "Loïc"};
  return kNames;
}
const Words& texts() {
  static const Words kTexts = {"Palpitations depuis trois jours, sans malaise.",
                               "FC < 50/min & TA > 140 mmHg ; \"malaise\" à l'effort",
                               "Première ligne\nDeuxième ligne :\n- un\n- deux",
                               "Lésion de 9 mm, évolutive\u00a0; antécédents familiaux (père).",
                               "Œdèmes des membres inférieurs – 2 cm ; SpO₂ 97 % ; 37,2 °C",
                               "]]> <script>alert(1)</script> &amp; <!-- rien -->",
                               "\u200f\u202Etexte à sens contraire\u202C 😀"};
  return kTexts;
}

User made_doctor(Draw& draw, const std::string& id, bool expert) {
  User user;
  user.id = UserId(id);
  user.title = draw.of({"Dr", "Pr", "Docteur", "M.", "Mme", "", "Sœur"});
  user.given_name = draw.of(given_names());
  user.family_name = draw.of(family_names());
  user.rpps = "999" + draw.digits(8);
  user.profession = expert || !draw.one_in(4)
                        ? "medecin"
                        : draw.of({"sage-femme", "infirmier", "pharmacien", "chirurgien-dentiste",
                                   "pedicure-podologue"});
  user.speciality = draw.of({"",
                             "Médecine générale",
                             "Cardiologie",
                             "Rythmologie",
                             "Dermatologie et vénéréologie",
                             "Gériatrie",
                             "Médecine d'urgence",
                             "Pédiatrie",
                             "Gynécologie-obstétrique",
                             "gynécologie médicale",
                             "Médecine interne",
                             "Pneumologie",
                             "Endocrinologie",
                             "Neurologie",
                             "Psychiatrie",
                             "Rhumatologie",
                             "Anesthésie-réanimation",
                             "Néphrologie",
                             "Médecine vasculaire",
                             "Médecine cardiovasculaire",
                             "Angiologie",
                             "Sorcellerie"});
  user.mail_address = draw.one_in(5) ? "" : "dr." + draw.digits(4) + "@medecin.telavis.test";
  user.office_phone =
      draw.of({"", "0590 00 00 02", "+33 1 99 00 12 34", "01.99.00.00.00 (poste 4)"});
  user.place = "Sainte-Rose";
  return user;
}

/// Half of them born in Corsica, overseas or abroad.
std::string patient_matricule(Draw& draw, const PatientIdentity& patient) {
  const std::string place = draw.of(
      {"75" + draw.digits(3), "51215", "2A004", "2B033", "97105", "97411", "99" + draw.digits(3)});
  const std::string year = patient.birth_date.size() == 10 ? patient.birth_date.substr(2, 2) : "61";
  const std::string month =
      patient.birth_date.size() == 10 ? patient.birth_date.substr(5, 2) : "03";
  return with_ins_key((patient.sex == Sex::male ? "1" : "2") + year + month + place +
                      draw.digits(3));
}

void make_patient(Draw& draw, CaseRequest& request) {
  PatientIdentity& patient = request.patient;
  patient.family_name = draw.of(family_names());
  patient.given_name = draw.one_in(30) ? "Aÿ" : draw.of(given_names());
  patient.birth_date =
      fmt::format("{}-{:02}-{:02}", 1920 + draw.below(106), 1 + draw.below(12), 1 + draw.below(28));
  constexpr std::array kSexes = {Sex::male,   Sex::female, Sex::male,
                                 Sex::female, Sex::other,  Sex::unknown};
  patient.sex = kSexes[draw.below(kSexes.size())];
  request.patient_phone = draw.of({"", "0690 00 00 01", "+590 690 00 00 01"});
  if (draw.one_in(4)) return;  // no INS
  constexpr std::array kStatuses = {InsStatus::provisional, InsStatus::retrieved,
                                    InsStatus::validated,   InsStatus::qualified,
                                    InsStatus::qualified,   InsStatus::qualified};
  request.ins.matricule = patient_matricule(draw, patient);
  request.ins.oid = "1.2.250.1.213.1.4." + draw.of({"8", "9", "10", "11", "10", "8"});
  request.ins.status = kStatuses[draw.below(kStatuses.size())];
  request.ins.from_insi = true;
  patient.id = request.ins.matricule;
}

std::string made_value(Draw& draw, const ClinicalItemKind& kind) {
  switch (kind.type) {
    case ClinicalType::yes_no:
      return draw.one_in(2) ? "yes" : "no";
    case ClinicalType::whole_number:
      return fmt::format("{}",
                         static_cast<std::size_t>(kind.least) +
                             draw.below(static_cast<std::size_t>(kind.most - kind.least) + 1));
    case ClinicalType::decimal:
      return fmt::format("{}.{}", static_cast<std::size_t>(kind.least) + draw.below(4),
                         draw.below(10));
    case ClinicalType::date_or_month:
      return draw.one_in(2) ? "2026-01-03" : "2025-06";
    case ClinicalType::choice:
      return std::string(kind.choices[draw.below(kind.choices.size())]);
    case ClinicalType::text:
      return "dos, haut gauche <1 cm>";
    case ClinicalType::texts:
      return draw.of(
          {"", "bisoprolol 2,5 mg", "apixaban 5 mg x2\nramipril & co\namiodarone < 200 mg"});
  }
  return {};
}

void make_clinical(Draw& draw, const Programme& programme, CaseRequest& request) {
  const std::size_t answered = draw.below(4);  // of three items, how many are answered
  for (const ClinicalItemKind& kind : clinical_items(programme.speciality)) {
    if (draw.below(3) < answered) {
      request.clinical.push_back({std::string(kind.name), made_value(draw, kind)});
    }
  }
  for (const RedFlag& flag : programme.red_flags) {
    if (draw.one_in(2)) request.red_flags[flag.code] = draw.one_in(9);
  }
}

CaseRequest made_request(Draw& draw, const Programme& programme, const User& requester) {
  CaseRequest request;
  request.programme = programme.id;
  make_patient(draw, request);
  request.reason = draw.of(programme.reasons);
  request.question = draw.of(texts());
  request.context = draw.one_in(3) ? "" : draw.of(texts());
  request.own_reading = draw.one_in(2) ? "" : draw.of(texts());
  make_clinical(draw, programme, request);
  request.regulated_at = draw.one_in(10) ? "14:05" : "";
  request.information = {std::string(kNoticeVersion),
                         draw.one_in(3) ? "Mme Tiers, IDE" : requester.id.value,
                         "2026-11-20T08:00:00Z", draw.one_in(2) ? "oral" : "written"};
  request.consent.given_by = draw.one_in(4) ? "representative" : "patient";
  if (request.consent.given_by == "representative") {
    request.consent.representative_name = "Mme EXEMPLE";
    request.consent.representative_quality = draw.of({"mère", "tuteur", "curatrice"});
  }
  request.oppositions.attending_physician = draw.one_in(4);
  request.oppositions.citizen_mailbox = draw.one_in(4);
  request.minor_secrecy = draw.one_in(20);
  return request;
}

std::string made_number(Draw& draw) {
  std::string number = "TE-20" + draw.of({"26", "27", "99"}) + "-";
  while (number.size() < 16) number += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[draw.below(32)];
  return number;
}

Case made_subject(Draw& draw, const MadeCase& made) {
  constexpr std::int64_t kHour = 3'600'000;
  Case subject;
  subject.id = CaseId("case");
  subject.number = made_number(draw);
  subject.programme = made.programme.id;
  subject.requester = made.requester.id;
  // Winter and summer, around the changes of the clocks.
  const auto at = [&, start = std::int64_t{1'767'686'520'000} +
                              static_cast<std::int64_t>(draw.below(20'000)) * kHour](int hours) {
    return from_epoch_ms(start + hours * kHour);
  };
  subject.submitted_at = at(0);
  if (!draw.one_in(4))
    subject.promise = promise_of(plan_of(made.programme, made.request.reason), at(1));
  for (std::size_t i = draw.below(3); i > 0; --i) {
    subject.dialogue.push_back(
        {DialogueKind::info, made.requester.id, at(2 + static_cast<int>(i)), {}});
  }
  const Words findings = {"short_recording", "mains_noise", "blurred", "unknown_code"};
  for (std::size_t i = draw.below(4); i > 0; --i) {
    ExamSummary exam{draw.of({"ecg", "photo", "document"}),
                     draw.of({"SCP-ECG", "JPEG", "PDF"}),
                     "12 x 10.0 s",
                     {}};
    if (draw.one_in(2)) exam.findings.push_back(draw.of(findings));
    subject.exams.push_back(std::move(exam));
  }
  const std::size_t corrections = draw.one_in(5) ? 1 + draw.below(2) : 0;
  for (std::size_t i = 0; i < corrections; ++i) {
    KeptOpinion kept;
    kept.why = "corrected";
    subject.kept_opinions.push_back(std::move(kept));
  }
  if (draw.one_in(5)) subject.kept_opinions.push_back({{}, "second", {}, {}});
  Opinion opinion;
  opinion.expert = made.expert.id;
  opinion.signed_at = at(20);
  opinion.released_at = at(21);
  subject.opinion = opinion;
  return subject;
}

}  // namespace

std::string with_ins_key(std::string number) {
  std::string digits = number;
  if (const auto at = digits.find("2A"); at != std::string::npos) digits.replace(at, 2, "19");
  if (const auto at = digits.find("2B"); at != std::string::npos) digits.replace(at, 2, "18");
  int rest = 0;
  for (const char c : digits) rest = (rest * 10 + (c - '0')) % 97;
  return number + fmt::format("{:02}", 97 - rest);
}

const Bytes& made_report(std::size_t variant) {
  static const std::array<Bytes, 3> kReports = [] {
    std::array<Bytes, 3> reports;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      ReportContent content;
      content.title = "Compte rendu de téléexpertise";
      for (std::size_t line = 0; line < 1 + 120 * i; ++line) {
        content.sections.push_back({"Avis", {{"Conclusion", "Tracé sans anomalie <fictif>."}}});
      }
      reports[i] = render_report_pdf(content).value();
    }
    return reports;
  }();
  return kReports[variant % kReports.size()];
}

MadeCase made_case(std::uint64_t seed) {
  Draw draw(seed);
  static const std::vector<Programme> kProgrammes = shipped_programmes();
  MadeCase made;
  made.settings = {"2.999.250.7",
                   draw.one_in(2) ? "990000001" : "99900000100015",
                   "Association fictive & Cie",
                   draw.of({"SA01", "SA05", "SA07", "SA08", "SA50", "SA57", "SA63"}),
                   draw.of({"AMBULATOIRE", "ETABLISSEMENT", "ESSMS"}),
                   draw.one_in(2)};
  made.programme = kProgrammes[seed % kProgrammes.size()];
  made.requester = made_doctor(draw, "requester", false);
  made.expert = made_doctor(draw, "expert", true);
  for (std::size_t i = draw.below(3); i > 0; --i) {
    made.named.push_back(made_doctor(draw, "named", true));
    if (draw.one_in(4)) made.named.back().rpps.clear();
  }
  made.request = made_request(draw, made.programme, made.requester);
  made.subject = made_subject(draw, made);
  made.report = made_report(draw.below(3));
  return made;
}

}  // namespace telavis::test
