// SPDX-License-Identifier: Apache-2.0
// HEIF still pictures (ISO/IEC 23008-12): HEIC of telephones, AVIF; by libheif.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// An "ftyp" box with a brand of still pictures or sequences coded by HEVC or AV1.
bool looks_like_heic(ByteView file);

/// The primary picture: tiles put together, crops, turns and mirrors of the container applied
/// (the EXIF orientation is told in `orientation` but never applied: ISO/IEC 23008-12 annex A makes
/// it informative), more than 8 bits reduced, transparency laid on white, colours (ICC, or the code
/// points of nclx) to sRGB. `format` is "HEIC" or "AVIF", `version` the major brand. The document
/// is a JPEG without metadata. libheif and libde265 have had faults on hostile bytes: decode in a
/// child process with limits. Errors: empty_file, truncated_file, malformed_file, limit_exceeded (a
/// side over 20,000 px, over 64 Mpx), unsupported_encoding (no decoder for what is inside).
/// Findings: exif_unreadable, orientation_invalid, icc_invalid, colour_not_converted,
/// more_pictures (info).
Result<DecodedExam> decode_heic(ByteView file);

}  // namespace telavis
