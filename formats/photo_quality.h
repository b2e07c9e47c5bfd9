// SPDX-License-Identifier: Apache-2.0
// Technical quality of skin photos: what can be repaired by taking them again, never what they
// show.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/jpeg.h"
#include "formats/recording.h"

namespace telavis {

/// Where each finding begins. Measured on synthetic photos of all six phototypes by
/// tests/bench/photo_quality_figures.cpp (docs of that program: what each step catches and misses).
struct PhotoQualityLimits {
  /// Least sides for teledermatology (guide of the American Telemedicine Association, unverified).
  int min_longer_side_px = 800;
  int min_shorter_side_px = 600;
  /// Below this PhotoFigures::detail a photo is blurred: sharp ones have 1.6 to 3, a Gaussian blur
  /// of 4 px of 1,024 brings edges to 1.1 and hairs to 1.4.
  double min_detail = 1.5;
  /// Below this PhotoFigures::bright a photo is too dark. Well exposed skin of phototype VI reaches
  /// 65 and more.
  int min_bright = 50;
  /// More than this PhotoFigures::clipped is lost in white.
  double max_clipped = 0.15;
  /// Chroma (CIE 1976 a*, b*) of the brightest parts beyond which the light itself has a colour;
  /// lit skin of any phototype stays below 36, also in the light of the evening.
  double max_highlight_chroma = 40;
  /// Chroma from which a hue that skin never has (green, blue, violet) counts.
  double max_foreign_chroma = 8;
};

/// What check_photo looks at, all from sRGB pixels.
struct PhotoFigures {
  /// Fine against coarse detail where there is most of it: the root of the ratio of gradient
  /// energies behind Gaussians of 1 and 3 px, in tiles of 32 px; the upper quartile of the tenth of
  /// tiles with the strongest coarse gradients. What the flattest twentieth of the tiles has
  /// (noise) is taken off first. Independent of contrast; about 1 for no fine detail, 0 when the
  /// picture is too small to tell.
  double detail = 0;
  int bright = 0;  // 85th percentile of luma (ITU-R BT.601), 0..255: a strip of paper is no light
  double clipped = 0;   // share of pixels with two channels or more at 253 and above, 0..1
  double touching = 0;  // share of pixels with a channel at 253 and above, 0..1
  /// Median a* and b* (D65) of the whole but its blackest and whitest parts, and of the brightest
  /// twentieth of what is not clipped.
  double middle_a = 0, middle_b = 0, highlight_a = 0, highlight_b = 0;
};

/// `reduced`: the photo at the size of its preview (kPreviewSidePx on the longer side, or its own
/// size when that is smaller), sRGB. Linear in its pixels. All zeros without any pixel.
PhotoFigures measure_photo(const Pixels& reduced);

/// Findings, all warnings: resolution_low, photo_blurred, under_exposed, over_exposed, colour_cast.
std::vector<Finding> check_photo(const SkinPhoto& photo, const Pixels& reduced,
                                 const PhotoQualityLimits& limits = {});

/// What a photo looks like in 304 bytes: enough to know a copy of another size or compression
/// again.
struct PhotoFingerprint {
  std::array<std::uint8_t, 256> luma{};    // means of 16 x 16 cells, by rows
  std::array<std::uint8_t, 48> colours{};  // means of 4 x 4 cells, RGB
};
PhotoFingerprint fingerprint(const Pixels& pixels);

/// Copies of one photo (resized to 200 px, compressed again down to quality 40) differ by 0.46
/// steps at most, averaged over the cells of luma; two photos of one place, moved by a fiftieth of
/// the width, by 0.62 at least (photo_quality_figures, 216 copies of 24 photos).
inline constexpr double kSamePhotoMaxLuma = 0.54;  // mean of all cells
inline constexpr int kSamePhotoMaxColour = 8;      // of any cell
bool same_photo(const PhotoFingerprint& a, const PhotoFingerprint& b);

struct PhotoOfSet {
  PhotoRole role = PhotoRole::unstated;
  PhotoFingerprint fingerprint;
};
/// Findings, all warnings: photo_duplicate (once for each photo that repeats an earlier one),
/// overview_missing, close_up_missing, dermoscopy_missing for each role in `required` that no photo
/// has.
std::vector<Finding> check_photo_set(std::span<const PhotoOfSet> photos,
                                     std::span<const PhotoRole> required);

}  // namespace telavis
