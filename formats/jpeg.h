// SPDX-License-Identifier: Apache-2.0
// JPEG (ITU-T T.81, EXIF 2.32): marker walk of our own, pixels by libjpeg-turbo.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

bool looks_like_jpeg(ByteView file);

/// Reads the headers only: dimensions as shown, orientation, which private metadata stands in it.
/// Errors: empty_file, truncated_file (no end marker), malformed_file, limit_exceeded (a side over
/// 20,000 px, over 64 Mpx, over 100 scans), unsupported_encoding (12-bit, lossless, arithmetic,
/// hierarchical). Findings: orientation_invalid, exif_unreadable, stray_bytes, trailing_bytes,
/// icc_invalid.
Result<SkinPhoto> inspect_jpeg(ByteView file);

/// The same picture upright, without EXIF, XMP, IPTC, maker notes, comments, thumbnails, any other
/// application segment or bytes behind the end; JFIF, ICC and Adobe segments stay. Never
/// re-encodes: orientation is applied by a lossless transform; where that is impossible (not
/// aligned on MCUs) a fresh APP1 with Orientation alone. An upright picture keeps its entropy-coded
/// bytes, unless bytes that belong to no block hide in them: then the same coefficients are written
/// anew. Errors: as inspect_jpeg, and malformed_file when the picture data are damaged anywhere.
Result<Bytes> normalise_jpeg(ByteView file);

/// The segments alone: what normalise_jpeg takes off, without a look into the picture data, in some
/// thousandths of a second. The orientation is told by a fresh APP1 unless it is 1; damage and
/// bytes that hide inside the scans stay. Errors: as inspect_jpeg.
Result<Bytes> strip_jpeg(ByteView file);

/// What a preview and a thumbnail are at most on their longer side.
inline constexpr int kPreviewSidePx = 1024;
inline constexpr int kThumbnailSidePx = 256;

/// An upright JPEG whose longer side is at most `max_side_px`, quality 85, in sRGB, no metadata.
/// Never enlarges. Grey, RGB and inks are converted by their ICC profile; inks without one as Adobe
/// means them. Errors: as normalise_jpeg.
Result<Bytes> preview_jpeg(ByteView file, int max_side_px);

/// 8-bit RGB rows without padding; sRGB unless said otherwise.
struct Pixels {
  int width = 0;
  int height = 0;
  Bytes rgb;
};
/// normalise_jpeg and preview_jpeg for the price of one decoding. Errors: as normalise_jpeg.
struct NormalisedJpeg {
  Bytes upright;
  Bytes preview;
  Pixels reduced;  // what the preview shows, for check_photo
};
Result<NormalisedJpeg> normalise_jpeg_with_preview(ByteView file, int max_side_px);

/// Upright pixels, scaled down by 1/2, 1/4 or 1/8 until the longer side is at most `max_side_px`
/// (or 1/8 is reached). Errors: as normalise_jpeg.
Result<Pixels> decode_jpeg(ByteView file, int max_side_px);
/// Baseline, quality 1..100; chroma is halved below 90. Errors: limit_exceeded when the sizes do
/// not agree or are out of range.
Result<Bytes> encode_jpeg(const Pixels& pixels, int quality);

}  // namespace telavis
