// SPDX-License-Identifier: Apache-2.0
// A file's own Huffman tables (EN 1064 section 2, clause 5.5). Private to scp_ecg*.
//
// Open decoders disagree about them; the text of the standard decides here:
// - a code longer than its prefix carries the value itself in the remaining bits, two's complement;
//   the base value is not added to it (as BioSig and PixelMed read it; ECGToolkit adds it);
// - a code of table mode switch 0 announces the table of the number in its base value, counted from
//   1, for the codes that follow in the lead. Every lead begins with the first table;
// - base codes are stored with their first transmitted bit as the least significant one.
// No public file with several tables is known: switching is checked on files made by the tests.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"
#include "formats/scp_ecg_bits.h"

namespace telavis::scp {

/// The default table has 19 codes and a table of all 16-bit differences is of no use to a writer;
/// the limit bounds memory and preparation.
inline constexpr std::size_t kMaxHuffmanCodes = 4096;
/// A switch needs a code in each table, so a handful is all that pays. 24 KiB of look-ups each.
inline constexpr std::size_t kMaxHuffmanTables = 64;
/// A base code is a u32, and the longest literal that means anything has 32 bits.
inline constexpr unsigned kMaxHuffmanBits = 32;

class HuffmanTables {
 public:
  /// From the data of section 2 after the number of tables. Errors: malformed_file (cut short, or
  /// codes that cannot be told apart), limit_exceeded.
  static Result<HuffmanTables> read(ByteReader& reader, std::size_t tables);

  /// Decodes until `out` is full, no whole code is left, or a code has no meaning.
  HuffmanRead decode(ByteView data, std::span<std::int32_t> out) const;

 private:
  static constexpr unsigned kLookupBits = 11;

  enum class Kind : std::uint8_t { none, value, literal, table, longer };
  struct Entry {
    std::int16_t value = 0;  // of `table`: its index
    std::uint8_t prefix_bits = 0;
    std::uint8_t literal_bits = 0;
    Kind kind = Kind::none;
  };
  struct Code {
    std::uint32_t first = 0;  // the prefix at the top of 32 bits
    Entry entry;
    std::uint32_t last() const {
      return first | (entry.prefix_bits < 32 ? 0xFFFFFFFFU >> entry.prefix_bits : 0);
    }
  };
  struct Table {
    std::array<Entry, std::size_t{1} << kLookupBits> lookups{};  // by the next 11 bits
    std::vector<Code> longer;                                    // prefixes of 12 bits on, sorted
    Entry find_longer(std::uint32_t bits) const;
  };

  static Result<Code> read_code(ByteReader& reader, std::size_t tables);
  static Result<Table> make_table(std::vector<Code> codes);

  std::vector<Table> tables_;
};

}  // namespace telavis::scp
