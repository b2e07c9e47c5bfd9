// SPDX-License-Identifier: Apache-2.0
#include "formats/render_text.h"

#include <cstdint>

#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Decoded {
  char32_t code_point = 0xFFFD;
  std::size_t length = 1;
  bool valid = false;
};

Decoded decode(std::string_view text) {
  const std::size_t length = utf8_character_length(text);
  if (length == 0) return {};
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (length == 1) return {byte(0), 1, true};
  char32_t value = byte(0) & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte(i) & 0x3Fu);
  return {value, length, true};
}

bool is_line_break(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_left_out(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

bool is_non_character(char32_t c) {
  return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

/// Widths in DejaVu Sans Bold, the wider of the two, rounded up. What the typeface lacks is drawn
/// as a box.
double character_width_em(char32_t c) {
  constexpr std::string_view kThin = " ',.:;Iijl|";
  constexpr std::string_view kNarrow = "!()-/[]frt";
  constexpr std::string_view kRound = "*csz";
  constexpr std::string_view kWide = "#%&+<=>@GMOQW^mw~";
  constexpr char32_t kFirstNotLatin = 0x250;
  if (c >= 0x300 && c < 0x370) return 0.6;  // combining marks; most have no width
  if (c == U'†' || c == U'–') return 0.6;
  if (c >= kFirstNotLatin) return 1.35;
  if (c == 0xA0 || c == 0xB7) return 0.41;               // no-break space, middle dot
  if (c >= 0xDF && c <= 0xFF && c != 0xE6) return 0.84;  // small letters with accents; division
  if (c >= 0x80) return 1.2;
  const char ascii = static_cast<char>(c);
  const auto one_of = [ascii](std::string_view set) {
    return set.find(ascii) != std::string_view::npos;
  };
  if (one_of(kThin)) return 0.41;
  if (one_of(kNarrow)) return 0.5;
  if (one_of(kRound)) return 0.6;
  if (one_of(kWide)) return 1.12;
  return (ascii >= 'a' && ascii <= 'z') || is_digit(ascii) ? 0.72 : 0.85;
}

bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  }
  return true;
}

}  // namespace

std::string printable_text(std::string_view text, LineBreaks breaks) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Decoded next = decode(text.substr(i));
    const std::string_view bytes = text.substr(i, next.length);
    const bool cr_of_crlf = text.substr(i, 2) == "\r\n";
    i += next.length;
    if (!next.valid || is_non_character(next.code_point)) {
      out += kReplacement;
    } else if (is_line_break(next.code_point)) {
      if (!cr_of_crlf) out += breaks == LineBreaks::keep ? '\n' : ' ';
    } else if (next.code_point == '\t') {
      out += ' ';
    } else if (!is_left_out(next.code_point)) {
      out += bytes;
    }
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t max_characters) {
  std::size_t count = 0;
  std::size_t cut = 0;  // where the last code point that fits beside an ellipsis ends
  for (std::size_t i = 0; i < text.size();) {
    i += decode(text.substr(i)).length;
    if (++count + 1 == max_characters) cut = i;
    if (count > max_characters) return std::string(text.substr(0, cut)) + "…";
  }
  return std::string(text);
}

double text_width_em(std::string_view text) {
  double width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Decoded next = decode(text.substr(i));
    width += character_width_em(next.code_point);
    i += next.length;
  }
  return width;
}

std::string fitted(std::string_view text, double max_em) {
  if (text_width_em(text) <= max_em) return std::string(text);
  double width = character_width_em(U'…');
  std::size_t end = 0;
  while (end < text.size()) {
    const Decoded next = decode(text.substr(end));
    width += character_width_em(next.code_point);
    if (width > max_em) break;
    end += next.length;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::vector<std::string> wrapped(std::string_view text, double max_em) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    double width = 0;
    std::size_t end = 0;
    std::size_t space = 0;  // the last one on this line
    while (end < text.size()) {
      const Decoded next = decode(text.substr(end));
      width += character_width_em(next.code_point);
      if (next.code_point == U' ') space = end;
      if (width > max_em && end > 0) break;
      end += next.length;
    }
    if (end < text.size() && space > 0) end = space;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  return lines;
}

std::string day_first(std::string_view iso8601_local) {
  const std::string_view date = iso8601_local.substr(0, 10);
  const std::string_view rest = iso8601_local.substr(date.size());
  if (!has_shape(date, "0000-00-00") || !(rest.empty() || rest.front() == 'T')) {
    return std::string(iso8601_local);
  }
  std::string out;
  out += date.substr(8, 2);
  out += '/';
  out += date.substr(5, 2);
  out += '/';
  out += date.substr(0, 4);
  if (!rest.empty()) {
    out += ' ';
    out += rest.substr(1);
  }
  return out;
}

}  // namespace telavis
