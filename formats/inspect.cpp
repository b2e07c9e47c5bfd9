// SPDX-License-Identifier: Apache-2.0
#include "formats/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_character_length(text);
    const char first = text[0];
    if (length == 0) {
      out += kReplacement;
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += first;
    } else if (static_cast<unsigned char>(first) < 0x20 || first == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(first));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out += '"';
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
}

// A JSON object or array in the making: `add` puts the commas.
class Json {
 public:
  Json(char open, char close) : text_(1, open), close_(close) {}
  void add(std::string_view value) {
    if (text_.size() > 1) text_ += ',';
    text_ += value;
  }
  void member(std::string_view name, std::string_view value) {
    add(fmt::format("{}:{}", quoted(name), value));
  }
  void text_member(std::string_view name, std::string_view text) { member(name, quoted(text)); }
  std::string take() { return std::move(text_ += close_); }

 private:
  std::string text_;
  char close_;
};
Json object() {
  return {'{', '}'};
}
Json array() {
  return {'[', ']'};
}

std::string findings_json(const std::vector<Finding>& findings) {
  Json list = array();
  for (const Finding& finding : findings) {
    Json item = object();
    item.text_member("code", finding.code);
    item.text_member("severity", severity_name(finding.severity));
    item.text_member("text", finding.text);
    list.add(item.take());
  }
  return list.take();
}

std::string integrity_json(const std::vector<Finding>& findings) {
  const bool ok = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::error; });
  Json integrity = object();
  integrity.member("ok", ok ? "true" : "false");
  integrity.member("findings", findings_json(findings));
  return integrity.take();
}

std::string patient_json(const PatientIdentity& patient) {
  Json item = object();
  item.text_member("id", patient.id);
  item.text_member("family_name", patient.family_name);
  item.text_member("given_name", patient.given_name);
  item.member("birth_date",
              patient.birth_date.empty() ? std::string("null") : quoted(patient.birth_date));
  item.text_member("sex", sex_name(patient.sex));
  return item.take();
}

std::string device_json(const DeviceIdentity& device) {
  Json item = object();
  item.text_member("manufacturer", device.manufacturer);
  item.text_member("model", device.model);
  item.text_member("serial", device.serial);
  return item.take();
}

std::string leads_json(const std::vector<Lead>& leads) {
  Json list = array();
  for (const Lead& lead : leads) {
    Json item = object();
    item.text_member("code", lead_name(lead.code));
    item.member("samples", fmt::to_string(lead.samples.size()));
    item.member("sampling_interval_us", number(lead.sampling_interval_us));
    item.member("gain_nv_per_lsb", number(lead.gain_nv_per_lsb));
    item.member("derived", lead.derived ? "true" : "false");
    list.add(item.take());
  }
  return list.take();
}

std::string measurements_json(const Measurements& m) {
  Json item = object();
  const auto put = [&](std::string_view name, const std::optional<int>& value) {
    item.member(name, value ? fmt::to_string(*value) : std::string("null"));
  };
  put("ventricular_rate_bpm", m.ventricular_rate_bpm);
  put("atrial_rate_bpm", m.atrial_rate_bpm);
  put("rr_ms", m.rr_ms);
  put("pp_ms", m.pp_ms);
  put("p_duration_ms", m.p_duration_ms);
  put("pr_ms", m.pr_ms);
  put("qrs_ms", m.qrs_ms);
  put("qt_ms", m.qt_ms);
  put("qtc_ms", m.qtc_ms);
  put("p_axis_deg", m.p_axis_deg);
  put("qrs_axis_deg", m.qrs_axis_deg);
  put("t_axis_deg", m.t_axis_deg);
  put("pacemaker_spikes", m.pacemaker_spikes);
  return item.take();
}

std::string recording_json(const EcgRecording& recording) {
  Json statements = array();
  for (const std::string& statement : recording.statements) statements.add(quoted(statement));
  const std::string acquired_at = recording.acquired_at.iso8601();
  Json item = object();
  item.text_member("format", recording.format);
  item.text_member("version", recording.version);
  item.member("integrity", integrity_json(recording.findings));
  item.member("patient", patient_json(recording.patient));
  item.member("acquired_at", acquired_at.empty() ? std::string("null") : quoted(acquired_at));
  item.member("device", device_json(recording.device));
  item.member("leads", leads_json(recording.leads));
  item.member("measurements", measurements_json(recording.measurements));
  item.member("statements", statements.take());
  return item.take();
}

std::string photo_json(const SkinPhoto& photo) {
  Json metadata = array();
  for (const PrivateMetadata kind : photo.private_metadata) {
    metadata.add(quoted(private_metadata_name(kind)));
  }
  Json item = object();
  item.text_member("format", photo.format);
  item.text_member("version", photo.version);
  item.member("width", fmt::to_string(photo.width));
  item.member("height", fmt::to_string(photo.height));
  item.member("orientation", fmt::to_string(photo.orientation));
  item.member("private_metadata", metadata.take());
  item.member("findings", findings_json(photo.findings));
  return item.take();
}

// The lead's sample at `instant`, as a cell.
void append_cell(std::string& out, const Lead& lead, std::uint64_t instant) {
  if (instant < lead.first_sample || instant - lead.first_sample >= lead.samples.size()) return;
  const double nanovolts = lead.samples[instant - lead.first_sample] * lead.gain_nv_per_lsb;
  fmt::format_to(std::back_inserter(out), "{}", std::llround(nanovolts));
}

}  // namespace

std::string inspect_json(const Exam& exam) {
  if (const auto* recording = std::get_if<EcgRecording>(&exam)) return recording_json(*recording);
  return photo_json(std::get<SkinPhoto>(exam));
}

std::string samples_csv(const EcgRecording& recording) {
  std::string out;
  std::uint64_t first = UINT64_MAX;
  std::uint64_t last = 0;
  const auto shown = [&](const Lead& lead) {
    return lead.sampling_interval_us == recording.leads.front().sampling_interval_us;
  };
  for (const Lead& lead : recording.leads) {
    out += (out.empty() ? "" : ",") + lead_name(lead.code);
    if (!shown(lead) || lead.samples.empty()) continue;
    first = std::min<std::uint64_t>(first, lead.first_sample);
    last = std::max<std::uint64_t>(last, lead.first_sample + lead.samples.size());
  }
  out += "\n";
  for (std::uint64_t instant = first; instant < last; ++instant) {
    for (const Lead& lead : recording.leads) {
      if (&lead != recording.leads.data()) out += ',';
      if (shown(lead)) append_cell(out, lead, instant);
    }
    out += "\n";
  }
  return out;
}

}  // namespace telavis
