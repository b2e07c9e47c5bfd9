// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_builder.h"

#include <algorithm>
#include <utility>

#include "formats/dicom_tags.h"

namespace telavis {
namespace {

constexpr std::size_t kShortString = 16;  // SH, PS3.5 table 6.2-1
constexpr std::size_t kLongString = 64;   // LO
constexpr std::size_t kMaxUid = 64;
constexpr std::size_t kPreambleBytes = 128;
constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;
constexpr std::uint32_t kItem = 0xFFFEE000;
constexpr std::uint32_t kSequenceEnd = 0xFFFEE0DD;

void put_tag(ByteWriter& out, std::uint32_t tag) {
  out.u16le(static_cast<std::uint16_t>(tag >> 16));
  out.u16le(static_cast<std::uint16_t>(tag));
}

void put_item(ByteWriter& out, std::uint32_t tag, ByteView content) {
  put_tag(out, tag);
  out.u32le(static_cast<std::uint32_t>(content.size()));
  out.bytes(content);
}

bool has_long_length(std::string_view vr) {
  return vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UC" || vr == "UN" || vr == "UR" ||
         vr == "UT";
}

bool legal_uid(std::string_view uid) {
  if (uid.empty() || uid.size() > kMaxUid) return false;
  bool at_start = true;
  for (std::size_t i = 0; i < uid.size(); ++i) {
    const bool last = i + 1 == uid.size();
    if (uid[i] == '.') {
      if (at_start || last) return false;
      at_start = true;
    } else if (uid[i] < '0' || uid[i] > '9') {
      return false;
    } else {
      if (at_start && uid[i] == '0' && !last && uid[i + 1] != '.') return false;
      at_start = false;
    }
  }
  return true;
}

std::string_view dicom_sex(Sex sex) {
  switch (sex) {
    case Sex::unknown:
      return "";
    case Sex::male:
      return "M";
    case Sex::female:
      return "F";
    case Sex::other:
      return "O";
  }
  return "";
}

}  // namespace

void DicomBuilder::text(std::uint32_t tag, std::string_view vr, std::string_view value) {
  Bytes padded(value.begin(), value.end());
  if (padded.size() % 2 != 0) padded.push_back(vr == "UI" ? 0 : ' ');
  elements_[tag] = {std::string(vr), std::move(padded)};
}

void DicomBuilder::u16s(std::uint32_t tag, std::string_view vr,
                        const std::vector<std::size_t>& values) {
  Bytes encoded_values;
  ByteWriter out(encoded_values);
  for (const std::size_t value : values) out.u16le(static_cast<std::uint16_t>(value));
  elements_[tag] = {std::string(vr), std::move(encoded_values)};
}

void DicomBuilder::u32(std::uint32_t tag, std::size_t value) {
  Bytes encoded_value;
  ByteWriter(encoded_value).u32le(static_cast<std::uint32_t>(value));
  elements_[tag] = {"UL", std::move(encoded_value)};
}

void DicomBuilder::bytes(std::uint32_t tag, std::string_view vr, Bytes value) {
  if (value.size() % 2 != 0) value.push_back(0);
  elements_[tag] = {std::string(vr), std::move(value)};
}

void DicomBuilder::item(std::uint32_t tag, const DicomBuilder& content) {
  Value& sequence = elements_[tag];
  sequence.vr = "SQ";
  ByteWriter out(sequence.bytes);
  put_item(out, kItem, content.encoded());
}

void DicomBuilder::code(std::uint32_t tag, std::string_view value, std::string_view scheme,
                        std::string_view meaning) {
  DicomBuilder entry;
  entry.text(dicom_tag::kCodeValue, "SH", value);
  entry.text(dicom_tag::kCodingScheme, "SH", scheme);
  entry.text(dicom_tag::kCodeMeaning, "LO", meaning);
  item(tag, entry);
}

void DicomBuilder::frame(std::uint32_t tag, Bytes stream) {
  if (stream.size() % 2 != 0) stream.push_back(0);
  Value& pixels = elements_[tag];
  pixels.vr = "OB";
  pixels.undefined_length = true;
  ByteWriter out(pixels.bytes);
  put_item(out, kItem, {});  // the offset table
  put_item(out, kItem, stream);
  put_item(out, kSequenceEnd, {});
}

Bytes DicomBuilder::encoded() const {
  Bytes out;
  ByteWriter writer(out);
  for (const auto& [tag, value] : elements_) {
    put_tag(writer, tag);
    writer.text(value.vr);
    const auto length = static_cast<std::uint32_t>(value.bytes.size());
    if (has_long_length(value.vr)) {
      writer.u16le(0);
      writer.u32le(value.undefined_length ? kUndefinedLength : length);
    } else {
      writer.u16le(static_cast<std::uint16_t>(length));
    }
    writer.bytes(value.bytes);
  }
  return out;
}

void put_header(DicomBuilder& at, const DicomHeader& header, const DicomContext& context) {
  at.text(dicom_tag::kSpecificCharacterSet, "CS", "ISO_IR 192");
  at.text(dicom_tag::kSopClass, "UI", header.sop_class);
  at.text(dicom_tag::kSopInstance, "UI", context.instance_uid);
  at.text(dicom_tag::kPatientName, "PN", dicom_person_name(header.patient));
  at.text(dicom_tag::kPatientId, "LO", header.patient.id);
  at.text(dicom_tag::kPatientBirthDate, "DA", dicom_instant(header.patient.birth_date).date);
  at.text(dicom_tag::kPatientSex, "CS", dicom_sex(header.patient.sex));
  at.text(dicom_tag::kStudyInstance, "UI", context.study_uid);
  at.text(dicom_tag::kStudyDate, "DA", header.study.date);
  at.text(dicom_tag::kStudyTime, "TM", header.study.time);
  at.text(dicom_tag::kReferringPhysician, "PN",
          dicom_text(context.referring_physician, kLongString));
  at.empty(dicom_tag::kStudyId, "SH");
  at.text(dicom_tag::kAccessionNumber, "SH", dicom_text(context.accession_number, kShortString));
  at.text(dicom_tag::kModality, "CS", header.modality);
  at.text(dicom_tag::kSeriesInstance, "UI", context.series_uid);
  at.text(dicom_tag::kSeriesNumber, "IS", "1");
  at.text(dicom_tag::kInstanceNumber, "IS", "1");
  at.text(dicom_tag::kManufacturer, "LO", dicom_text(header.device.manufacturer, kLongString));
  if (!header.device.model.empty()) {
    at.text(dicom_tag::kModelName, "LO", dicom_text(header.device.model, kLongString));
  }
  if (!header.device.serial.empty()) {
    at.text(dicom_tag::kDeviceSerialNumber, "LO", dicom_text(header.device.serial, kLongString));
  }
}

Result<void> check_context(const DicomContext& context, const PatientIdentity& patient) {
  if (!legal_uid(context.study_uid) || !legal_uid(context.series_uid) ||
      !legal_uid(context.instance_uid)) {
    return fail(ErrorCode::unsupported_conversion,
                "a DICOM object needs legal study, series and instance UIDs (PS3.5 chapter 9)");
  }
  if (dicom_text(patient.id, kLongString) != patient.id) {
    return fail(
        ErrorCode::unsupported_conversion,
        "the patient identifier is longer than 64 characters or holds a character that DICOM "
        "does not allow: send the original file instead");
  }
  return {};
}

bool is_empty(const PatientIdentity& patient) {
  return patient.id.empty() && patient.family_name.empty() && patient.given_name.empty() &&
         patient.birth_date.empty() && patient.sex == Sex::unknown;
}

Bytes dicom_file(std::string_view sop_class, std::string_view sop_instance,
                 std::string_view transfer_syntax, const DicomBuilder& dataset) {
  DicomBuilder meta;
  meta.bytes(dicom_tag::kMetaVersion, "OB", {0, 1});
  meta.text(dicom_tag::kMediaSopClass, "UI", sop_class);
  meta.text(dicom_tag::kMediaSopInstance, "UI", sop_instance);
  meta.text(dicom_tag::kTransferSyntax, "UI", transfer_syntax);
  meta.text(dicom_tag::kImplementationClass, "UI", kDicomImplementation);
  meta.text(dicom_tag::kImplementationVersion, "SH", kDicomImplementationVersion);
  DicomBuilder length;
  length.u32(dicom_tag::kMetaLength, meta.encoded().size());
  Bytes file(kPreambleBytes);
  ByteWriter out(file);
  out.text("DICM");
  out.bytes(length.encoded());
  out.bytes(meta.encoded());
  out.bytes(dataset.encoded());
  return file;
}

}  // namespace telavis
