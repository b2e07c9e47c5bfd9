// SPDX-License-Identifier: Apache-2.0
#include "mssante/case_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "engine/core/opinion.h"
#include "engine/core/report.h"
#include "engine/core/request_words.h"
#include "mssante/cda_check.h"
#include "mssante/cda_codes.h"
#include "mssante/hl7_field.h"

namespace telavis {
namespace {

constexpr Language kLanguage = Language::french;  // of the documents: languageCode fr-FR
constexpr std::string_view kService = "TE2";      // the one act of teleexpertise since 2022
// An OID has at most 64 characters (IHE ITI TF-3, 4.2.3.1.2). Below the root stand up to 26:
// ".1.1.2026.1099511627775.99" of a document, ".3." and 64 bits of a lot.
constexpr std::size_t kMaxRoot = 38;
constexpr std::size_t kInsPlace = 5;  // sex 1, year 2, month 2 before it
constexpr std::size_t kInsPlaceLength = 5;

/// Vital signs of the form that the value set of the French model has, with their UCUM units.
struct VitalSign {
  std::string_view item;
  std::string_view loinc;
  std::string_view unit;
};
constexpr std::array<VitalSign, 4> kVitalSigns = {{
    {"vitals.systolic_mmhg", "8480-6", "mm[Hg]"},
    {"vitals.diastolic_mmhg", "8462-4", "mm[Hg]"},
    {"vitals.heart_rate_bpm", "8867-4", "/min"},
    {"vitals.spo2_percent", "20564-1", "%"},
}};

/// "20260106040200-0400".
Result<std::string> hl7_time(Instant instant, const std::string& zone) {
  const auto local = local_time(instant, zone);
  if (!local) return tl::unexpected(local.error());
  std::string digits;
  for (const char c : local->date + local->time) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const int offset = std::abs(local->utc_offset_minutes);
  return fmt::format("{}{}{:02}{:02}", digits, local->utc_offset_minutes < 0 ? '-' : '+',
                     offset / 60, offset % 60);
}

/// "TE-2026-7K3M9Q2A" as two arcs, "2026.255116814154": year, and the number's 8 digits of
/// Crockford's base 32, of which the engine makes its case numbers (5 random bytes, so no two have
/// the same).
Result<std::string> number_arcs(const std::string& number) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr std::size_t kYear = 3, kYearEnd = 7, kCode = 8, kLength = 16;
  const auto refused = [] {
    return fail(ErrorCode::invalid_field,
                "The case has a number that is none of this engine's: no document can be numbered "
                "after it.");
  };
  if (number.size() != kLength || !number.starts_with("TE-") || number[kYearEnd] != '-') {
    return refused();
  }
  const std::string year = number.substr(kYear, kYearEnd - kYear);
  const bool is_year = std::ranges::all_of(year, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_year || year[0] == '0') return refused();
  std::uint64_t value = 0;
  for (const char c : std::string_view(number).substr(kCode)) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return refused();
    value = value * kDigits.size() + digit;
  }
  return fmt::format("{}.{}", year, value);
}

std::string telephone(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (c == '+' && digits.empty())) digits += c;
  }
  return digits;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::string sex_code(Sex sex) {
  switch (sex) {
    case Sex::male:
      return "M";
    case Sex::female:
      return "F";
    case Sex::other:
    case Sex::unknown:
      return "U";
  }
  return "U";
}

const ClinicalItem* item_of(const CaseRequest& request, std::string_view name) {
  const auto found = std::ranges::find(request.clinical, name, &ClinicalItem::name);
  return found == request.clinical.end() ? nullptr : &*found;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void add_lines(const ReportSection& from, CdaSection& to) {
  for (const auto& [label, value] : from.lines) {
    to.paragraphs.push_back(label.empty() ? value
                                          : message(kLanguage, "report.clinical.value",
                                                    {{"item", label}, {"value", value}}));
  }
}

/// Title and sections of a request.
class RequestBody {
 public:
  explicit RequestBody(const DocumentInput& input) : in_(input) {}

  Result<std::vector<CdaSection>> sections() {
    auto anamnesis = anamnesis_section();
    if (!anamnesis) return tl::unexpected(anamnesis.error());
    std::vector<CdaSection> sections = {*std::move(anamnesis), treatments()};
    if (CdaSection vitals = vital_signs(); !vitals.measures.empty()) {
      sections.push_back(std::move(vitals));
    }
    if (CdaSection results = exams(); !results.paragraphs.empty()) {
      sections.push_back(std::move(results));
    }
    return sections;
  }

 private:
  static CdaSection section(std::string_view code) {
    return {
        std::string(code), message(kLanguage, "document.section." + std::string(code)), {}, {}, {}};
  }

  static bool has_section_of_its_own(const ClinicalItem& item) {
    return item.name == kTreatmentsItem ||
           std::ranges::find(kVitalSigns, item.name, &VitalSign::item) != kVitalSigns.end();
  }

  /// What was asked and why, then the clinical items.
  Result<CdaSection> anamnesis_section() {
    const OpinionText none;
    const std::vector<ArchivedExam> no_exams;
    const std::vector<BillableAct> no_acts;
    const std::vector<Incident> no_incidents;
    const ReportInput words{
        in_.subject, in_.programme, in_.requester, in_.requester, in_.request,
        none,        no_exams,      no_acts,       no_incidents,  in_.subject.submitted_at};
    const auto asked = request_section(words, kLanguage);
    if (!asked) return tl::unexpected(asked.error());
    CaseRequest rest = in_.request;
    std::erase_if(rest.clinical, has_section_of_its_own);
    CdaSection out = section(kCdaAnamnesis);
    add_lines(*asked, out);
    add_lines(clinical_section(rest, kLanguage), out);
    return out;
  }

  CdaSection treatments() {
    CdaSection out = section(kCdaTreatments);
    const ClinicalItem* item = item_of(in_.request, kTreatmentsItem);
    if (item != nullptr) out.treatments = lines_of(item->value);
    if (out.treatments.empty()) {
      out.paragraphs.push_back(message(
          kLanguage, item == nullptr ? "document.treatments_unknown" : "document.treatments_none"));
    }
    return out;
  }

  CdaSection vital_signs() {
    CdaSection out = section(kCdaVitalSigns);
    for (const VitalSign& sign : kVitalSigns) {
      const ClinicalItem* item = item_of(in_.request, sign.item);
      if (item == nullptr) continue;
      out.measures.push_back({std::string(sign.loinc),
                              message(kLanguage, "form." + std::string(sign.item)), item->value,
                              std::string(sign.unit)});
    }
    return out;
  }

  CdaSection exams() {
    CdaSection out = section(kCdaResults);
    add_lines(exams_section(in_.subject.exams, kLanguage), out);
    return out;
  }

  const DocumentInput& in_;
};

std::int64_t count_of(const Case& subject, DialogueKind kind) {
  return std::ranges::count(subject.dialogue, kind, &DialogueItem::kind);
}

/// When the request took the form that it has.
Instant request_changed_at(const Case& subject) {
  Instant at = subject.promise ? subject.promise->completed_at : subject.submitted_at;
  for (const DialogueItem& item : subject.dialogue) {
    if (item.kind == DialogueKind::info) at = std::max(at, item.at);
  }
  return at;
}

std::int64_t corrections_of(const Case& subject) {
  return std::ranges::count(subject.kept_opinions, "corrected", &KeptOpinion::why);
}

Result<void> number(const DocumentInput& input, std::int64_t version, CdaDocument& out) {
  const auto arcs = number_arcs(input.subject.number);
  if (!arcs) return tl::unexpected(arcs.error());
  out.set_id_root = fmt::format("{}.{}.{}", document_oid(input.settings, DocumentArc::documents),
                                out.kind == CdaKind::tlm_da ? 1 : 2, *arcs);
  out.version = version;
  out.id_root = fmt::format("{}.{}", out.set_id_root, version);
  if (version > 1) out.replaces_root = fmt::format("{}.{}", out.set_id_root, version - 1);
  return {};
}

/// What both documents have in common. `author` signs.
Result<CdaDocument> common(const DocumentInput& input, CdaKind kind, std::int64_t version,
                           const User& author, std::string_view author_speciality) {
  if (input.settings.root_oid.empty()) {
    return fail(ErrorCode::configuration_invalid,
                "No document can be made: the configuration names no root OID ('documents').");
  }
  CdaDocument out;
  out.kind = kind;
  if (auto numbered = number(input, version, out); !numbered) {
    return tl::unexpected(numbered.error());
  }
  auto person = document_person(author, author_speciality);
  if (!person) return tl::unexpected(person.error());
  out.patient = document_patient(input);
  out.author = *person;
  out.legal_authenticator = *person;
  out.performer = *std::move(person);
  out.performer.organization.practice_setting = input.settings.practice_setting;
  out.custodian = {organization_id(input.settings.custodian), input.settings.custodian_name};
  out.service_code = kService;
  out.encounter.sector = input.settings.facility_sector;
  const auto asked = hl7_time(input.subject.submitted_at, input.programme.time_zone);
  if (!asked) return tl::unexpected(asked.error());
  out.service_time_low = *asked;
  out.encounter.time_low = *asked;
  return out;
}

}  // namespace

Result<void> check_documents(const DocumentSettings& settings) {
  const auto wrong = [](const char* member, const char* what) {
    return fail(ErrorCode::configuration_invalid, fmt::format("'documents.{}' {}", member, what));
  };
  if (settings.root_oid.empty()) return {};
  if (!is_oid(settings.root_oid)) {
    return wrong("root_oid", "is no object identifier like 2.999.1.");
  }
  if (settings.root_oid.size() > kMaxRoot) {
    return wrong("root_oid", "is longer than 38 characters: no number below it would fit in 64.");
  }
  if (organization_id(settings.custodian).empty()) {
    return wrong("custodian", "is no FINESS (9 characters) and no SIRET (14 digits).");
  }
  if (settings.custodian_name.empty()) return wrong("custodian_name", "is missing.");
  if (!cda_label(CdaValueSet::sectors, settings.facility_sector)) {
    return wrong("facility_sector", "is no code of a sector, like SA07: see cda_codes.json.");
  }
  if (!cda_label(CdaValueSet::practice_settings, settings.practice_setting)) {
    return wrong("practice_setting", "is no code of a setting, like AMBULATOIRE.");
  }
  return {};
}

std::string document_oid(const DocumentSettings& settings, DocumentArc arc) {
  return fmt::format("{}.{}", settings.root_oid, static_cast<int>(arc));
}

CdaPatient document_patient(const DocumentInput& input) {
  const CaseRequest& request = input.request;
  CdaPatient patient;
  patient.birth_family = request.patient.family_name;
  patient.birth_given = words_of(request.patient.given_name);
  patient.sex = sex_code(request.patient.sex);
  patient.birth_date = request.patient.birth_date;
  patient.phone = telephone(request.patient_phone);
  // The engine has no number of its own for a patient: the case's stands for it.
  patient.local_id = input.subject.number;
  patient.local_id_root = document_oid(input.settings, DocumentArc::patients);
  const std::string_view authority = ins_authority(request.ins.oid);
  const bool fictive = authority == "test" || authority == "demo";
  if (!is_qualified(request.ins) || fictive != input.settings.test_identities) return patient;
  CdaPatient qualified = patient;
  qualified.ins = request.ins;
  qualified.birth_place_insee = request.ins.matricule.substr(kInsPlace, kInsPlaceLength);
  return cda::has_ins_traits(qualified) ? qualified : patient;
}

std::string_view vital_sign_item(std::string_view loinc, std::string_view unit) {
  for (const VitalSign& sign : kVitalSigns) {
    if (sign.loinc == loinc && sign.unit == unit) return sign.item;
  }
  return {};
}

Result<CdaPerson> document_person(const User& user, std::string_view programme_speciality) {
  const auto coded = profession_code(user.profession, user.speciality, programme_speciality);
  if (!coded) {
    return fail(ErrorCode::invalid_field,
                "A doctor of the case has a profession on file that no document can name: correct "
                "it ('medecin', 'sage-femme', 'infirmier', ...).");
  }
  CdaPerson person;
  person.rpps = user.rpps;
  person.title = user.title;
  person.given = user.given_name;
  person.family = user.family_name;
  person.profession_code = coded->code;
  person.profession_label = coded->label;
  person.mail = user.mail_address;
  person.phone = telephone(user.office_phone);
  return person;
}

Result<CdaDocument> request_document(const DocumentInput& input) {
  const std::int64_t version = 1 + count_of(input.subject, DialogueKind::info);
  auto out = common(input, CdaKind::tlm_da, version, input.requester, {});
  if (!out) return out;
  const auto changed = hl7_time(request_changed_at(input.subject), input.programme.time_zone);
  if (!changed) return tl::unexpected(changed.error());
  out->title = message(kLanguage, "document.request");
  out->effective_time = *changed;
  out->author_time = *changed;
  out->signed_time = *changed;
  for (const User& recipient : input.recipients) {
    auto person = document_person(recipient, input.programme.speciality);
    if (!person) return tl::unexpected(person.error());
    out->recipients.push_back(*std::move(person));
  }
  auto sections = RequestBody(input).sections();
  if (!sections) return tl::unexpected(sections.error());
  out->sections = *std::move(sections);
  return out;
}

Result<CdaDocument> report_document(const DocumentInput& input) {
  if (!input.subject.opinion || input.expert == nullptr || input.report.empty()) {
    return fail(ErrorCode::state_conflict,
                "There is no report yet: it is made when the opinion leaves.");
  }
  const Opinion& opinion = *input.subject.opinion;
  auto out = common(input, CdaKind::tlm_cr, 1 + corrections_of(input.subject), *input.expert,
                    input.programme.speciality);
  if (!out) return out;
  const auto made = hl7_time(opinion.released_at, input.programme.time_zone);
  const auto written = hl7_time(opinion.signed_at, input.programme.time_zone);
  if (!made || !written) return tl::unexpected((made ? written : made).error());
  out->title = message(kLanguage, "document.report");
  out->effective_time = *made;
  out->author_time = *written;
  out->signed_time = *written;
  out->service_time_high = *written;
  out->encounter.time_high = *written;
  auto requester = document_person(input.requester, {});
  if (!requester) return tl::unexpected(requester.error());
  out->recipients = {*std::move(requester)};
  out->pdf.assign(input.report.begin(), input.report.end());
  return out;
}

}  // namespace telavis
