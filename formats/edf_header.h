// SPDX-License-Identifier: Apache-2.0
// The header of an EDF, EDF+ or BDF file: ASCII fields of fixed width.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis::edf {

struct Signal {
  std::string_view label, unit, prefilter;
  std::optional<double> physical_min, physical_max;
  std::optional<double> digital_min, digital_max;
  std::size_t samples_per_record = 0;
  std::size_t record_offset = 0;  // bytes from the start of a record
  bool annotations = false;
};

struct Header {
  std::string_view version;  // "EDF", "EDF+C", "EDF+D", "BDF", "BDF+C", "BDF+D"
  std::size_t sample_bytes = 2;
  std::size_t header_bytes = 0;
  std::optional<std::int64_t> records;  // as stated; nullopt when unknown (-1)
  double record_s = 0;
  std::size_t record_bytes = 0;
  std::vector<Signal> signals;
  std::string_view patient, recording;  // the identification fields, blanks off
  std::string_view date, time;

  bool plus() const { return version.find('+') != std::string_view::npos; }
  bool discontinuous() const { return version.ends_with("+D"); }
};

inline constexpr std::size_t kHeaderBytes = 256;         // of the file, and of each signal
inline constexpr std::size_t kHeaderLengthOffset = 184;  // where the header states its length

/// True of a BDF file: 0xFF "BIOSEMI" stands where EDF has its version.
bool is_bdf(ByteView file);

/// Views into `file`. Errors: malformed_file, truncated_file, limit_exceeded.
Result<Header> read_header(ByteView file, std::vector<Finding>& findings);

/// Fills patient, device and acquired_at from the header's text, with findings.
void read_identification(const Header& header, EcgRecording& recording);

/// "HP:0.05Hz LP:150Hz N:50Hz" (EDF+ specification, 2.2.4).
Filters filters_of(std::string_view prefilter);

}  // namespace telavis::edf
