// SPDX-License-Identifier: Apache-2.0
#include "formats/wfdb_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats/scp_ecg_header.h"
#include "formats/signals.h"
#include "formats/text.h"

namespace telavis::wfdb {
namespace {

constexpr std::size_t kMaxSegments = 1000;
constexpr std::int64_t kMaxSamplesPerFrame = 10'000;
constexpr std::int64_t kMaxWhole = std::int64_t{1} << 40;  // of any count in a header

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::malformed_file,
              fmt::format("The WFDB header is damaged: {}. Export the record again.", what));
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return without_blanks(line);
}

std::string_view take_word(std::string_view& line) {
  line = without_blanks(line);
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

// A whole number at the front, up to the first other character.
std::optional<std::int64_t> take_whole(std::string_view& text) {
  const std::size_t end = text.find_first_not_of("0123456789-");
  const auto value = whole_number_of(text.substr(0, end));
  if (!value || *value > kMaxWhole || *value < -kMaxWhole) return std::nullopt;
  text.remove_prefix(std::min(end, text.size()));
  return value;
}

// "<age>: 25  <sex>: M" or "Sex: Female".
Sex sex_in(std::string_view comment) {
  std::string text(comment.substr(0, 200));
  std::ranges::transform(text, text.begin(), to_lower);
  std::size_t found = text.find("sex");
  if (found == std::string::npos) return Sex::unknown;
  found = text.find(':', found);
  if (found == std::string::npos) return Sex::unknown;
  const std::string_view value = without_blanks(std::string_view(text).substr(found + 1));
  if (value.starts_with('m')) return Sex::male;
  if (value.starts_with('f')) return Sex::female;
  return Sex::unknown;
}

// The next line that says something; comments are looked at on the way.
std::string_view next_line(std::string_view& text, Header& header) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with('#')) {
      if (header.sex == Sex::unknown) header.sex = sex_in(line);
    } else if (!line.empty()) {
      return line;
    }
  }
  return {};
}

struct Counts {
  std::size_t signals = 0;
  std::size_t segments = 0;  // 0: a record of one segment
};

// name[/segments] signals [frequency[/counter[(base)]] [samples [time [date]]]]
Result<Counts> read_record_line(std::string_view line, Header& header) {
  Counts counts;
  std::string_view name = take_word(line);
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    const auto segments = whole_number_of(name.substr(slash + 1));
    if (!segments || *segments < 1) return malformed("it has no segments");
    if (static_cast<std::uint64_t>(*segments) > kMaxSegments) {
      return fail(ErrorCode::limit_exceeded,
                  "The WFDB record has too many segments. Send a part of it.");
    }
    counts.segments = static_cast<std::size_t>(*segments);
    name = name.substr(0, slash);
  }
  header.name = name;
  const auto signals = whole_number_of(take_word(line));
  if (!signals || *signals < 0) return malformed("it does not state its signals");
  if (static_cast<std::uint64_t>(*signals) > kMaxSignals) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("The WFDB record has more than {} signals. Send the ECG leads alone.",
                            kMaxSignals));
  }
  counts.signals = static_cast<std::size_t>(*signals);
  const std::string_view frequency = take_word(line);
  if (!frequency.empty()) {
    const auto value = number_of(frequency.substr(0, frequency.find('/')));
    if (!value || *value < 0 || *value > 1e7) return malformed("its frequency is no number");
    if (*value > 0) header.frequency_hz = *value;
  }
  const std::string_view samples = take_word(line);
  if (!samples.empty()) {
    const auto value = whole_number_of(samples);
    if (!value || *value < 0) return malformed("its number of samples is no number");
    if (*value > 0) header.samples = static_cast<std::uint64_t>(*value);
  }
  header.time = take_word(line);
  header.date = take_word(line);
  return counts;
}

// format[xsamples][:skew][+offset]
bool read_format(std::string_view word, Signal& signal) {
  const auto format = take_whole(word);
  if (!format || *format < 0 || *format > 10'000) return false;
  signal.format = static_cast<int>(*format);
  while (!word.empty()) {
    const char mark = word[0];
    word.remove_prefix(1);
    const auto value = take_whole(word);
    if (!value || *value < 0) return false;
    if (mark == 'x') {
      if (*value < 1 || *value > kMaxSamplesPerFrame) return false;
      signal.samples_per_frame = static_cast<std::size_t>(*value);
    } else if (mark == ':') {
      signal.skew = static_cast<std::size_t>(*value);
    } else if (mark == '+') {
      signal.byte_offset = static_cast<std::size_t>(*value);
    } else {
      return false;
    }
  }
  return true;
}

// gain[(baseline)][/unit]
bool read_gain(std::string_view word, Signal& signal) {
  const std::size_t slash = word.find('/');
  if (slash != std::string_view::npos) {
    signal.unit = word.substr(slash + 1);
    word = word.substr(0, slash);
  }
  const std::size_t bracket = word.find('(');
  if (bracket != std::string_view::npos) {
    std::string_view inner = word.substr(bracket + 1);
    signal.baseline = take_whole(inner);
    if (!signal.baseline || inner != ")") return false;
    word = word.substr(0, bracket);
  }
  const auto gain = number_of(word);
  signal.gain = gain.value_or(0);
  return gain.has_value();
}

// file format [gain [resolution [zero [initial [checksum [block [description]]]]]]]
std::optional<Signal> read_signal_line(std::string_view line) {
  Signal signal;
  signal.file = take_word(line);
  if (signal.file.empty() || !read_format(take_word(line), signal)) return std::nullopt;
  const std::string_view gain = take_word(line);
  if (!gain.empty() && !read_gain(gain, signal)) return std::nullopt;
  take_word(line);  // resolution of the converter
  std::array<std::int64_t*, 2> values = {&signal.adc_zero, &signal.initial_value};
  bool initial_stated = false;
  for (std::int64_t* value : values) {
    std::string_view word = take_word(line);
    if (word.empty()) break;
    const auto number = take_whole(word);
    if (!number || !word.empty()) return std::nullopt;
    *value = *number;
    initial_stated = value == &signal.initial_value;
  }
  if (!initial_stated) signal.initial_value = signal.adc_zero;
  std::string_view checksum = take_word(line);
  if (!checksum.empty()) {
    signal.checksum = take_whole(checksum);
    if (!signal.checksum || !checksum.empty()) return std::nullopt;
  }
  take_word(line);  // block size
  signal.description = without_blanks(line);
  return signal;
}

bool is_number_in(std::string_view text, std::int64_t lowest, std::int64_t highest) {
  const auto value = whole_number_of(text);
  return value && *value >= lowest && *value <= highest;
}

}  // namespace

bool is_plain_name(std::string_view name) {
  constexpr std::size_t kMaxCharacters = 100;  // what a name in the archive can have
  return !name.empty() && name.size() <= kMaxCharacters && !name.starts_with('.') &&
         std::ranges::all_of(name, [](char character) {
           return character > ' ' && character != 0x7F && character != '/' && character != '\\' &&
                  character != ':';
         });
}

Result<Header> read_header(std::string_view text) {
  Header header;
  const auto counts = read_record_line(next_line(text, header), header);
  if (!counts) return tl::unexpected(counts.error());
  for (std::size_t i = 0; i < counts->segments; ++i) {
    std::string_view line = next_line(text, header);
    const std::string_view name = take_word(line);
    const auto samples = whole_number_of(take_word(line));
    if (name.empty() || !samples || *samples < 0) return malformed("a segment is not described");
    header.segments.push_back({name, static_cast<std::uint64_t>(*samples)});
  }
  for (std::size_t i = 0; i < counts->signals && counts->segments == 0; ++i) {
    const auto signal = read_signal_line(next_line(text, header));
    if (!signal) return malformed("a signal is not described");
    header.signals.push_back(*signal);
  }
  next_line(text, header);  // comments stand behind
  return header;
}

void read_time(const Header& header, EcgRecording& recording) {
  const std::string_view time = header.time.substr(0, header.time.find('.'));
  const std::string_view date = header.date;
  std::string padded(time);  // "9:05:00" is written as well
  if (padded.size() == 7) padded.insert(0, 1, '0');
  if (date.empty()) {
    recording.findings.push_back(
        {"acquisition_time_missing", Severity::warning,
         "The file does not say on which day the recording was made. Ask the sender."});
    return;
  }
  std::optional<std::string> day;
  if (date.size() == 10 && date[2] == '/' && date[5] == '/' &&
      is_number_in(date.substr(0, 2), 1, 31) && is_number_in(date.substr(3, 2), 1, 12) &&
      is_number_in(date.substr(6), 1, 9999)) {
    const auto part = [&](std::size_t at, std::size_t size) {
      return static_cast<int>(whole_number_of(date.substr(at, size)).value_or(0));
    };
    day = scp::iso_date(part(6, 4), part(3, 2), part(0, 2));
  }
  const std::string_view clock = padded;
  const bool timed = clock.size() == 8 && clock[2] == ':' && clock[5] == ':' &&
                     is_number_in(clock.substr(0, 2), 0, 23) &&
                     is_number_in(clock.substr(3, 2), 0, 59) &&
                     is_number_in(clock.substr(6), 0, 59);
  if (!day || !timed) {
    recording.findings.push_back(
        {"acquisition_time_invalid", Severity::warning,
         "The file says in an impossible way when the recording was made. Ask the sender."});
    return;
  }
  recording.acquired_at.local = *day + "T" + padded;
}

}  // namespace telavis::wfdb
