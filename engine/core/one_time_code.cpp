// SPDX-License-Identifier: Apache-2.0
#include "engine/core/one_time_code.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kCodeGroup = 4;       // characters between two dashes
constexpr std::size_t kMaxCodeBytes = 100;  // typed with spaces

}  // namespace

std::string grouped_code(std::string_view code) {
  std::string out;
  for (std::size_t i = 0; i < code.size(); i += kCodeGroup) {
    if (!out.empty()) out += '-';
    out += code.substr(i, kCodeGroup);
  }
  return out;
}

std::string code_as_made(std::string_view typed) {
  std::string code;
  for (char c : typed.substr(0, kMaxCodeBytes)) {
    c = to_lower(c);
    if (c == 'o') c = '0';
    if (c == 'i' || c == 'l') c = '1';
    if (c != '-' && c != ' ') code += c;
  }
  return code;
}

}  // namespace telavis
