// SPDX-License-Identifier: Apache-2.0
// Sections 7, 8, 10 and 11 of SCP-ECG: what the device measured and wrote (EN 1064 clauses 5.10 to
// 5.14). Private to scp_ecg*.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/scp_ecg_record.h"

namespace telavis::scp {

// Values that stand for "no value".
inline constexpr std::uint16_t kNotComputed = 29999;
inline constexpr std::uint16_t kRejected = 29998;
inline constexpr std::uint16_t kWaveAbsent = 19999;
inline constexpr std::int16_t kAxisUndetermined = 999;
inline constexpr int kMaxAxisDegrees = 360;

inline constexpr std::size_t kReferenceBeatBytes = 16;  // of section 7: five u16, three i16
inline constexpr std::size_t kSpikeTimeBytes = 4;       // u16 time, i16 amplitude
inline constexpr std::size_t kSpikeInfoBytes = 6;       // u8 type, u8 source, u16 QRS, u16 width
// Correction formulas of section 7. Others have no number that is agreed.
inline constexpr std::uint8_t kFormulaBazett = 1;
inline constexpr std::uint8_t kFormulaHodges = 2;
/// Of sections 8 and 11: u8 confirmed, u16 year, u8 month, day, hour, minute, second; a u8 count
/// follows.
inline constexpr std::size_t kStatementsHeadBytes = 8;
inline constexpr std::uint8_t kConfirmed = 1;  // 0 original, 2 overread but not confirmed

/// The values of one lead in section 10 that a recording has a place for, by their number there.
using LeadValue = std::optional<int> LeadMeasurements::*;
struct LeadValuePlace {
  std::size_t number = 0;  // counted from 0, an i16 each
  LeadValue value = nullptr;
};
inline constexpr std::array<LeadValuePlace, 15> kLeadValues = {{
    {0, &LeadMeasurements::p_duration_ms},
    {1, &LeadMeasurements::pr_ms},
    {2, &LeadMeasurements::qrs_ms},
    {3, &LeadMeasurements::qt_ms},
    {4, &LeadMeasurements::q_duration_ms},
    {5, &LeadMeasurements::r_duration_ms},
    {6, &LeadMeasurements::s_duration_ms},
    {9, &LeadMeasurements::q_uv},
    {10, &LeadMeasurements::r_uv},
    {11, &LeadMeasurements::s_uv},
    {14, &LeadMeasurements::j_uv},
    {15, &LeadMeasurements::p_positive_uv},
    {16, &LeadMeasurements::p_negative_uv},
    {17, &LeadMeasurements::t_positive_uv},
    {18, &LeadMeasurements::t_negative_uv},
}};
/// Values of a lead up to the negative T amplitude, the last with a place.
inline constexpr std::size_t kLeadValuesCount = 19;
inline constexpr std::size_t kFirstAmplitude = 9;  // those before are durations, never negative

/// A duration or a rate: nullopt for the values above and for 0, which writers leave in unset
/// fields.
std::optional<int> stated_value(std::uint16_t stored);
std::optional<int> stated_axis(std::int16_t stored);
/// A value of section 10, where 0 is a measurement.
std::optional<int> stated_lead_value(std::int16_t stored, std::size_t number);

/// P duration, PR, QRS and QT come from the on- and offsets of the first reference beat. Reads what
/// is there; a section cut short gives fewer values and a finding. Files of protocol 1.0 and 1.1
/// end after the pacemaker spikes: there the ventricular rate is 60,000 / RR.
Measurements read_measurements(ByteView data, unsigned protocol, std::vector<Finding>& findings);

/// One a lead, in file order; at most kMaxLeads.
std::vector<LeadMeasurements> read_lead_measurements(ByteView data, std::vector<Finding>& findings);

struct Statements {
  std::vector<std::string> texts;  // UTF-8, none empty
  bool confirmed = false;
};
/// The device's statements: those of section 8 in file order, then those of section 11 (coded ones
/// as their codes) that section 8 does not give word for word. Confirmed when every section that
/// gives one says so. Either section may be absent.
Statements read_statements(const Section* full_text, const Section* coded,
                           std::vector<Finding>& findings);

}  // namespace telavis::scp
