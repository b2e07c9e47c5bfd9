// SPDX-License-Identifier: Apache-2.0
#include "formats/sierra_xml.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/sierra_xml_waveforms.h"
#include "formats/xml_reader.h"
#include "formats/xml_values.h"

namespace telavis {
namespace {

using xml::Element;
using xml::equal_ignoring_case;

constexpr int kMaxMeasuredMs = 60'000;  // a minute between two beats
constexpr int kMaxRateBpm = 2'000;
constexpr int kMaxAngleDeg = 360;
constexpr int kMaxAmplitudeUv = 100'000;       // the schema allows 10,000
constexpr std::size_t kMaxStatements = 1'000;  // several pages
constexpr std::size_t kMaxMeasuredLeads = 64;  // 16 are usual

std::string_view value_of(const Element& parent, std::string_view name) {
  return xml::trimmed(parent.child(name).text());
}
std::optional<int> ms(std::string_view text) {
  return xml::whole_number(text, 1, kMaxMeasuredMs);
}
std::optional<int> rate(std::string_view text) {
  return xml::whole_number(text, 1, kMaxRateBpm);
}
std::optional<int> axis(std::string_view text) {
  return xml::whole_number(text, -kMaxAngleDeg, kMaxAngleDeg);
}
std::optional<int> uv(std::string_view text) {
  return xml::whole_number(text, -kMaxAmplitudeUv, kMaxAmplitudeUv);
}

// ---- who, when, with what ----

void read_patient(const Element& data, EcgRecording& recording) {
  recording.patient.id = xml::shown_text(value_of(data, "patientid"));
  recording.patient.family_name = xml::shown_text(value_of(data.child("name"), "lastname"));
  recording.patient.given_name = xml::shown_text(value_of(data.child("name"), "firstname"));
  const std::string_view sex = value_of(data, "sex");
  if (equal_ignoring_case(sex, "Male")) recording.patient.sex = Sex::male;
  if (equal_ignoring_case(sex, "Female")) recording.patient.sex = Sex::female;
  const std::string_view birth = value_of(data.child("age"), "dateofbirth");
  if (birth.empty()) return;
  const auto date = xml::timestamp(birth);
  if (date) recording.patient.birth_date = date->date;
  if (!date) xml::note_birth_date(recording.findings);
}

void read_acquisition(const Element& acquisition, EcgRecording& recording) {
  std::string stated(xml::trimmed(acquisition.attribute("date")));
  const std::string_view time = xml::trimmed(acquisition.attribute("time"));
  if (!stated.empty() && !time.empty()) stated.append("T").append(time);
  xml::set_acquired_at(stated, recording);
  const Element machine = acquisition.child("machine");
  recording.device.model = xml::shown_text(machine.text());
  recording.device.serial = xml::shown_text(machine.attribute("machineid"));
  // "Philips Medical Products:M5000:C.01.02.00": maker, product, software.
  const std::string_view detail = machine.attribute("detaildescription");
  recording.device.manufacturer = xml::shown_text(detail.substr(0, detail.find(':')));
}

// ---- measurements ----

void keep(std::optional<int>& field, std::optional<int> value) {
  if (!field) field = value;
}

// The names of 1.04 and, where they differ, of 1.03.
void read_global(const Element& from, Measurements& out) {
  keep(out.ventricular_rate_bpm, rate(value_of(from, "heartrate")));
  keep(out.ventricular_rate_bpm, rate(value_of(from, "meanventrate")));
  keep(out.atrial_rate_bpm, rate(value_of(from, "atrialrate")));
  keep(out.rr_ms, ms(value_of(from, "rrint")));
  keep(out.p_duration_ms, ms(value_of(from, "pdur")));
  keep(out.pr_ms, ms(value_of(from, "print")));
  keep(out.pr_ms, ms(value_of(from, "meanprint")));
  keep(out.qrs_ms, ms(value_of(from, "qrsdur")));
  keep(out.qrs_ms, ms(value_of(from, "meanqrsdur")));
  keep(out.qt_ms, ms(value_of(from, "qtint")));
  keep(out.qt_ms, ms(value_of(from, "meanqtint")));
  keep(out.p_axis_deg, axis(value_of(from, "pfrontaxis")));
  keep(out.qrs_axis_deg, axis(value_of(from, "qrsfrontaxis")));
  keep(out.t_axis_deg, axis(value_of(from, "tfrontaxis")));
  if (out.qtc_ms) return;
  const auto bazett = ms(value_of(from, "qtcb"));
  const auto fridericia = ms(value_of(from, "qtcf"));
  out.qtc_ms = bazett ? bazett : fridericia;
  if (bazett) out.qtc_formula = QtcFormula::bazett;
  if (!bazett && fridericia) out.qtc_formula = QtcFormula::fridericia;
  keep(out.qtc_ms, ms(value_of(from, "meanqtc")));
}

std::optional<int> count_of_spikes(const Element& global) {
  int count = 0;
  for (const Element pulse : global.child("pacepulses").children("pacepulse")) {
    if (!xml::trimmed(pulse.attribute("starttime")).empty()) ++count;
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

// The one of the latest date and time: an edited one stands beside the device's.
Element interpretation_of(const Element& root) {
  Element latest;
  std::string latest_instant;
  for (const Element candidate : root.child("interpretations").children("interpretation")) {
    std::string instant(candidate.attribute("date"));
    instant.append(candidate.attribute("time"));
    if (latest && instant <= latest_instant) continue;
    latest = candidate;
    latest_instant = std::move(instant);
  }
  return latest;
}

void read_measurements(const Element& root, const Element& interpretation, Measurements& out) {
  read_global(interpretation.child("globalmeasurements"), out);
  read_global(interpretation.child("interpretationmeasurements"), out);
  const Element first_hand = root.child("measurements");        // 1.03
  const Element internal = root.child("internalmeasurements");  // 1.04
  const Element global_1_03 = first_hand.child("globalmeasurements");
  const Element global_1_04 = internal.child("crossleadmeasurements");
  read_global(global_1_03, out);
  read_global(global_1_04, out);
  out.pacemaker_spikes = count_of_spikes(global_1_03);
  keep(out.pacemaker_spikes, count_of_spikes(global_1_04));
}

// A wave that lasts no time is absent.
void read_wave(const Element& from, std::string_view amplitude, std::string_view duration,
               std::optional<int>& out_uv, std::optional<int>& out_ms) {
  out_ms = ms(value_of(from, duration));
  if (out_ms) out_uv = uv(value_of(from, amplitude));
}

void read_signed(std::string_view text, std::optional<int>& positive,
                 std::optional<int>& negative) {
  const auto value = uv(text);
  if (value && *value > 0) positive = value;
  if (value && *value < 0) negative = value;
}

LeadMeasurements read_lead(const Element& from) {
  LeadMeasurements out;
  out.code =
      lead_from_name(xml::trimmed(from.attribute("leadname"))).value_or(LeadCode::unspecified);
  if (!equal_ignoring_case(from.attribute("pexistflag"), "False")) {
    out.p_duration_ms = ms(value_of(from, "pdur"));
    out.pr_ms = ms(value_of(from, "print"));
    read_signed(value_of(from, "pamp"), out.p_positive_uv, out.p_negative_uv);
  }
  out.qrs_ms = ms(value_of(from, "qrsdur"));
  out.qt_ms = ms(value_of(from, "qtint"));
  read_wave(from, "qamp", "qdur", out.q_uv, out.q_duration_ms);
  read_wave(from, "ramp", "rdur", out.r_uv, out.r_duration_ms);
  read_wave(from, "samp", "sdur", out.s_uv, out.s_duration_ms);
  if (!equal_ignoring_case(from.attribute("stexistflag"), "False")) {
    out.j_uv = uv(value_of(from, "ston"));  // at the start of ST
  }
  if (!equal_ignoring_case(from.attribute("texistflag"), "False")) {
    read_signed(value_of(from, "tamp"), out.t_positive_uv, out.t_negative_uv);
  }
  return out;
}

void read_lead_measurements(const Element& root, std::vector<LeadMeasurements>& out) {
  Element holder = root.path({"internalmeasurements", "leadmeasurements"});
  if (!holder) holder = root.path({"measurements", "leadmeasurements"});
  for (const Element from : holder.children("leadmeasurement")) {
    LeadMeasurements lead = read_lead(from);
    if (lead.code != LeadCode::unspecified && out.size() < kMaxMeasuredLeads) {
      out.push_back(lead);
    }
  }
}

// ---- statements ----

std::vector<std::string> read_statements(const Element& interpretation) {
  std::vector<std::string> out;
  const auto add = [&](std::string text) {
    if (!text.empty() && out.size() < kMaxStatements) out.push_back(std::move(text));
  };
  for (const Element statement : interpretation.children("statement")) {
    std::string text = xml::shown_text(value_of(statement, "leftstatement"));
    const std::string right = xml::shown_text(value_of(statement, "rightstatement"));
    if (!text.empty() && !right.empty()) text += ", ";
    add(text + right);
  }
  add(xml::shown_text(value_of(interpretation, "severity")));
  return out;
}

}  // namespace

bool looks_like_sierra_xml(ByteView file) {
  return xml_root_name(file) == "restingecgdata";
}

Result<EcgRecording> decode_sierra_xml(ByteView file) {
  EcgRecording recording;
  recording.format = "Philips Sierra XML";
  const auto document = xml::parse(file, recording.findings);
  if (!document) return tl::unexpected(document.error());
  const Element root = document->root();
  recording.version = xml::shown_text(value_of(root.child("documentinfo"), "documentversion"));
  if (auto read = sierra::read_rhythm(root, recording); !read) return tl::unexpected(read.error());
  if (root.name() != "restingecgdata" || recording.leads.empty()) {
    return fail(ErrorCode::malformed_file,
                "This Philips Sierra XML file holds no lead that can be read. Export the recording "
                "again from the device or from TraceMaster, with its waveforms.");
  }
  sierra::read_beats(root, recording);
  read_patient(root.path({"patient", "generalpatientdata"}), recording);
  read_acquisition(root.child("dataacquisition"), recording);
  const Element interpretation = interpretation_of(root);
  read_measurements(root, interpretation, recording.measurements);
  read_lead_measurements(root, recording.lead_measurements);
  recording.statements = read_statements(interpretation);
  recording.statements_confirmed =
      equal_ignoring_case(xml::trimmed(root.attribute("status")), "Confirmed");
  return recording;
}

}  // namespace telavis
