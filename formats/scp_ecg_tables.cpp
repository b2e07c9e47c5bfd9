// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_tables.h"

#include <fmt/format.h>

#include <algorithm>

namespace telavis::scp {
namespace {

constexpr std::uint8_t kModeValue = 1;  // table mode switch: this code stands for a value

tl::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorCode::malformed_file,
              fmt::format("The compression tables (section 2) of this SCP-ECG file {}. Export the "
                          "recording again from the device, with standard compression.",
                          what));
}

std::uint32_t reversed(std::uint32_t bits) {
  std::uint32_t out = 0;
  for (unsigned i = 0; i < 32; ++i) out |= ((bits >> i) & 1U) << (31 - i);
  return out;
}

}  // namespace

Result<HuffmanTables::Code> HuffmanTables::read_code(ByteReader& reader, std::size_t tables) {
  const auto prefix_bits = reader.u8();
  const auto total_bits = reader.u8();
  const auto mode = reader.u8();
  const auto base_value = reader.i16le();
  const auto base_code = reader.u32le();
  if (!base_code) return broken("are cut short");
  if (*prefix_bits == 0 || *prefix_bits > kMaxHuffmanBits || *total_bits < *prefix_bits ||
      *total_bits > kMaxHuffmanBits) {
    return broken("hold a code of an impossible length");
  }
  Code code;
  const std::uint32_t mask = 0xFFFFFFFFU << (32 - *prefix_bits);
  code.first = reversed(*base_code) & mask;
  code.entry.prefix_bits = *prefix_bits;
  code.entry.literal_bits = static_cast<std::uint8_t>(*total_bits - *prefix_bits);
  code.entry.value = *base_value;
  if (*mode == kModeValue) {
    code.entry.kind = code.entry.literal_bits == 0 ? Kind::value : Kind::literal;
  } else if (*base_value >= 1 && static_cast<std::size_t>(*base_value) <= tables) {
    code.entry.kind = Kind::table;
    code.entry.value = static_cast<std::int16_t>(*base_value - 1);
  }  // else a table that is not there: the code keeps no meaning
  return code;
}

Result<HuffmanTables::Table> HuffmanTables::make_table(std::vector<Code> codes) {
  std::ranges::sort(codes, {}, &Code::first);
  Table table;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const Code& code = codes[i];
    if (i > 0 && code.first <= codes[i - 1].last()) {
      return broken("hold codes that cannot be told apart");
    }
    const std::size_t from = code.first >> (32 - kLookupBits);
    if (code.entry.prefix_bits > kLookupBits) {
      table.lookups.at(from).kind = Kind::longer;
      table.longer.push_back(code);
      continue;
    }
    const std::size_t count = std::size_t{1} << (kLookupBits - code.entry.prefix_bits);
    std::fill_n(table.lookups.begin() + static_cast<std::ptrdiff_t>(from), count, code.entry);
  }
  return table;
}

Result<HuffmanTables> HuffmanTables::read(ByteReader& reader, std::size_t tables) {
  const auto too_many = [](std::string_view what, std::size_t limit) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("This SCP-ECG file holds more than {} compression {}. Export the "
                            "recording again from the device, with standard compression.",
                            limit, what));
  };
  if (tables > kMaxHuffmanTables) return too_many("tables", kMaxHuffmanTables);
  HuffmanTables result;
  std::size_t total = 0;
  for (std::size_t i = 0; i < tables; ++i) {
    const auto count = reader.u16le();
    if (!count) return broken("are cut short");
    total += *count;
    if (total > kMaxHuffmanCodes) return too_many("codes", kMaxHuffmanCodes);
    std::vector<Code> codes;
    for (unsigned k = 0; k < *count; ++k) {
      const auto code = read_code(reader, tables);
      if (!code) return tl::unexpected(code.error());
      codes.push_back(*code);
    }
    auto table = make_table(std::move(codes));
    if (!table) return tl::unexpected(table.error());
    result.tables_.push_back(std::move(*table));
  }
  return result;
}

HuffmanTables::Entry HuffmanTables::Table::find_longer(std::uint32_t bits) const {
  const auto after = std::ranges::upper_bound(longer, bits, {}, &Code::first);
  if (after == longer.begin() || std::prev(after)->last() < bits) return {};
  return std::prev(after)->entry;
}

HuffmanRead HuffmanTables::decode(ByteView data, std::span<std::int32_t> out) const {
  BitReader bits(data);
  std::size_t count = 0;
  const Table* table = tables_.data();
  while (count < out.size() && !tables_.empty()) {
    if (bits.available() < kMaxHuffmanBits) bits.refill();
    const std::uint64_t window = bits.window();
    Entry entry = table->lookups[window >> (64 - kLookupBits)];
    if (entry.kind == Kind::longer) {
      entry = table->find_longer(static_cast<std::uint32_t>(window >> 32));
    }
    const unsigned length = unsigned{entry.prefix_bits} + entry.literal_bits;
    if (entry.kind == Kind::none || bits.available() < length) break;
    if (entry.kind == Kind::value) {
      out[count++] = entry.value;
    } else if (entry.kind == Kind::literal) {
      const auto top = static_cast<std::int64_t>(window << entry.prefix_bits);
      out[count++] = static_cast<std::int32_t>(top >> (64 - entry.literal_bits));
    } else {
      table = &tables_[static_cast<std::size_t>(entry.value)];
    }
    bits.consume(length);
  }
  return {count, bits.left()};
}

}  // namespace telavis::scp
