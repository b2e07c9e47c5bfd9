// SPDX-License-Identifier: Apache-2.0
// Sections 2 to 6 of SCP-ECG: the leads, their samples and the reference beat (EN 1064 clauses 5.5
// to 5.9). Private to scp_ecg*.
#pragma once

#include <vector>

#include "formats/recording.h"
#include "formats/result.h"
#include "formats/scp_ecg_record.h"

namespace telavis::scp {

/// First u16 of section 2 when the default table is used and no table follows.
inline constexpr std::uint16_t kDefaultHuffmanTable = 19999;
inline constexpr std::uint8_t kFlagSubtraction = 0x01;  // of section 3
inline constexpr std::uint8_t kFlagSimultaneous = 0x04;
/// What all leads together may grow to, in samples: 128 MiB. Only interpolation grows data, and no
/// recording that fits 16-bit lengths comes near. One lead cannot hold more than 2^21 samples:
/// 65,535 bytes, 8 values a byte, stretched 4 times.
inline constexpr std::uint64_t kMaxTotalSamples = std::uint64_t{1} << 25;

struct Tracing {
  std::vector<Lead> leads;        // with at least one sample each, no code twice
  std::vector<Lead> median_beat;  // in the order of section 3; empty where there is none
};

/// `protocol`: version x 10 as the file states it, 0 when it does not. Errors: malformed_file,
/// limit_exceeded, unsupported_encoding.
Result<Tracing> read_tracing(const Record& record, unsigned protocol,
                             std::vector<Finding>& findings);

}  // namespace telavis::scp
