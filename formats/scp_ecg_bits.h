// SPDX-License-Identifier: Apache-2.0
// Bits of SCP-ECG data, from the most significant one of each byte down. Private to scp_ecg*.
#pragma once

#include <cstddef>
#include <cstdint>

#include "formats/bytes.h"

namespace telavis::scp {

/// What the decoders of one lead report.
struct HuffmanRead {
  std::size_t values = 0;     // written to the start of `out`
  std::size_t bits_left = 0;  // not used, padding included
};

/// A window of the next 64 bits; bits past the end of the data read as zeros.
class BitReader {
 public:
  explicit BitReader(ByteView data) : data_(data) {}

  /// At least 56 bits in the window, or all that are left.
  void refill() {
    if (data_.size() - next_ >= 8) {
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < 8; ++i) word = (word << 8) | data_[next_ + i];
      // Bits below `available_` are true data too: the next refill ORs the same bits onto them.
      window_ |= word >> available_;
      const unsigned bytes = (63U - available_) >> 3;
      next_ += bytes;
      available_ += bytes * 8;
      return;
    }
    while (available_ <= 56 && next_ < data_.size()) {
      window_ |= std::uint64_t{data_[next_++]} << (56 - available_);
      available_ += 8;
    }
  }
  bool far_from_end() const { return data_.size() - next_ >= 8; }
  std::uint64_t window() const { return window_; }
  unsigned available() const { return available_; }
  std::size_t left() const { return available_ + 8 * (data_.size() - next_); }
  void consume(unsigned bits) {  // at most `available()`, and below 64
    window_ <<= bits;
    available_ -= bits;
  }

 private:
  ByteView data_;
  std::size_t next_ = 0;
  std::uint64_t window_ = 0;
  unsigned available_ = 0;
};

}  // namespace telavis::scp
