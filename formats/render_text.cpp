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

bool is_digit(char c) {
  return c >= '0' && c <= '9';
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
