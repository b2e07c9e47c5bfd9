// SPDX-License-Identifier: Apache-2.0
// Elements in the order that PORT_MT020001 gives them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include "formats/aecg.h"
#include "formats/aecg_codes.h"
#include "formats/xml_text.h"
#include "formats/xml_values.h"

namespace telavis {
namespace {

constexpr std::string_view kMdc = "2.16.840.1.113883.6.24";
constexpr std::string_view kActCode = "2.16.840.1.113883.5.4";
constexpr std::string_view kGender = "2.16.840.1.113883.5.1";
constexpr std::string_view kCpt4 = "2.16.840.1.113883.6.12";
constexpr std::string_view kRoutineEcg = "93000";
constexpr std::size_t kDigitsPerLine = 20;

std::string escaped(std::string_view text) {
  return xml_escaped(xml::shown_text(text));
}

// Elements are given as name and attributes.
class Writer {
 public:
  // One inside the other.
  void open(std::initializer_list<std::string_view> elements) {
    for (const std::string_view element : elements) {
      line(fmt::format("<{}>", element));
      open_.emplace_back(element.substr(0, element.find(' ')));
    }
  }
  void close(int count) {
    while (count-- > 0) {
      const std::string name = std::move(open_.back());
      open_.pop_back();
      line(fmt::format("</{}>", name));
    }
  }
  void empty(std::string_view element) { line(fmt::format("<{}/>", element)); }
  void text(std::string_view element, std::string_view content) {
    if (content.empty()) return;
    line(fmt::format("<{}>{}</{}>", element, escaped(content),
                     element.substr(0, element.find(' '))));
  }
  void digits(const std::vector<std::int32_t>& samples) {
    out_.append(open_.size(), ' ');
    out_ += "<digits>";
    std::array<char, 12> number{};
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (i > 0) out_ += i % kDigitsPerLine == 0 ? '\n' : ' ';
      const auto end = std::to_chars(number.data(), number.data() + number.size(), samples[i]).ptr;
      out_.append(number.data(), end);
    }
    out_ += "</digits>\n";
  }
  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view content) {
    out_.append(open_.size(), ' ');
    out_.append(content);
    out_ += '\n';
  }
  std::string out_;
  std::vector<std::string> open_;
};

std::string mdc(std::string_view code) {
  return fmt::format(R"(code code="{}" codeSystem="{}" codeSystemName="MDC")", code, kMdc);
}
std::string mdc_ecg(std::string_view code) {
  return mdc(std::string(aecg::kPrefix).append(code));
}
std::string act(std::string_view code) {
  return fmt::format(R"(code code="{}" codeSystem="{}" codeSystemName="ActCode")", code, kActCode);
}
std::string quantity(std::string_view element, std::string_view value, std::string_view unit) {
  return fmt::format(R"({} value="{}" unit="{}")", element, value, unit);
}

// "20021122091000.000+0100", empty when the time is not known.
std::string instant_text(const AcquiredAt& at, std::string_view fraction) {
  const auto instant = xml::timestamp(at.local);
  if (!instant || instant->time.empty()) return {};
  std::string out = instant->date + instant->time;
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  out += fraction;
  if (!at.utc_offset_minutes) return out;
  const int minutes = std::abs(*at.utc_offset_minutes);
  return out + fmt::format("{}{:02}{:02}", *at.utc_offset_minutes < 0 ? '-' : '+', minutes / 60,
                           minutes % 60);
}

void put_effective_time(Writer& writer, const AcquiredAt& at) {
  const std::string instant = instant_text(at, "");
  if (instant.empty()) return writer.empty(R"(effectiveTime nullFlavor="UNK")");
  writer.open({"effectiveTime"});
  writer.empty(fmt::format(R"(low value="{}" inclusive="true")", instant));
  writer.close(1);
}

// ---- subject and device ----

std::string_view gender_code(Sex sex) {
  switch (sex) {
    case Sex::male:
      return "M";
    case Sex::female:
      return "F";
    case Sex::other:
      return "UN";
    case Sex::unknown:
      return "";
  }
  return "";
}

void put_person(Writer& writer, const PatientIdentity& patient) {
  writer.open({"subjectDemographicPerson"});
  if (!patient.family_name.empty() || !patient.given_name.empty()) {
    writer.open({"name"});
    writer.text("family", patient.family_name);
    writer.text("given", patient.given_name);
    writer.close(1);
  }
  if (const std::string_view gender = gender_code(patient.sex); !gender.empty()) {
    writer.empty(
        fmt::format(R"(administrativeGenderCode code="{}" codeSystem="{}")", gender, kGender));
  }
  std::string birth = patient.birth_date;
  std::erase(birth, '-');
  if (!birth.empty()) writer.empty(fmt::format(R"(birthTime value="{}")", escaped(birth)));
  writer.close(1);
}

void put_subject(Writer& writer, const PatientIdentity& patient) {
  writer.open({"componentOf", "timepointEvent", "componentOf", "subjectAssignment", "subject",
               "trialSubject"});
  writer.empty(patient.id.empty() ? R"(id nullFlavor="UNK")"
                                  : fmt::format(R"(id extension="{}")", escaped(patient.id)));
  put_person(writer, patient);
  writer.close(2);
  writer.open({"componentOf", "clinicalTrial"});  // required by the schema: there is none
  writer.empty(R"(id nullFlavor="NA")");
  writer.close(6);
}

void put_device(Writer& writer, const DeviceIdentity& device) {
  writer.open({"author", "seriesAuthor", "manufacturedSeriesDevice"});
  if (!device.serial.empty()) {
    writer.empty(fmt::format(R"(id extension="{}")", escaped(device.serial)));
  }
  writer.text("manufacturerModelName", device.model);
  writer.close(1);
  if (!device.manufacturer.empty()) {
    writer.open({"manufacturerOrganization"});
    writer.text("name", device.manufacturer);
    writer.close(1);
  }
  writer.close(2);
}

// ---- filters ----

void put_filter(Writer& writer, std::string_view kind, std::string_view frequency,
                std::optional<double> hz) {
  if (!hz) return;
  constexpr std::string_view kAttribute = "CTL_VBL_ATTR_FILTER_";
  writer.open({"controlVariable", "controlVariable"});
  writer.empty(mdc_ecg(std::string(kAttribute).append(kind)));
  writer.open({"component", "controlVariable"});
  writer.empty(mdc_ecg(std::string(kAttribute).append(frequency)));
  writer.empty(quantity(R"(value xsi:type="PQ")", xml::decimal_text(*hz, 0), "Hz"));
  writer.close(4);
}

void put_filters(Writer& writer, const Filters& filters) {
  put_filter(writer, "LOW_PASS", "CUTOFF_FREQ", filters.low_pass_hz);
  put_filter(writer, "HIGH_PASS", "CUTOFF_FREQ", filters.high_pass_hz);
  put_filter(writer, "NOTCH", "NOTCH_FREQ", filters.notch_hz);
}

// ---- waveforms ----

std::string lead_code(const Lead& lead) {
  if (lead.code == LeadCode::minus_aVR) {
    return mdc(std::string(aecg::kLeadPrefix).append(aecg::kNegativeAvr));
  }
  std::string name = lead_name(lead.code);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  std::string out = mdc(std::string(aecg::kLeadPrefix).append(name));
  if (!lead.label.empty()) out += fmt::format(R"( displayName="{}")", escaped(lead.label));
  return out;
}

void put_lead(Writer& writer, const Lead& lead) {
  writer.open({"component", "sequence"});
  writer.empty(lead_code(lead));
  writer.open({R"(value xsi:type="SLIST_PQ")"});
  writer.empty(quantity("origin", "0", "uV"));
  writer.empty(quantity("scale", xml::decimal_text(lead.gain_nv_per_lsb, -3), "uV"));
  writer.digits(lead.samples);
  writer.close(3);
}

// `absolute` is the instant of the first sample, empty where time counts from the recording's
// start.
void put_times(Writer& writer, const Lead& lead, const std::string& absolute) {
  writer.open({"component", "sequence"});
  writer.empty(act(absolute.empty() ? "TIME_RELATIVE" : "TIME_ABSOLUTE"));
  if (absolute.empty()) {
    const double start_us = lead.first_sample * lead.sampling_interval_us;
    writer.open({R"(value xsi:type="GLIST_PQ")"});
    writer.empty(quantity("head", xml::decimal_text(start_us, -6), "s"));
  } else {
    writer.open({R"(value xsi:type="GLIST_TS")"});
    writer.empty(fmt::format(R"(head value="{}")", absolute));
  }
  writer.empty(quantity("increment", xml::decimal_text(lead.sampling_interval_us, -6), "s"));
  writer.close(3);
}

// A sequence set for each run of leads that share start and interval: so their order stays.
void put_sets(Writer& writer, std::span<const Lead* const> leads, const std::string& absolute) {
  for (std::size_t i = 0; i < leads.size(); ++i) {
    const bool starts = i == 0 || leads[i]->first_sample != leads[i - 1]->first_sample ||
                        leads[i]->sampling_interval_us != leads[i - 1]->sampling_interval_us;
    if (starts && i > 0) writer.close(2);
    if (starts) {
      writer.open({"component", "sequenceSet"});
      put_times(writer, *leads[i], absolute);
    }
    put_lead(writer, *leads[i]);
  }
  writer.close(2);
}

// ---- annotations ----

std::string_view unit_of(aecg::Quantity kind) {
  switch (kind) {
    case aecg::Quantity::rate_bpm:
      return "/min";
    case aecg::Quantity::time_ms:
      return "ms";
    case aecg::Quantity::angle_deg:
      return "deg";
  }
  return "";
}

void put_measurement(Writer& writer, std::string_view code, int value, aecg::Quantity kind) {
  writer.open({"component", "annotation"});
  writer.empty(mdc_ecg(code));
  writer.empty(quantity(R"(value xsi:type="PQ")", fmt::format("{}", value), unit_of(kind)));
  writer.close(2);
}

void put_measurements(Writer& writer, const Measurements& measurements) {
  std::vector<std::optional<int> Measurements::*> written;
  for (const aecg::MeasurementCode& known : aecg::kMeasurements) {
    const auto& value = measurements.*known.field;
    if (!value || std::ranges::find(written, known.field) != written.end()) continue;
    put_measurement(writer, known.code, *value, known.quantity);
    written.push_back(known.field);
  }
  if (!measurements.qtc_ms) return;
  const QtcFormula formula = measurements.qtc_formula.value_or(QtcFormula::unknown);
  const auto* const known =
      std::ranges::find_if(aecg::kQtc, [formula](const aecg::QtcCode& candidate) {
        return candidate.formula.value_or(QtcFormula::unknown) == formula;
      });
  if (known == aecg::kQtc.end()) return;
  put_measurement(writer, known->code, *measurements.qtc_ms, aecg::Quantity::time_ms);
}

void put_statements(Writer& writer, const std::vector<std::string>& statements) {
  if (statements.empty()) return;
  writer.open({"component", "annotation"});
  writer.empty(mdc_ecg("INTERPRETATION"));
  for (const std::string& statement : statements) {
    writer.open({"component", "annotation"});
    writer.empty(mdc_ecg(aecg::kStatement));
    writer.text(R"(value xsi:type="ST")", statement);
    writer.close(2);
  }
  writer.close(2);
}

void put_annotations(Writer& writer, const EcgRecording& recording) {
  writer.open({"subjectOf", "annotationSet"});
  put_measurements(writer, recording.measurements);
  put_statements(writer, recording.statements);
  writer.close(2);
}

void put_median(Writer& writer, const EcgRecording& recording) {
  if (recording.median_beat.empty()) return;
  std::vector<const Lead*> leads;
  for (const Lead& lead : recording.median_beat) leads.push_back(&lead);
  writer.open({"derivation", "derivedSeries"});
  writer.empty(act("REPRESENTATIVE_BEAT"));
  put_effective_time(writer, recording.acquired_at);
  put_sets(writer, leads, "");
  writer.close(2);
}

void put_series(Writer& writer, const EcgRecording& recording,
                const std::vector<const Lead*>& leads) {
  const bool together =
      std::ranges::all_of(leads, [](const Lead* lead) { return lead->first_sample == 0; });
  writer.open({"component", "series"});
  writer.empty(act("RHYTHM"));
  put_effective_time(writer, recording.acquired_at);
  put_device(writer, recording.device);
  put_filters(writer, recording.filters);
  put_sets(writer, leads, together ? instant_text(recording.acquired_at, ".000") : "");
  put_annotations(writer, recording);
  put_median(writer, recording);
  writer.close(2);
}

// ---- document ----

// The same recording has the same id: a hash (FNV-1a, twice) in the form of a version 8 UUID.
std::string uuid_of(std::string_view content) {
  std::array<std::uint64_t, 2> hash = {0xCBF29CE484222325U, 0x84222325CBF29CE4U};
  for (const char c : content) {
    for (auto& half : hash) half = (half ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
  }
  return fmt::format("{:08x}-{:04x}-8{:03x}-8{:03x}-{:012x}", hash[0] >> 32,
                     (hash[0] >> 16) & 0xFFFF, hash[0] & 0xFFF, hash[1] >> 52,
                     hash[1] & 0xFFFFFFFFFFFFU);
}

Result<void> check_lead(const Lead& lead) {
  const bool sound = !lead.samples.empty() && std::isfinite(lead.gain_nv_per_lsb) &&
                     lead.gain_nv_per_lsb > 0 && lead.sampling_interval_us > 0 &&
                     lead.sampling_interval_us <= aecg::kMaxIntervalUs &&
                     lead.first_sample <= aecg::kMaxFirstSample;
  if (sound) return {};
  return fail(ErrorCode::unsupported_conversion,
              fmt::format("Lead {} has no samples, no gain, or a timing that aECG does not carry. "
                          "Leave that lead out.",
                          lead_name(lead.code)));
}

}  // namespace

Result<Bytes> encode_aecg(const EcgRecording& recording) {
  std::vector<const Lead*> leads;
  for (const Lead& lead : recording.leads) {
    if (!lead.derived) leads.push_back(&lead);
  }
  if (leads.empty()) {
    return fail(ErrorCode::malformed_file,
                "The recording holds no lead, so there is nothing to write.");
  }
  for (const Lead* lead : leads) {
    if (auto sound = check_lead(*lead); !sound) return tl::unexpected(sound.error());
  }
  for (const Lead& lead : recording.median_beat) {
    if (auto sound = check_lead(lead); !sound) return tl::unexpected(sound.error());
  }
  Writer writer;
  writer.empty(
      fmt::format(R"(code code="{}" codeSystem="{}" codeSystemName="CPT-4")", kRoutineEcg, kCpt4));
  put_effective_time(writer, recording.acquired_at);
  put_subject(writer, recording.patient);
  put_series(writer, recording, leads);
  const std::string body = writer.take();
  const std::string document = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<AnnotatedECG xmlns=\"urn:hl7-org:v3\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "type=\"Observation\">\n<id root=\"{}\"/>\n{}</AnnotatedECG>\n",
      uuid_of(body), body);
  return Bytes(document.begin(), document.end());
}

}  // namespace telavis
