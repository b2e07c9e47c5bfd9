// SPDX-License-Identifier: Apache-2.0
#include "formats/render_canvas.h"

#include <cairo-pdf.h>
#include <cairo.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "formats/pdfa.h"

namespace telavis {
namespace {

constexpr double kPointsPerMm = 72.0 / 25.4;
constexpr const char* kTypeface = "DejaVu Sans";

template <typename T, auto kFree>
struct Freed {
  void operator()(T* object) const { kFree(object); }
};
using Surface = std::unique_ptr<cairo_surface_t, Freed<cairo_surface_t, cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Freed<cairo_t, cairo_destroy>>;
using Typesetter = std::unique_ptr<PangoContext, Freed<PangoContext, g_object_unref>>;
using Paragraph = std::unique_ptr<PangoLayout, Freed<PangoLayout, g_object_unref>>;
using Font =
    std::unique_ptr<PangoFontDescription, Freed<PangoFontDescription, pango_font_description_free>>;
using FontOptions =
    std::unique_ptr<cairo_font_options_t, Freed<cairo_font_options_t, cairo_font_options_destroy>>;

cairo_status_t append_to_bytes(void* closure, const unsigned char* data, unsigned int length) {
  auto& out = *static_cast<Bytes*>(closure);
  out.insert(out.end(), data, data + length);
  return CAIRO_STATUS_SUCCESS;
}

bool typeface_is_installed() {
  PangoFontFamily** families = nullptr;
  int count = 0;
  pango_font_map_list_families(pango_cairo_font_map_get_default(), &families, &count);
  bool found = false;
  for (int i = 0; i < count; ++i) {
    found = found || std::string_view(pango_font_family_get_name(families[i])) == kTypeface;
  }
  g_free(families);
  return found;
}

Error cairo_failure(cairo_status_t status) {
  return {ErrorCode::render_failed,
          std::string("drawing failed (") + cairo_status_to_string(status) + "); try again"};
}

/// Positions must not depend on the resolution, nor on the fontconfig settings of the machine.
Typesetter make_typesetter(cairo_t* cairo) {
  Typesetter typesetter(pango_cairo_create_context(cairo));
  const FontOptions options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(typesetter.get(), options.get());
  pango_cairo_context_set_resolution(typesetter.get(), 72);
  pango_context_set_round_glyph_positions(typesetter.get(), FALSE);
  pango_context_set_language(typesetter.get(), pango_language_from_string("fr"));
  return typesetter;
}

Paragraph make_paragraph(PangoContext* typesetter, std::string_view text, double size_mm,
                         bool bold) {
  Paragraph paragraph(pango_layout_new(typesetter));
  const Font font(pango_font_description_new());
  pango_font_description_set_family_static(font.get(), kTypeface);
  pango_font_description_set_weight(font.get(), bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_absolute_size(font.get(), size_mm * kPointsPerMm * PANGO_SCALE);
  pango_layout_set_font_description(paragraph.get(), font.get());
  // A substitute typeface would differ from one machine to the next, and colour fonts bring alpha.
  PangoAttrList* attributes = pango_attr_list_new();
  pango_attr_list_insert(attributes, pango_attr_fallback_new(FALSE));
  // "fi" drawn as one glyph would be copied and searched as U+FB01.
  pango_attr_list_insert(attributes, pango_attr_font_features_new("liga=0, clig=0"));
  pango_layout_set_attributes(paragraph.get(), attributes);
  pango_attr_list_unref(attributes);
  pango_layout_set_text(paragraph.get(), text.data(), static_cast<int>(text.size()));
  return paragraph;
}

/// The beginning of a valid UTF-8 text, no character cut in two.
std::string_view whole_characters(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

int pango_units(double mm) {
  return static_cast<int>(mm * kPointsPerMm * PANGO_SCALE);
}
double from_pango_mm(double units) {
  return units / (kPointsPerMm * PANGO_SCALE);
}

void set_colour(cairo_t* cairo, Colour colour) {
  cairo_set_source_rgb(cairo, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

Surface to_surface(const Pixels& pixels) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels.width, pixels.height));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) return surface;
  cairo_surface_flush(surface.get());
  unsigned char* rows = cairo_image_surface_get_data(surface.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
  const auto width = static_cast<std::size_t>(pixels.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(pixels.height); ++y) {
    auto* row = reinterpret_cast<std::uint32_t*>(rows + y * stride);
    const std::uint8_t* rgb = pixels.rgb.data() + y * width * 3;
    for (std::size_t x = 0; x < width; ++x, rgb += 3) {
      row[x] = std::uint32_t{rgb[0]} << 16 | std::uint32_t{rgb[1]} << 8 | rgb[2];
    }
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

void free_bytes(void* bytes) {
  delete static_cast<Bytes*>(bytes);
}

}  // namespace

struct TextBlock::State {
  Paragraph paragraph;
  Colour colour;
  struct LineAt {
    PangoLayoutLine* line;  // owned by the paragraph
    double left_mm;         // where it begins, after the left edge of the block
    double baseline_mm;     // below the top of the line
  };
  std::vector<LineAt> lines;
};

struct Canvas::State {
  Bytes pdf;  // before the surface, which writes into it until destroyed
  Surface surface;
  Context cairo;
  Typesetter typesetter;
  bool is_pdf = false;
  int pages = 0;
};

Canvas::Canvas(std::unique_ptr<State> state) : state_(std::move(state)) {}
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;
Canvas::~Canvas() = default;

Result<Canvas> Canvas::pdf() {
  if (!typeface_is_installed()) {
    return fail(ErrorCode::render_failed,
                "the typeface DejaVu Sans is missing; install the package fonts-dejavu-core");
  }
  auto state = std::make_unique<State>();
  state->is_pdf = true;
  state->surface.reset(cairo_pdf_surface_create_for_stream(append_to_bytes, &state->pdf, 1, 1));
  cairo_pdf_surface_restrict_to_version(state->surface.get(), CAIRO_PDF_VERSION_1_4);
  state->cairo.reset(cairo_create(state->surface.get()));
  if (const auto status = cairo_status(state->cairo.get()); status != CAIRO_STATUS_SUCCESS) {
    return tl::unexpected(cairo_failure(status));
  }
  state->typesetter = make_typesetter(state->cairo.get());
  return Canvas(std::move(state));
}

Result<Canvas> Canvas::raster(SizeMm size, int pages, int dots_per_inch) {
  if (!typeface_is_installed()) {
    return fail(ErrorCode::render_failed,
                "the typeface DejaVu Sans is missing; install the package fonts-dejavu-core");
  }
  auto state = std::make_unique<State>();
  const auto pixels = [&](double mm) {
    return static_cast<int>(std::lround(mm / 25.4 * dots_per_inch));
  };
  state->surface.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels(size.width),
                                                  pixels(size.height * pages)));
  state->cairo.reset(cairo_create(state->surface.get()));
  if (const auto status = cairo_status(state->cairo.get()); status != CAIRO_STATUS_SUCCESS) {
    return tl::unexpected(cairo_failure(status));
  }
  set_colour(state->cairo.get(), kWhite);
  cairo_paint(state->cairo.get());
  cairo_scale(state->cairo.get(), dots_per_inch / 72.0, dots_per_inch / 72.0);
  state->typesetter = make_typesetter(state->cairo.get());
  return Canvas(std::move(state));
}

void Canvas::begin_page(SizeMm size) {
  if (state_->is_pdf) {
    if (state_->pages > 0) cairo_show_page(state_->cairo.get());
    cairo_pdf_surface_set_size(state_->surface.get(), size.width * kPointsPerMm,
                               size.height * kPointsPerMm);
  } else if (state_->pages > 0) {
    cairo_translate(state_->cairo.get(), 0, size.height * kPointsPerMm);
  }
  ++state_->pages;
}

void Canvas::stroke(std::span<const Polyline> lines, StrokeStyle style) {
  cairo_t* cairo = state_->cairo.get();
  set_colour(cairo, style.colour);
  cairo_set_line_width(cairo, style.width_mm * kPointsPerMm);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
  for (const Polyline& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const double x = line[i].x * kPointsPerMm;
      const double y = line[i].y * kPointsPerMm;
      if (i == 0) cairo_move_to(cairo, x, y);
      if (i > 0 || line.size() == 1) cairo_line_to(cairo, x, y);
    }
  }
  cairo_stroke(cairo);
}

void Canvas::text(const TextMm& text) {
  if (text.text.empty()) return;
  cairo_t* cairo = state_->cairo.get();
  const Paragraph paragraph =
      make_paragraph(state_->typesetter.get(), text.text, text.size_mm, text.bold);
  pango_layout_set_single_paragraph_mode(paragraph.get(), TRUE);
  pango_layout_set_auto_dir(paragraph.get(), FALSE);
  pango_layout_set_ellipsize(paragraph.get(), PANGO_ELLIPSIZE_END);
  pango_layout_set_width(paragraph.get(), pango_units(text.max_width_mm));
  PangoLayoutLine* line = pango_layout_get_line_readonly(paragraph.get(), 0);
  PangoRectangle extents;
  pango_layout_line_get_extents(line, nullptr, &extents);
  const double width = static_cast<double>(extents.width) / PANGO_SCALE;
  const double x = text.at.x * kPointsPerMm - (text.anchor == Anchor::end ? width : 0);
  set_colour(cairo, text.colour);
  cairo_move_to(cairo, x, text.at.y * kPointsPerMm);
  pango_cairo_show_layout_line(cairo, line);
  cairo_new_path(cairo);
}

void Canvas::picture(ByteView jpeg, const Pixels& pixels, const RectMm& box) {
  cairo_t* cairo = state_->cairo.get();
  const Surface surface = to_surface(pixels);
  auto copy = std::make_unique<Bytes>(jpeg.begin(), jpeg.end());
  if (cairo_surface_set_mime_data(surface.get(), CAIRO_MIME_TYPE_JPEG, copy->data(), copy->size(),
                                  free_bytes, copy.get()) == CAIRO_STATUS_SUCCESS) {
    (void)copy.release();  // now cairo's, which frees it with the surface
  }
  const double scale = std::min(box.width / pixels.width, box.height / pixels.height);
  const double left = box.x + (box.width - pixels.width * scale) / 2;
  const double top = box.y + (box.height - pixels.height * scale) / 2;
  cairo_save(cairo);
  cairo_translate(cairo, left * kPointsPerMm, top * kPointsPerMm);
  cairo_scale(cairo, scale * kPointsPerMm, scale * kPointsPerMm);
  cairo_set_source_surface(cairo, surface.get(), 0, 0);
  cairo_paint(cairo);
  cairo_restore(cairo);
}

TextBlock Canvas::block(std::string_view text, const BlockStyle& style) const {
  TextBlock out;
  out.state_ = std::make_shared<TextBlock::State>();
  out.state_->colour = style.colour;
  text = whole_characters(text, kMaxBlockBytes);
  out.bytes_ = text.size();
  Paragraph& paragraph = out.state_->paragraph;
  paragraph = make_paragraph(state_->typesetter.get(), text, style.size_mm, style.bold);
  pango_layout_set_width(paragraph.get(), pango_units(style.width_mm));
  pango_layout_set_wrap(paragraph.get(), PANGO_WRAP_WORD_CHAR);
  if (style.max_lines > 0) {
    pango_layout_set_height(paragraph.get(), -style.max_lines);
    pango_layout_set_ellipsize(paragraph.get(), PANGO_ELLIPSIZE_END);
  }
  using Iterator = std::unique_ptr<PangoLayoutIter, Freed<PangoLayoutIter, pango_layout_iter_free>>;
  const Iterator at(pango_layout_get_iter(paragraph.get()));
  do {
    PangoRectangle extents;
    pango_layout_iter_get_line_extents(at.get(), nullptr, &extents);
    const double height = extents.height * style.line_spacing;
    const double above = (height - extents.height) / 2;  // the same space over and under a line
    const int baseline = pango_layout_iter_get_baseline(at.get()) - extents.y;
    PangoLayoutLine* line = pango_layout_iter_get_line_readonly(at.get());
    out.lines_.push_back(
        {out.height_mm(), from_pango_mm(height), static_cast<std::size_t>(line->start_index)});
    out.state_->lines.push_back({line, from_pango_mm(extents.x), from_pango_mm(above + baseline)});
  } while (pango_layout_iter_next_line(at.get()));
  return out;
}

void Canvas::block_line(const TextBlock& block, std::size_t line, double left_mm, double top_mm) {
  cairo_t* cairo = state_->cairo.get();
  const TextBlock::State::LineAt& at = block.state_->lines[line];
  set_colour(cairo, block.state_->colour);
  cairo_move_to(cairo, (left_mm + at.left_mm) * kPointsPerMm,
                (top_mm + at.baseline_mm) * kPointsPerMm);
  pango_cairo_show_layout_line(cairo, at.line);
  cairo_new_path(cairo);
}

Result<Bytes> Canvas::finish_pdf(std::string_view title) {
  cairo_surface_t* surface = state_->surface.get();
  const std::string title_text(title);
  if (!title.empty()) {
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title_text.c_str());
  }
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Telavis");
  // cairo fills in the time of day, which would make every drawing of the same thing different.
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, nullptr);
  cairo_show_page(state_->cairo.get());
  cairo_status_t status = cairo_status(state_->cairo.get());
  cairo_surface_finish(surface);
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
  if (status != CAIRO_STATUS_SUCCESS) return tl::unexpected(cairo_failure(status));
  return to_pdfa_1b(state_->pdf);
}

Result<Pixels> Canvas::finish_raster() {
  cairo_surface_t* surface = state_->surface.get();
  cairo_surface_flush(surface);
  if (const auto status = cairo_status(state_->cairo.get()); status != CAIRO_STATUS_SUCCESS) {
    return tl::unexpected(cairo_failure(status));
  }
  Pixels out{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), {}};
  const unsigned char* rows = cairo_image_surface_get_data(surface);
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
  out.rgb.reserve(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height) * 3);
  for (std::size_t y = 0; y < static_cast<std::size_t>(out.height); ++y) {
    const auto* row = reinterpret_cast<const std::uint32_t*>(rows + y * stride);
    for (std::size_t x = 0; x < static_cast<std::size_t>(out.width); ++x) {
      out.rgb.push_back(static_cast<std::uint8_t>(row[x] >> 16));
      out.rgb.push_back(static_cast<std::uint8_t>(row[x] >> 8));
      out.rgb.push_back(static_cast<std::uint8_t>(row[x]));
    }
  }
  return out;
}

}  // namespace telavis
