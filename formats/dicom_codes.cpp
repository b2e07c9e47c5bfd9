// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_codes.h"
#include "formats/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace telavis {
namespace {

constexpr int kMdcEcgPartition = 2 << 16;  // ISO/IEEE 11073-10101: partition 2, code = SCP id
constexpr int kMaxLeadId = 199;            // the manufacturers' own follow
constexpr std::string_view kScpLeadPrefix = "5.6.3-9-";
constexpr std::string_view kMdcLeadPrefix = "MDC_ECG_LEAD_";
constexpr std::string_view kMdcPotentialPrefix = "MDC_ECG_ELEC_POTL_";  // monitors' name for it

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && lowered(text.substr(0, prefix.size())) == lowered(prefix);
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || parsed != end) return std::nullopt;
  return value;
}

std::optional<LeadCode> lead_from_id(std::optional<int> id) {
  if (!id || *id <= 0 || *id > kMaxLeadId) return std::nullopt;
  return LeadCode{static_cast<std::uint16_t>(*id)};
}

/// A name of the lead table; its placeholders name no lead.
std::optional<LeadCode> named_lead(std::string_view name) {
  if (name.empty() || starts_with_ignoring_case(name, "lead-")) return std::nullopt;
  const auto lead = lead_from_name(name);
  return lead && *lead != LeadCode::unspecified ? lead : std::nullopt;
}

std::optional<LeadCode> lead_from_reference_id(std::string_view name) {
  if (const auto lead = named_lead(name)) return lead;
  const std::string plain = lowered(name);
  if (plain == "minus_avr" || plain == "avrneg") return LeadCode::minus_aVR;
  if (plain == "vx") return LeadCode::X;
  if (plain == "vy") return LeadCode::Y;
  if (plain == "vz") return LeadCode::Z;
  return std::nullopt;
}

// ---- measurements ----

constexpr std::string_view kMilliseconds = "ms";
constexpr std::string_view kDegrees = "deg";
constexpr std::string_view kBeats = "/min";

// Written codes. Durations: CID 3228 and 3227, rates and axes: CID 3229 (PS3.16), as open
// implementations of these tables agree; the tables themselves were not at hand (unverified).
constexpr auto kKinds = std::to_array<DicomMeasurement>({
    {&Measurements::ventricular_rate_bpm, "2:16016", "MDC", "Ventricular Heart Rate", kBeats},
    {&Measurements::atrial_rate_bpm, "2:16020", "MDC", "Atrial Heart Rate", kBeats},
    {&Measurements::rr_ms, "2:16168", "MDC", "RR interval global", kMilliseconds},
    {&Measurements::pp_ms, "2:16140", "MDC", "PP interval global", kMilliseconds},
    {&Measurements::p_duration_ms, "2:16184", "MDC", "P duration global", kMilliseconds},
    {&Measurements::pr_ms, "2:15872", "MDC", "PR interval global", kMilliseconds},
    {&Measurements::qrs_ms, "2:16156", "MDC", "QRS duration global", kMilliseconds},
    {&Measurements::qt_ms, "2:16160", "MDC", "QT interval global", kMilliseconds},
    {&Measurements::qtc_ms, "2:15876", "MDC", "QTc interval global", kMilliseconds},
    {&Measurements::p_axis_deg, "8626-4", "LN", "P wave axis", kDegrees},
    {&Measurements::qrs_axis_deg, "8632-2", "LN", "QRS axis", kDegrees},
    {&Measurements::t_axis_deg, "8638-9", "LN", "T wave axis", kDegrees},
});

constexpr std::string_view kQtcBazett = "2:15880";
constexpr std::string_view kQtcFridericia = "2:15892";

struct OtherCode {
  std::string_view value;  // in lower case
  std::optional<int> Measurements::*field;
};

// What devices write besides: SCPECG codes (the names of EN 1064's fields, old CID tables), LOINC,
// and MDC codes of neighbouring tables. Unverified against the standards, seen in objects and in
// open writers and readers.
constexpr auto kOtherCodes = std::to_array<OtherCode>({
    {"5.10.2.1-3", &Measurements::rr_ms},
    {"5.10.2.1-5", &Measurements::pp_ms},
    {"5.10.2.5-1", &Measurements::ventricular_rate_bpm},
    {"5.10.2.5-3", &Measurements::atrial_rate_bpm},
    {"5.10.2.5-5", &Measurements::qtc_ms},
    {"5.13.5-7", &Measurements::pr_ms},
    {"5.13.5-9", &Measurements::qrs_ms},
    {"5.13.5-11", &Measurements::qt_ms},
    {"5.10.3-11", &Measurements::p_axis_deg},
    {"5.10.3-13", &Measurements::qrs_axis_deg},
    {"5.10.3-15", &Measurements::t_axis_deg},
    {"8867-4", &Measurements::ventricular_rate_bpm},
    {"8625-6", &Measurements::pr_ms},
    {"8633-0", &Measurements::qrs_ms},
    {"8634-8", &Measurements::qt_ms},
    {"8636-3", &Measurements::qtc_ms},
    {"8637-1", &Measurements::rr_ms},
    {"9997-8", &Measurements::qrs_axis_deg},  // "R wave axis"
    {"2:16770", &Measurements::ventricular_rate_bpm},
    {"147842", &Measurements::ventricular_rate_bpm},
    {"2:16148", &Measurements::pr_ms},
    {"2:16164", &Measurements::qtc_ms},
    {"2:15880", &Measurements::qtc_ms},
    {"2:15892", &Measurements::qtc_ms},
    {"2:16128", &Measurements::p_axis_deg},
    {"2:16132", &Measurements::qrs_axis_deg},
    {"2:16136", &Measurements::t_axis_deg},
    {"mdc_ecg_heart_rate", &Measurements::ventricular_rate_bpm},
    {"mdc_ecg_heart_rate_ventricular", &Measurements::ventricular_rate_bpm},
    {"mdc_ecg_heart_rate_atrial", &Measurements::atrial_rate_bpm},
    {"mdc_ecg_time_pd_rr", &Measurements::rr_ms},
    {"mdc_ecg_time_pd_pp", &Measurements::pp_ms},
    {"mdc_ecg_time_pd_p", &Measurements::p_duration_ms},
    {"mdc_ecg_time_pd_pr", &Measurements::pr_ms},
    {"mdc_ecg_time_pd_qrs", &Measurements::qrs_ms},
    {"mdc_ecg_time_pd_qt", &Measurements::qt_ms},
    {"mdc_ecg_time_pd_qtc", &Measurements::qtc_ms},
    {"mdc_ecg_time_pd_qtcb", &Measurements::qtc_ms},
    {"mdc_ecg_time_pd_qtcf", &Measurements::qtc_ms},
    {"mdc_ecg_angle_p_front", &Measurements::p_axis_deg},
    {"mdc_ecg_angle_qrs_front", &Measurements::qrs_axis_deg},
    {"mdc_ecg_angle_t_front", &Measurements::t_axis_deg},
});

/// Meanings of codes of schemes that are not known here ("99..." are the manufacturers' own).
constexpr auto kMeanings = std::to_array<OtherCode>({
    {"heart rate", &Measurements::ventricular_rate_bpm},
    {"ventricular rate", &Measurements::ventricular_rate_bpm},
    {"ventricular heart rate", &Measurements::ventricular_rate_bpm},
    {"vent rate", &Measurements::ventricular_rate_bpm},
    {"vent. rate", &Measurements::ventricular_rate_bpm},
    {"atrial rate", &Measurements::atrial_rate_bpm},
    {"atrial heart rate", &Measurements::atrial_rate_bpm},
    {"rr", &Measurements::rr_ms},
    {"pp", &Measurements::pp_ms},
    {"p", &Measurements::p_duration_ms},
    {"pr", &Measurements::pr_ms},
    {"pq", &Measurements::pr_ms},
    {"qrs", &Measurements::qrs_ms},
    {"qt", &Measurements::qt_ms},
    {"qtc", &Measurements::qtc_ms},
    {"p axis", &Measurements::p_axis_deg},
    {"qrs axis", &Measurements::qrs_axis_deg},
    {"r axis", &Measurements::qrs_axis_deg},
    {"t axis", &Measurements::t_axis_deg},
});

std::string without(std::string text, std::string_view part) {
  const std::size_t at = text.find(part);
  return at == std::string::npos ? text : text.erase(at, part.size());
}

/// "QTc interval global (Hodges formula)" is "qtc".
std::string plain_meaning(std::string_view meaning) {
  std::string text = lowered(meaning);
  text = text.substr(0, text.find('('));
  text = text.substr(0, text.find(" using "));
  for (const std::string_view word : {" global", " interval", " duration", " wave", "-wave"}) {
    text = without(std::move(text), word);
  }
  std::erase(text, '-');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

QtcFormula formula_in(const DicomCode& code) {
  const std::string meaning = lowered(code.meaning);
  const auto says = [&](std::string_view name) { return meaning.find(name) != std::string::npos; };
  if (says("bazett")) return QtcFormula::bazett;
  if (says("hodges")) return QtcFormula::hodges;
  if (says("frideric") || says("frederic")) return QtcFormula::fridericia;
  if (says("framingham")) return QtcFormula::framingham;
  if (code.value == kQtcBazett || lowered(code.value).ends_with("_qtcb")) return QtcFormula::bazett;
  if (code.value == kQtcFridericia || lowered(code.value).ends_with("_qtcf")) {
    return QtcFormula::fridericia;
  }
  return QtcFormula::unknown;
}

std::string_view formula_words(QtcFormula formula) {
  switch (formula) {
    case QtcFormula::unknown:
      return "";
    case QtcFormula::bazett:
      return "QTc global using Bazett formula";
    case QtcFormula::hodges:
      return "QTc global using Hodges formula";
    case QtcFormula::fridericia:
      return "QTc global using Fridericia formula";
    case QtcFormula::framingham:
      return "QTc global using Framingham formula";
  }
  return "";
}

std::optional<int> Measurements::*field_of(const DicomCode& code) {
  const std::string value = lowered(code.value);
  for (const DicomMeasurement& kind : kKinds) {
    if (kind.value == value) return kind.field;
  }
  const auto* other = std::ranges::find(kOtherCodes, value, &OtherCode::value);
  if (other != kOtherCodes.end()) return other->field;
  const auto* known = std::ranges::find(kMeanings, plain_meaning(code.meaning), &OtherCode::value);
  return known == kMeanings.end() ? nullptr : known->field;
}

}  // namespace

std::optional<LeadCode> lead_from_dicom(const DicomCode& code) {
  const std::string_view value = code.value;
  if (value.starts_with(kScpLeadPrefix)) {
    return lead_from_id(whole_number(value.substr(kScpLeadPrefix.size())));
  }
  if (value.starts_with("2:")) return lead_from_id(whole_number(value.substr(2)));
  for (const std::string_view prefix : {kMdcLeadPrefix, kMdcPotentialPrefix}) {
    if (starts_with_ignoring_case(value, prefix)) {
      return lead_from_reference_id(value.substr(prefix.size()));
    }
  }
  if (const auto number = whole_number(value); number && *number > kMdcEcgPartition) {
    if (const auto lead = lead_from_id(*number - kMdcEcgPartition)) return lead;
  }
  // CID 3001 goes on in words: "aVR, augmented voltage, right".
  const std::string_view meaning = std::string_view(code.meaning).substr(0, code.meaning.find(','));
  if (const auto lead = lead_from_label(meaning)) return lead;
  return code.meaning.empty() ? lead_from_label(value) : std::nullopt;
}

std::optional<double> nanovolts_per_unit(const DicomCode& unit) {
  struct Unit {
    std::string_view name;
    double nanovolts;
  };
  // UCUM, the older UNIX-like spellings, ISO/IEEE 11073 names and plain words.
  constexpr auto kUnits = std::to_array<Unit>({{"nv", 1},
                                               {"uv", 1e3},
                                               {"\xC2\xB5v", 1e3},
                                               {"\xCE\xBCv", 1e3},
                                               {"mcv", 1e3},
                                               {"mv", 1e6},
                                               {"v", 1e9},
                                               {"mdc_dim_nano_volt", 1},
                                               {"mdc_dim_micro_volt", 1e3},
                                               {"mdc_dim_milli_volt", 1e6},
                                               {"mdc_dim_volt", 1e9},
                                               {"nanovolt", 1},
                                               {"microvolt", 1e3},
                                               {"millivolt", 1e6},
                                               {"volt", 1e9}});
  for (std::string text : {lowered(unit.value), lowered(unit.meaning)}) {
    if (text.ends_with("volts")) text.pop_back();
    const auto* found = std::ranges::find(kUnits, text, &Unit::name);
    if (found != kUnits.end()) return found->nanovolts;
  }
  return std::nullopt;
}

const DicomMeasurement* measurement_from_dicom(const DicomCode& code,
                                               std::optional<QtcFormula>& formula) {
  const auto field = field_of(code);
  if (field == nullptr) return nullptr;
  if (field == &Measurements::qtc_ms) {
    const QtcFormula found = formula_in(code);
    if (found != QtcFormula::unknown) formula = found;
  }
  return &*std::ranges::find(kKinds, field, &DicomMeasurement::field);
}

std::vector<CodedMeasurement> coded_measurements(const Measurements& measurements) {
  std::vector<CodedMeasurement> coded;
  for (const DicomMeasurement& kind : kKinds) {
    const std::optional<int>& value = measurements.*kind.field;
    if (!value) continue;
    CodedMeasurement& entry = coded.emplace_back();
    entry.code = {std::string(kind.value), std::string(kind.scheme), std::string(kind.meaning)};
    entry.unit = kind.unit;
    entry.value = *value;
    const QtcFormula formula = measurements.qtc_formula.value_or(QtcFormula::unknown);
    if (kind.field != &Measurements::qtc_ms || formula == QtcFormula::unknown) continue;
    entry.code.meaning = formula_words(formula);
    if (formula == QtcFormula::bazett) entry.code.value = kQtcBazett;
    if (formula == QtcFormula::fridericia) entry.code.value = kQtcFridericia;
  }
  return coded;
}

std::optional<int> measured_value(const DicomMeasurement& kind, double value,
                                  std::string_view unit) {
  // Larger values are the "not measured" of some device, 0 that of others.
  constexpr double kMaxMilliseconds = 29'000;
  constexpr double kMaxBeats = 999;
  constexpr double kMaxDegrees = 360;
  const std::string name = lowered(unit);
  if (kind.unit == kMilliseconds && (name == "s" || name == "second" || name == "seconds")) {
    value *= 1000;
  } else if (kind.unit == kMilliseconds && name == "us") {
    value /= 1000;
  } else if (name == "mv" || name == "uv" ||
             (kind.unit != kMilliseconds && name == kMilliseconds)) {
    return std::nullopt;
  }
  const double largest = kind.unit == kMilliseconds ? kMaxMilliseconds
                         : kind.unit == kBeats      ? kMaxBeats
                                                    : kMaxDegrees;
  const double smallest = kind.unit == kDegrees ? -kMaxDegrees : 1;
  if (!(value >= smallest && value <= largest)) return std::nullopt;
  return static_cast<int>(std::lround(value));
}

const char* dicom_lead_meaning(LeadCode code) {
  switch (code) {
    case LeadCode::unspecified:
      return nullptr;
    case LeadCode::I:
      return "Lead I";
    case LeadCode::II:
      return "Lead II";
    case LeadCode::V1:
      return "Lead V1";
    case LeadCode::V2:
      return "Lead V2";
    case LeadCode::V3:
      return "Lead V3";
    case LeadCode::V4:
      return "Lead V4";
    case LeadCode::V5:
      return "Lead V5";
    case LeadCode::V6:
      return "Lead V6";
    case LeadCode::V7:
      return "Lead V7";
    case LeadCode::V2R:
      return "Lead V2R";
    case LeadCode::V3R:
      return "Lead V3R";
    case LeadCode::V4R:
      return "Lead V4R";
    case LeadCode::V5R:
      return "Lead V5R";
    case LeadCode::V6R:
      return "Lead V6R";
    case LeadCode::V7R:
      return "Lead V7R";
    case LeadCode::X:
      return "Lead X";
    case LeadCode::Y:
      return "Lead Y";
    case LeadCode::Z:
      return "Lead Z";
    case LeadCode::III:
      return "Lead III";
    case LeadCode::aVR:
      return "aVR, augmented voltage, right";
    case LeadCode::aVL:
      return "aVL, augmented voltage, left";
    case LeadCode::aVF:
      return "aVF, augmented voltage, foot";
    case LeadCode::minus_aVR:
      return "-aVR";
    case LeadCode::V8:
      return "Lead V8";
    case LeadCode::V9:
      return "Lead V9";
    case LeadCode::V8R:
      return "Lead V8R";
    case LeadCode::V9R:
      return "Lead V9R";
  }
  return nullptr;
}

}  // namespace telavis
