// SPDX-License-Identifier: Apache-2.0
// The signal files of a WFDB record (signal(5)): how samples stand in bytes.
#pragma once

#include <span>
#include <vector>

#include "formats/bytes.h"
#include "formats/wfdb_header.h"

namespace telavis::wfdb {

/// True of the formats that `read_group` reads.
bool is_readable(int format);
/// 508, 516 and 524: compressed with FLAC.
bool is_flac(int format);

/// Whole samples in `bytes` bytes.
std::uint64_t samples_in(int format, std::uint64_t bytes);

struct Channel {
  const Signal* signal = nullptr;
  bool wanted = false;
  std::vector<std::int32_t> samples;  // as stored; kNotMeasured where the format says invalid
  std::uint16_t checksum = 0;         // of all samples read, before the skew is taken off
};

/// Reads the signals that share one file, interleaved by frames, into the wanted channels. All have
/// one readable format. Returns the number of whole frames read: at most `frames`, less when the
/// file is shorter.
std::uint64_t read_group(std::span<Channel> group, ByteView file, std::uint64_t frames);

}  // namespace telavis::wfdb
