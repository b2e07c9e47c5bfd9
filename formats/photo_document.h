// SPDX-License-Identifier: Apache-2.0
// The last steps that the codecs of PNG, WebP and HEIC share: which private metadata were found,
// and the JPEG that travels in the picture's place. Internal to the photo codecs.
#pragma once

#include <string>

#include "formats/bytes.h"
#include "formats/jpeg.h"
#include "formats/jpeg_markers.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// Adds `kind` unless it stands there; the list stays sorted.
void note_private(SkinPhoto& photo, PrivateMetadata kind);

/// Reads EXIF (from the byte order mark on, or with "Exif\0\0" in front, as some editors write):
/// what stands in it, and the orientation, with the findings orientation_invalid, exif_unreadable.
void note_exif(SkinPhoto& photo, ByteView exif);

/// Errors: limit_exceeded (a side over 20,000 px, over 64 Mpx), malformed_file (no pixels).
Result<void> check_picture_size(std::int64_t width, std::int64_t height);

/// How the colours of decoded pixels are to be understood.
struct PictureColours {
  Bytes icc;             // empty: sRGB
  int components = 3;    // 1: the picture is grey, and so may its profile be
  std::string unknown;   // not empty: a space that is not converted, as it is called
  bool damaged = false;  // a profile was there and could not be used
};

/// The pixels turned upright and brought to sRGB, as a JPEG of quality 95 (4:4:4) without any
/// metadata. Sets width and height. Findings: icc_invalid, colour_not_converted.
Result<DecodedExam> with_document(SkinPhoto photo, Pixels stored, Turn turn,
                                  const PictureColours& colours);

/// Row of RGBA over white, in place: 4 bytes a pixel in, 3 out. Blended in the encoded values, as
/// browsers do.
void flatten_on_white(std::uint8_t* rgba, std::size_t pixels, bool premultiplied);

}  // namespace telavis
