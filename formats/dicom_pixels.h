// SPDX-License-Identifier: Apache-2.0
// From the samples of a picture to 8-bit RGB (PS3.3 C.7.6.3, C.11.2). Internal to the DICOM reader.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/jpeg.h"
#include "formats/result.h"

namespace telavis {

/// Decompressed samples of one frame, and RGB of it, may each take this much: 32 megapixels of 8
/// bits. More would not fit in the memory of a reader beside the file and the JPEG that is made.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{96} << 20;

enum class Photometric { monochrome1, monochrome2, palette, rgb, ybr_full, ybr_full_422 };

/// How a level of grey is shown: `window` in units after slope and intercept; without one the
/// stored range, of more than 8 bits the range that the picture uses.
struct GreyScale {
  double slope = 1;
  double intercept = 0;
  struct Window {
    double centre = 0;
    double width = 1;
  };
  std::optional<Window> window;
};

/// A colour table; entry 0 stands for `first` and all below, the last for all above.
struct Palette {
  std::int32_t first = 0;
  std::vector<std::array<std::uint8_t, 3>> colours;
};

struct PixelFormat {
  int rows = 0;
  int columns = 0;
  int samples = 1;         // 1 or 3
  int bits_allocated = 8;  // 8 or 16
  int bits_stored = 8;
  int high_bit = 7;
  bool is_signed = false;
  bool planar = false;  // all red, then all green, then all blue
  bool big_endian = false;
  bool in_words = false;  // VR OW, which swaps 8-bit samples in big endian
  Photometric photometric = Photometric::monochrome2;
  GreyScale grey;
  Palette palette;

  std::size_t pixels() const;
  std::size_t frame_bytes() const;
  bool fits_in_memory() const;
};

/// Errors: malformed_file when `frame` is too short.
Result<Pixels> rgb_from_samples(const PixelFormat& format, ByteView frame);

/// The same level for each of 256 after windowing or inversion; nullopt when nothing changes.
std::optional<std::array<std::uint8_t, 256>> grey_table(const PixelFormat& format);

/// One frame of RLE (PS3.5 annex G) as samples, interleaved, little endian. Errors: malformed_file.
Result<Bytes> decode_rle(const PixelFormat& format, ByteView frame);

}  // namespace telavis
