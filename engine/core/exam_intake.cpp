// SPDX-License-Identifier: Apache-2.0
#include "engine/core/exam_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "formats/identity.h"
#include "formats/jpeg.h"
#include "formats/quality.h"
#include "formats/wfdb.h"

namespace telavis {
namespace {

constexpr int kFingerprintSidePx = 256;  // enough for cells of 1/16
constexpr std::size_t kMaxFiles = 20;    // a set of photos and a tracing; more is a mistake
// Longer side of a picture below which it is the logo of a signature: no telephone takes a photo of
// less than 640 x 480.
constexpr int kLeastPhotoSidePx = 400;

const PatientIdentity& patient_of(const Exam& exam) {
  return std::visit([](const auto& kind) -> const PatientIdentity& { return kind.patient; }, exam);
}

bool complete(const PatientIdentity& patient) {
  return !patient.family_name.empty() && !patient.given_name.empty() && !patient.birth_date.empty();
}

/// Takes the identity of the first exam that has one when the request gives none.
Result<void> complete_identity(CaseRequest& request, const std::vector<ArchivedExam>& exams) {
  for (const ArchivedExam& exam : exams) {
    if (complete(request.patient)) break;
    const PatientIdentity& patient = patient_of(exam.normalised.exam);
    if (complete(patient)) request.patient = patient;
  }
  if (complete(request.patient)) return {};
  return fail(ErrorCode::missing_field,
              "'patient' is missing and the files name nobody: give the family name, given name, "
              "birth date and sex.");
}

Result<void> give_roles(const CaseRequest& request, std::vector<ArchivedExam>& exams) {
  if (request.file_roles.empty()) return {};
  for (std::size_t i = 0; i < exams.size(); ++i) {
    const PhotoRole role = request.file_roles[i];
    if (role == PhotoRole::unstated) continue;
    auto* photo = std::get_if<SkinPhoto>(&exams[i].normalised.exam);
    if (photo == nullptr) {
      return fail(
          ErrorCode::invalid_field,
          fmt::format("'file_roles': file {} is no photo, its role is \"unstated\".", i + 1));
    }
    photo->role = role;
  }
  return {};
}

bool is_decoration(const Exam& exam) {
  const auto* photo = std::get_if<SkinPhoto>(&exam);
  return photo != nullptr && std::max(photo->width, photo->height) < kLeastPhotoSidePx;
}

/// Photos that repeat another, roles that are wanted and missing: said of the last photo.
void check_set(std::vector<ArchivedExam>& exams, const Programme& programme) {
  std::vector<PhotoOfSet> photos;
  SkinPhoto* last = nullptr;
  for (ArchivedExam& exam : exams) {
    auto* photo = std::get_if<SkinPhoto>(&exam.normalised.exam);
    const auto pixels = photo != nullptr ? decode_jpeg(exam.normalised.preview, kFingerprintSidePx)
                                         : fail(ErrorCode::no_exam, "");
    if (!pixels) continue;
    photos.push_back({photo->role, fingerprint(*pixels)});
    last = photo;
  }
  if (last == nullptr) return;
  auto found = check_photo_set(photos, programme.wanted_photos);
  std::ranges::move(found, std::back_inserter(last->findings));
}

/// Files that are one recording together become one file: a WFDB header and those it names. The
/// header gives source and name, and keeps its place among `roles`. Errors: those of
/// wfdb_signal_files.
Result<std::vector<UploadedFile>> joined(const std::vector<UploadedFile>& files,
                                         std::vector<PhotoRole>& roles) {
  std::vector<bool> taken(files.size(), false);
  std::vector<UploadedFile> out = files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!looks_like_wfdb_header(files[i].bytes)) continue;
    const auto names = wfdb_signal_files(files[i].bytes);
    if (!names) return tl::unexpected(names.error());
    std::vector<NamedFile> record = {{files[i].name, files[i].bytes}};
    for (std::size_t other = 0; other < files.size(); ++other) {
      if (other == i || std::ranges::find(*names, files[other].name) == names->end()) continue;
      record.push_back({files[other].name, files[other].bytes});
      taken[other] = true;
    }
    if (record.size() > 1) out[i].bytes = pack_wfdb(record);
  }
  for (std::size_t i = files.size(); i-- > 0;) {
    if (!taken[i]) continue;
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
    if (!roles.empty()) roles.erase(roles.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return out;
}

}  // namespace

std::vector<Finding>& findings_of(Exam& exam) {
  return std::visit([](auto& kind) -> std::vector<Finding>& { return kind.findings; }, exam);
}

const std::vector<Finding>& findings_of(const Exam& exam) {
  return std::visit([](const auto& kind) -> const std::vector<Finding>& { return kind.findings; },
                    exam);
}

void leave_out_clinical_hints(Case& subject) {
  for (ExamSummary& exam : subject.exams) std::erase(exam.findings, kExchangedElectrodes);
}

void leave_out_clinical_hints(std::vector<ArchivedExam>& exams) {
  for (ArchivedExam& exam : exams) {
    std::erase_if(findings_of(exam.normalised.exam),
                  [](const Finding& finding) { return finding.code == kExchangedElectrodes; });
  }
}

Result<std::vector<ArchivedExam>> take_in(CaseRequest& request, const Programme& programme,
                                          const std::vector<UploadedFile>& sent,
                                          const ServicePorts& ports, LenientIntake* lenient) {
  if (sent.size() > kMaxFiles) {
    return fail(ErrorCode::limit_exceeded, "Send at most 20 files with one request.");
  }
  if (!request.file_roles.empty() && request.file_roles.size() != sent.size()) {
    return fail(ErrorCode::invalid_field, "'file_roles' must have one member a file, or none.");
  }
  const auto files = joined(sent, request.file_roles);
  if (!files) return tl::unexpected(files.error());
  std::vector<ArchivedExam> exams;
  for (const UploadedFile& file : *files) {
    auto normalised = ports.normalise(file.bytes);
    if (lenient != nullptr && (!normalised || is_decoration(normalised->exam))) {
      lenient->left_out += 1;
      continue;
    }
    if (!normalised) return tl::unexpected(normalised.error());
    check_exam(*normalised, ports.exam_limits);
    exams.push_back({file.source, file.name, file.bytes, std::move(*normalised)});
  }
  if (const auto given = give_roles(request, exams); !given) return tl::unexpected(given.error());
  const auto named = complete_identity(request, exams);
  if (!named && lenient == nullptr) {
    return tl::unexpected(named.error());
  }
  check_set(exams, programme);
  for (ArchivedExam& exam : exams) {
    auto differs = check_identity(patient_of(exam.normalised.exam), request.patient);
    std::ranges::move(differs, std::back_inserter(findings_of(exam.normalised.exam)));
  }
  return exams;
}

ExamSummary summary_of(const Exam& exam) {
  ExamSummary summary;
  const std::vector<Finding>* findings = nullptr;
  if (const auto* recording = std::get_if<EcgRecording>(&exam)) {
    double seconds = 0;
    for (const Lead& lead : recording->leads) {
      seconds = std::max(
          seconds, static_cast<double>(lead.samples.size()) * lead.sampling_interval_us / 1e6);
    }
    summary = {"ecg",
               recording->format,
               fmt::format("{} x {:.1f} s", recording->leads.size(), seconds),
               {}};
    findings = &recording->findings;
  } else if (const auto* photo = std::get_if<SkinPhoto>(&exam)) {
    summary = {"photo", photo->format, fmt::format("{} x {} px", photo->width, photo->height), {}};
    findings = &photo->findings;
  } else {
    const auto& document = std::get<PdfDocument>(exam);
    summary = {"document", document.format, fmt::format("{} p.", document.pages), {}};
    findings = &document.findings;
  }
  for (const Finding& finding : *findings) summary.findings.push_back(finding.code);
  return summary;
}

}  // namespace telavis
