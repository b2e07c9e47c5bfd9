// SPDX-License-Identifier: Apache-2.0
// The character sets an MFER file may name for its texts (MWF_TXC).
#pragma once

#include <string>
#include <string_view>

#include "formats/bytes.h"

namespace telavis::mfer {

enum class Charset {
  unstated,  // ASCII or UTF-8
  latin,     // ISO 8859-1
  utf16,     // by its byte order mark, else little-endian
  utf16_le,
  utf16_be,
  japanese,  // Shift-JIS, ISO 2022-JP, EUC: only their ASCII is read
};

/// The set that the content of MWF_TXC names: "ANSI X3.4", "UTF-16LE", "Shift_JIS", ...
Charset charset_of(std::string_view name);

struct Text {
  std::string utf8;
  bool unread = false;  // some characters became U+FFFD
};

/// Up to the first zero character, control characters off.
Text text_in(ByteView bytes, Charset charset);

}  // namespace telavis::mfer
