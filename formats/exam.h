// SPDX-License-Identifier: Apache-2.0
// The one door from bytes to an exam: sniff, decode, normalise, check.
#pragma once

#include <string_view>

#include "formats/bytes.h"
#include "formats/photo_quality.h"
#include "formats/quality.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// No file larger than this reaches a codec.
inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

enum class FileFormat {
  jpeg,
  png,
  webp,
  heic,
  scp_ecg,
  hl7_aecg,
  muse_xml,
  sierra_xml,
  mfer,
  edf,
  wfdb,
  dicom,
  pdf,
  foreign,  // recognised, not read: see formats/foreign.h
  unknown
};
/// "SCP-ECG", "HL7 aECG", ...; "unknown" for the last two.
std::string_view file_format_name(FileFormat format);
/// With its dot: ".scp", ".dcm"; ".bin" for the last two.
std::string_view file_extension(FileFormat format);
/// True where libraries of other people decode: DCMTK, libxml2, qpdf, libheif, ... A server lets
/// them run in a process that may die.
bool decoded_by_libraries(FileFormat format);

/// By content alone, never by name.
FileFormat sniff(ByteView file);

/// Of a JPEG the headers only are read. A WFDB record of several files is given as their archive
/// (pack_wfdb). Errors: empty_file, limit_exceeded, unknown_format, unsupported_format (recognised,
/// not read: the text says what to export instead), and those of the codec.
Result<Exam> decode_exam(ByteView file);

/// An exam ready to be sealed. `document` is what travels in place of the original: of a photo the
/// upright JPEG without private metadata, of a document the PDF, of a tracing nothing (its values
/// are in `exam`). `preview` is a small JPEG for photos, else empty.
struct NormalisedExam {
  Exam exam;
  Bytes document;
  Bytes preview;
};
Result<NormalisedExam> normalise_exam(ByteView file);

/// From which values on the quality of an exam is remarked upon.
struct ExamLimits {
  EcgQualityLimits ecg;
  PhotoQualityLimits photo;
};
/// Adds what the checks of quality find.
void check_exam(NormalisedExam& exam, const ExamLimits& limits);

}  // namespace telavis
