// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats/text.h"

namespace telavis::scp {
namespace {

constexpr std::uint8_t kNotch60Bit = 0x01;
constexpr std::uint8_t kNotch50Bit = 0x02;
constexpr std::int16_t kTimeZoneUnknown = 0x7FFF;
constexpr std::uint8_t kOtherCharacterSetBit = 0x01;  // of the language code; clear: ISO-8859-1
constexpr unsigned kFirstUtf8Protocol = 30;

// Byte 7 of tag 14 in files whose strings do not name the maker. Unverified: the list as the open
// decoders have it.
constexpr std::array<std::string_view, 21> kManufacturers = {
    "",        "Burdick",         "Cambridge", "Compumed",         "Datamed",
    "Fukuda",  "Hewlett-Packard", "Marquette", "Mortara",          "Nihon Kohden",
    "Okin",    "Quinton",         "Siemens",   "Spacelabs",        "Telemed",
    "Hellige", "Esaote",          "Schiller",  "Picker-Schwarzer", "Elettronica Trentina",
    "Zymed"};

// Once a code: a hostile section 1 repeats a bad field millions of times.
void note(EcgRecording& recording, std::string code, Severity severity, std::string text) {
  if (std::ranges::find(recording.findings, code, &Finding::code) != recording.findings.end()) {
    return;
  }
  recording.findings.push_back({std::move(code), severity, std::move(text)});
}

// Up to the first zero byte: what follows it is padding or the remains of an older text.
ByteView until_zero(ByteView value) {
  std::size_t length = 0;
  while (length < value.size() && value[length] != 0) ++length;
  return value.first(length);
}

std::string text_of(ByteView value) {
  return text_from_device(until_zero(value));
}

void keep_first(std::string& field, ByteView value) {
  if (field.empty()) field = text_of(value);
}

struct DateField {
  bool present = false;  // something other than zeros stands there
  std::string iso;       // empty when it is no date
};

DateField read_date(ByteView value) {
  ByteReader reader(value);
  const auto year = reader.u16le();
  const auto month = reader.u8();
  const auto day = reader.u8();
  if (!day) return {!value.empty(), {}};
  if (*year == 0 && *month == 0 && *day == 0) return {};
  return {true, iso_date(*year, *month, *day).value_or("")};
}

std::string read_time(ByteView value) {
  ByteReader reader(value);
  const auto hour = reader.u8();
  const auto minute = reader.u8();
  const auto second = reader.u8();
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return {};
  return fmt::format("{:02}:{:02}:{:02}", *hour, *minute, *second);
}

Sex read_sex(ByteView value) {
  if (value.size() != 1) return Sex::unknown;
  if (value[0] == 1) return Sex::male;
  if (value[0] == 2) return Sex::female;
  return Sex::unknown;  // 0 not known, 9 unspecified
}

std::string version_text(unsigned version) {
  return version == 0 ? std::string() : fmt::format("{}.{}", version / 10, version % 10);
}

void read_device(ByteView value, EcgRecording& recording) {
  if (value.size() <= kDeviceProtocolOffset) {
    note(recording, "device_unreadable", Severity::info,
         "The description of the device is too short to be read.");
    return;
  }
  DeviceIdentity& device = recording.device;
  device.model = text_of(value.subspan(kDeviceModelOffset, kDeviceModelBytes));
  if (value.size() > kDeviceStringsOffset) {
    ByteView rest = value.subspan(kDeviceStringsOffset);
    for (std::size_t i = 0; i <= kDeviceManufacturerString && !rest.empty(); ++i) {
      const ByteView text = until_zero(rest);
      if (i == kDeviceSerialString) device.serial = text_from_device(text);
      if (i == kDeviceManufacturerString) device.manufacturer = text_from_device(text);
      rest = rest.subspan(std::min(text.size() + 1, rest.size()));
    }
  }
  const std::size_t code = value[kDeviceManufacturerCodeOffset];
  if (device.manufacturer.empty() && code < kManufacturers.size()) {
    device.manufacturer = kManufacturers[code];
  }
}

void read_time_zone(ByteView value, EcgRecording& recording) {
  const auto minutes = ByteReader(value).i16le();
  if (!minutes || *minutes == kTimeZoneUnknown) return;
  if (*minutes < -kMaxUtcOffsetMinutes || *minutes > kMaxUtcOffsetMinutes) {
    note(recording, "time_zone_invalid", Severity::info,
         "The time zone in the file does not exist and is left out.");
    return;
  }
  recording.acquired_at.utc_offset_minutes = *minutes;
}

void read_filters(Tag tag, ByteView value, Filters& filters) {
  if (tag == Tag::filters) {
    if (value.empty()) return;
    const bool notch_50 = (value[0] & kNotch50Bit) != 0;
    const bool notch_60 = (value[0] & kNotch60Bit) != 0;
    if (notch_50 != notch_60) filters.notch_hz = notch_50 ? 50 : 60;
    return;
  }
  const auto number = ByteReader(value).u16le();
  if (!number || *number == 0) return;  // 0: not stated
  if (tag == Tag::high_pass) filters.high_pass_hz = *number / 100.0;
  if (tag == Tag::low_pass) filters.low_pass_hz = *number;
}

struct Moment {
  DateField date;
  std::string time;
};

void read_tag(std::uint8_t tag, ByteView value, EcgRecording& recording, Moment& moment) {
  // Not a switch over the enumeration: the standard has 30 tags more, all of them passed over.
  const Tag known{tag};
  if (known == Tag::family_name) keep_first(recording.patient.family_name, value);
  if (known == Tag::given_name) keep_first(recording.patient.given_name, value);
  if (known == Tag::patient_id) keep_first(recording.patient.id, value);
  if (known == Tag::sex) recording.patient.sex = read_sex(value);
  if (known == Tag::acquiring_device) read_device(value, recording);
  if (known == Tag::acquisition_date) moment.date = read_date(value);
  if (known == Tag::acquisition_time) moment.time = read_time(value);
  if (known == Tag::time_zone) read_time_zone(value, recording);
  if (known == Tag::high_pass || known == Tag::low_pass || known == Tag::filters) {
    read_filters(known, value, recording.filters);
  }
  if (known == Tag::birth_date) {
    const DateField birth = read_date(value);
    recording.patient.birth_date = birth.iso;
    if (birth.present && birth.iso.empty()) {
      note(recording, "birth_date_invalid", Severity::warning,
           "The birth date in the file is no date and is left out. Check the identity.");
    }
  }
}

// What only makes sense once all tags are known.
struct TagSurvey {
  unsigned protocol = 0;  // of the acquiring device
  bool other_character_set = false;
  bool unsure_text = false;  // neither ASCII nor UTF-8
};

void survey_tag(Tag tag, ByteView value, TagSurvey& survey) {
  if (tag == Tag::acquiring_device) {
    if (value.size() > kDeviceProtocolOffset) survey.protocol = value[kDeviceProtocolOffset];
    survey.other_character_set = value.size() > kDeviceLanguageOffset &&
                                 (value[kDeviceLanguageOffset] & kOtherCharacterSetBit) != 0;
  }
  if (tag == Tag::family_name || tag == Tag::given_name || tag == Tag::patient_id) {
    survey.unsure_text = survey.unsure_text || !is_valid_utf8(as_text(until_zero(value)));
  }
}

void read_tags(ByteView data, EcgRecording& recording, Moment& moment, TagSurvey& survey) {
  ByteReader reader(data);
  while (reader.remaining() >= 3) {
    const std::uint8_t tag = reader.u8().value_or(0);
    const std::uint16_t length = reader.u16le().value_or(0);
    if (Tag{tag} == Tag::end) return;
    const auto value = reader.take(length);
    if (!value) {
      note(recording, "header_truncated", Severity::warning,
           "A field of section 1 runs past its end. What follows it is left out.");
      return;
    }
    survey_tag(Tag{tag}, *value, survey);
    read_tag(tag, *value, recording, moment);
  }
  note(recording, "header_unterminated", Severity::info,
       "Section 1 lacks its end mark. Its fields were read.");
}

}  // namespace

std::optional<std::string> iso_date(int year, int month, int day) {
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12 || day < 1) {
    return std::nullopt;
  }
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int days = month == 2 && !leap ? 28 : kDays[static_cast<std::size_t>(month) - 1];
  if (day > days) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

unsigned read_header(const Section& section, EcgRecording& recording) {
  Moment moment;
  TagSurvey survey;
  read_tags(section.data, recording, moment, survey);
  // Older writers leave the version of the section empty and state it with the device.
  const unsigned protocol = section.version != 0 ? section.version : survey.protocol;
  recording.version = version_text(protocol);
  if (survey.other_character_set && survey.unsure_text && protocol < kFirstUtf8Protocol) {
    note(recording, "text_encoding_unknown", Severity::warning,
         "The file says that its texts use a character set which is not read; names are shown as "
         "Western European text. Check the identity.");
  }
  if (moment.date.iso.empty() || moment.time.empty()) {
    note(recording, moment.date.present ? "acquisition_time_invalid" : "acquisition_time_missing",
         Severity::warning,
         "The file does not say, or says in an impossible way, when the recording was made. Ask "
         "the sender, and set the clock of the device.");
    return protocol;
  }
  recording.acquired_at.local = moment.date.iso + "T" + moment.time;
  return protocol;
}

}  // namespace telavis::scp
