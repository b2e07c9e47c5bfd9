// SPDX-License-Identifier: Apache-2.0
// Values in the text forms of DICOM (PS3.5 6.2). Internal to the DICOM writer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "formats/recording.h"

namespace telavis {

/// A decimal string (DS): the shortest of at most 16 characters that is nearest to a finite
/// `value`.
std::string dicom_decimal(double value);

/// A text value cut to `max_characters` (of UTF-8, not bytes). Control characters become spaces,
/// and so does the backslash, which would divide the value in two.
std::string dicom_text(std::string_view text, std::size_t max_characters);

/// The same for a short text (ST), where a backslash and line ends are text. `rest` receives what
/// did not fit in 1,024 characters.
std::string dicom_long_text(std::string_view text, std::string_view& rest);

/// "Last^First" (PN), at most 64 characters; empty when both are.
std::string dicom_person_name(const PatientIdentity& patient);

/// An instant "YYYY-MM-DDTHH:MM:SS", or a date "YYYY-MM-DD", as DA "YYYYMMDD" and TM "HHMMSS". Both
/// are empty when the text has another form.
struct DicomInstant {
  std::string date;
  std::string time;
};
DicomInstant dicom_instant(std::string_view iso);

/// "YYYYMMDDHHMMSS" (DT), with "+ZZXX" when the offset is known and legal (-1200..+1400).
std::string dicom_date_time(const AcquiredAt& acquired_at);

}  // namespace telavis
