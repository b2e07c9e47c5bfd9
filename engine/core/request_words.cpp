// SPDX-License-Identifier: Apache-2.0
#include "engine/core/request_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "formats/exam.h"
#include "formats/normalise.h"

namespace telavis {
namespace {

constexpr std::string_view kNoBreakSpace = "\u00A0";  // between a number and its unit

void add(ReportSection& section, Language language, std::string_view label,
         const std::string& value) {
  if (!value.empty()) section.lines.emplace_back(message(language, label), value);
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

std::string number_in_words(const ClinicalItemKind& kind, std::string value, Language language) {
  const std::string id = "form_value." + std::string(kind.name) + "." + value;
  if (has_message(id)) return message(language, id);  // "II" for the phototype 2
  if (language == Language::french) std::ranges::replace(value, '.', ',');
  if (!kind.unit.empty()) value += std::string(kNoBreakSpace) + std::string(kind.unit);
  return value;
}

std::string lines_in_words(std::string value, Language language) {
  if (value.empty()) return message(language, "report.clinical.none");
  std::size_t at = 0;
  while ((at = value.find('\n', at)) != std::string::npos) value.replace(at, 1, ", ");
  return value;
}

/// As a statement; the catalogue's checklist asks questions.
std::string raised_in_words(const std::string& code, Language language) {
  return coded(language, has_message("red_flag_raised." + code) ? "red_flag_raised" : "red_flag",
               code);
}

/// The form speaks to the requester ("your reading"), a document of him.
std::string label_of(const std::string& item, Language language) {
  return coded(language, has_message("report.item." + item) ? "report.item" : "form", item);
}

std::string ins_in_words(const CaseRequest& request, Language language) {
  if (!is_qualified(request.ins)) return {};
  return message(language, "report.ins.qualified",
                 {{"matricule", request.ins.matricule},
                  {"authority", coded(language, "ins", ins_authority(request.ins.oid))}});
}

}  // namespace

std::string coded(Language language, std::string_view family, std::string_view code) {
  const std::string id = std::string(family) + "." + std::string(code);
  return has_message(id) ? message(language, id) : std::string(code);
}

std::string display_date(std::string_view iso, Language language) {
  constexpr std::size_t kMonth = 7;
  constexpr std::size_t kDay = 10;
  std::string text(iso);
  if (language == Language::english) return text;
  if (text.size() == kMonth) return text.substr(5, 2) + "/" + text.substr(0, 4);
  if (text.size() != kDay) return text;
  return text.substr(8, 2) + "/" + text.substr(5, 2) + "/" + text.substr(0, 4);
}

std::string person_in_words(const User& user) {
  return user.rpps.empty() ? user.display_name()
                           : user.display_name() + " (RPPS\u00A0" + user.rpps + ")";
}

Result<std::string> programme_time(const Programme& programme, Instant instant, Language language) {
  const auto local = local_time(instant, programme.time_zone);
  if (!local) return tl::unexpected(local.error());
  return display_time(*local, language == Language::french);
}

std::string value_in_words(const ClinicalItem& item, Language language) {
  const ClinicalItemKind* kind = clinical_item(item.name);
  if (kind == nullptr) return item.value;
  switch (kind->type) {
    case ClinicalType::yes_no:
      return message(language, item.value == "yes" ? "report.yes" : "report.no");
    case ClinicalType::whole_number:
    case ClinicalType::decimal:
      return number_in_words(*kind, item.value, language);
    case ClinicalType::date_or_month:
      return display_date(item.value, language);
    case ClinicalType::choice:
      return coded(language, "form_value." + item.name, item.value);
    case ClinicalType::text:
      return item.value;
    case ClinicalType::texts:
      return lines_in_words(item.value, language);
  }
  return item.value;
}

std::string missing_in_words(const std::vector<std::string>& missing, Language language) {
  constexpr std::string_view kRedFlag = "red_flag.";
  std::vector<std::string> labels;
  for (const std::string& name : missing) {
    if (name.starts_with(kRedFlag)) {
      const std::string sign = raised_in_words(name.substr(kRedFlag.size()), language);
      labels.push_back(message(language, "report.red_flag_unanswered", {{"sign", sign}}));
    } else {
      labels.push_back(coded(language, "form", name));
    }
  }
  return joined(labels, " ; ");
}

std::string red_flags_in_words(const CaseRequest& request, Language language) {
  std::vector<std::string> raised;
  for (const auto& [code, answer] : request.red_flags) {
    if (answer) raised.push_back(raised_in_words(code, language));
  }
  if (!raised.empty()) return joined(raised, " ; ");
  return request.red_flags.empty() ? std::string() : message(language, "report.red_flags.none");
}

ReportSection patient_section(const CaseRequest& request, std::string_view local_date,
                              Language language) {
  const PatientIdentity& patient = request.patient;
  ReportSection section{message(language, "report.identity"), {}};
  add(section, language, "report.name", patient.family_name + " " + patient.given_name);
  std::string birth = display_date(patient.birth_date, language);
  if (const int age = age_in_years(patient.birth_date, local_date); age >= 0) {
    const std::string years = fmt::format("{}", age);
    birth +=
        " " + message(language, age < 2 ? "report.age.infant" : "report.age", {{"years", years}});
  }
  add(section, language, "report.birth_date", birth);
  add(section, language, "report.sex", coded(language, "sex", sex_name(patient.sex)));
  add(section, language, "report.ins", ins_in_words(request, language));
  add(section, language, "report.patient_phone", request.patient_phone);
  if (request.guardianship != Guardianship::none) {
    add(section, language, "report.guardianship",
        coded(language, "guardianship", guardianship_name(request.guardianship)));
  }
  const Consent& consent = request.consent;
  if (!consent.representative_name.empty()) {
    add(section, language, "report.representative",
        consent.representative_name + (consent.representative_quality.empty()
                                           ? ""
                                           : " (" + consent.representative_quality + ")"));
  }
  if (request.minor_secrecy) {
    add(section, language, "report.minor_secrecy",
        message(language, "report.minor_secrecy.text", {{"adult", consent.accompanying_adult}}));
  }
  return section;
}

ReportSection clinical_section(const CaseRequest& request, Language language) {
  std::vector<std::string> short_values;
  std::vector<std::string> yes;
  std::vector<std::string> no;
  std::vector<std::pair<std::string, std::string>> texts;
  const auto take = [&](const ClinicalItem& item, ClinicalType type) {
    const std::string label = label_of(item.name, language);
    const std::string value = value_in_words(item, language);
    switch (type) {
      case ClinicalType::yes_no:
        (item.value == "yes" ? yes : no).push_back(label);
        break;
      case ClinicalType::whole_number:
      case ClinicalType::decimal:
      case ClinicalType::date_or_month:
      case ClinicalType::choice:
        short_values.push_back(
            message(language, "report.clinical.value", {{"item", label}, {"value", value}}));
        break;
      case ClinicalType::text:
      case ClinicalType::texts:
        texts.emplace_back(label, value);
        break;
    }
  };
  for (const ClinicalItem& item : request.clinical) {
    const ClinicalItemKind* kind = clinical_item(item.name);
    take(item, kind == nullptr ? ClinicalType::text : kind->type);
  }
  ReportSection section{message(language, "report.clinical"), {}};
  add(section, language, "report.clinical.values", joined(short_values, " ; "));
  add(section, language, "report.clinical.yes", joined(yes, " ; "));
  add(section, language, "report.clinical.no", joined(no, " ; "));
  std::ranges::move(texts, std::back_inserter(section.lines));
  return section;
}

std::string exams_in_words(const std::vector<ExamSummary>& exams, Language language) {
  std::vector<std::string> words;
  words.reserve(exams.size());
  for (const ExamSummary& exam : exams) {
    words.push_back(coded(language, "report.exam", exam.kind) + " (" + exam.detail + ")");
  }
  return joined(words, " ; ");
}

ReportSection exams_section(const std::vector<ExamSummary>& exams, Language language) {
  ReportSection section{message(language, "report.exams"), {}};
  for (const ExamSummary& exam : exams) {
    std::vector<std::string> remarks;
    for (const std::string& code : exam.findings) {
      remarks.push_back(coded(language, "finding", code));
    }
    const std::string findings =
        remarks.empty() ? message(language, "report.finding.none")
                        : message(language, "report.findings", {{"codes", joined(remarks, " ")}});
    section.lines.emplace_back(coded(language, "report.exam", exam.kind),
                               exam.format + ", " + exam.detail + ". " + findings);
  }
  return section;
}

PatientIdentity printed_patient(const CaseRequest& request) {
  PatientIdentity shown = request.patient;
  shown.id = is_qualified(request.ins) ? request.ins.matricule : std::string();
  return shown;
}

void add_exams(ReportContent& content, const CaseRequest& request,
               const std::vector<ArchivedExam>& exams) {
  const PatientIdentity shown = printed_patient(request);
  for (const ArchivedExam& archived : exams) {
    const Exam& exam = archived.normalised.exam;
    if (const auto* recording = std::get_if<EcgRecording>(&exam)) {
      content.tracings.push_back(with_derived_limb_leads(*recording));
      content.tracings.back().patient = shown;
    } else if (std::holds_alternative<SkinPhoto>(exam)) {
      content.photos.push_back(archived.normalised.document);
    }
  }
}

RenderLabels render_labels(Language language) {
  RenderLabels labels;
  labels.recorded = message(language, "render.recorded");
  labels.born = message(language, "render.born");
  labels.identifier = message(language, "render.identifier");
  labels.filters = message(language, "render.filters");
  labels.mains = message(language, "render.mains");
  labels.missing_lead = message(language, "render.missing_lead");
  labels.derived_note = message(language, "render.derived_note");
  labels.recentred_note = message(language, "render.recentred_note");
  labels.own_start_note = message(language, "render.own_start_note");
  labels.total_duration = message(language, "render.total_duration");
  labels.page = message(language, "render.page");
  labels.photo = message(language, "render.photo");
  labels.device_measurements = message(language, "render.device_measurements");
  labels.unconfirmed_statements = message(language, "render.unconfirmed_statements");
  labels.confirmed_statements = message(language, "render.confirmed_statements");
  labels.ventricular_rate = message(language, "render.ventricular_rate");
  labels.atrial_rate = message(language, "render.atrial_rate");
  labels.axes = message(language, "render.axes");
  labels.unknown_formula = message(language, "render.unknown_formula");
  labels.pacemaker_spikes = message(language, "render.pacemaker_spikes");
  labels.findings = message(language, "render.findings");
  labels.decimal_mark = language == Language::french ? ',' : '.';
  labels.finding_text = [language](const Finding& finding) {
    return coded(language, "finding", finding.code);
  };
  return labels;
}

}  // namespace telavis
