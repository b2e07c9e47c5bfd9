// SPDX-License-Identifier: Apache-2.0
// The text header of a WFDB record (header(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis::wfdb {

struct Signal {
  std::string_view file;
  int format = 0;
  std::size_t samples_per_frame = 1;
  std::size_t skew = 0;         // frames that stand before the first one of the record
  std::size_t byte_offset = 0;  // of the first sample in its file
  double gain = 0;              // steps a unit; 0 when not stated
  std::optional<std::int64_t> baseline;
  std::string_view unit = "mV";
  std::int64_t adc_zero = 0;
  std::int64_t initial_value = 0;
  std::optional<std::int64_t> checksum;
  std::string_view description;

  bool operator==(const Signal&) const = default;
};

struct Segment {
  std::string_view name;
  std::uint64_t samples = 0;
};

struct Header {
  std::string_view name;
  double frequency_hz = 250;             // frames a second; header(5) has this default
  std::optional<std::uint64_t> samples;  // frames; nullopt when not stated
  std::string_view time, date;           // "hh:mm:ss", "dd/mm/yyyy"; may be empty
  std::vector<Signal> signals;
  std::vector<Segment> segments;  // of a record of several segments, which has no signals here
  Sex sex = Sex::unknown;         // from a comment "<sex>: M" or "Sex: Female"
};

/// Views into `text`. Errors: malformed_file, limit_exceeded.
Result<Header> read_header(std::string_view text);

/// A plain name of a file: no folder, no "..", nothing that is not printed.
bool is_plain_name(std::string_view name);

/// Fills acquired_at, with a finding when the header has no date or an impossible one.
void read_time(const Header& header, EcgRecording& recording);

}  // namespace telavis::wfdb
