// SPDX-License-Identifier: Apache-2.0
#include "formats/render_pdf.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "formats/jpeg_markers.h"
#include "formats/render.h"
#include "formats/render_text.h"

namespace telavis {
namespace {

/// Below 72 the millimetres can no longer be told apart; above 300 no screen or mail has use for
/// it.
constexpr int kMinDotsPerInch = 72;
constexpr int kMaxDotsPerInch = 300;
/// Bounds the memory of a raster to 160 MB and, while it is encoded, as much again.
constexpr double kMaxRasterPixels = 40e6;
/// Keeps the one-millimetre grid without ringing.
constexpr int kRasterQuality = 90;

/// The pixels beside an embedded JPEG are only drawn when cairo cannot embed it.
constexpr int kProofSidePx = 1000;
/// For the rare photo that must be encoded again: no loss that an eye can see.
constexpr int kAgainQuality = 95;

constexpr double kPhotoMargin = 12;

TextMm page_number(const RenderLabels& labels, std::size_t number, std::size_t count) {
  return {.at = {281, 204},
          .size_mm = 2.8,
          .max_width_mm = 100,
          .anchor = Anchor::end,
          .colour = kGrey,
          .text = fmt::format("{} {}/{}", printable_text(labels.page, LineBreaks::to_space), number,
                              count)};
}

}  // namespace

void draw_ecg_page(Canvas& canvas, const EcgPage& page) {
  canvas.stroke(grid_lines(page.grid, 1, 5), kGridOneMm);
  canvas.stroke(grid_lines(page.grid, 5, 0), kGridFiveMm);
  canvas.stroke(page.separators, kSeparatorStroke);
  canvas.stroke(page.calibration, kTraceStroke);
  for (const EcgTrace& trace : page.traces) canvas.stroke(trace.lines, kTraceStroke);
  for (const TextMm& text : page.texts) canvas.text(text);
}

Result<PrintablePhoto> printable_photo(ByteView file) {
  auto jpeg = normalise_jpeg(file);  // what stands in a PDF can be taken out again, EXIF included
  if (!jpeg) return tl::unexpected(jpeg.error());
  const auto layout = read_jpeg_layout(*jpeg);
  if (!layout) return tl::unexpected(layout.error());
  auto pixels = decode_jpeg(*jpeg, kProofSidePx);
  if (!pixels) return tl::unexpected(pixels.error());
  const JpegColour colour = layout->colour();
  const bool plain = colour == JpegColour::grey || colour == JpegColour::ycc;
  if (layout->orientation == 1 && plain) {
    return PrintablePhoto{*std::move(jpeg), *std::move(pixels)};
  }
  // A PDF viewer knows nothing of EXIF, and PDF/A nothing of CMYK without a profile.
  const auto upright = decode_jpeg(*jpeg, kMaxPhotoSide);
  if (!upright) return tl::unexpected(upright.error());
  auto again = encode_jpeg(*upright, kAgainQuality);
  if (!again) return tl::unexpected(again.error());
  return PrintablePhoto{*std::move(again), *std::move(pixels)};
}

Result<Bytes> render_ecg_pdf(const EcgRecording& recording, const RenderLabels& labels,
                             EcgLayout layout) {
  const auto pages = layout_ecg(recording, labels, layout);
  if (!pages) return tl::unexpected(pages.error());
  auto canvas = Canvas::pdf();
  if (!canvas) return tl::unexpected(canvas.error());
  std::size_t number = 0;
  for (const EcgPage& page : *pages) {
    canvas->begin_page(kA4Landscape);
    draw_ecg_page(*canvas, page);
    if (pages->size() > 1) canvas->text(page_number(labels, ++number, pages->size()));
  }
  return canvas->finish_pdf("");
}

Result<Bytes> render_ecg_jpeg(const EcgRecording& recording, int dots_per_inch,
                              const RenderLabels& labels, EcgLayout layout) {
  if (dots_per_inch < kMinDotsPerInch || dots_per_inch > kMaxDotsPerInch) {
    return fail(ErrorCode::render_failed,
                fmt::format("a raster of {} dots per inch cannot be drawn; ask for {} to {}",
                            dots_per_inch, kMinDotsPerInch, kMaxDotsPerInch));
  }
  const auto pages = layout_ecg(recording, labels, layout);
  if (!pages) return tl::unexpected(pages.error());
  const double dots_per_mm = dots_per_inch / 25.4;
  const double pixels = kA4Landscape.width * kA4Landscape.height * dots_per_mm * dots_per_mm *
                        static_cast<double>(pages->size());
  if (pixels > kMaxRasterPixels) {
    return fail(
        ErrorCode::limit_exceeded,
        fmt::format("{} pages at {} dots per inch make more than {:.0f} megapixels; ask for "
                    "fewer dots per inch, or for the PDF",
                    pages->size(), dots_per_inch, kMaxRasterPixels / 1e6));
  }
  auto canvas = Canvas::raster(kA4Landscape, static_cast<int>(pages->size()), dots_per_inch);
  if (!canvas) return tl::unexpected(canvas.error());
  for (const EcgPage& page : *pages) {
    canvas->begin_page(kA4Landscape);
    draw_ecg_page(*canvas, page);
  }
  const auto raster = canvas->finish_raster();
  if (!raster) return tl::unexpected(raster.error());
  return encode_jpeg(*raster, kRasterQuality);
}

Result<Bytes> render_photo_pdf(ByteView jpeg) {
  const auto photo = printable_photo(jpeg);
  if (!photo) return tl::unexpected(photo.error());
  auto canvas = Canvas::pdf();
  if (!canvas) return tl::unexpected(canvas.error());
  const bool wide = photo->pixels.width > photo->pixels.height;
  const SizeMm size = wide ? kA4Landscape : kA4Portrait;
  canvas->begin_page(size);
  canvas->picture(
      photo->jpeg, photo->pixels,
      {kPhotoMargin, kPhotoMargin, size.width - 2 * kPhotoMargin, size.height - 2 * kPhotoMargin});
  return canvas->finish_pdf("");
}

}  // namespace telavis
