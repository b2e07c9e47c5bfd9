// SPDX-License-Identifier: Apache-2.0
// Sections 7 and 8 of SCP-ECG: what the device measured and wrote (EN 1064 clauses 5.10 and 5.11).
// Private to scp_ecg*.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"

namespace telavis::scp {

// Values that stand for "no value".
inline constexpr std::uint16_t kNotComputed = 29999;
inline constexpr std::uint16_t kRejected = 29998;
inline constexpr std::uint16_t kWaveAbsent = 19999;
inline constexpr std::int16_t kAxisUndetermined = 999;
inline constexpr int kMaxAxisDegrees = 360;

inline constexpr std::size_t kSpikeTimeBytes = 4;  // u16 time, i16 amplitude
inline constexpr std::size_t kSpikeInfoBytes = 6;  // u8 type, u8 source, u16 QRS, u16 width
/// Of section 8: u8 confirmed, u16 year, u8 month, day, hour, minute, second; a u8 count follows.
inline constexpr std::size_t kStatementsHeadBytes = 8;

/// A duration or a rate: nullopt for the values above and for 0, which writers leave in unset
/// fields.
std::optional<int> stated_value(std::uint16_t stored);
std::optional<int> stated_axis(std::int16_t stored);

/// P duration, PR, QRS and QT come from the on- and offsets of the first reference beat. Reads what
/// is there; a section cut short gives fewer values and a finding.
Measurements read_measurements(ByteView data, std::vector<Finding>& findings);

/// The device's statements in file order, UTF-8, empty ones left out.
std::vector<std::string> read_statements(ByteView data, std::vector<Finding>& findings);

}  // namespace telavis::scp
