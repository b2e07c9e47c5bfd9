// SPDX-License-Identifier: Apache-2.0
// Typed values of elements (PS3.5 6.2), whatever VR the file writes in front of them: a reader
// asks for an attribute of which it knows the type. Internal to the DICOM reader.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dicom_codes.h"
#include "formats/dicom_walk.h"
#include "formats/recording.h"

namespace telavis {

/// The bytes of a text without the padding (blanks, zeros) at both ends.
std::string_view dicom_raw_text(const DicomItem& item, std::uint32_t tag);
/// Value `index` (from 0) of a text of several, divided by '\'; empty when there are fewer.
std::string_view dicom_part(std::string_view text, std::size_t index);

/// DS or IS, or a binary FD, FL, US, UL, SS, SL where a file writes one of those instead.
std::optional<double> dicom_number(const DicomItem& item, std::uint32_t tag);
/// US or UL (also as IS); nullopt when absent or negative.
std::optional<std::uint32_t> dicom_unsigned(const DicomItem& item, std::uint32_t tag);
/// All values of an US element.
std::vector<std::uint16_t> dicom_u16s(const DicomItem& item, std::uint32_t tag);

/// Text in UTF-8, made fit to be shown (see text_from_device). `character_sets` is the raw value of
/// Specific Character Set; what it gets wrong is read as devices mean it.
std::string dicom_utf8(std::string_view raw, std::string_view character_sets);
/// A person's name: family and given name of the first of its three writings that is not empty. A
/// name without '^' is a family name as it stands.
struct DicomName {
  std::string family, given;
};
DicomName dicom_name(std::string_view raw, std::string_view character_sets);

/// First item of a code sequence; empty values when absent.
DicomCode dicom_code(const DicomItem& item, std::uint32_t sequence,
                     std::string_view character_sets);

/// "YYYY-MM-DD" from DA, also in the retired form "YYYY.MM.DD"; empty when it is no date.
std::string iso_from_da(std::string_view text);
/// "HH:MM:SS" from TM, also "HH:MM:SS"; empty when it is no time.
std::string iso_from_tm(std::string_view text);
/// Local time and offset from DT; `local` is empty unless it holds date and time of day.
AcquiredAt instant_from_dt(std::string_view text);
/// Minutes from "+HHMM"; nullopt when it is no offset.
std::optional<int> offset_from_text(std::string_view text);

}  // namespace telavis
