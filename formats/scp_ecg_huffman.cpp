// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_huffman.h"

#include <algorithm>
#include <array>
#include <bit>

namespace telavis::scp {
namespace {

constexpr unsigned kOnesOfLiteral = 9;
constexpr unsigned kLiteralPrefixBits = 10;

// One look-up decodes every whole code that stands in the next 11 bits: tracings need about 4 bits
// a sample, so this halves the dependent steps, and the table (20 KiB) still fits the L1 cache.
constexpr unsigned kLookupBits = 11;
constexpr std::size_t kCodesPerLookup = 4;
constexpr unsigned kLookupsPerRefill = 5;  // 55 of the at least 56 bits that a refill gives

struct Lookup {
  std::array<std::int16_t, kCodesPerLookup> values{};
  std::uint8_t count = 0;  // 0: a literal comes first
  std::uint8_t bits = 0;
};

constexpr std::array<Lookup, std::size_t{1} << kLookupBits> make_lookups() {
  std::array<Lookup, std::size_t{1} << kLookupBits> table{};
  for (std::uint32_t index = 0; index < table.size(); ++index) {
    Lookup& entry = table[index];
    while (entry.count < kCodesPerLookup) {
      const auto rest =
          static_cast<std::uint32_t>(std::uint64_t{index} << (32 - kLookupBits + entry.bits));
      const auto ones = static_cast<unsigned>(std::countl_one(rest));
      const unsigned length = ones == 0 ? 1U : ones + 2U;
      if (ones >= kOnesOfLiteral || entry.bits + length > kLookupBits) break;
      const bool negative = ((rest << (ones + 1)) >> 31) != 0;
      entry.values[entry.count++] = static_cast<std::int16_t>(negative ? 0 - ones : ones);
      entry.bits = static_cast<std::uint8_t>(entry.bits + length);
    }
  }
  return table;
}
constexpr auto kLookups = make_lookups();

bool decode_one(BitReader& bits, std::int32_t& value) {
  bits.refill();
  const std::uint64_t window = bits.window();
  const auto ones = static_cast<unsigned>(std::countl_one(window));
  if (ones < kOnesOfLiteral) {
    const unsigned length = ones == 0 ? 1U : ones + 2U;
    if (bits.available() < length) return false;
    const bool negative = ((window << (ones + 1)) >> 63) != 0;
    value = negative ? -static_cast<std::int32_t>(ones) : static_cast<std::int32_t>(ones);
    bits.consume(length);
    return true;
  }
  const unsigned literal_bits = ((window << kOnesOfLiteral) >> 63) != 0 ? 16 : 8;
  if (bits.available() < kLiteralPrefixBits + literal_bits) return false;
  const auto literal = static_cast<std::uint16_t>((window << kLiteralPrefixBits) >> 48);
  value = literal_bits == 16 ? static_cast<std::int16_t>(literal)
                             : static_cast<std::int8_t>(literal >> 8);
  bits.consume(kLiteralPrefixBits + literal_bits);
  return true;
}

}  // namespace

HuffmanRead decode_default_huffman(ByteView data, std::span<std::int32_t> out) {
  BitReader bits(data);
  std::size_t count = 0;
  while (bits.far_from_end() && out.size() - count >= kLookupsPerRefill * kCodesPerLookup) {
    bits.refill();
    for (unsigned i = 0; i < kLookupsPerRefill; ++i) {
      const Lookup& entry = kLookups[bits.window() >> (64 - kLookupBits)];
      if (entry.count == 0) {
        if (!decode_one(bits, out[count])) return {count, bits.left()};
        ++count;
        break;
      }
      for (std::size_t k = 0; k < kCodesPerLookup; ++k) out[count + k] = entry.values[k];
      count += entry.count;
      bits.consume(entry.bits);
    }
  }
  while (count < out.size() && decode_one(bits, out[count])) ++count;
  return {count, bits.left()};
}

void encode_default_huffman(std::span<const std::int32_t> values, Bytes& out, Padding padding) {
  std::uint64_t pending = 0;
  unsigned pending_bits = 0;
  for (const std::int32_t value : values) {
    const auto magnitude = static_cast<std::uint32_t>(value < 0 ? -value : value);
    std::uint64_t code = 0;
    unsigned length = 1;
    if (magnitude != 0 && magnitude < kOnesOfLiteral) {
      code = (((std::uint64_t{1} << magnitude) - 1) << 2) | (value < 0 ? 1U : 0U);
      length = magnitude + 2;
    } else if (value >= -128 && value <= 127 && magnitude != 0) {
      code = (std::uint64_t{0b11'1111'1110} << 8) | static_cast<std::uint8_t>(value);
      length = kLiteralPrefixBits + 8;
    } else if (magnitude != 0) {
      code = (std::uint64_t{0b11'1111'1111} << 16) | static_cast<std::uint16_t>(value);
      length = kLiteralPrefixBits + 16;
    }
    pending = (pending << length) | code;
    pending_bits += length;
    while (pending_bits >= 8) {
      pending_bits -= 8;
      out.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
    }
  }
  if (pending_bits > 0) {
    const unsigned ones = padding == Padding::ones ? 0xFFU >> pending_bits : 0;
    out.push_back(static_cast<std::uint8_t>((pending << (8 - pending_bits)) | ones));
  }
}

}  // namespace telavis::scp
