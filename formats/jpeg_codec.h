// SPDX-License-Identifier: Apache-2.0
// What libjpeg-turbo does for the photo codecs. Internal; every file given here must come out of
// assemble_jpeg, so that libjpeg sees the markers that our own walk has judged and nothing else.
#pragma once

#include <climits>

#include "formats/bytes.h"
#include "formats/jpeg.h"
#include "formats/jpeg_markers.h"
#include "formats/result.h"

namespace telavis {

/// Decodes everything once, at 1/8 size. Gives the number of bytes that stand inside the scans and
/// belong to no block (some cameras pad them). Errors: malformed_file at the first damage.
Result<unsigned> check_scans(ByteView jpeg);

/// The same DCT coefficients, turned, as a JPEG without any application segment. Loses nothing when
/// the turn is lossless. Errors: malformed_file, limit_exceeded, unsupported_encoding.
Result<Bytes> turn_scans(ByteView jpeg, Turn turn, bool progressive);

struct DecodedScans {
  Pixels pixels;
  unsigned stray_bytes = 0;  // inside the scans, of no block
};
/// RGB pixels at 1/denominator (1, 2, 4, 8), turned. `icc`: a usable profile of the picture or
/// nothing; inks are converted by it to sRGB, RGB and grey are left as they are.
Result<DecodedScans> decode_scans(ByteView jpeg, int denominator, Turn turn, ByteView icc);

/// Upright sRGB pixels whose longer side is at most `max_side_px` (>= 1), by scaled decoding and
/// area average.
Result<DecodedScans> decode_reduced(const JpegLayout& layout, int max_side_px);

/// Asked of reencode_jpeg when the picture must keep its size.
inline constexpr int kFullSize = INT_MAX;
/// An upright baseline JPEG in sRGB, its longer side at most `max_side_px` (>= 1), no metadata.
Result<Bytes> reencode_jpeg(ByteView file, int max_side_px, int quality);

}  // namespace telavis
