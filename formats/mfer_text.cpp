// SPDX-License-Identifier: Apache-2.0
#include "formats/mfer_text.h"

#include <algorithm>
#include <cstdint>

#include "formats/text.h"

namespace telavis::mfer {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr char kEscape = 0x1B;

void append(std::string& out, std::uint32_t character) {
  const auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | ((character >> shift) & 0x3F));
  };
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += static_cast<char>(0xC0 | (character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    out += static_cast<char>(0xE0 | (character >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (character >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_high_surrogate(std::uint32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(std::uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

Text from_utf16(ByteView bytes, bool little) {
  Text text;
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    const std::uint32_t first = bytes[i];
    const std::uint32_t second = bytes[i + 1];
    return little ? first | (second << 8) : (first << 8) | second;
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t character = unit(i);
    if (character == 0) break;
    if (is_high_surrogate(character) && i + 3 < bytes.size() && is_low_surrogate(unit(i + 2))) {
      character = 0x10000 + ((character - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    } else if (is_high_surrogate(character) || is_low_surrogate(character)) {
      character = kReplacement;
      text.unread = true;
    }
    append(text.utf8, character);
  }
  return text;
}

// What is ASCII stays; every other byte, and every shift to another set, is a character not read.
Text from_ascii(ByteView bytes) {
  Text text;
  for (const std::uint8_t byte : bytes) {
    const bool ascii = byte < 0x80 && byte != static_cast<std::uint8_t>(kEscape);
    append(text.utf8, ascii ? std::uint32_t{byte} : kReplacement);
    text.unread = text.unread || !ascii;
  }
  return text;
}

Text from_bytes(ByteView bytes, Charset charset) {
  const auto* const end = std::ranges::find(bytes, std::uint8_t{0}).base();
  bytes = bytes.first(static_cast<std::size_t>(end - bytes.data()));
  const bool shifted = as_text(bytes).find(kEscape) != std::string_view::npos;
  if (charset == Charset::latin) {
    Text text;
    for (const std::uint8_t byte : bytes) append(text.utf8, byte);
    return text;
  }
  if (charset == Charset::japanese || shifted || !is_valid_utf8(as_text(bytes))) {
    return from_ascii(bytes);
  }
  return {std::string(as_text(bytes)), false};
}

}  // namespace

Charset charset_of(std::string_view name) {
  std::string key;
  for (const char character : name.substr(0, name.find('\0'))) {
    if (character >= 'a' && character <= 'z') {
      key += static_cast<char>(character - 'a' + 'A');
    } else if (character != ' ' && character != '-' && character != '_') {
      key += character;
    }
  }
  if (key.starts_with("UTF16LE")) return Charset::utf16_le;
  if (key.starts_with("UTF16BE")) return Charset::utf16_be;
  if (key.starts_with("UTF16") || key.starts_with("UCS2")) return Charset::utf16;
  if (key.starts_with("ISO88591") || key == "ISO8859" || key.starts_with("ISOIR100")) {
    return Charset::latin;
  }
  for (const std::string_view japanese :
       {"SHIFT", "SJIS", "JIS", "ISO2022", "EUC", "RFC1468", "MS932", "CP932", "WINDOWS31J"}) {
    if (key.starts_with(japanese)) return Charset::japanese;
  }
  return Charset::unstated;
}

Text text_in(ByteView bytes, Charset charset) {
  Text text;
  const bool marked = bytes.size() >= 2 && ((bytes[0] == 0xFE && bytes[1] == 0xFF) ||
                                            (bytes[0] == 0xFF && bytes[1] == 0xFE));
  switch (charset) {
    case Charset::utf16:
    case Charset::utf16_le:
    case Charset::utf16_be: {
      const bool little = marked ? bytes[0] == 0xFF : charset != Charset::utf16_be;
      text = from_utf16(bytes.subspan(marked ? 2 : 0), little);
      break;
    }
    case Charset::unstated:
    case Charset::latin:
    case Charset::japanese:
      text = from_bytes(bytes, charset);
      break;
  }
  text.utf8 = text_from_device(as_bytes(text.utf8));
  return text;
}

}  // namespace telavis::mfer
