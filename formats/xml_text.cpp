// SPDX-License-Identifier: Apache-2.0
#include "formats/xml_text.h"

#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

bool is_forbidden(std::string_view character) {
  if (character.size() == 1) {
    const auto byte = static_cast<unsigned char>(character[0]);
    return byte < 0x20 && byte != '\n' && byte != '\t';
  }
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '&':
      out += "&amp;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\n':
      out += "&#10;";
      break;
    case '\t':
      out += "&#9;";
      break;
    default:
      out += c;
  }
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_character_length(text);
    const std::string_view character = text.substr(0, length);
    if (length == 0) {
      out += kReplacement;
    } else if (is_forbidden(character)) {
      out += ' ';
    } else if (length == 1) {
      append_escaped(out, character[0]);
    } else {
      out += character;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace telavis
