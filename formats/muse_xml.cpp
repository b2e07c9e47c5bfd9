// SPDX-License-Identifier: Apache-2.0
#include "formats/muse_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "formats/base64.h"
#include "formats/crc32.h"
#include "formats/xml_reader.h"
#include "formats/xml_values.h"

namespace telavis {
namespace {

using xml::Element;
using xml::equal_ignoring_case;

constexpr double kMaxSamplingHz = 1e6;
constexpr int kMaxMeasuredMs = 60'000;  // a minute between two beats
constexpr int kMaxRateBpm = 2'000;
constexpr int kMaxAngleDeg = 360;
constexpr int kMaxMedianSample = 1'000'000;    // of a wave's on- and offset
constexpr int kMaxFirstSample = 1'000'000;     // a quarter of an hour at 1000 Hz
constexpr std::size_t kMaxStatements = 1'000;  // several pages

std::string_view value_of(const Element& parent, std::string_view name) {
  return xml::trimmed(parent.child(name).text());
}

// ---- dates ----

enum class DateOrder { unknown, month_first, day_first };

struct NumericDate {
  int first = 0, second = 0, year = 0;
};

// "11-22-2018", "22/11/2018"
std::optional<NumericDate> numeric_date(std::string_view text) {
  const std::size_t one = text.find_first_of("-/.");
  if (one == std::string_view::npos) return std::nullopt;
  const std::size_t two = text.find_first_of("-/.", one + 1);
  if (two == std::string_view::npos || text.size() - two - 1 != 4) return std::nullopt;
  const auto first = xml::whole_number(text.substr(0, one), 1, 31);
  const auto second = xml::whole_number(text.substr(one + 1, two - one - 1), 1, 31);
  const auto year = xml::whole_number(text.substr(two + 1), 0, 9999);
  if (!first || !second || !year) return std::nullopt;
  return NumericDate{*first, *second, *year};
}

// "22-NOV-2018"
std::optional<std::string> date_with_month_name(std::string_view text) {
  constexpr auto kMonths = std::to_array<std::string_view>(
      {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"});
  if (text.size() != 11 || text[2] != '-' || text[6] != '-') return std::nullopt;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (!equal_ignoring_case(kMonths[i], text.substr(3, 3))) continue;
    return fmt::format("{}-{:02}-{}", text.substr(7), i + 1, text.substr(0, 2));
  }
  return std::nullopt;
}

DateOrder order_of(std::string_view text) {
  const auto date = numeric_date(text);
  if (!date || date->first == date->second) return DateOrder::unknown;
  if (date->first > 12) return DateOrder::day_first;
  if (date->second > 12) return DateOrder::month_first;
  return DateOrder::unknown;
}

// Ambiguous: both numbers may be a month, and they differ.
bool needs_order(std::string_view text) {
  const auto date = numeric_date(text);
  return date && date->first <= 12 && date->second <= 12 && date->first != date->second;
}

// ISO 8601 text of a date, as written when it is no date.
std::string iso_text(std::string_view text, DateOrder order) {
  if (const auto named = date_with_month_name(text)) return *named;
  const auto date = numeric_date(text);
  if (!date) return std::string(text);
  const DateOrder own = order_of(text);
  const bool day_first = (own == DateOrder::unknown ? order : own) == DateOrder::day_first;
  return fmt::format("{:04}-{:02}-{:02}", date->year, day_first ? date->second : date->first,
                     day_first ? date->first : date->second);
}

// What the dates of the file tell together.
DateOrder order_of_file(const Element& root) {
  const Element patient = root.child("PatientDemographics");
  const Element test = root.child("TestDemographics");
  for (const std::string_view text :
       {value_of(test, "AcquisitionDate"), value_of(patient, "DateofBirth"),
        value_of(test, "EditDate"), value_of(root.child("Order"), "OrderDate")}) {
    if (const DateOrder order = order_of(text); order != DateOrder::unknown) return order;
  }
  return DateOrder::unknown;
}

// ---- patient, device, time ----

void read_patient(const Element& patient, DateOrder order, EcgRecording& recording) {
  recording.patient.id = xml::shown_text(value_of(patient, "PatientID"));
  recording.patient.family_name = xml::shown_text(value_of(patient, "PatientLastName"));
  recording.patient.given_name = xml::shown_text(value_of(patient, "PatientFirstName"));
  const std::string_view gender = value_of(patient, "Gender");
  if (equal_ignoring_case(gender, "MALE")) recording.patient.sex = Sex::male;
  if (equal_ignoring_case(gender, "FEMALE")) recording.patient.sex = Sex::female;
  if (equal_ignoring_case(gender, "OTHER")) recording.patient.sex = Sex::other;
  const std::string_view birth = value_of(patient, "DateofBirth");
  if (birth.empty()) return;
  const auto date = xml::timestamp(iso_text(birth, order));
  if (date) recording.patient.birth_date = date->date;
  if (!date) xml::note_birth_date(recording.findings);
}

void read_test(const Element& root, DateOrder order, EcgRecording& recording) {
  const Element test = root.child("TestDemographics");
  const std::string_view date = value_of(test, "AcquisitionDate");
  const std::string_view time = value_of(test, "AcquisitionTime");
  std::string stated = date.empty() ? std::string() : iso_text(date, order);
  if (!stated.empty() && !time.empty()) stated.append("T").append(time);
  xml::set_acquired_at(stated, recording);
  recording.device.model = xml::shown_text(value_of(test, "AcquisitionDevice"));
  // Has the form of a serial number of the MAC family: unverified.
  recording.device.serial = xml::shown_text(value_of(root.child("PharmaData"), "PharmaCartID"));
  recording.statements_confirmed = equal_ignoring_case(value_of(test, "Status"), "CONFIRMED");
}

void note_date_order(const Element& root, DateOrder order, std::vector<Finding>& findings) {
  if (order != DateOrder::unknown) return;
  if (!needs_order(value_of(root.child("TestDemographics"), "AcquisitionDate")) &&
      !needs_order(value_of(root.child("PatientDemographics"), "DateofBirth"))) {
    return;
  }
  findings.push_back({"date_order_assumed", Severity::info,
                      "The dates of the file do not tell the month from the day; the month was "
                      "taken first. Check the birth date and the day of the recording."});
}

// ---- measurements and statements ----

void read_measurements(const Element& root, Measurements& out) {
  Element stated = root.child("RestingECGMeasurements");
  if (!stated) stated = root.child("OriginalRestingECGMeasurements");
  const auto ms = [](std::string_view text) { return xml::whole_number(text, 1, kMaxMeasuredMs); };
  const auto rate = [](std::string_view text) { return xml::whole_number(text, 1, kMaxRateBpm); };
  const auto axis = [](std::string_view text) {
    return xml::whole_number(text, -kMaxAngleDeg, kMaxAngleDeg);
  };
  out.ventricular_rate_bpm = rate(value_of(stated, "VentricularRate"));
  out.atrial_rate_bpm = rate(value_of(stated, "AtrialRate"));
  out.pr_ms = ms(value_of(stated, "PRInterval"));
  out.qrs_ms = ms(value_of(stated, "QRSDuration"));
  out.qt_ms = ms(value_of(stated, "QTInterval"));
  out.qtc_ms = ms(value_of(stated, "QTCorrected"));
  out.p_axis_deg = axis(value_of(stated, "PAxis"));
  out.qrs_axis_deg = axis(value_of(stated, "RAxis"));
  out.t_axis_deg = axis(value_of(stated, "TAxis"));
  out.rr_ms = ms(value_of(root.child("QRSTimesTypes"), "GlobalRR"));
  out.pp_ms = ms(value_of(root.child("PharmaData"), "PharmaPPinterval"));
  // On- and offset of the P wave count samples of the median beat.
  const auto hz = xml::scaled_number(
      value_of(stated, "ECGSampleBase"),
      xml::whole_number(value_of(stated, "ECGSampleExponent"), -9, 9).value_or(0));
  const auto onset = xml::whole_number(value_of(stated, "POnset"), 1, kMaxMedianSample);
  const auto offset = xml::whole_number(value_of(stated, "POffset"), 1, kMaxMedianSample);
  if (!hz || *hz <= 0 || !onset || !offset || *offset <= *onset) return;
  const double duration = (*offset - *onset) * 1000.0 / *hz;
  if (duration <= kMaxMeasuredMs) out.p_duration_ms = static_cast<int>(std::lround(duration));
}

// A statement is a line: fragments up to the flag ENDSLINE.
std::vector<std::string> read_statements(const Element& root) {
  std::vector<std::string> out;
  Element diagnosis = root.child("Diagnosis");
  if (!diagnosis) diagnosis = root.child("OriginalDiagnosis");
  std::string line;
  const auto end_line = [&] {
    if (!line.empty() && out.size() < kMaxStatements) out.push_back(line);
    line.clear();
  };
  for (const Element statement : diagnosis.children("DiagnosisStatement")) {
    bool ends = false;
    bool deleted = false;
    for (const Element flag : statement.children("StmtFlag")) {
      ends = ends || equal_ignoring_case(xml::trimmed(flag.text()), "ENDSLINE");
      deleted = deleted || equal_ignoring_case(xml::trimmed(flag.text()), "DELETED");
    }
    const std::string text = xml::shown_text(value_of(statement, "StmtText"));
    if (!deleted && !text.empty()) line += line.empty() ? text : " " + text;
    if (ends) end_line();
  }
  end_line();
  return out;
}

// ---- waveforms ----

std::optional<double> interval_of(const Element& waveform) {
  const auto exponent = xml::whole_number(value_of(waveform, "SampleExponent"), -9, 9).value_or(0);
  const auto hz = xml::scaled_number(value_of(waveform, "SampleBase"), exponent);
  if (!hz || *hz < 1 || *hz > kMaxSamplingHz) return std::nullopt;
  return 1e6 / *hz;
}

void read_filters(const Element& waveform, Filters& filters) {
  // In hundredths of a hertz: 16 stands for 0.16 Hz.
  const auto high_pass = xml::scaled_number(value_of(waveform, "HighPassFilter"), -2);
  const auto low_pass = xml::scaled_number(value_of(waveform, "LowPassFilter"), 0);
  const auto notch = xml::whole_number(value_of(waveform, "ACFilter"), 50, 60);
  if (high_pass && *high_pass > 0) filters.high_pass_hz = high_pass;
  if (low_pass && *low_pass > 0) filters.low_pass_hz = low_pass;
  if (notch && (*notch == 50 || *notch == 60)) filters.notch_hz = notch;
}

std::optional<double> gain_of(const Element& data, const Lead& lead,
                              std::vector<Finding>& findings) {
  const std::string_view unit = value_of(data, "LeadAmplitudeUnits");
  int power = 3;
  if (equal_ignoring_case(unit, "MILLIVOLTS")) {
    power = 6;
  } else if (equal_ignoring_case(unit, "VOLTS")) {
    power = 9;
  } else if (equal_ignoring_case(unit, "NANOVOLTS")) {
    power = 0;
  } else if (!equal_ignoring_case(unit, "MICROVOLTS")) {
    findings.push_back({"gain_unit_assumed", Severity::warning,
                        fmt::format("Lead {} does not say in which unit its steps are; microvolts "
                                    "were taken. Check the size of the complexes.",
                                    lead_name(lead.code))});
  }
  const auto gain = xml::scaled_number(value_of(data, "LeadAmplitudeUnitsPerBit"), power);
  return gain && *gain > 0 ? gain : std::nullopt;
}

bool check_crc(const Element& data, ByteView bytes) {
  const auto stated = xml::scaled_number(value_of(data, "LeadDataCRC32"), 0);
  return !stated || *stated == static_cast<double>(crc32(bytes));
}

// Little-endian samples of 2 bytes, or of 4 (unverified).
bool read_samples(ByteView bytes, int sample_bytes, Lead& lead) {
  ByteReader reader(bytes);
  lead.samples.reserve(bytes.size() / static_cast<std::size_t>(sample_bytes));
  if (sample_bytes == 2) {
    while (const auto sample = reader.i16le()) lead.samples.push_back(*sample);
  } else if (sample_bytes == 4) {
    while (const auto sample = reader.u32le()) {
      lead.samples.push_back(static_cast<std::int32_t>(*sample));
    }
  } else {
    return false;
  }
  return reader.remaining() == 0;
}

// nullopt when the lead is left out, with a finding.
std::optional<Lead> read_lead(const Element& data, double interval_us,
                              std::vector<Finding>& findings) {
  Lead lead;
  lead.sampling_interval_us = interval_us;
  xml::name_lead(value_of(data, "LeadID"), lead);
  const auto gain = gain_of(data, lead, findings);
  if (!gain) {
    xml::note_unreadable(lead, "does not say how much a step of it is", findings);
    return std::nullopt;
  }
  lead.gain_nv_per_lsb = *gain;
  const auto bytes = base64_decoded(data.child("WaveFormData").text());
  const int sample_bytes = xml::whole_number(value_of(data, "LeadSampleSize"), 1, 8).value_or(2);
  if (!bytes || !read_samples(*bytes, sample_bytes, lead)) {
    xml::note_unreadable(lead, "holds damaged data", findings);
    return std::nullopt;
  }
  if (!check_crc(data, *bytes)) {
    findings.push_back({"crc_mismatch", Severity::error,
                        fmt::format("The checksum of lead {} is wrong: the file was damaged or "
                                    "edited after the recording. Export it again from the device.",
                                    lead_name(lead.code))});
  }
  const auto announced = xml::scaled_number(value_of(data, "LeadSampleCountTotal"), 0);
  if (announced && *announced != static_cast<double>(lead.samples.size())) {
    xml::note_length(lead, findings);
  }
  if (equal_ignoring_case(value_of(data, "LeadOff"), "TRUE")) {
    findings.push_back({"lead_off", Severity::warning,
                        fmt::format("The device noted that the electrode of lead {} had come off. "
                                    "Record again.",
                                    lead_name(lead.code))});
  }
  lead.first_sample = static_cast<std::uint32_t>(
      xml::whole_number(value_of(data, "LeadOffsetFirstSample"), 0, kMaxFirstSample).value_or(0));
  return lead;
}

std::vector<Lead> read_waveform(const Element& waveform, std::vector<Finding>& findings) {
  std::vector<Lead> leads;
  const auto interval = interval_of(waveform);
  if (!interval) {
    findings.push_back({"lead_unreadable", Severity::error,
                        "A set of leads does not say how often it was sampled and is left out. "
                        "Export the recording again from the device."});
    return leads;
  }
  for (const Element data : waveform.children("LeadData")) {
    if (auto lead = read_lead(data, *interval, findings)) {
      xml::add_lead(std::move(*lead), leads, findings);
    }
  }
  return leads;
}

void read_waveforms(const Element& root, EcgRecording& recording) {
  bool rhythm_read = false;
  bool median_read = false;
  std::size_t unread = 0;
  for (const Element waveform : root.children("Waveform")) {
    const std::string_view type = value_of(waveform, "WaveformType");
    if (equal_ignoring_case(type, "Rhythm") && !rhythm_read) {
      rhythm_read = true;
      recording.leads = read_waveform(waveform, recording.findings);
      read_filters(waveform, recording.filters);
    } else if (equal_ignoring_case(type, "Median") && !median_read) {
      median_read = true;
      recording.median_beat = read_waveform(waveform, recording.findings);
    } else {
      ++unread;
    }
  }
  if (unread == 0) return;
  recording.findings.push_back({"series_unread", Severity::warning,
                                fmt::format("The file holds {} more waveforms; only the first "
                                            "rhythm and the first median are read. Export each "
                                            "recording in a file of its own.",
                                            unread)});
}

}  // namespace

bool looks_like_muse_xml(ByteView file) {
  return xml_root_name(file) == "RestingECG";
}

bool looks_like_cardiosoft_xml(ByteView file) {
  return xml_root_name(file) == "CardiologyXML";
}

Result<EcgRecording> decode_muse_xml(ByteView file) {
  EcgRecording recording;
  recording.format = "GE MUSE XML";
  const auto document = xml::parse(file, recording.findings);
  if (!document) return tl::unexpected(document.error());
  const Element root = document->root();
  recording.version = xml::shown_text(value_of(root.child("MuseInfo"), "MuseVersion"));
  read_waveforms(root, recording);
  if (root.name() != "RestingECG" || recording.leads.empty()) {
    return fail(ErrorCode::malformed_file,
                "This GE MUSE XML file holds no rhythm lead that can be read. Export the recording "
                "again from MUSE, with its waveforms.");
  }
  const DateOrder order = order_of_file(root);
  read_patient(root.child("PatientDemographics"), order, recording);
  read_test(root, order, recording);
  note_date_order(root, order, recording.findings);
  read_measurements(root, recording.measurements);
  recording.statements = read_statements(root);
  return recording;
}

}  // namespace telavis
