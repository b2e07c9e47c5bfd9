// SPDX-License-Identifier: Apache-2.0
// Writes WFDB signal files, written apart from the reader: bits are put one after the other.
#pragma once

#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/wfdb.h"

namespace telavis::test {

/// Puts `width` bits of each value into a stream of bits, lowest first, then into bytes.
class BitStream {
 public:
  void put(std::uint32_t value, int width) {
    for (int i = 0; i < width; ++i) bits_.push_back(((value >> i) & 1) != 0);
  }
  void pad_to(std::size_t multiple) {
    while (bits_.size() % multiple != 0) bits_.push_back(false);
  }
  Bytes bytes() {
    pad_to(8);
    Bytes out(bits_.size() / 8, 0);
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      if (bits_[i]) out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | (1 << (i % 8)));
    }
    return out;
  }

 private:
  std::vector<bool> bits_;
};

inline Bytes wfdb_bytes(int format, const std::vector<int>& samples, int initial = 0) {
  BitStream stream;
  const auto at = [&](std::size_t i) {
    return i < samples.size() ? static_cast<std::uint32_t>(samples[i]) : 0U;
  };
  if (format == 212) {  // low byte, both upper halves, low byte
    for (std::size_t i = 0; i < samples.size(); i += 2) {
      stream.put(at(i), 8);
      stream.put(at(i) >> 8, 4);
      stream.put(at(i + 1) >> 8, 4);
      stream.put(at(i + 1), 8);
    }
  } else if (format == 310) {  // 0 aaaaaaaaaa ccccc, 0 bbbbbbbbbb ccccc
    for (std::size_t i = 0; i < samples.size(); i += 3) {
      stream.put(0, 1);
      stream.put(at(i), 10);
      stream.put(at(i + 2), 5);
      stream.put(0, 1);
      stream.put(at(i + 1), 10);
      stream.put(at(i + 2) >> 5, 5);
    }
  } else if (format == 311) {
    for (std::size_t i = 0; i < samples.size(); i += 3) {
      for (std::size_t k = i; k < i + 3; ++k) stream.put(at(k), 10);
      stream.put(0, 2);
    }
  } else {
    int last = initial;
    for (const int sample : samples) {
      const auto value = static_cast<std::uint32_t>(sample);
      if (format == 8) stream.put(static_cast<std::uint32_t>(sample - last), 8);
      if (format == 16) stream.put(value, 16);
      if (format == 24) stream.put(value, 24);
      if (format == 32) stream.put(value, 32);
      if (format == 61) {
        stream.put(value >> 8, 8);
        stream.put(value, 8);
      }
      if (format == 80) stream.put(value + 128, 8);
      if (format == 160) stream.put(value + 32768, 16);
      last = sample;
    }
  }
  return stream.bytes();
}

struct WfdbFile {
  std::string name;
  Bytes bytes;
};
inline Bytes wfdb_archive(const std::vector<WfdbFile>& files) {
  std::vector<NamedFile> named;
  named.reserve(files.size());
  for (const WfdbFile& file : files) named.push_back({file.name, file.bytes});
  return pack_wfdb(named);
}
inline WfdbFile wfdb_text(std::string name, std::string_view text) {
  return {std::move(name), Bytes(text.begin(), text.end())};
}

}  // namespace telavis::test
