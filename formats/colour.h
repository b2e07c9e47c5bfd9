// SPDX-License-Identifier: Apache-2.0
// Colours of pictures brought to sRGB (IEC 61966-2-1), the one space that every screen shows.
// ICC.1:2010 profiles by lcms2, relative colorimetric with black point compensation: skin keeps its
// colour, and only what sRGB cannot hold is clipped.
#pragma once

#include <memory>
#include <optional>

#include "formats/bytes.h"
#include "formats/jpeg.h"
#include "formats/result.h"

namespace telavis {

/// The largest profiles in use (four inks) have 3 MiB; more is not read.
inline constexpr std::size_t kMaxIccBytes = std::size_t{8} << 20;

/// Whether lcms2 can convert pictures of `components` (1 grey, 3 RGB, 4 inks) from this profile to
/// sRGB. A grey picture may also bear an RGB profile.
bool usable_profile(ByteView icc, int components);

/// Pixels in the space of `icc` (RGB, or grey with three equal values) as sRGB; unchanged when the
/// profile is sRGB but for rounding. Errors: malformed_file when the profile cannot be used.
Result<Pixels> to_srgb(Pixels pixels, ByteView icc);

/// Rows of four inks to sRGB by their profile.
class InkConverter {
 public:
  /// `inverted`: 255 is bare paper (Adobe's JPEG), else 0. Nothing when the profile is unusable.
  static std::optional<InkConverter> open(ByteView icc, bool inverted);
  /// 4 bytes a pixel in, 3 out.
  void convert(const std::uint8_t* inks, std::uint8_t* rgb, std::size_t pixels) const;

 private:
  explicit InkConverter(std::shared_ptr<void> transform) : transform_(std::move(transform)) {}
  std::shared_ptr<void> transform_;
};

/// CIE 1931 xy of the white point and the three primaries.
struct Chromaticities {
  double white_x, white_y, red_x, red_y, green_x, green_y, blue_x, blue_y;
};
inline constexpr Chromaticities kSrgbChromaticities = {0.3127, 0.3290, 0.64, 0.33,
                                                       0.30,   0.60,   0.15, 0.06};

/// The profile of an RGB space whose values are light to the power 1 / `gamma` (gamma 0: the curve
/// of sRGB). Empty when such a space cannot be.
Bytes rgb_profile(const Chromaticities& colours, double gamma);

/// The code points of ITU-T H.273 that still pictures use (`colour_primaries`,
/// `transfer_characteristics`; 2 is "unspecified").
enum class CodePoints { srgb, convertible, unknown };
struct CodedColours {
  CodePoints kind = CodePoints::unknown;  // unknown: HDR curves (PQ, HLG), film, ...
  Bytes icc;                              // of convertible ones
};
CodedColours colours_of_code_points(int primaries, int transfer);

}  // namespace telavis
