// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace telavis {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Bounds-checked reader. Every read past the end gives nullopt and leaves the position untouched,
/// so a codec can never read what is not there.
class ByteReader {
 public:
  explicit ByteReader(ByteView data) : data_(data) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return data_.size() - position_; }
  bool seek(std::size_t position) {
    if (position > data_.size()) return false;
    position_ = position;
    return true;
  }
  bool skip(std::size_t count) { return count <= remaining() && seek(position_ + count); }

  std::optional<std::uint8_t> u8() { return integer<std::uint8_t, true>(); }
  std::optional<std::uint16_t> u16le() { return integer<std::uint16_t, true>(); }
  std::optional<std::uint32_t> u32le() { return integer<std::uint32_t, true>(); }
  std::optional<std::uint16_t> u16be() { return integer<std::uint16_t, false>(); }
  std::optional<std::uint32_t> u32be() { return integer<std::uint32_t, false>(); }
  std::optional<std::int16_t> i16le() {
    const auto value = u16le();
    return value ? std::optional(static_cast<std::int16_t>(*value)) : std::nullopt;
  }
  std::optional<ByteView> take(std::size_t count) {
    if (count > remaining()) return std::nullopt;
    const auto view = data_.subspan(position_, count);
    position_ += count;
    return view;
  }

 private:
  template <typename T, bool kLittleEndian>
  std::optional<T> integer() {
    if (remaining() < sizeof(T)) return std::nullopt;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const std::size_t shift = 8 * (kLittleEndian ? i : sizeof(T) - 1 - i);
      value = static_cast<T>(value | (static_cast<T>(data_[position_ + i]) << shift));
    }
    position_ += sizeof(T);
    return value;
  }

  ByteView data_;
  std::size_t position_ = 0;
};

/// Appends integers to a byte vector; the twin of ByteReader.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16le(std::uint16_t value) { integer<true>(value); }
  void u32le(std::uint32_t value) { integer<true>(value); }
  void u16be(std::uint16_t value) { integer<false>(value); }
  void u32be(std::uint32_t value) { integer<false>(value); }
  void i16le(std::int16_t value) { integer<true>(static_cast<std::uint16_t>(value)); }
  void bytes(ByteView view) { out_.insert(out_.end(), view.begin(), view.end()); }
  void text(std::string_view view) { bytes(as_bytes(view)); }

 private:
  template <bool kLittleEndian, typename T>
  void integer(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const std::size_t shift = 8 * (kLittleEndian ? i : sizeof(T) - 1 - i);
      out_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  Bytes& out_;
};

}  // namespace telavis
