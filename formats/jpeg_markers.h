// SPDX-License-Identifier: Apache-2.0
// The marker structure of a JPEG file (ITU-T T.81 annex B), walked by ourselves so that we alone
// decide what stays in a photo. Internal to the photo codecs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// A side longer than this is no skin photo; libjpeg itself stops at 65,500.
inline constexpr int kMaxPhotoSide = 20'000;
/// 64 Mpx as cameras count them (a "64 Mpx" telephone writes 9,248 x 6,936): 192 MiB of RGB.
inline constexpr std::int64_t kMaxPhotoPixels = std::int64_t{64} << 20;
/// Encoders write 10 scans or so; each scan costs a pass over the whole picture, whatever its size
/// in bytes, so a small file with thousands of them would hold a processor for minutes.
inline constexpr int kMaxJpegScans = 100;
/// 64 MiB of full segments are 1,024; more than this is a file made to exhaust memory.
inline constexpr int kMaxJpegSegments = 10'000;

enum class JpegProcess { baseline, extended, progressive };  // SOF0, SOF1 with 8 bits, SOF2

/// How a decoder understands the components: the rule of libjpeg (JFIF, then Adobe, then ids).
enum class JpegColour { grey, ycc, rgb, cmyk, ycck };

struct JpegFrame {
  JpegProcess process = JpegProcess::baseline;
  int width = 0;  // as stored, before orientation
  int height = 0;
  int components = 0;  // 1, 3 or 4
  std::array<std::uint8_t, 4> ids{};
  std::array<int, 4> horizontal{};  // sampling factors 1..4
  std::array<int, 4> vertical{};
};

/// How to make a picture upright: transpose, then mirror left-right, then mirror top-bottom.
struct Turn {
  bool transpose = false;
  bool flip_x = false;
  bool flip_y = false;
  bool none() const { return !transpose && !flip_x && !flip_y; }
};
Turn turn_for_orientation(int orientation);

/// What one walk found. The views point into the file.
struct JpegLayout {
  JpegFrame frame;
  int orientation = 1;            // 1..8
  std::vector<ByteView> picture;  // tables, frame, scans with their entropy-coded data, in order
  std::optional<ByteView> jfif;   // the 14 bytes of JFIF without thumbnail
  std::optional<ByteView> adobe;  // the 12 bytes of Adobe APP14
  Bytes icc;                      // the whole ICC profile; empty when absent or unusable
  std::vector<PrivateMetadata> private_metadata;
  std::vector<Finding> findings;

  JpegColour colour() const;
  /// Whether `turn` moves whole MCUs only, so that no pixel at an edge would be lost.
  bool turns_losslessly(Turn turn) const;
};

/// Errors: as inspect_jpeg. Reads no entropy-coded data beyond looking for the next marker.
Result<JpegLayout> read_jpeg_layout(ByteView file);

/// What is written in front of the tables of a picture.
struct JpegHeader {
  std::optional<ByteView> jfif;
  bool swap_density = false;  // the picture was transposed
  std::optional<ByteView> adobe;
  ByteView icc;
  int orientation = 1;  // 1: no EXIF at all
};

/// SOI, the kept application segments, `picture`, EOI.
Bytes assemble_jpeg(const JpegHeader& header, const std::vector<ByteView>& picture);

}  // namespace telavis
