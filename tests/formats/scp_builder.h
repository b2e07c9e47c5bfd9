// SPDX-License-Identifier: Apache-2.0
// SCP-ECG files made by hand, section by section, for tests: nothing here is shared with the codec.
// Checksums are computed bit by bit and Huffman codes are spelled as strings of '0' and '1'.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

inline void append16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value % 256));
  out.push_back(static_cast<std::uint8_t>(value / 256 % 256));
}
inline void append32(Bytes& out, std::uint32_t value) {
  append16(out, value % 65536);
  append16(out, value / 65536);
}
inline void append_all(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}
inline Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

inline unsigned crc_bit_by_bit(const Bytes& data, std::size_t from, std::size_t to) {
  unsigned crc = 0xFFFF;
  for (std::size_t i = from; i < to; ++i) {
    for (int bit = 7; bit >= 0; --bit) {
      const bool in = ((data[i] >> bit) & 1) != 0;
      const bool top = (crc & 0x8000) != 0;
      crc = (crc << 1) & 0xFFFF;
      if (in != top) crc ^= 0x1021;
    }
  }
  return crc;
}

/// The prefix codes of the default table, as the facts about the standard spell them.
inline std::string huffman_code(int value) {
  static const std::map<int, std::string> kShort = {
      {0, "0"},          {1, "100"},        {-1, "101"},      {2, "1100"},      {-2, "1101"},
      {3, "11100"},      {-3, "11101"},     {4, "111100"},    {-4, "111101"},   {5, "1111100"},
      {-5, "1111101"},   {6, "11111100"},   {-6, "11111101"}, {7, "111111100"}, {-7, "111111101"},
      {8, "1111111100"}, {-8, "1111111101"}};
  if (const auto found = kShort.find(value); found != kShort.end()) return found->second;
  const bool one_byte = value >= -128 && value < 128;
  std::string code = one_byte ? "1111111110" : "1111111111";
  for (int bit = one_byte ? 7 : 15; bit >= 0; --bit) code += ((value >> bit) & 1) != 0 ? '1' : '0';
  return code;
}

inline Bytes pack_bits(const std::string& bits) {
  Bytes out((bits.size() + 7) / 8, 0);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] == '1') out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | (0x80 >> (i % 8)));
  }
  return out;
}
inline Bytes huffman_bytes(const std::vector<int>& values) {
  std::string bits;
  for (const int value : values) bits += huffman_code(value);
  return pack_bits(bits);
}
inline Bytes plain_bytes(const std::vector<int>& values) {
  Bytes out;
  for (const int value : values) append16(out, static_cast<unsigned>(value + 65536) % 65536);
  return out;
}

struct BuiltLead {
  unsigned id = 1;
  std::uint32_t start = 1;
  std::uint32_t end = 1;
  Bytes data;
};

struct ScpBuilder {
  unsigned version = 20;
  bool magic = true;
  std::map<unsigned, Bytes> sections;  // data, without the header of the section
  unsigned pointers = 12;

  Bytes tags;  // of section 1, without the end mark
  void tag(unsigned id, const Bytes& value) {
    tags.push_back(static_cast<std::uint8_t>(id));
    append16(tags, static_cast<unsigned>(value.size()));
    append_all(tags, value);
  }
  void tag(unsigned id, std::string_view text) { tag(id, bytes_of(text)); }
  void end_tags() {
    sections[1] = tags;
    append_all(sections[1], {255, 0, 0});
  }
  void default_huffman() { sections[2] = {0x1F, 0x4E}; }
  void rhythm(const std::vector<BuiltLead>& leads, unsigned difference, unsigned gain = 2500,
              unsigned interval = 2000, unsigned flags = 0, unsigned bimodal = 0) {
    Bytes& table = sections[3];
    table = {static_cast<std::uint8_t>(leads.size()), static_cast<std::uint8_t>(flags)};
    Bytes& data = sections[6];
    data.clear();
    append16(data, gain);
    append16(data, interval);
    data.push_back(static_cast<std::uint8_t>(difference));
    data.push_back(static_cast<std::uint8_t>(bimodal));
    for (const BuiltLead& lead : leads) {
      append32(table, lead.start);
      append32(table, lead.end);
      table.push_back(static_cast<std::uint8_t>(lead.id));
      append16(data, static_cast<unsigned>(lead.data.size()));
    }
    for (const BuiltLead& lead : leads) append_all(data, lead.data);
  }

  Bytes section(unsigned id, Bytes data) const {
    if (data.size() % 2 != 0) data.push_back(0);
    Bytes out = {0, 0};
    append16(out, id);
    append32(out, static_cast<std::uint32_t>(data.size() + 16));
    out.push_back(static_cast<std::uint8_t>(version));
    out.push_back(static_cast<std::uint8_t>(version));
    append_all(out, id == 0 && magic ? bytes_of("SCPECG") : Bytes(6, 0));
    append_all(out, data);
    set_crc(out, 0, out.size());
    return out;
  }
  static void set_crc(Bytes& file, std::size_t from, std::size_t to) {
    const unsigned crc = crc_bit_by_bit(file, from + 2, to);
    file[from] = static_cast<std::uint8_t>(crc % 256);
    file[from + 1] = static_cast<std::uint8_t>(crc / 256);
  }
  /// Where the header of a section starts in the file.
  std::size_t offset_of(unsigned id) const {
    std::size_t offset = 6;
    if (id == 0) return offset;
    offset += 16 + 10 * pointers;
    for (const auto& [other, data] : sections) {
      if (other == id) break;
      offset += 16 + data.size() + data.size() % 2;
    }
    return offset;
  }
  Bytes build() const {
    Bytes list;
    for (unsigned id = 0; id < pointers; ++id) {
      const auto found = sections.find(id);
      std::uint32_t length = id == 0 ? 16 + 10 * pointers : 0;
      if (found != sections.end()) {
        length = static_cast<std::uint32_t>(16 + found->second.size() + found->second.size() % 2);
      }
      append16(list, id);
      append32(list, length);
      append32(list, length == 0 ? 0 : static_cast<std::uint32_t>(offset_of(id) + 1));
    }
    Bytes file(6, 0);
    append_all(file, section(0, list));
    for (const auto& [id, data] : sections) append_all(file, section(id, data));
    seal(file);
    return file;
  }
  /// Record length and checksum, after an edit.
  static void seal(Bytes& file) {
    Bytes length;
    append32(length, static_cast<std::uint32_t>(file.size()));
    std::copy(length.begin(), length.end(), file.begin() + 2);
    set_crc(file, 0, file.size());
  }
};

/// Two leads of six samples, second difference, Huffman: I = 10 12 15 15 14 14, II = -3 0 4 9 9
/// 200.
inline ScpBuilder small_scp() {
  ScpBuilder builder;
  builder.tag(2, std::string_view("P-1\0", 4));
  builder.tag(25, Bytes{0xEA, 0x07, 1, 15});
  builder.tag(26, Bytes{9, 30, 5});
  builder.end_tags();
  builder.default_huffman();
  builder.rhythm({{1, 1, 6, huffman_bytes({10, 12, 1, -3, -1, 1})},
                  {2, 1, 6, huffman_bytes({-3, 0, 1, 1, -5, 191})}},
                 2, 2500, 2000, 0x14);
  return builder;
}

}  // namespace telavis::test
