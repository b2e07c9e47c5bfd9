// SPDX-License-Identifier: Apache-2.0
// PNG, WebP and HEIC files of every kind for the tests and fuzz seeds. PNG is written byte by byte
// without libpng; WebP and HEIC wrap what libwebp and libheif encode.
#pragma once

#include <cstdlib>

#include <algorithm>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/bytes.h"
#include "formats/jpeg.h"

namespace telavis::test {

// ---- PNG ----

enum class PngColours { grey = 0, rgb = 2, palette = 3, grey_alpha = 4, rgba = 6 };

struct PngVariant {
  int width = 40;
  int height = 24;
  int depth = 8;
  PngColours colours = PngColours::rgb;
  bool interlaced = false;
};
/// `sample(x, y, channel)` gives the value of each sample, as wide as the depth says.
Bytes make_png(const PngVariant& variant, const std::function<unsigned(int, int, int)>& sample);
Bytes make_png(const Pixels& pixels);
Bytes png_chunk(std::string_view type, ByteView body);
/// The file with a chunk more, behind the header.
Bytes png_with(ByteView png, std::string_view type, ByteView body);
/// A zlib stream of stored blocks.
Bytes stored_zlib(ByteView bytes);
Bytes iccp_body(std::string_view name, ByteView icc);

// ---- WebP ----

Bytes make_webp(const Pixels& pixels, bool lossless);
/// RGBA, lossless.
Bytes make_webp_rgba(int width, int height, ByteView rgba);
struct RiffChunk {
  std::string type;
  Bytes body;
};
Bytes make_riff(const std::vector<RiffChunk>& chunks);
std::vector<RiffChunk> riff_chunks(ByteView webp);
/// The picture of a plain file in the extended form, with chunks in front ("ICCP") and behind.
Bytes extended_webp(const Pixels& pixels, const std::vector<RiffChunk>& before,
                    const std::vector<RiffChunk>& behind, bool lossless = true);
/// Two frames of a film: the first stands at (`x`, `y`) of a canvas.
Bytes animated_webp(const Pixels& first, const Pixels& second, int x, int y, int canvas_width,
                    int canvas_height);

// ---- HEIC ----

struct HeicVariant {
  bool av1 = false;
  int orientation = 1;  // written as irot and imir
  int bit_depth = 8;    // 8 or 10
  bool alpha = false;   // left half transparent
  Bytes icc;
  int primaries = 0;  // of an nclx box; 0: none given
  int transfer = 13;
  Bytes exif;  // from the byte order mark on
  std::string xmp;
  bool second_picture = false;
};
/// Empty when this machine's libheif cannot encode it.
Bytes make_heic(const Pixels& pixels, const HeicVariant& variant = {});
/// Four equal tiles of `tile` in a 2 x 2 grid, as telephones store their photos. Empty as above.
Bytes make_heic_grid(const Pixels& tile);

// ---- metadata ----

/// An EXIF block from the byte order mark on, with texts planted (fixtures::PlantedTexts).
Bytes planted_exif(int orientation);

/// The profile of Display P3, and one of 4 inks in which black alone is dark.
Bytes display_p3_profile();
Bytes ink_profile();

inline int largest_difference(const Pixels& a, const Pixels& b) {
  if (a.width != b.width || a.height != b.height || a.rgb.size() != b.rgb.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) {
    largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
  }
  return largest;
}

inline double mean_difference(const Pixels& a, const Pixels& b) {
  if (a.rgb.size() != b.rgb.size() || a.rgb.empty()) return 256;
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

template <typename T>
ErrorCode error_of(const Result<T>& result) {
  return result ? ErrorCode::internal : result.error().code;
}

}  // namespace telavis::test
