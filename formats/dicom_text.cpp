// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "formats/dicom.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxDecimalCharacters = 16;  // PS3.5 table 6.2-1, DS
constexpr std::size_t kMaxShortText = 1024;        // ST
constexpr std::size_t kMaxNameCharacters = 64;     // PN, a component group
constexpr int kMinOffsetMinutes = -720;            // DT
constexpr int kMaxOffsetMinutes = 840;

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == '\x7F';
}
bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// How many bytes the first `max_characters` characters of UTF-8 text take.
std::size_t bytes_of_characters(std::string_view text, std::size_t max_characters) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues_character(text[i])) continue;
    if (characters++ == max_characters) return i;
  }
  return text.size();
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string name_part(std::string_view name) {
  std::string part = dicom_text(name, kMaxNameCharacters);
  std::replace(part.begin(), part.end(), '^', ' ');
  std::replace(part.begin(), part.end(), '=', ' ');
  return trimmed(part);
}

bool digits_at(std::string_view text, std::size_t at, std::size_t count) {
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                     text.begin() + static_cast<std::ptrdiff_t>(at + count),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string dicom_decimal(double value) {
  // 15 digits show every decimal that a device can have meant; 17 would show the noise of binary.
  for (int precision = 15; precision > 0; --precision) {
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                            std::chars_format::general, precision);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error == std::errc{} && length <= kMaxDecimalCharacters) return {text.data(), length};
  }
  return "0";
}

std::string dicom_text(std::string_view text, std::size_t max_characters) {
  std::string clean(text.substr(0, bytes_of_characters(text, max_characters)));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return is_control(c) || c == '\\'; }, ' ');
  return trimmed(std::move(clean));
}

std::string dicom_long_text(std::string_view text, std::string_view& rest) {
  const std::size_t bytes = bytes_of_characters(text, kMaxShortText);
  rest = text.substr(bytes);
  std::string clean(text.substr(0, bytes));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return is_control(c) && c != '\r' && c != '\n'; },
      ' ');
  return trimmed(std::move(clean));
}

std::string dicom_person_name(const PatientIdentity& patient) {
  const std::string family = name_part(patient.family_name);
  const std::string given = name_part(patient.given_name);
  if (family.empty() && given.empty()) return {};
  return dicom_text(given.empty() ? family : family + "^" + given, kMaxNameCharacters);
}

DicomInstant dicom_instant(std::string_view iso) {
  DicomInstant instant;
  if (iso.size() < 10 || !digits_at(iso, 0, 4) || iso[4] != '-' || !digits_at(iso, 5, 2) ||
      iso[7] != '-' || !digits_at(iso, 8, 2)) {
    return instant;
  }
  if (iso.size() == 10) {
    instant.date = fmt::format("{}{}{}", iso.substr(0, 4), iso.substr(5, 2), iso.substr(8, 2));
  } else if (iso.size() == 19 && iso[10] == 'T' && digits_at(iso, 11, 2) && iso[13] == ':' &&
             digits_at(iso, 14, 2) && iso[16] == ':' && digits_at(iso, 17, 2)) {
    instant.date = fmt::format("{}{}{}", iso.substr(0, 4), iso.substr(5, 2), iso.substr(8, 2));
    instant.time = fmt::format("{}{}{}", iso.substr(11, 2), iso.substr(14, 2), iso.substr(17, 2));
  }
  return instant;
}

std::string dicom_date_time(const AcquiredAt& acquired_at) {
  const DicomInstant instant = dicom_instant(acquired_at.local);
  if (instant.date.empty()) return {};
  std::string text = instant.date + instant.time;
  const auto offset = acquired_at.utc_offset_minutes;
  if (offset && *offset >= kMinOffsetMinutes && *offset <= kMaxOffsetMinutes &&
      !instant.time.empty()) {
    const int minutes = std::abs(*offset);
    text += fmt::format("{}{:02}{:02}", *offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  }
  return text;
}

std::string dicom_uid(const std::array<std::uint8_t, 16>& uuid) {
  std::array<std::uint8_t, 16> rest = uuid;
  std::string digits;
  do {  // long division by ten, most significant byte first
    unsigned remainder = 0;
    for (std::uint8_t& byte : rest) {
      const unsigned value = remainder * 256 + byte;
      byte = static_cast<std::uint8_t>(value / 10);
      remainder = value % 10;
    }
    digits.push_back(static_cast<char>('0' + remainder));
  } while (std::any_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte != 0; }));
  std::reverse(digits.begin(), digits.end());
  return "2.25." + digits;
}

}  // namespace telavis
