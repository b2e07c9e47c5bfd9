// SPDX-License-Identifier: Apache-2.0
// The codes that the reader and the writer of aECG share: ISO/IEEE 11073-10102 (MDC) without their
// prefix. Private to aecg*.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "formats/recording.h"

namespace telavis::aecg {

inline constexpr std::string_view kLeadPrefix = "MDC_ECG_LEAD_";
inline constexpr std::string_view kPrefix = "MDC_ECG_";
inline constexpr std::string_view kNegativeAvr = "AVRneg";
inline constexpr std::string_view kStatement = "INTERPRETATION_STATEMENT";

enum class Quantity { rate_bpm, time_ms, angle_deg };

struct MeasurementCode {
  std::string_view code;
  std::optional<int> Measurements::*field;
  Quantity quantity;
};

/// The first code of a field is the one that is written.
inline constexpr std::array<MeasurementCode, 15> kMeasurements = {{
    {"HEART_RATE", &Measurements::ventricular_rate_bpm, Quantity::rate_bpm},
    {"ATRIAL_RATE", &Measurements::atrial_rate_bpm, Quantity::rate_bpm},  // unverified
    {"HEART_RATE_ATRIAL", &Measurements::atrial_rate_bpm, Quantity::rate_bpm},
    {"TIME_PD_RR", &Measurements::rr_ms, Quantity::time_ms},
    {"TIME_PD_PP", &Measurements::pp_ms, Quantity::time_ms},
    {"TIME_PD_P", &Measurements::p_duration_ms, Quantity::time_ms},
    {"TIME_PD_PR", &Measurements::pr_ms, Quantity::time_ms},
    {"TIME_PD_QRS", &Measurements::qrs_ms, Quantity::time_ms},
    {"TIME_PD_QT", &Measurements::qt_ms, Quantity::time_ms},
    {"ANGLE_P_FRONT", &Measurements::p_axis_deg, Quantity::angle_deg},
    {"ANGLE_QRS_FRONT", &Measurements::qrs_axis_deg, Quantity::angle_deg},
    {"ANGLE_T_FRONT", &Measurements::t_axis_deg, Quantity::angle_deg},
    {"P_AXIS", &Measurements::p_axis_deg, Quantity::angle_deg},  // seen from Mindray
    {"QRS_AXIS", &Measurements::qrs_axis_deg, Quantity::angle_deg},
    {"T_AXIS", &Measurements::t_axis_deg, Quantity::angle_deg},
}};

struct QtcCode {
  std::string_view code;
  std::optional<QtcFormula> formula;
};

inline constexpr std::array<QtcCode, 5> kQtc = {{
    {"TIME_PD_QTc", std::nullopt},
    {"TIME_PD_QTcB", QtcFormula::bazett},
    {"TIME_PD_QTcF", QtcFormula::fridericia},
    {"TIME_PD_QTcH", QtcFormula::hodges},         // unverified
    {"TIME_PD_QTcFram", QtcFormula::framingham},  // unverified
}};

inline constexpr double kMaxIntervalUs = 1e6;  // slower than one sample a second is no ECG
// A quarter of an hour at 1000 Hz: what a staggered lead may start after the first one.
inline constexpr double kMaxFirstSample = 1e6;
inline constexpr int kMaxMeasuredMs = 60'000;  // a minute between two beats
inline constexpr int kMaxRateBpm = 2'000;      // of a flutter, with room
inline constexpr int kMaxAngleDeg = 360;

}  // namespace telavis::aecg
