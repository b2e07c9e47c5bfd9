// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <utility>

#include "engine/http/case_views.h"
#include "formats/normalise.h"

namespace telavis {
namespace {

namespace json = boost::json;

json::array findings_view(const std::vector<Finding>& findings) {
  json::array out;
  for (const Finding& finding : findings) {
    out.push_back(json::object{{"code", finding.code},
                               {"severity", severity_name(finding.severity)},
                               {"text", finding.text}});
  }
  return out;
}

json::value or_null(const auto& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::object filters_view(const Filters& filters) {
  return {{"high_pass_hz", or_null(filters.high_pass_hz)},
          {"low_pass_hz", or_null(filters.low_pass_hz)},
          {"notch_hz", or_null(filters.notch_hz)}};
}

/// As the device stated them.
json::object measurements_view(const Measurements& stated) {
  return {{"ventricular_rate_bpm", or_null(stated.ventricular_rate_bpm)},
          {"atrial_rate_bpm", or_null(stated.atrial_rate_bpm)},
          {"rr_ms", or_null(stated.rr_ms)},
          {"pp_ms", or_null(stated.pp_ms)},
          {"p_duration_ms", or_null(stated.p_duration_ms)},
          {"pr_ms", or_null(stated.pr_ms)},
          {"qrs_ms", or_null(stated.qrs_ms)},
          {"qt_ms", or_null(stated.qt_ms)},
          {"qtc_ms", or_null(stated.qtc_ms)},
          {"qtc_formula", stated.qtc_formula ? json::value(qtc_formula_name(*stated.qtc_formula))
                                             : json::value(nullptr)},
          {"p_axis_deg", or_null(stated.p_axis_deg)},
          {"qrs_axis_deg", or_null(stated.qrs_axis_deg)},
          {"t_axis_deg", or_null(stated.t_axis_deg)},
          {"pacemaker_spikes", or_null(stated.pacemaker_spikes)}};
}

json::object recording_view(const EcgRecording& recorded) {
  const EcgRecording recording = with_derived_limb_leads(recorded);
  json::array leads;
  for (const Lead& lead : recording.leads) {
    leads.push_back(
        json::object{{"code", lead_title(lead)},
                     {"derived", lead.derived},
                     {"gain_nv_per_lsb", lead.gain_nv_per_lsb},
                     {"sampling_interval_us", lead.sampling_interval_us},
                     {"first_sample", lead.first_sample},
                     {"samples", json::array(lead.samples.begin(), lead.samples.end())}});
  }
  return {{"kind", "ecg"},
          {"acquired_at", recording.acquired_at.iso8601()},
          {"device", json::object{{"manufacturer", recording.device.manufacturer},
                                  {"model", recording.device.model}}},
          {"filters", filters_view(recording.filters)},
          {"measurements", measurements_view(recording.measurements)},
          {"statements", json::array(recording.statements.begin(), recording.statements.end())},
          {"statements_confirmed", recording.statements_confirmed},
          {"findings", findings_view(recording.findings)},
          {"leads", std::move(leads)}};
}

}  // namespace

std::string exam_json(const Exam& exam) {
  if (const auto* recording = std::get_if<EcgRecording>(&exam)) {
    return json::serialize(recording_view(*recording));
  }
  if (const auto* document = std::get_if<PdfDocument>(&exam)) {
    return json::serialize(json::object{{"kind", "document"},
                                        {"pages", document->pages},
                                        {"findings", findings_view(document->findings)}});
  }
  const auto& photo = std::get<SkinPhoto>(exam);
  return json::serialize(json::object{{"kind", "photo"},
                                      {"role", photo_role_name(photo.role)},
                                      {"width", photo.width},
                                      {"height", photo.height},
                                      {"findings", findings_view(photo.findings)}});
}

}  // namespace telavis
