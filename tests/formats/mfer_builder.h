// SPDX-License-Identifier: Apache-2.0
// Writes MFER files piece by piece, apart from the reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

class MferBuilder {
 public:
  explicit MferBuilder(bool little_endian = true) : little_(little_endian) {
    tag(0x40, std::string("MFR Standard 12 leads ECG  ") + std::string(5, '\0'));
    tag(0x01, std::string(1, little_ ? '\1' : '\0'));
  }
  MferBuilder& tag(int id, std::string_view value) {
    out_ += static_cast<char>(id) + length(value.size()) + std::string(value);
    return *this;
  }
  MferBuilder& number(int id, std::uint64_t value, int bytes) {
    return tag(id, whole(value, bytes));
  }
  /// MWF_IVL, MWF_SEN: unit, exponent, mantissa of two bytes.
  MferBuilder& scaled(int id, int unit, int exponent, int mantissa) {
    return tag(id, std::string{static_cast<char>(unit), static_cast<char>(exponent)} +
                       whole(static_cast<std::uint64_t>(mantissa), 2));
  }
  MferBuilder& channel(int number, const std::string& definitions, bool indefinite = false) {
    out_ += std::string{0x3F, static_cast<char>(number)};
    out_ += indefinite ? "\x80" + definitions + std::string(2, '\0')
                       : length(definitions.size()) + definitions;
    return *this;
  }
  MferBuilder& wave(std::string_view bytes) { return tag(0x1E, bytes); }
  std::string whole(std::uint64_t value, int bytes) const {
    std::string text;
    for (int i = 0; i < bytes; ++i) {
      const int shift = 8 * (little_ ? i : bytes - 1 - i);
      text += static_cast<char>(value >> shift);
    }
    return text;
  }
  std::string samples(const std::vector<int>& values, int bytes = 2) const {
    std::string text;
    for (const int value : values) text += whole(static_cast<std::uint64_t>(value), bytes);
    return text;
  }
  std::string definition(int id, std::uint64_t value, int bytes) const {
    return static_cast<char>(id) + length(static_cast<std::size_t>(bytes)) + whole(value, bytes);
  }
  Bytes build() const { return {out_.begin(), out_.end()}; }

 private:
  static std::string length(std::size_t size) {
    if (size < 128) return {static_cast<char>(size)};
    std::string text = "\x84";
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift);
    return text;
  }
  bool little_;
  std::string out_;
};

/// Leads II and V5, three samples each in blocks of one, 500 Hz, 2.5 uV a step.
inline MferBuilder small_mfer(bool little_endian = true) {
  MferBuilder b(little_endian);
  b.number(0x08, 1, 2).scaled(0x0B, 1, -3, 2).scaled(0x0C, 0, -7, 25).number(0x05, 2, 1);
  b.channel(0, b.definition(0x09, 2, 2)).channel(1, b.definition(0x09, 7, 2));
  return b;
}

}  // namespace telavis::test
