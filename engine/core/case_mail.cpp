// SPDX-License-Identifier: Apache-2.0
#include "engine/core/case_mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/core/request_words.h"
#include "formats/exam.h"
#include "formats/identity.h"

namespace telavis {
namespace {

constexpr int kAdultYears = 18;

// Words of a site, folded as name_words() does, without plural. French and English, because doctors
// write Latin and English words too. What stands on neither list is treated as sensitive.
constexpr auto kSensitive = std::to_array<std::string_view>(
    {"GENITAL",  "GENITALE",     "GENITAUX", "VERGE",    "PENIS",     "PENIEN",   "PENIENNE",
     "GLAND",    "PREPUCE",      "SCROTUM",  "BOURSE",   "TESTICULE", "VULVE",    "VULVAIRE",
     "VAGIN",    "VAGINAL",      "LEVRE",    "CLITORIS", "PUBIS",     "PUBIEN",   "PERINEE",
     "ANUS",     "ANAL",         "ANALE",    "PERIANAL", "PERIANALE", "FESSE",    "FESSIER",
     "FESSIERE", "INTERFESSIER", "SEIN",     "MAMMAIRE", "MAMELON",   "AREOLE",   "SOUSMAMMAIRE",
     "BREAST",   "NIPPLE",       "BUTTOCK",  "GROIN",    "AINE",      "INGUINAL", "INGUINALE"});
constexpr auto kOrdinary = std::to_array<std::string_view>(
    {"DOS",     "DORSAL",   "DORSALE",  "LOMBAIRE",   "EPAULE",    "BRAS",    "AVANT",  "COUDE",
     "POIGNET", "MAIN",     "DOIGT",    "ONGLE",      "PAUME",     "JAMBE",   "CUISSE", "GENOU",
     "MOLLET",  "CHEVILLE", "PIED",     "ORTEIL",     "TALON",     "VISAGE",  "FRONT",  "TEMPE",
     "JOUE",    "NEZ",      "PAUPIERE", "OREILLE",    "MENTON",    "COU",     "NUQUE",  "CUIR",
     "CHEVELU", "CRANE",    "THORAX",   "THORACIQUE", "DECOLLETE", "ABDOMEN", "VENTRE", "FLANC",
     "TRONC",   "BACK",     "ARM",      "LEG",        "HAND",      "FOOT",    "FACE",   "NECK",
     "SCALP",   "TRUNK"});

bool is_among(const std::string& word, const auto& list) {
  const std::string_view singular = word.size() > 3 && word.ends_with('S')
                                        ? std::string_view(word).substr(0, word.size() - 1)
                                        : std::string_view(word);
  return std::ranges::find(list, std::string_view(word)) != list.end() ||
         std::ranges::find(list, singular) != list.end();
}

bool is_ordinary_site(const CaseRequest& request) {
  const auto site = std::ranges::find(request.clinical, "lesion.site", &ClinicalItem::name);
  if (site == request.clinical.end()) return false;
  bool ordinary = false;
  for (const std::string& word : name_words(site->value)) {
    if (is_among(word, kSensitive)) return false;
    ordinary = ordinary || is_among(word, kOrdinary);
  }
  return ordinary;
}

std::string_view media_type_of(FileFormat format) {
  switch (format) {
    case FileFormat::jpeg:
      return "image/jpeg";
    case FileFormat::png:
      return "image/png";
    case FileFormat::webp:
      return "image/webp";
    case FileFormat::heic:
      return "image/heic";
    case FileFormat::pdf:
      return "application/pdf";
    case FileFormat::dicom:
      return "application/dicom";
    case FileFormat::hl7_aecg:
    case FileFormat::muse_xml:
    case FileFormat::sierra_xml:
      return "application/xml";
    case FileFormat::scp_ecg:
    case FileFormat::mfer:
    case FileFormat::edf:
    case FileFormat::wfdb:
    case FileFormat::foreign:
    case FileFormat::unknown:
      return "application/octet-stream";
  }
  return "application/octet-stream";
}

MailDraft::Attachment attachment(const std::string& stem, const Bytes& bytes) {
  const FileFormat format = sniff(bytes);
  return {stem + std::string(file_extension(format)), std::string(media_type_of(format)), bytes};
}

std::size_t wire_bytes_of(const std::vector<MailDraft::Attachment>& files) {
  std::size_t all = 0;
  for (const auto& file : files) all += wire_bytes(file.bytes.size());
  return all;
}

/// Everything with photos whole, or as previews.
std::vector<MailDraft::Attachment> files_of(const std::string& number,
                                            const std::vector<ArchivedExam>& exams,
                                            bool withhold_photos, bool previews) {
  std::vector<MailDraft::Attachment> files;
  int place = 0;
  for (const ArchivedExam& exam : exams) {
    ++place;
    const NormalisedExam& normalised = exam.normalised;
    if (std::holds_alternative<SkinPhoto>(normalised.exam)) {
      const Bytes& photo = previews ? normalised.preview : normalised.document;
      if (!withhold_photos) {
        files.push_back(attachment(fmt::format("{}_photo_{}", number, place), photo));
      }
    } else if (std::holds_alternative<EcgRecording>(normalised.exam)) {
      files.push_back(attachment(fmt::format("{}_trace_{}", number, place), exam.original));
    } else {
      files.push_back(
          attachment(fmt::format("{}_document_{}", number, place), normalised.document));
    }
  }
  return files;
}

}  // namespace

std::size_t wire_bytes(std::size_t bytes) {
  const std::size_t base64 = (bytes + 2) / 3 * 4;
  return base64 + base64 / 76 * 2 + 2;
}

bool has_sensitive_photos(const CaseRequest& request, const Programme& programme,
                          std::string_view local_date) {
  const int age = age_in_years(request.patient.birth_date, local_date);
  const bool of_skin = programme.speciality == "dermatology";  // otherwise of a tracing on paper
  return age < kAdultYears || (of_skin && !is_ordinary_site(request));
}

std::string in_plain_text(const std::vector<ReportSection>& sections) {
  std::string text;
  for (const ReportSection& section : sections) {
    if (section.lines.empty()) continue;
    text += (text.empty() ? "" : "\n") + section.heading + "\n";
    for (const auto& [label, value] : section.lines) {
      text += (label.empty() ? "" : label + " : ") + value + "\n";
    }
  }
  return text;
}

std::string question_in_words(const CaseRequest& request, const std::vector<ExamSummary>& exams,
                              std::string_view local_date, Language language) {
  const auto text = [&](std::string_view id) { return message(language, id); };
  ReportSection asked{text("letter.situation"), {}};
  const auto add = [&](std::string_view id, const std::string& value) {
    if (!value.empty()) asked.lines.emplace_back(text(id), value);
  };
  const int age = age_in_years(request.patient.birth_date, local_date);
  add("mail.patient", message(language, "mail.patient.text",
                              {{"age", fmt::format("{}", age)},
                               {"sex", coded(language, "sex", sex_name(request.patient.sex))}}));
  add("report.reason", coded(language, "reason", request.reason));
  add("report.question", request.question);
  add("report.context", request.context);
  add("report.own_reading", request.own_reading);
  add("report.red_flags", red_flags_in_words(request, language));
  return in_plain_text(
      {std::move(asked), clinical_section(request, language), exams_section(exams, language)});
}

ExamFiles exam_files(const std::string& number, const std::vector<ArchivedExam>& exams,
                     bool withhold_photos, std::size_t budget) {
  const bool has_photo = std::ranges::any_of(exams, [](const ArchivedExam& exam) {
    return std::holds_alternative<SkinPhoto>(exam.normalised.exam);
  });
  ExamFiles out;
  if (has_photo && withhold_photos) out.notes.emplace_back("mail.photos_withheld");
  out.files = files_of(number, exams, withhold_photos, false);
  if (wire_bytes_of(out.files) <= budget) return out;
  if (has_photo && !withhold_photos) {
    out.notes.emplace_back("mail.photos_small");
    out.files = files_of(number, exams, withhold_photos, true);
  }
  bool left_out = false;
  while (!out.files.empty() && wire_bytes_of(out.files) > budget) {
    out.files.erase(std::ranges::max_element(out.files, {},
                                             [](const auto& file) { return file.bytes.size(); }));
    left_out = true;
  }
  if (left_out) out.notes.emplace_back("mail.files_left_out");
  return out;
}

}  // namespace telavis
