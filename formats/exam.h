// SPDX-License-Identifier: Apache-2.0
// The one door from bytes to an exam: sniff, decode, normalise.
#pragma once

#include <string_view>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// No file larger than this reaches a codec.
inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

enum class FileFormat {
  scp_ecg,
  jpeg,
  dicom,
  hl7_aecg,
  muse_xml,
  sierra_xml,
  mfer,
  edf,
  pdf,
  png,
  webp,
  heic,
  contec,
  ishne,
  unknown
};
std::string_view file_format_name(FileFormat format);

/// By content alone, never by name.
FileFormat sniff(ByteView file);

/// Errors: empty_file, limit_exceeded, unknown_format, unsupported_format (recognised, not read:
/// the text says what to export instead), and those of the codec.
Result<Exam> decode_exam(ByteView file);

/// An exam ready to be sealed. `normalised` is the document that travels (SCP-ECG as received or
/// the upright private-free JPEG); `preview` is a small JPEG for photos, empty for tracings. The
/// findings are in `exam`.
struct NormalisedExam {
  Exam exam;
  Bytes normalised;
  Bytes preview;
  std::string_view media_type;  // "application/x-scp-ecg" (unregistered) or "image/jpeg"
};
Result<NormalisedExam> normalise_exam(ByteView file);

}  // namespace telavis
