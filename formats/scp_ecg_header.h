// SPDX-License-Identifier: Apache-2.0
// Section 1 of SCP-ECG: who, when, with what (EN 1064 clause 5.4). Private to scp_ecg*.
#pragma once

#include <optional>
#include <string>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/scp_ecg_record.h"

namespace telavis::scp {

// Tags of section 1 that are read and written here.
enum class Tag : std::uint8_t {
  family_name = 0,
  given_name = 1,
  patient_id = 2,
  birth_date = 5,
  sex = 8,
  acquiring_device = 14,
  acquisition_date = 25,
  acquisition_time = 26,
  high_pass = 27,
  low_pass = 28,
  filters = 29,
  time_zone = 34,
  end = 255,
};

// The device block of tag 14: fixed part, then strings ended by a zero byte.
inline constexpr std::size_t kDeviceManufacturerCodeOffset = 7;
inline constexpr std::size_t kDeviceModelOffset = 8;
inline constexpr std::size_t kDeviceModelBytes = 6;
inline constexpr std::size_t kDeviceProtocolOffset = 14;
inline constexpr std::size_t kDeviceLanguageOffset = 16;
inline constexpr std::size_t kDeviceStringsOffset = 36;
inline constexpr std::uint8_t kManufacturerInText = 255;  // code of byte 7: see the last string
// Order of the strings: analysing programme, serial, system software, SCP software, manufacturer.
inline constexpr std::size_t kDeviceSerialString = 1;
inline constexpr std::size_t kDeviceManufacturerString = 4;

inline constexpr int kFirstYear = 1800;  // outside of these years a date is a writer's mistake
inline constexpr int kLastYear = 2200;
inline constexpr int kMaxUtcOffsetMinutes = 840;  // UTC+14, the largest that exists

/// "YYYY-MM-DD" when it is a day of the Gregorian calendar in kFirstYear..kLastYear.
std::optional<std::string> iso_date(int year, int month, int day);

/// Fills version, patient, device, acquired_at and filters, and adds findings. A field that cannot
/// be read stays empty. Returns the protocol version x 10 (section header, else tag 14), 0 when the
/// file states none. Tags may stand in any order; of texts the first counts.
unsigned read_header(const Section& section, EcgRecording& recording);

}  // namespace telavis::scp
