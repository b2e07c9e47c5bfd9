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
