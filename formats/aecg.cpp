// SPDX-License-Identifier: Apache-2.0
#include "formats/aecg.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/aecg_codes.h"
#include "formats/aecg_series.h"
#include "formats/xml_reader.h"
#include "formats/xml_values.h"

namespace telavis {
namespace {

using xml::Element;
using xml::equal_ignoring_case;

constexpr std::size_t kMaxStatements = 1'000;  // a page of text; they are compared with one another

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view code_of(const Element& element) {
  return xml::trimmed(element.child("code").attribute("code"));
}

// ---- subject and device ----

std::string joined(const Element& parent, std::string_view name) {
  std::string out;
  for (const Element part : parent.children(name)) {
    const std::string text = xml::shown_text(part.text());
    if (text.empty()) continue;
    if (!out.empty()) out += ' ';
    out += text;
  }
  return out;
}

std::string id_of(const Element& id) {
  const std::string extension = xml::shown_text(id.attribute("extension"));
  return extension.empty() ? xml::shown_text(id.attribute("root")) : extension;
}

Sex read_sex(std::string_view code) {
  if (equal_ignoring_case(code, "M") || equal_ignoring_case(code, "male")) return Sex::male;
  if (equal_ignoring_case(code, "F") || equal_ignoring_case(code, "female")) return Sex::female;
  if (equal_ignoring_case(code, "UN")) return Sex::other;  // undifferentiated
  return Sex::unknown;
}

void read_subject(const Element& root, EcgRecording& recording) {
  const Element subject = root.descendant("trialSubject");
  const Element person = subject.child("subjectDemographicPerson");
  recording.patient.id = id_of(subject.child("id"));
  const Element name = person.child("name");
  recording.patient.family_name = joined(name, "family");
  recording.patient.given_name = joined(name, "given");
  if (recording.patient.family_name.empty() && recording.patient.given_name.empty()) {
    recording.patient.family_name = xml::shown_text(name.text());
  }
  recording.patient.sex =
      read_sex(xml::trimmed(person.child("administrativeGenderCode").attribute("code")));
  const std::string_view birth = xml::trimmed(person.child("birthTime").attribute("value"));
  if (birth.empty()) return;
  const auto date = xml::timestamp(birth);
  if (date) recording.patient.birth_date = date->date;
  if (!date) xml::note_birth_date(recording.findings);
}

void read_device(const Element& series, DeviceIdentity& device) {
  const Element author = series.path({"author", "seriesAuthor"});
  const Element machine = author.child("manufacturedSeriesDevice");
  device.manufacturer = joined(author.child("manufacturerOrganization"), "name");
  device.model = xml::shown_text(machine.child("manufacturerModelName").text());
  device.serial = xml::shown_text(machine.child("id").attribute("extension"));
  if (device.serial.empty()) {
    device.serial = xml::shown_text(author.child("id").attribute("extension"));
  }
}

// ---- filters ----

void read_filter(const Element& variable, Filters& filters) {
  const std::string code = upper(code_of(variable));
  const bool low_pass = code.ends_with("FILTER_LOW_PASS");
  const bool high_pass = code.ends_with("FILTER_HIGH_PASS");
  const bool notch = code.ends_with("FILTER_NOTCH");
  if (!low_pass && !high_pass && !notch) return;
  for (const Element component : variable.children("component")) {
    const Element part = component.child("controlVariable");
    const std::string part_code = upper(code_of(part));
    if (!part_code.ends_with("_FREQ")) continue;
    const std::string_view value = part.child("value").attribute("value");
    const auto hz = xml::scaled_number(value, 0);
    if (!hz || *hz <= 0) continue;
    if (low_pass && !filters.low_pass_hz) filters.low_pass_hz = hz;
    if (high_pass && !filters.high_pass_hz) filters.high_pass_hz = hz;
    if (notch && !filters.notch_hz && (*hz == 50 || *hz == 60)) {
      filters.notch_hz = static_cast<int>(*hz);
    }
  }
}

void read_filters(const Element& holder, Filters& filters) {
  for (const Element outer : holder.children("controlVariable")) {
    read_filter(outer.child("controlVariable"), filters);
  }
}

// ---- annotations ----

int power_to_ms(std::string_view unit) {
  unit = xml::trimmed(unit);
  if (equal_ignoring_case(unit, "s")) return 3;
  if (equal_ignoring_case(unit, "us")) return -3;
  return 0;  // "ms", and what writers that leave the unit out mean
}

std::optional<int> read_quantity(const Element& value, aecg::Quantity quantity) {
  const std::string_view text = value.attribute("value");
  const auto whole = [&](int power, int lowest, int highest) -> std::optional<int> {
    const auto number = xml::scaled_number(text, power);
    if (!number) return std::nullopt;
    return xml::whole_number(xml::decimal_text(*number, 0), lowest, highest);
  };
  switch (quantity) {
    case aecg::Quantity::rate_bpm:
      return whole(0, 1, aecg::kMaxRateBpm);
    case aecg::Quantity::time_ms:
      return whole(power_to_ms(value.attribute("unit")), 1, aecg::kMaxMeasuredMs);
    case aecg::Quantity::angle_deg:
      return whole(0, -aecg::kMaxAngleDeg, aecg::kMaxAngleDeg);
  }
  return std::nullopt;
}

// The code after "MDC_ECG_" (or a vendor's prefix), without "_GL" for global.
std::string_view bare_code(std::string_view code) {
  constexpr std::string_view kMark = "_ECG_";
  const std::size_t mark = code.find(kMark);
  if (mark != std::string_view::npos) code.remove_prefix(mark + kMark.size());
  if (code.ends_with("_GL")) code.remove_suffix(3);
  return code;
}

void read_measurement(std::string_view code, const Element& value, Measurements& out) {
  for (const aecg::MeasurementCode& known : aecg::kMeasurements) {
    if (!equal_ignoring_case(known.code, code) || out.*known.field) continue;
    out.*known.field = read_quantity(value, known.quantity);
  }
  for (const aecg::QtcCode& known : aecg::kQtc) {
    if (!equal_ignoring_case(known.code, code) || out.qtc_ms) continue;
    out.qtc_ms = read_quantity(value, aecg::Quantity::time_ms);
    if (out.qtc_ms) out.qtc_formula = known.formula;
  }
}

void read_statements(const Element& annotation, std::vector<std::string>& out) {
  const Element value = annotation.child("value");
  std::string text = xml::shown_text(value.text());
  if (text.empty()) text = xml::shown_text(value.attribute("displayName"));
  if (text.empty()) text = xml::shown_text(annotation.child("text").text());
  if (!text.empty() && out.size() < kMaxStatements && std::ranges::find(out, text) == out.end()) {
    out.push_back(std::move(text));
  }
  for (const Element component : annotation.children("component")) {
    read_statements(component.child("annotation"), out);
  }
}

bool is_of_one_lead(const Element& annotation) {
  for (const Element component : annotation.path({"support", "supportingROI"}).children()) {
    const std::string code = upper(code_of(component.child("boundary")));
    if (code.find("_ECG_LEAD_") != std::string::npos) return true;
  }
  return false;
}

// Depth is bounded by that of the document.
void read_annotations(const Element& holder, EcgRecording& recording) {
  for (const Element component : holder.children("component")) {
    const Element annotation = component.child("annotation");
    const std::string_view code = bare_code(code_of(annotation));
    const std::string folded = upper(code);
    if (folded.starts_with("INTERPRETATION")) {
      read_statements(annotation, recording.statements);
      continue;
    }
    // What belongs to a single beat, wave or lead is not a measurement of the recording.
    if (folded.starts_with("BEAT") || folded.starts_with("WAVC") || is_of_one_lead(annotation)) {
      continue;
    }
    read_measurement(code, annotation.child("value"), recording.measurements);
    read_annotations(annotation, recording);
  }
}

void read_annotation_sets(const Element& series, EcgRecording& recording) {
  for (const Element subject : series.children("subjectOf")) {
    read_annotations(subject.child("annotationSet"), recording);
  }
}

// ---- series ----

bool is_beat(const Element& series) {
  return upper(code_of(series)).find("BEAT") != std::string::npos;
}

struct SeriesOfFile {
  std::vector<Element> rhythms;
  std::vector<Element> beats;
};

SeriesOfFile series_of(const Element& root) {
  SeriesOfFile out;
  for (const Element component : root.children("component")) {
    const Element series = component.child("series");
    if (!series) continue;
    (is_beat(series) ? out.beats : out.rhythms).push_back(series);
    for (const Element derivation : series.children("derivation")) {
      const Element derived = derivation.child("derivedSeries");
      if (is_beat(derived)) out.beats.push_back(derived);
    }
  }
  return out;
}

void note_unread(std::size_t count, std::string_view what, std::vector<Finding>& findings) {
  if (count == 0) return;
  findings.push_back({"series_unread", Severity::warning,
                      fmt::format("The file holds {} more {}; only the first is read. Export each "
                                  "recording in a file of its own.",
                                  count, what)});
}

// Another series of the same instant may bring the leads that the first one lacks.
bool adds_leads(const aecg::SeriesLeads& first, const aecg::SeriesLeads& other) {
  return first.start == other.start && std::ranges::none_of(other.leads, [&](const Lead& lead) {
           return std::ranges::any_of(first.leads, [&](const Lead& known) {
             return known.code == lead.code && known.label == lead.label;
           });
         });
}

void read_rhythms(const std::vector<Element>& rhythms, aecg::SeriesLeads& out,
                  EcgRecording& recording) {
  std::size_t unread = 0;
  for (const Element& series : rhythms) {
    if (out.leads.empty()) {
      out = aecg::read_series(series, recording.findings);
      continue;
    }
    std::vector<Finding> findings;
    auto other = aecg::read_series(series, findings);
    if (other.leads.empty() || !adds_leads(out, other)) {
      ++unread;
      continue;
    }
    std::ranges::move(findings, std::back_inserter(recording.findings));
    for (Lead& lead : other.leads) xml::add_lead(std::move(lead), out.leads, recording.findings);
  }
  note_unread(unread, "rhythm series", recording.findings);
}

std::string_view first_instant(const Element& time) {
  for (const std::string_view name : {"low", "center", "high"}) {
    const std::string_view value = xml::trimmed(time.child(name).attribute("value"));
    if (!value.empty()) return value;
  }
  return xml::trimmed(time.attribute("value"));
}

void read_time(const Element& root, const Element& series, std::string_view head,
               EcgRecording& recording) {
  std::string_view stated = head;
  for (const std::string_view other :
       {first_instant(series.child("effectiveTime")), first_instant(root.child("effectiveTime"))}) {
    const auto instant = xml::timestamp(stated);
    if (instant && !instant->time.empty()) break;
    if (!other.empty()) stated = other;
  }
  xml::set_acquired_at(stated, recording);
}

void read_first_series(const Element& series, EcgRecording& recording) {
  read_device(series, recording.device);
  read_filters(series, recording.filters);
  const Element set = series.path({"component", "sequenceSet"});
  read_filters(set, recording.filters);
  read_filters(set.path({"component", "sequence"}), recording.filters);
  read_annotation_sets(series, recording);
}

}  // namespace

bool looks_like_aecg(ByteView file) {
  return xml_root_name(file) == "AnnotatedECG";
}

Result<EcgRecording> decode_aecg(ByteView file) {
  EcgRecording recording;
  recording.format = "HL7 aECG";
  recording.version = "R1";
  const auto document = xml::parse(file, recording.findings);
  if (!document) return tl::unexpected(document.error());
  const Element root = document->root();
  const SeriesOfFile series = series_of(root);
  aecg::SeriesLeads rhythm;
  read_rhythms(series.rhythms, rhythm, recording);
  if (root.name() != "AnnotatedECG" || rhythm.leads.empty()) {
    return fail(ErrorCode::malformed_file,
                "This HL7 aECG file holds no lead that can be read. Export the recording again "
                "from the device, with its waveforms.");
  }
  recording.leads = std::move(rhythm.leads);
  read_subject(root, recording);
  read_time(root, series.rhythms.front(), rhythm.start, recording);
  read_first_series(series.rhythms.front(), recording);
  if (!series.beats.empty()) {
    recording.median_beat = aecg::read_series(series.beats.front(), recording.findings).leads;
    note_unread(series.beats.size() - 1, "representative beats", recording.findings);
    read_annotation_sets(series.beats.front(), recording);
  }
  return recording;
}

}  // namespace telavis
