// SPDX-License-Identifier: Apache-2.0
// Pages to draw on, in millimetres; the only door to cairo and pango.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/jpeg.h"
#include "formats/render_geometry.h"
#include "formats/result.h"

namespace telavis {

/// A paragraph broken into lines, ready to be drawn line by line.
class TextBlock {
 public:
  struct Line {
    double top_mm = 0;  // below the top of the block
    double height_mm = 0;
    std::size_t begin = 0;  // byte of the text where the line starts
  };
  const std::vector<Line>& lines() const { return lines_; }
  double height_mm() const {
    return lines_.empty() ? 0 : lines_.back().top_mm + lines_.back().height_mm;
  }

  std::size_t bytes() const { return bytes_; }  // of the text that it holds

 private:
  friend class Canvas;
  struct State;
  std::shared_ptr<State> state_;
  std::size_t bytes_ = 0;
  std::vector<Line> lines_;
};

/// Pango takes a time quadratic in the length of a paragraph, and miscounts beyond some 300,000
/// characters. Longer texts are laid out piece by piece.
inline constexpr std::size_t kMaxBlockBytes = 2048;

struct BlockStyle {
  double size_mm = 3.3;
  double width_mm = 170;
  bool bold = false;
  Colour colour = kBlack;
  double line_spacing = 1.3;  // times the font's own
  int max_lines = 0;          // 0: as many as it takes; else an ellipsis after that many
};

/// A PDF document or a raster. Drawing cannot fail half-way for the caller: a failure of cairo is
/// kept and reported by finish_pdf or finish_raster.
class Canvas {
 public:
  /// Errors: render_failed (typeface not installed, no memory).
  static Result<Canvas> pdf();
  /// `pages` pages of the same size one below the other. Errors: as pdf().
  static Result<Canvas> raster(SizeMm size, int pages, int dots_per_inch);

  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  ~Canvas();

  /// Must precede the first drawing. A raster's pages keep the size given at the beginning.
  void begin_page(SizeMm size);
  void stroke(std::span<const Polyline> lines, StrokeStyle style);
  void text(const TextMm& text);  // text.text is valid UTF-8 without control characters
  /// The picture in `box`, aspect kept, centred. `jpeg` is embedded as it is in a PDF; `pixels`,
  /// the same picture at any scale, gives the aspect and serves a raster.
  void picture(ByteView jpeg, const Pixels& pixels, const RectMm& box);

  /// `text` is valid UTF-8 whose only control characters are line feeds. Words longer than a line
  /// are broken.
  TextBlock block(std::string_view text, const BlockStyle& style) const;
  /// Draws one line of the block; `top` is the upper edge of that line on the page.
  void block_line(const TextBlock& block, std::size_t line, double left_mm, double top_mm);

  /// `title` for the document's properties, may be empty. Nothing can be drawn afterwards.
  Result<Bytes> finish_pdf(std::string_view title);
  Result<Pixels> finish_raster();

 private:
  struct State;
  explicit Canvas(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace telavis
