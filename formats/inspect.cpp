// SPDX-License-Identifier: Apache-2.0
#include "formats/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

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
    item.text_member("code", lead_title(lead));
    item.member("samples", fmt::to_string(lead.samples.size()));
    item.member("sampling_interval_us", number(lead.sampling_interval_us));
    item.member("gain_nv_per_lsb", number(lead.gain_nv_per_lsb));
    item.member("first_sample", fmt::to_string(lead.first_sample));
    item.member("derived", lead.derived ? "true" : "false");
    list.add(item.take());
  }
  return list.take();
}

std::string or_null(const std::optional<int>& value) {
  return value ? fmt::to_string(*value) : std::string("null");
}

std::string measurements_json(const Measurements& m) {
  Json item = object();
  const auto put = [&](std::string_view name, const std::optional<int>& value) {
    item.member(name, or_null(value));
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
  item.member("qtc_formula",
              m.qtc_formula ? quoted(qtc_formula_name(*m.qtc_formula)) : std::string("null"));
  return item.take();
}

// What is absent is left out: most devices measure a few of these in a few leads.
std::string lead_measurements_json(const std::vector<LeadMeasurements>& all) {
  Json list = array();
  for (const LeadMeasurements& one : all) {
    Json item = object();
    item.text_member("code", lead_name(one.code));
    const auto put = [&](std::string_view name, const std::optional<int>& value) {
      if (value) item.member(name, or_null(value));
    };
    put("p_duration_ms", one.p_duration_ms);
    put("pr_ms", one.pr_ms);
    put("qrs_ms", one.qrs_ms);
    put("qt_ms", one.qt_ms);
    put("q_duration_ms", one.q_duration_ms);
    put("r_duration_ms", one.r_duration_ms);
    put("s_duration_ms", one.s_duration_ms);
    put("q_uv", one.q_uv);
    put("r_uv", one.r_uv);
    put("s_uv", one.s_uv);
    put("j_uv", one.j_uv);
    put("p_positive_uv", one.p_positive_uv);
    put("p_negative_uv", one.p_negative_uv);
    put("t_positive_uv", one.t_positive_uv);
    put("t_negative_uv", one.t_negative_uv);
    list.add(item.take());
  }
  return list.take();
}

std::string filters_json(const Filters& filters) {
  const auto hertz = [](const std::optional<double>& value) {
    return value ? number(*value) : std::string("null");
  };
  Json item = object();
  item.member("high_pass_hz", hertz(filters.high_pass_hz));
  item.member("low_pass_hz", hertz(filters.low_pass_hz));
  item.member("notch_hz", or_null(filters.notch_hz));
  return item.take();
}

std::string acquired_at_json(const AcquiredAt& acquired_at) {
  const std::string text = acquired_at.iso8601();
  return text.empty() ? std::string("null") : quoted(text);
}

std::string recording_json(const EcgRecording& recording) {
  Json statements = array();
  for (const std::string& statement : recording.statements) statements.add(quoted(statement));
  Json item = object();
  item.text_member("format", recording.format);
  item.text_member("version", recording.version);
  item.member("integrity", integrity_json(recording.findings));
  item.member("patient", patient_json(recording.patient));
  item.member("acquired_at", acquired_at_json(recording.acquired_at));
  item.member("device", device_json(recording.device));
  item.member("filters", filters_json(recording.filters));
  item.member("leads", leads_json(recording.leads));
  item.member("median_beat", leads_json(recording.median_beat));
  item.member("measurements", measurements_json(recording.measurements));
  item.member("lead_measurements", lead_measurements_json(recording.lead_measurements));
  item.member("statements", statements.take());
  item.member("statements_confirmed", recording.statements_confirmed ? "true" : "false");
  return item.take();
}

// Photos and documents say who and when only where they came in a DICOM object.
void add_dicom_header(Json& item, const auto& exam) {
  item.member("patient", patient_json(exam.patient));
  item.member("acquired_at", acquired_at_json(exam.acquired_at));
  item.member("device", device_json(exam.device));
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
  item.text_member("role", photo_role_name(photo.role));
  if (photo.format == "DICOM") add_dicom_header(item, photo);
  item.member("private_metadata", metadata.take());
  item.member("findings", findings_json(photo.findings));
  return item.take();
}

std::string document_json(const PdfDocument& document) {
  Json item = object();
  item.text_member("format", document.format);
  item.text_member("version", document.version);
  item.member("pages", fmt::to_string(document.pages));
  if (document.format == "DICOM") add_dicom_header(item, document);
  item.member("findings", findings_json(document.findings));
  return item.take();
}

constexpr std::size_t kCsvPiece = std::size_t{1} << 16;
// Two instants closer than this are one: sampling intervals are written in decimals.
constexpr double kSameInstantUs = 1e-3;

// A lead and its next sample.
struct Column {
  const Lead* lead;
  std::size_t next = 0;
  bool ended() const { return next >= lead->samples.size(); }
  double instant_us() const {
    return (static_cast<double>(lead->first_sample) + static_cast<double>(next)) *
           lead->sampling_interval_us;
  }
};

void append_cell(std::string& out, Column& column, double instant_us) {
  if (column.ended() || column.instant_us() > instant_us + kSameInstantUs) return;
  const double nanovolts =
      static_cast<double>(column.lead->samples[column.next++]) * column.lead->gain_nv_per_lsb;
  fmt::format_to(std::back_inserter(out), "{}", std::llround(nanovolts));
}

// A title that would break a line of the table stands in quotes (RFC 4180).
std::string csv_title(const Lead& lead) {
  std::string title = lead_title(lead);
  if (title.find_first_of(",\"\r\n") == std::string::npos) return title;
  std::string out = "\"";
  for (const char character : title) out += character == '"' ? "\"\"" : std::string{character};
  return out + "\"";
}

}  // namespace

std::string inspect_json(const Exam& exam) {
  if (const auto* recording = std::get_if<EcgRecording>(&exam)) return recording_json(*recording);
  if (const auto* document = std::get_if<PdfDocument>(&exam)) return document_json(*document);
  return photo_json(std::get<SkinPhoto>(exam));
}

bool write_samples_csv(const EcgRecording& recording,
                       const std::function<bool(std::string_view)>& sink) {
  std::string out;
  std::vector<Column> columns;
  for (const Lead& lead : recording.leads) {
    out += (columns.empty() ? "" : ",") + csv_title(lead);
    columns.push_back({&lead});
  }
  out += "\n";
  while (true) {
    double instant_us = std::numeric_limits<double>::infinity();
    for (const Column& column : columns) {
      if (!column.ended()) instant_us = std::min(instant_us, column.instant_us());
    }
    if (!std::isfinite(instant_us)) break;
    for (Column& column : columns) {
      if (&column != columns.data()) out += ',';
      append_cell(out, column, instant_us);
    }
    out += '\n';
    if (out.size() < kCsvPiece) continue;
    if (!sink(out)) return false;
    out.clear();
  }
  return sink(out);
}

}  // namespace telavis
