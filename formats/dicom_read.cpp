// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "formats/dicom.h"
#include "formats/dicom_library.h"
#include "formats/dicom_read.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"

namespace telavis {
namespace {

enum class ObjectKind { ecg, hemodynamic, picture, dermoscopy, pdf };

struct KnownClass {
  std::string_view uid;
  ObjectKind kind;
  std::string_view name;
};

// PS3.4 table B.5-1. Of pictures those of visible light and what software saved as a picture: any
// other modality needs its own viewer and its own doctor.
constexpr auto kClasses = std::to_array<KnownClass>({
    {"1.2.840.10008.5.1.4.1.1.9.1.1", ObjectKind::ecg, "12-lead ECG Waveform"},
    {"1.2.840.10008.5.1.4.1.1.9.1.2", ObjectKind::ecg, "General ECG Waveform"},
    {"1.2.840.10008.5.1.4.1.1.9.1.3", ObjectKind::ecg, "Ambulatory ECG Waveform"},
    {"1.2.840.10008.5.1.4.1.1.9.1.4", ObjectKind::ecg, "General 32-bit ECG Waveform"},
    {"1.2.840.10008.5.1.4.1.1.9.2.1", ObjectKind::hemodynamic, "Hemodynamic Waveform"},
    {"1.2.840.10008.5.1.4.1.1.77.1.1", ObjectKind::picture, "VL Endoscopic Image"},
    {"1.2.840.10008.5.1.4.1.1.77.1.2", ObjectKind::picture, "VL Microscopic Image"},
    {"1.2.840.10008.5.1.4.1.1.77.1.4", ObjectKind::picture, "VL Photographic Image"},
    {"1.2.840.10008.5.1.4.1.1.77.1.7", ObjectKind::dermoscopy, "Dermoscopic Photography Image"},
    {"1.2.840.10008.5.1.4.1.1.7", ObjectKind::picture, "Secondary Capture Image"},
    {"1.2.840.10008.5.1.4.1.1.7.2", ObjectKind::picture,
     "Multi-frame Grayscale Byte Secondary Capture Image"},
    {"1.2.840.10008.5.1.4.1.1.7.3", ObjectKind::picture,
     "Multi-frame Grayscale Word Secondary Capture Image"},
    {"1.2.840.10008.5.1.4.1.1.7.4", ObjectKind::picture,
     "Multi-frame True Color Secondary Capture Image"},
    {"1.2.840.10008.5.1.4.1.1.104.1", ObjectKind::pdf, "Encapsulated PDF"},
});

// Uncompressed ones first, the one that says its types before the one that does not: what a device
// can send in several ways arrives as it is read with the least to go wrong.
constexpr auto kTransferSyntaxes = std::to_array<DicomUidName>({
    {kExplicitLittle, "Explicit VR Little Endian"},
    {kImplicitLittle, "Implicit VR Little Endian"},
    {kDeflatedLittle, "Deflated Explicit VR Little Endian"},
    {kExplicitBig, "Explicit VR Big Endian"},
    {"1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)"},
    {"1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 & 4)"},
    {"1.2.840.10008.1.2.4.57", "JPEG Lossless (Process 14)"},
    {"1.2.840.10008.1.2.4.70", "JPEG Lossless (Process 14, Selection Value 1)"},
    {"1.2.840.10008.1.2.4.80", "JPEG-LS Lossless"},
    {"1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless"},
    {"1.2.840.10008.1.2.5", "RLE Lossless"},
});

constexpr std::size_t kPdfHeaderWindow = 1024;  // PDF 32000-1 annex H, note 13
constexpr std::size_t kPdfVersionCharacters = 3;

void note(std::vector<Finding>& findings, const char* code, const char* text) {
  findings.push_back({code, Severity::warning, text});
}

Sex sex_of(std::string_view text) {
  if (text == "M" || text == "m") return Sex::male;
  if (text == "F" || text == "f") return Sex::female;
  return text == "O" || text == "o" ? Sex::other : Sex::unknown;
}

PatientIdentity read_patient(const DicomItem& dataset, std::vector<Finding>& findings) {
  const std::string_view sets = dicom_raw_text(dataset, dicom_tag::kSpecificCharacterSet);
  PatientIdentity patient;
  patient.id = dicom_utf8(dicom_raw_text(dataset, dicom_tag::kPatientId), sets);
  const DicomName name = dicom_name(dicom_raw_text(dataset, dicom_tag::kPatientName), sets);
  patient.family_name = name.family;
  patient.given_name = name.given;
  patient.sex = sex_of(dicom_raw_text(dataset, dicom_tag::kPatientSex));
  const std::string_view birth = dicom_raw_text(dataset, dicom_tag::kPatientBirthDate);
  patient.birth_date = iso_from_da(birth);
  if (patient.birth_date.empty() && !birth.empty()) {
    note(findings, "birth_date_invalid",
         "The birth date in the file is no date and is left out. Check the identity.");
  }
  return patient;
}

/// The most precise statement of when the recording or picture was made; a study may have begun
/// long before.
AcquiredAt read_instant(const DicomItem& dataset, bool needed, std::vector<Finding>& findings) {
  AcquiredAt instant = instant_from_dt(dicom_raw_text(dataset, dicom_tag::kAcquisitionDateTime));
  constexpr std::array<std::array<std::uint32_t, 2>, 4> kPairs = {
      {{dicom_tag::kAcquisitionDate, dicom_tag::kAcquisitionTime},
       {dicom_tag::kContentDate, dicom_tag::kContentTime},
       {dicom_tag::kSeriesDate, dicom_tag::kSeriesTime},
       {dicom_tag::kStudyDate, dicom_tag::kStudyTime}}};
  bool stated = !dicom_raw_text(dataset, dicom_tag::kAcquisitionDateTime).empty();
  for (const auto& [date_tag, time_tag] : kPairs) {
    const std::string_view date = dicom_raw_text(dataset, date_tag);
    stated = stated || !date.empty();
    if (!instant.local.empty()) break;
    const std::string day = iso_from_da(date);
    const std::string time = iso_from_tm(dicom_raw_text(dataset, time_tag));
    if (!day.empty() && !time.empty()) instant.local = std::string(day).append("T").append(time);
  }
  if (instant.local.empty()) {
    if (!needed) return {};  // photos often state a day alone, or nothing
    note(findings, stated ? "acquisition_time_invalid" : "acquisition_time_missing",
         "The file does not say when it was made. Ask the sender for the date and the time.");
    return {};
  }
  const std::string_view zone = dicom_raw_text(dataset, dicom_tag::kTimezoneOffset);
  if (!instant.utc_offset_minutes && !zone.empty()) {
    instant.utc_offset_minutes = offset_from_text(zone);
    if (!instant.utc_offset_minutes) {
      note(findings, "time_zone_invalid",
           "The time zone in the file is not valid; its time is taken as local time.");
    }
  }
  return instant;
}

DicomContent read_content(const DicomFile& file, bool needs_instant) {
  const DicomItem& dataset = file.dataset;
  const std::string_view sets = dicom_raw_text(dataset, dicom_tag::kSpecificCharacterSet);
  DicomContent content;
  content.findings = file.findings;
  content.patient = read_patient(dataset, content.findings);
  content.acquired_at = read_instant(dataset, needs_instant, content.findings);
  const auto text = [&](std::uint32_t tag) {
    const std::string_view raw = dicom_raw_text(dataset, tag);
    // Written where a value is required and none is known.
    return raw == "unknown" || raw == "UNKNOWN" ? std::string() : dicom_utf8(raw, sets);
  };
  content.device = {text(dicom_tag::kManufacturer), text(dicom_tag::kModelName),
                    text(dicom_tag::kDeviceSerialNumber)};
  return content;
}

/// Fills what recordings, photos and documents have alike; `exam`'s own findings come last.
template <typename T>
void put_content(DicomContent content, T& exam) {
  exam.format = "DICOM";
  exam.patient = std::move(content.patient);
  exam.acquired_at = std::move(content.acquired_at);
  exam.device = std::move(content.device);
  std::ranges::move(exam.findings, std::back_inserter(content.findings));
  exam.findings = std::move(content.findings);
}

Result<DecodedExam> decode_tracing(const DicomFile& file, const KnownClass& known) {
  auto recording = read_dicom_ecg(file, known.kind == ObjectKind::hemodynamic);
  if (!recording) return tl::unexpected(std::move(recording.error()));
  put_content(read_content(file, true), *recording);
  recording->version = known.name;
  return DecodedExam{std::move(*recording), {}};
}

Result<DecodedExam> decode_picture(const DicomFile& file, const KnownClass& known) {
  auto picture = read_dicom_picture(file);
  if (!picture) return tl::unexpected(std::move(picture.error()));
  SkinPhoto& photo = picture->photo;
  put_content(read_content(file, false), photo);
  photo.version = known.name;
  if (known.kind == ObjectKind::dermoscopy) photo.role = PhotoRole::dermoscopy;
  return DecodedExam{std::move(photo), std::move(picture->jpeg)};
}

Result<DecodedExam> decode_document(const DicomFile& file) {
  const DicomItem& dataset = file.dataset;
  const std::string_view type = dicom_raw_text(dataset, dicom_tag::kDocumentMimeType);
  if (!type.empty() && type != "application/pdf") {
    return fail(ErrorCode::unsupported_format,
                "The document in this DICOM file is not a PDF. Export it as PDF and send that "
                "file.");
  }
  ByteView pdf = dataset.value(dicom_tag::kEncapsulatedDocument);
  const auto length = dicom_unsigned(dataset, dicom_tag::kDocumentLength);
  PdfDocument document;
  if (length && *length <= pdf.size()) {
    pdf = pdf.first(*length);
  } else if (!pdf.empty() && pdf.back() == 0) {
    pdf = pdf.first(pdf.size() - 1);  // an element has an even number of bytes
  }
  if (length && *length > dataset.value(dicom_tag::kEncapsulatedDocument).size()) {
    note(document.findings, "document_length_mismatch",
         "The PDF in the DICOM file is shorter than stated. Compare it with the original.");
  }
  const std::string_view head = as_text(pdf).substr(0, kPdfHeaderWindow);
  const std::size_t header = head.find("%PDF-");
  if (header == std::string_view::npos) {
    return fail(ErrorCode::malformed_file,
                "The DICOM file says that it holds a PDF and holds none. Export it again.");
  }
  document.version = head.substr(header + 5, kPdfVersionCharacters);
  put_content(read_content(file, false), document);
  return DecodedExam{std::move(document), Bytes(pdf.begin(), pdf.end())};
}

tl::unexpected<Error> not_an_exam(std::string_view uid) {
  const std::string name = dicom_uid_name(uid);
  return fail(ErrorCode::unsupported_format,
              "This DICOM object is " + (name.empty() ? "of a kind that is not known here" : name) +
                  ", neither an ECG nor a photo nor a PDF. Send the ECG (waveform), the photo or "
                  "the report, or a picture of it as JPEG.");
}

}  // namespace

Result<DecodedExam> decode_dicom(ByteView bytes) {
  if (bytes.empty()) {
    return fail(ErrorCode::empty_file,
                "The file is empty. Export it again from the device and send the new file.");
  }
  const auto file = walk_dicom(bytes);
  if (!file) return tl::unexpected(file.error());
  const std::string_view uid = dicom_raw_text(file->dataset, dicom_tag::kSopClass);
  const auto* known = std::ranges::find(kClasses, uid, &KnownClass::uid);
  if (known == kClasses.end()) return not_an_exam(uid);
  switch (known->kind) {
    case ObjectKind::ecg:
    case ObjectKind::hemodynamic:
      return decode_tracing(*file, *known);
    case ObjectKind::picture:
    case ObjectKind::dermoscopy:
      return decode_picture(*file, *known);
    case ObjectKind::pdf:
      return decode_document(*file);
  }
  return not_an_exam(uid);
}

std::span<const DicomUidName> dicom_storage_classes() {
  static const auto classes = [] {
    std::array<DicomUidName, kClasses.size()> names;
    std::ranges::transform(kClasses, names.begin(), [](const KnownClass& one) {
      return DicomUidName{one.uid, one.name};
    });
    return names;
  }();
  return classes;
}

std::span<const DicomUidName> dicom_transfer_syntaxes() {
  return kTransferSyntaxes;
}

}  // namespace telavis
