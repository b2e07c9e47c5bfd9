// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <string>

#include "formats/render.h"
#include "formats/render_ecg_layout.h"
#include "formats/xml_text.h"

namespace telavis {
namespace {

/// Micrometres are finer than any printer.
void append_number(std::string& out, double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, 3).ptr;
  std::string_view view(text.begin(), end);
  while (view.ends_with('0')) view.remove_suffix(1);
  if (view.ends_with('.')) view.remove_suffix(1);
  out += view == "-0" ? "0" : view;
}

void append_attribute(std::string& out, std::string_view name, double value) {
  out += ' ';
  out += name;
  out += "=\"";
  append_number(out, value);
  out += '"';
}

void append_colour(std::string& out, std::string_view name, Colour colour) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += ' ';
  out += name;
  out += "=\"#";
  for (const unsigned char part : {colour.red, colour.green, colour.blue}) {
    out += kHex[part >> 4];
    out += kHex[part & 15];
  }
  out += '"';
}

void append_path(std::string& out, std::string_view css_class, const std::vector<Polyline>& lines,
                 StrokeStyle style) {
  out += "<path class=\"";
  out += xml_escaped(css_class);
  out += "\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"";
  append_colour(out, "stroke", style.colour);
  append_attribute(out, "stroke-width", style.width_mm);
  out += " d=\"";
  for (const Polyline& line : lines) {
    char command = 'M';
    for (const PointMm& point : line) {
      out += command;
      append_number(out, point.x);
      out += ' ';
      append_number(out, point.y);
      command = 'L';
    }
    if (line.size() == 1) out += "h0";  // with round ends: a dot
  }
  out += "\"/>\n";
}

void append_text(std::string& out, const TextMm& text) {
  if (text.text.empty()) return;
  out += "<text";
  append_attribute(out, "x", text.at.x);
  append_attribute(out, "y", text.at.y);
  append_attribute(out, "font-size", text.size_mm);
  append_colour(out, "fill", text.colour);
  if (text.bold) out += " font-weight=\"bold\"";
  if (text.anchor == Anchor::end) out += " text-anchor=\"end\"";
  out += " xml:space=\"preserve\">";
  out += xml_escaped(text.text);
  out += "</text>\n";
}

void append_page(std::string& out, const EcgPage& page, double top) {
  out += "<g class=\"page\" transform=\"translate(0 ";
  append_number(out, top);
  out += ")\">\n";
  append_path(out, "grid-1mm", grid_lines(page.grid, 1, 5), kGridOneMm);
  append_path(out, "grid-5mm", grid_lines(page.grid, 5, 0), kGridFiveMm);
  append_path(out, "separators", page.separators, kSeparatorStroke);
  append_path(out, "calibration", page.calibration, kTraceStroke);
  for (const EcgTrace& trace : page.traces) {
    append_path(out, "lead lead-" + lead_name(trace.code), trace.lines, kTraceStroke);
  }
  for (const TextMm& text : page.texts) append_text(out, text);
  out += "</g>\n";
}

}  // namespace

Result<std::string> render_ecg_svg(const EcgRecording& recording, const RenderLabels& labels,
                                   EcgLayout layout) {
  const auto pages = layout_ecg(recording, labels, layout);
  if (!pages) return tl::unexpected(pages.error());
  const double height = kA4Landscape.height * static_cast<double>(pages->size());
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"297mm\" height=\"";
  append_number(out, height);
  out += "mm\" viewBox=\"0 0 297 ";
  append_number(out, height);
  out += "\" font-family=\"DejaVu Sans, sans-serif\">\n";
  out += "<rect width=\"297\"";
  append_attribute(out, "height", height);
  append_colour(out, "fill", kWhite);
  out += "/>\n";
  double top = 0;
  for (const EcgPage& page : *pages) {
    append_page(out, page, top);
    top += kA4Landscape.height;
  }
  out += "</svg>\n";
  return out;
}

}  // namespace telavis
