// SPDX-License-Identifier: Apache-2.0
// The little of EXIF (CIPA DC-008 2.32, a TIFF 6.0 structure) that a photo needs: which way is up,
// and which private parts stand in it. Internal to the photo codecs.
#pragma once

#include <optional>

#include "formats/bytes.h"

namespace telavis {

struct ExifSummary {
  bool readable = false;           // a TIFF header and a first directory were found
  std::optional<int> orientation;  // as written, also out of 1..8
  bool has_gps = false;
  bool has_maker_note = false;
};

/// `tiff` starts at the byte order mark ("II" or "MM"). Never fails: what cannot be read is absent.
/// Work is bounded: two directories at most, each read once within `tiff`.
ExifSummary read_exif(ByteView tiff);

/// A whole APP1 segment (marker included) with Orientation (1..8) and nothing else.
Bytes orientation_segment(int orientation);

}  // namespace telavis
