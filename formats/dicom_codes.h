// SPDX-License-Identifier: Apache-2.0
// The codes of leads and of measurements in DICOM objects. Internal to the DICOM codec.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "formats/recording.h"

namespace telavis {

/// A coded entry (PS3.3 8.8), its values without padding.
struct DicomCode {
  std::string value;
  std::string scheme;
  std::string meaning;
};

/// The lead that a channel source names: MDC "2:<id>", MDC numbers and reference ids, SCPECG
/// "5.6.3-9-<id>", else the words of its meaning ("Lead I (Einthoven)"). nullopt: none of these.
std::optional<LeadCode> lead_from_dicom(const DicomCode& code);

/// Code meaning of a lead in CID 3001 (PS3.16); the code itself is "2:<id>" in scheme MDC. Null for
/// a lead that has no code there.
const char* dicom_lead_meaning(LeadCode code);

/// Nanovolts in one unit; nullopt when it is no voltage.
std::optional<double> nanovolts_per_unit(const DicomCode& unit);

/// One kind of measurement that annotations state.
struct DicomMeasurement {
  std::optional<int> Measurements::*field;
  std::string_view value;  // the code that is written, and its scheme
  std::string_view scheme;
  std::string_view meaning;
  std::string_view unit;  // UCUM
};

/// nullptr when the code states none that a recording holds. `formula` is set by a QTc that names
/// its formula.
const DicomMeasurement* measurement_from_dicom(const DicomCode& code,
                                               std::optional<QtcFormula>& formula);

/// Every measurement of a recording with the code that is written for it. Only the meaning names
/// the formula of a QTc that has no code of its own.
struct CodedMeasurement {
  DicomCode code;
  std::string_view unit;
  int value = 0;
};
std::vector<CodedMeasurement> coded_measurements(const Measurements& measurements);

/// A measurement in its unit (milliseconds, degrees, beats a minute) from another; nullopt when
/// the unit is not one of that kind or the value cannot be meant.
std::optional<int> measured_value(const DicomMeasurement& kind, double value,
                                  std::string_view unit);

/// Texts that stand for a state of the report rather than for a statement: a habit of writers,
/// read and written here alike because no attribute of an ECG object says it.
inline constexpr std::string_view kConfirmedReport = "CONFIRMED REPORT";
inline constexpr std::string_view kUnconfirmedReport = "UNCONFIRMED REPORT";
/// The sampling frequency of an object is a decimal quotient; the device stated the interval.
inline constexpr std::string_view kIntervalNote = "Sampling interval stated by the device: ";
inline constexpr std::string_view kIntervalUnit = " us";

}  // namespace telavis
