// SPDX-License-Identifier: Apache-2.0
// What must be true of every picture that is taken, and of every refusal.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "formats/jpeg.h"
#include "formats/photo_quality.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis::fuzz {

/// A larger one costs time and finds nothing more.
inline constexpr int kMaxCheckedPixels = 1 << 18;

inline void require(bool truth) {
  if (!truth) std::abort();
}

inline void check_picture(const Result<DecodedExam>& decoded) {
  if (!decoded) {
    require(!decoded.error().text.empty());
    return;
  }
  const auto& photo = std::get<SkinPhoto>(decoded->exam);
  require(photo.width > 0 && photo.height > 0);
  require(photo.orientation >= 1 && photo.orientation <= 8);
  if (std::int64_t{photo.width} * photo.height > kMaxCheckedPixels) return;
  const auto document = inspect_jpeg(decoded->document);
  require(document && document->width == photo.width && document->height == photo.height);
  require(document->orientation == 1 && document->private_metadata.empty());
  require(document->findings.empty());
  const auto both = normalise_jpeg_with_preview(decoded->document, 128);
  require(both && both->upright == decoded->document);
  check_photo(photo, both->reduced);
  require(same_photo(fingerprint(both->reduced), fingerprint(both->reduced)));
}

}  // namespace telavis::fuzz
