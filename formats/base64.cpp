// SPDX-License-Identifier: Apache-2.0
#include "formats/base64.h"

#include <algorithm>
#include <array>

namespace telavis {
namespace {

constexpr std::uint8_t kBlank = 64;
constexpr std::uint8_t kPadding = 65;
constexpr std::uint8_t kForeign = 66;

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  for (const char blank : {' ', '\t', '\r', '\n'}) {
    values[static_cast<std::uint8_t>(blank)] = kBlank;
  }
  values['='] = kPadding;
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

std::optional<Bytes> base64_decoded(std::string_view text) {
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned count = 0;  // of characters since the last whole group of four
  bool padded = false;
  for (const char character : text) {
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(character)];
    if (value == kBlank) continue;
    if (value == kPadding) {
      padded = true;
      continue;
    }
    if (value == kForeign || padded) return std::nullopt;
    bits = (bits << 6) | value;
    if (++count < 4) continue;
    out.push_back(static_cast<std::uint8_t>(bits >> 16));
    out.push_back(static_cast<std::uint8_t>(bits >> 8));
    out.push_back(static_cast<std::uint8_t>(bits));
    count = 0;
  }
  if (count == 1) return std::nullopt;
  if (count == 2) out.push_back(static_cast<std::uint8_t>(bits >> 4));
  if (count == 3) {
    out.push_back(static_cast<std::uint8_t>(bits >> 10));
    out.push_back(static_cast<std::uint8_t>(bits >> 2));
  }
  return out;
}

std::string base64_encoded(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = static_cast<std::uint32_t>(bytes[i]) << 16;
    if (count > 1) bits |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
    if (count > 2) bits |= bytes[i + 2];
    out[at++] = kAlphabet[bits >> 18];
    out[at++] = kAlphabet[(bits >> 12) & 63U];
    if (count > 1) out[at++] = kAlphabet[(bits >> 6) & 63U];
    if (count > 2) out[at++] = kAlphabet[bits & 63U];
  }
  return out;
}

}  // namespace telavis
