// SPDX-License-Identifier: Apache-2.0
// Waveform Annotation Module (PS3.3 C.10.10): measurements and statements. Marks at instants of the
// tracing (onsets, beats) are not part of a recording and are left out.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "formats/dicom_codes.h"
#include "formats/dicom_read.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"

namespace telavis {
namespace {

/// Devices write some dozens; conversions of exotic character sets cost time for each.
constexpr std::size_t kMaxStatements = 1000;

void use_stated_interval(std::string_view text, EcgRecording& recording) {
  constexpr double kSameInterval = 1e-5;  // "599.88" for 1,667 us
  text.remove_prefix(kIntervalNote.size());
  if (text.ends_with(kIntervalUnit)) text.remove_suffix(kIntervalUnit.size());
  double interval = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), interval);
  if (error != std::errc{} || end != text.data() + text.size()) return;
  for (std::vector<Lead>* leads : {&recording.leads, &recording.median_beat}) {
    for (Lead& lead : *leads) {
      const double difference = std::abs(lead.sampling_interval_us - interval);
      if (difference <= kSameInterval * interval) lead.sampling_interval_us = interval;
    }
  }
}

void add_statement(std::string text, EcgRecording& recording) {
  if (text.empty()) return;
  if (text.starts_with(kIntervalNote)) {
    use_stated_interval(text, recording);
  } else if (text == kConfirmedReport) {
    recording.statements_confirmed = true;
  } else if (text == kUnconfirmedReport) {
    recording.statements_confirmed = false;
  } else {
    recording.statements.push_back(std::move(text));
  }
}

/// Whether the annotation is about all channels of a group, not about one lead.
bool is_global(const DicomItem& annotation) {
  const auto pairs = dicom_u16s(annotation, dicom_tag::kReferencedChannels);
  if (pairs.size() < 2) return true;
  for (std::size_t i = 1; i < pairs.size(); i += 2) {
    if (pairs[i] == 0) return true;
  }
  return false;
}

void add_measurement(const DicomItem& annotation, std::string_view sets, Measurements& out) {
  const auto number = dicom_number(annotation, dicom_tag::kNumericValue);
  if (!number) return;
  std::optional<QtcFormula> formula;
  const DicomCode concept_name = dicom_code(annotation, dicom_tag::kConceptName, sets);
  const DicomMeasurement* kind = measurement_from_dicom(concept_name, formula);
  if (kind == nullptr) return;
  const DicomCode unit = dicom_code(annotation, dicom_tag::kMeasurementUnits, sets);
  const auto value = measured_value(*kind, *number, unit.value);
  std::optional<int>& field = out.*kind->field;
  if (!value || field) return;  // the first statement counts
  field = value;
  if (formula) out.qtc_formula = formula;
}

void fill_absent(const Measurements& from, Measurements& out) {
  for (const auto field :
       {&Measurements::ventricular_rate_bpm, &Measurements::atrial_rate_bpm, &Measurements::rr_ms,
        &Measurements::pp_ms, &Measurements::p_duration_ms, &Measurements::pr_ms,
        &Measurements::qrs_ms, &Measurements::qt_ms, &Measurements::qtc_ms,
        &Measurements::p_axis_deg, &Measurements::qrs_axis_deg, &Measurements::t_axis_deg}) {
    if (!(out.*field)) out.*field = from.*field;
  }
  if (!out.qtc_formula) out.qtc_formula = from.qtc_formula;
}

}  // namespace

void read_dicom_annotations(const DicomItem& dataset, EcgRecording& recording) {
  const std::string_view sets = dicom_raw_text(dataset, dicom_tag::kSpecificCharacterSet);
  Measurements of_one_lead;
  std::size_t texts = 0;
  for (const DicomItem& annotation : dicom_items(dataset, dicom_tag::kAnnotations)) {
    if (!dicom_raw_text(annotation, dicom_tag::kTemporalRangeType).empty()) continue;
    if (const DicomElement* text = annotation.find(dicom_tag::kUnformattedText)) {
      if (++texts > kMaxStatements) continue;
      add_statement(dicom_utf8(as_text(text->value), sets), recording);
    } else {
      add_measurement(annotation, sets,
                      is_global(annotation) ? recording.measurements : of_one_lead);
    }
  }
  // Some writers point at a channel where they mean the tracing.
  fill_absent(of_one_lead, recording.measurements);
  if (texts > kMaxStatements) {
    recording.findings.push_back({"statements_truncated", Severity::warning,
                                  "The file holds more than 1,000 texts; the others are left "
                                  "out."});
  }
}

}  // namespace telavis
