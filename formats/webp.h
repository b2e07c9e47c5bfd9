// SPDX-License-Identifier: Apache-2.0
// WebP (RFC 9649): chunk walk of our own for what stands beside the picture, pixels by libwebp.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

bool looks_like_webp(ByteView file);

/// Lossy and lossless, with transparency (laid on white), ICC profile (colours become sRGB) and
/// EXIF orientation; of an animation the first frame on its canvas. `version` is "lossy" or
/// "lossless". The document is an upright JPEG without metadata. Errors: empty_file,
/// truncated_file, malformed_file, limit_exceeded (over 64 Mpx, over 10,000 chunks). Findings:
/// orientation_invalid, exif_unreadable, trailing_bytes, icc_invalid, animation_first_frame.
Result<DecodedExam> decode_webp(ByteView file);

}  // namespace telavis
