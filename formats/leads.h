// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace telavis {

/// A lead by its SCP-ECG identifier (EN 1064 table of lead identification, 0..184). ISO/IEEE 11073
/// uses the same numbers: MDC code "2:<id>" (DICOM CID 3001). Only the leads that the code names
/// are enumerators; any other id is a valid value of this type.
enum class LeadCode : std::uint16_t {
  unspecified = 0,
  I = 1,
  II = 2,
  V1 = 3,
  V2 = 4,
  V3 = 5,
  V4 = 6,
  V5 = 7,
  V6 = 8,
  V7 = 9,
  V2R = 10,
  V3R = 11,
  V4R = 12,
  V5R = 13,
  V6R = 14,
  V7R = 15,
  X = 16,
  Y = 17,
  Z = 18,
  III = 61,
  aVR = 62,
  aVL = 63,
  aVF = 64,
  minus_aVR = 65,
  V8 = 66,
  V9 = 67,
  V8R = 68,
  V9R = 69,
};

/// "I", "aVR", "V1", ...; "lead-<id>" for an id without a name here.
std::string lead_name(LeadCode code);
std::optional<LeadCode> lead_from_name(std::string_view name);  // case-insensitive

/// The lead that a free label names, as files without lead codes write it: "ECG I", "EKG-II",
/// "Lead aVR", "V1-Ref", "D2", "LA-RA", "vx", "V4 (mV)". nullopt when the label names no lead for
/// certain ("MLII", "ECG", "ECG1", "C3": the last is an electrode of the head as well).
std::optional<LeadCode> lead_from_label(std::string_view label);

/// What a label says of a signal: a lead of the heart, certainly something else (brain, breath,
/// pressure, ...), or neither.
enum class SignalKind { ecg, other, unclear };
SignalKind signal_kind(std::string_view label);

/// The twelve standard leads in the order of display: I II III aVR aVL aVF V1..V6.
inline constexpr std::array<LeadCode, 12> kTwelveLeads = {
    LeadCode::I,  LeadCode::II, LeadCode::III, LeadCode::aVR, LeadCode::aVL, LeadCode::aVF,
    LeadCode::V1, LeadCode::V2, LeadCode::V3,  LeadCode::V4,  LeadCode::V5,  LeadCode::V6};

}  // namespace telavis
