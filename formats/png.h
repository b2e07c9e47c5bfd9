// SPDX-License-Identifier: Apache-2.0
// PNG (W3C, third edition; ISO/IEC 15948): chunk walk of our own, pixels by libpng.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

bool looks_like_png(ByteView file);

/// Any colour type and depth, interlaced or not; of an animation the default image. libpng sees
/// only the chunks that make the picture: texts are never unpacked, so none can be a bomb. 16 bits
/// are rounded to 8, transparency is laid on white, colours become sRGB (cICP, iCCP, sRGB, gAMA and
/// cHRM, in this order). `version` is e.g. "8-bit RGBA, interlaced". The document is an upright
/// JPEG without metadata. Errors: empty_file, truncated_file (no IEND), malformed_file,
/// limit_exceeded (a side over 20,000 px, over 64 Mpx, over 100,000 chunks), unsupported_encoding
/// (an unknown critical chunk: Apple's CgBI). Findings: orientation_invalid, exif_unreadable,
/// trailing_bytes, icc_invalid, colour_not_converted, animation_first_frame.
Result<DecodedExam> decode_png(ByteView file);

}  // namespace telavis
