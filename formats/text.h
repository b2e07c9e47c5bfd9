// SPDX-License-Identifier: Apache-2.0
// Text as devices write it, turned into UTF-8 that can be shown, stored and put into XML or JSON.
#pragma once

#include <string>
#include <string_view>

#include "formats/bytes.h"

namespace telavis {

/// In no locale: std::isdigit has one.
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Of ASCII letters; everything else as it is.
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lowered(std::string_view text);

/// Length in bytes of the UTF-8 character at the start of `text` (RFC 3629: no overlong form, no
/// surrogate, at most U+10FFFF), 0 when there is none.
std::size_t utf8_character_length(std::string_view text);
bool is_valid_utf8(std::string_view text);

/// UTF-8 from a device's text: valid UTF-8 as it is, anything else read as Windows-1252 (of which
/// ISO-8859-1 text is a part: the two differ in control characters that no device means). Control
/// characters other than line feed and tab become spaces; spaces at both ends are dropped.
std::string text_from_device(ByteView bytes);

}  // namespace telavis
