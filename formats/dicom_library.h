// SPDX-License-Identifier: Apache-2.0
// What DCMTK does for the DICOM reader: it inflates, converts characters and decompresses single
// frames. It never sees the structure of a file, only bytes whose sizes our own walk has judged.
// Internal to the DICOM codec.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// To be called before the library's first use, by whoever uses it: it would write its warnings,
/// with values of attributes in them, to standard error. Does it once.
void prepare_dicom_library();

/// Raw deflate (PS3.5 A.5). Errors: malformed_file, limit_exceeded (over `limit` bytes).
Result<Bytes> inflate_dicom(ByteView deflated, std::size_t limit);

/// UTF-8 from text in the character sets of Specific Character Set (several: divided by '\', code
/// extensions of ISO 2022). `delimiters` return to the first set. Empty when it cannot be
/// converted.
std::string convert_dicom_text(std::string_view text, std::string_view character_sets,
                               std::string_view delimiters);

/// What the data dictionary (PS3.6) says of an attribute.
struct DicomEntry {
  std::string vr;       // "UN" when it is not in it; of several the usual one ("US", "OW")
  std::string keyword;  // "PatientName"; empty when it is not in it
};
DicomEntry dicom_entry(std::uint32_t tag);
/// By keyword; nullopt when there is none of that name.
std::optional<std::uint32_t> dicom_tag_of(const std::string& keyword);

/// "CTImageStorage"; empty when the library does not know the UID.
std::string dicom_uid_name(std::string_view uid);

/// One frame that DCMTK can decompress; the stream's own header must already agree with this.
struct CompressedFrame {
  std::string_view transfer_syntax;  // JPEG (lossless, extended) or JPEG-LS
  int rows = 0;
  int columns = 0;
  int samples = 0;         // 1 or 3
  int bits_allocated = 0;  // 8 or 16
  int bits_stored = 0;
  bool is_signed = false;
  ByteView stream;
};

/// Samples, interleaved, little endian, colours as in the stream. Errors: malformed_file,
/// unsupported_encoding.
Result<Bytes> decompress_frame(const CompressedFrame& frame);

}  // namespace telavis
