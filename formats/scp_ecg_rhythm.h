// SPDX-License-Identifier: Apache-2.0
// Sections 2, 3, 4 and 6 of SCP-ECG: the leads and their samples (EN 1064 clauses 5.5 to 5.9).
// Private to scp_ecg*.
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

/// Every lead that holds at least one sample, no code twice. Errors: malformed_file,
/// limit_exceeded, unsupported_encoding.
Result<std::vector<Lead>> read_leads(const Record& record, std::vector<Finding>& findings);

}  // namespace telavis::scp
