// SPDX-License-Identifier: Apache-2.0
#include "formats/edf_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "formats/scp_ecg_header.h"
#include "formats/signals.h"
#include "formats/text.h"

namespace telavis::edf {
namespace {

constexpr std::string_view kBdfMark =
    "\xFF"
    "BIOSEMI";
constexpr int kFirstYearOfTwoDigits = 85;  // EDF+ 2.1.3.2: 85..99 are 1985..1999
constexpr double kMaxRecordS = 1e6;        // a longer record is a damaged field

// Reads fields one behind the other.
class Fields {
 public:
  explicit Fields(ByteView bytes) : text_(as_text(bytes)) {}
  std::string_view take(std::size_t width) {
    const std::string_view field = text_.substr(0, width);
    text_.remove_prefix(field.size());
    return without_blanks(field);
  }

 private:
  std::string_view text_;
};

Result<void> read_signals(ByteView bytes, std::size_t count, Header& header) {
  header.signals.resize(count);
  Fields fields(bytes);
  for (Signal& signal : header.signals) signal.label = fields.take(16);
  for (std::size_t i = 0; i < count; ++i) fields.take(80);  // transducer
  for (Signal& signal : header.signals) signal.unit = fields.take(8);
  for (Signal& signal : header.signals) signal.physical_min = number_of(fields.take(8));
  for (Signal& signal : header.signals) signal.physical_max = number_of(fields.take(8));
  for (Signal& signal : header.signals) signal.digital_min = number_of(fields.take(8));
  for (Signal& signal : header.signals) signal.digital_max = number_of(fields.take(8));
  for (Signal& signal : header.signals) signal.prefilter = fields.take(80);
  for (Signal& signal : header.signals) {
    const auto samples = whole_number_of(fields.take(8));
    if (!samples || *samples < 0) {
      return fail(ErrorCode::malformed_file,
                  "The header of the EDF file does not say how many samples a signal has. Export "
                  "the recording again.");
    }
    signal.samples_per_record = static_cast<std::size_t>(*samples);
    signal.record_offset = header.record_bytes;
    signal.annotations = signal.label == "EDF Annotations" || signal.label == "BDF Annotations";
    header.record_bytes += signal.samples_per_record * header.sample_bytes;
  }
  return {};
}

std::string_view version_of(ByteView file, std::string_view reserved) {
  const bool bdf = is_bdf(file);
  if (reserved.starts_with("EDF+D") || reserved.starts_with("BDF+D")) {
    return bdf ? "BDF+D" : "EDF+D";
  }
  if (reserved.starts_with("EDF+") || reserved.starts_with("BDF+")) return bdf ? "BDF+C" : "EDF+C";
  return bdf ? "BDF" : "EDF";
}

// Words between single blanks, as the identification fields have them.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// "02-MAY-1951", as ISO 8601.
std::optional<std::string> date_of(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  if (text.size() != 11 || text[2] != '-' || text[6] != '-') return std::nullopt;
  std::string month(text.substr(3, 3));
  for (char& letter : month) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  const auto* const found = std::ranges::find(kMonths, month);
  const auto day = whole_number_of(text.substr(0, 2));
  const auto year = whole_number_of(text.substr(7));
  if (found == kMonths.end() || !day || !year) return std::nullopt;
  return scp::iso_date(static_cast<int>(*year), static_cast<int>(found - kMonths.begin()) + 1,
                       static_cast<int>(*day));
}

// A subfield: blanks are written as underscores, "X" is nothing.
std::string subfield(std::string_view word) {
  if (word == "X" || word == "x") return {};
  std::string text(word);
  std::ranges::replace(text, '_', ' ');
  return text_from_device(as_bytes(text));
}

void read_name(std::string_view word, PatientIdentity& patient) {
  const std::string name = subfield(word);
  const std::size_t mark = name.find_first_of(",^");
  patient.family_name = name.substr(0, mark);
  if (mark != std::string::npos) {
    patient.given_name = std::string(without_blanks(std::string_view(name).substr(mark + 1)));
  }
}

Sex sex_of(std::string_view word) {
  if (word == "F" || word == "f") return Sex::female;
  if (word == "M" || word == "m") return Sex::male;
  return Sex::unknown;
}

// "MCH-0234567 F 02-MAY-1951 Haagse_Harry". Plain EDF leaves the field free; what does not read
// like EDF+ is taken as the identifier.
void read_patient(const Header& header, EcgRecording& recording) {
  PatientIdentity& patient = recording.patient;
  const auto words = words_of(header.patient);
  const auto is_any = [](std::string_view word, std::string_view letters) {
    return word.size() == 1 && letters.find(word[0]) != std::string_view::npos;
  };
  const bool dated = words.size() >= 3 && (is_any(words[2], "Xx") || date_of(words[2]).has_value());
  const bool formed = words.size() >= 4 && is_any(words[1], "FMXfmx") && (dated || header.plus());
  if (!formed) {
    if (header.patient != "X") patient.id = text_from_device(as_bytes(header.patient));
    return;
  }
  patient.id = subfield(words[0]);
  patient.sex = sex_of(words[1]);
  if (const auto birth = date_of(words[2])) {
    patient.birth_date = *birth;
  } else if (!is_any(words[2], "Xx")) {
    recording.findings.push_back(
        {"birth_date_invalid", Severity::warning,
         "The birth date in the file is no date and is left out. Check the identity."});
  }
  read_name(words[3], patient);
}

// "dd.mm.yy"; any mark between the numbers.
std::optional<std::string> short_date(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  const auto day = whole_number_of(text.substr(0, 2));
  const auto month = whole_number_of(text.substr(3, 2));
  const auto year = whole_number_of(text.substr(6, 2));
  if (!day || !month || !year || *year < 0) return std::nullopt;
  const int century = *year >= kFirstYearOfTwoDigits ? 1900 : 2000;
  return scp::iso_date(century + static_cast<int>(*year), static_cast<int>(*month),
                       static_cast<int>(*day));
}

std::optional<std::string> time_of(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  const auto hour = whole_number_of(text.substr(0, 2));
  const auto minute = whole_number_of(text.substr(3, 2));
  const auto second = whole_number_of(text.substr(6, 2));
  if (!hour || !minute || !second || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 ||
      *second < 0 || *second > 59) {
    return std::nullopt;
  }
  return fmt::format("{:02}:{:02}:{:02}", *hour, *minute, *second);
}

// "Startdate 02-MAR-2002 admin technician equipment": the full year, and the device.
void read_recording(const Header& header, EcgRecording& recording) {
  auto date = short_date(header.date);
  const auto time = time_of(header.time);
  const auto words = words_of(header.recording);
  const bool formed = words.size() >= 2 && words[0] == "Startdate";
  bool unknown = false;
  if (formed) {
    if (const auto full = date_of(words[1])) date = full;
    unknown = words[1] == "X" || words[1] == "x";
    if (words.size() >= 5) recording.device.model = subfield(words[4]);
  }
  // EDF+ 2.1.3.3 has an unknown date written as 01.01.85; plain EDF does the same at midnight.
  const bool blank = header.date == "01.01.85" && (unknown || header.time == "00.00.00");
  if (blank || (header.date.empty() && header.time.empty())) {
    recording.findings.push_back(
        {"acquisition_time_missing", Severity::warning,
         "The file does not say when the recording was made. Ask the sender, and set the clock of "
         "the device."});
  } else if (!date || !time) {
    recording.findings.push_back(
        {"acquisition_time_invalid", Severity::warning,
         "The file says in an impossible way when the recording was made. Ask the sender, and set "
         "the clock of the device."});
  } else {
    recording.acquired_at.local = *date + "T" + *time;
  }
}

}  // namespace

bool is_bdf(ByteView file) {
  return as_text(file).starts_with(kBdfMark);
}

Result<Header> read_header(ByteView file, std::vector<Finding>& findings) {
  if (file.size() < kHeaderBytes) {
    return fail(ErrorCode::truncated_file,
                "The EDF file ends within its header. Export the recording again.");
  }
  Header header;
  header.sample_bytes = is_bdf(file) ? 3 : 2;
  Fields fields(file.subspan(8, kHeaderBytes - 8));
  header.patient = fields.take(80);
  header.recording = fields.take(80);
  header.date = fields.take(8);
  header.time = fields.take(8);
  const auto length = whole_number_of(fields.take(8));
  header.version = version_of(file, fields.take(44));
  const auto records = whole_number_of(fields.take(8));
  const auto record_s = number_of(fields.take(8));
  const auto count = whole_number_of(fields.take(4));
  if (!record_s || *record_s <= 0 || *record_s > kMaxRecordS || !count || *count < 1) {
    return fail(ErrorCode::malformed_file,
                "The header of the EDF file states no signals or no duration. Export the recording "
                "again.");
  }
  if (static_cast<std::uint64_t>(*count) > kMaxSignals) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("The EDF file has more than {} signals. Export the ECG leads alone.",
                            kMaxSignals));
  }
  const auto signals = static_cast<std::size_t>(*count);
  header.record_s = *record_s;
  if (records && *records >= 0) header.records = *records;
  header.header_bytes = kHeaderBytes * (signals + 1);
  if (file.size() < header.header_bytes) {
    return fail(ErrorCode::truncated_file,
                "The EDF file ends within its header. Export the recording again.");
  }
  if (length != static_cast<std::int64_t>(header.header_bytes)) {
    findings.push_back({"section_length_mismatch", Severity::info,
                        "The header states a wrong length of its own; its signals tell it."});
  }
  auto read = read_signals(file.subspan(kHeaderBytes, kHeaderBytes * signals), signals, header);
  if (!read) return tl::unexpected(std::move(read.error()));
  return header;
}

void read_identification(const Header& header, EcgRecording& recording) {
  read_patient(header, recording);
  read_recording(header, recording);
}

Filters filters_of(std::string_view prefilter) {
  Filters filters;
  const auto value_behind = [&](std::string_view mark) -> std::optional<double> {
    std::size_t found = prefilter.find(mark);
    if (found == std::string_view::npos) return std::nullopt;
    if (found > 0 && prefilter[found - 1] != ' ') return std::nullopt;
    std::string_view rest = without_blanks(prefilter.substr(found + mark.size()));
    const std::size_t end = rest.find_first_not_of("0123456789.,");
    const std::string_view unit = end == std::string_view::npos ? "" : rest.substr(end);
    const auto value = number_of(rest.substr(0, end));
    if (!value || *value <= 0) return std::nullopt;
    return without_blanks(unit).starts_with('k') ? *value * 1000 : *value;
  };
  filters.high_pass_hz = value_behind("HP:");
  filters.low_pass_hz = value_behind("LP:");
  const auto notch = value_behind("N:");
  if (notch == 50.0 || notch == 60.0) filters.notch_hz = static_cast<int>(*notch);
  return filters;
}

}  // namespace telavis::edf
