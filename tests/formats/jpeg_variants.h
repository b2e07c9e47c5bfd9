// SPDX-License-Identifier: Apache-2.0
// JPEGs of every kind for the tests, and a plain decoder to look at results with: libjpeg used
// directly, without any code of the project.
#pragma once

#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/jpeg.h"

namespace telavis::test {

enum class Inks { ycc, grey, rgb_with_adobe_marker, cmyk_adobe, ycck_adobe };

struct JpegVariant {
  Inks inks = Inks::ycc;
  int horizontal = 2;  // sampling of the first component; the others are 1
  int vertical = 2;
  bool progressive = false;
  int restart_rows = 0;
  int quality = 90;
  int x_density = 1;
  int y_density = 1;
};

Bytes make_jpeg(const Pixels& pixels, const JpegVariant& variant);

/// The pixels as stored, without regard to orientation; RGB. CMYK is converted as Adobe means it.
/// `warnings` counts what libjpeg remarked. Throws std::runtime_error on an error.
Pixels plain_decode(ByteView jpeg, long* warnings = nullptr);

/// Marker codes of the segments up to the first scan, with their bodies.
struct Segment {
  int code = 0;
  Bytes body;
};
std::vector<Segment> header_segments(ByteView jpeg);

bool contains(ByteView bytes, std::string_view text);

/// Output of a shell command with its standard error; empty when the program is missing.
std::string output_of(const std::string& command);
bool installed(const std::string& program);

}  // namespace telavis::test
