// SPDX-License-Identifier: Apache-2.0
// Shapes on a page, in millimetres from its upper left corner, x to the right and y down.
#pragma once

#include <string>
#include <vector>

namespace telavis {

struct PointMm {
  double x = 0;
  double y = 0;
};
using Polyline = std::vector<PointMm>;

struct SizeMm {
  double width = 0;
  double height = 0;
};
struct RectMm {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

inline constexpr SizeMm kA4Portrait{210, 297};
inline constexpr SizeMm kA4Landscape{297, 210};

/// Opaque sRGB. There is no alpha anywhere: PDF/A-1 forbids transparency.
struct Colour {
  unsigned char red = 0;
  unsigned char green = 0;
  unsigned char blue = 0;
};
struct StrokeStyle {
  double width_mm = 0.25;
  Colour colour;
};

inline constexpr Colour kBlack{0, 0, 0};
inline constexpr Colour kWhite{255, 255, 255};
inline constexpr Colour kGrey{96, 100, 106};

/// The paper: pale enough for a 0.25 mm black trace to stand out when printed in grey.
inline constexpr StrokeStyle kGridOneMm{0.09, {250, 218, 221}};
inline constexpr StrokeStyle kGridFiveMm{0.16, {238, 165, 172}};
inline constexpr StrokeStyle kTraceStroke{0.25, kBlack};
inline constexpr StrokeStyle kSeparatorStroke{0.2, {110, 114, 120}};

enum class Anchor { start, end };  // `at` is the left or the right end of the text

/// One line of text; `at` lies on its baseline. It is shortened with an ellipsis at `max_width_mm`.
struct TextMm {
  PointMm at;
  double size_mm = 3;  // of the em square
  double max_width_mm = 0;
  Anchor anchor = Anchor::start;
  bool bold = false;
  Colour colour = kBlack;
  std::string text;
};

}  // namespace telavis
