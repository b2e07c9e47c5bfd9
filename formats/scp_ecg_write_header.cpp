// SPDX-License-Identifier: Apache-2.0
// Section 1 of SCP-ECG as it is written, and texts.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "formats/scp_ecg_header.h"
#include "formats/scp_ecg_write.h"
#include "formats/text.h"

namespace telavis::scp {
namespace {

constexpr std::uint8_t kCompatibilityLevel1 = 0x90;  // identity and rhythm

std::optional<Bytes> latin1_from_utf8(std::string_view text) {
  Bytes out;
  while (!text.empty()) {
    const std::size_t length = utf8_character_length(text);
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (length == 1) {
      out.push_back(first);
    } else if (length == 2 && first <= 0xC3) {
      out.push_back(static_cast<std::uint8_t>((first << 6) | (text[1] & 0x3F)));
    } else {
      return std::nullopt;
    }
    text.remove_prefix(length);
  }
  return out;
}

void put_tag(Bytes& out, Tag tag, ByteView value) {
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(tag));
  writer.u16le(static_cast<std::uint16_t>(value.size()));
  writer.bytes(value);
}

Result<void> put_text(Bytes& out, Tag tag, std::string_view text, std::string_view field,
                      ScpVersion version) {
  auto value = device_text(text, kMaxTextBytes, field, version);
  if (!value) return tl::unexpected(value.error());
  value->push_back(0);
  put_tag(out, tag, *value);
  return {};
}

int number_at(std::string_view text, std::size_t offset, std::size_t digits) {
  int value = -1;
  if (text.size() < offset + digits) return value;
  const char* begin = text.data() + offset;
  std::from_chars(begin, begin + digits, value);
  return value;
}

Result<Bytes> date_bytes(std::string_view iso) {
  const int year = number_at(iso, 0, 4);
  const int month = number_at(iso, 5, 2);
  const int day = number_at(iso, 8, 2);
  if (iso_date(year, month, day) != iso) {
    return cannot("A date is not of the form YYYY-MM-DD or does not exist.");
  }
  return Bytes{static_cast<std::uint8_t>(year & 0xFF), static_cast<std::uint8_t>(year >> 8),
               static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)};
}

Result<Bytes> time_bytes(std::string_view clock) {
  const int hour = number_at(clock, 0, 2);
  const int minute = number_at(clock, 3, 2);
  const int second = number_at(clock, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
      fmt::format("{:02}:{:02}:{:02}", hour, minute, second) != clock) {
    return cannot("The time of the recording is not of the form HH:MM:SS.");
  }
  return Bytes{static_cast<std::uint8_t>(hour), static_cast<std::uint8_t>(minute),
               static_cast<std::uint8_t>(second)};
}

Result<void> put_patient(Bytes& out, const PatientIdentity& patient, ScpVersion version) {
  Result<void> done;
  if (!patient.family_name.empty()) {
    done = put_text(out, Tag::family_name, patient.family_name, "family name", version);
  }
  if (done && !patient.given_name.empty()) {
    done = put_text(out, Tag::given_name, patient.given_name, "given name", version);
  }
  if (done)
    done = put_text(out, Tag::patient_id, patient.id, "patient number", version);  // mandatory
  if (!done) return done;
  if (!patient.birth_date.empty()) {
    const auto date = date_bytes(patient.birth_date);
    if (!date) return tl::unexpected(date.error());
    put_tag(out, Tag::birth_date, *date);
  }
  switch (patient.sex) {
    case Sex::unknown:
      break;
    case Sex::male:
      put_tag(out, Tag::sex, Bytes{1});
      break;
    case Sex::female:
      put_tag(out, Tag::sex, Bytes{2});
      break;
    case Sex::other:
      put_tag(out, Tag::sex, Bytes{9});
      break;  // "unspecified"
  }
  return {};
}

Result<void> put_device(Bytes& out, const DeviceIdentity& device, ScpVersion version) {
  // Six bytes are all that the field has: a longer name is cut, rather than the tracing refused.
  std::size_t kept = 0;
  while (kept < device.model.size()) {
    const std::size_t length = utf8_character_length(std::string_view(device.model).substr(kept));
    if (length == 0 || kept + length > kDeviceModelBytes) break;
    kept += length;
  }
  if (kept < device.model.size()) {
    while (kept > 0 && device.model[kept - 1] == ' ') --kept;
  }
  auto model =
      device_text(device.model.substr(0, kept), kDeviceModelBytes, "model of the device", version);
  if (!model) return tl::unexpected(model.error());
  const auto serial =
      device_text(device.serial, kMaxTextBytes / 4, "serial number of the device", version);
  if (!serial) return tl::unexpected(serial.error());
  const auto maker =
      device_text(device.manufacturer, kMaxTextBytes / 4, "name of the manufacturer", version);
  if (!maker) return tl::unexpected(maker.error());
  model->resize(kDeviceModelBytes);
  Bytes value(kDeviceManufacturerCodeOffset, 0);  // no institution, department, device; a cart
  ByteWriter writer(value);
  writer.u8(kManufacturerInText);
  writer.bytes(*model);
  writer.u8(version_byte(version));
  writer.u8(kCompatibilityLevel1);
  value.resize(kDeviceStringsOffset - 1, 0);  // language, abilities, mains: not stated
  writer.u8(1);  // bytes of the analysing programme's name: none but the zero
  writer.u8(0);
  writer.bytes(*serial);
  writer.text(
      std::string_view("\0\0Telavis\0", 10));  // end of serial, system software, this software
  writer.bytes(*maker);
  writer.u8(0);
  put_tag(out, Tag::acquiring_device, value);
  return {};
}

Result<void> put_filters(Bytes& out, const Filters& filters) {
  const auto put_number = [&](Tag tag, double value) -> Result<void> {
    const double rounded = std::round(value);
    if (!(std::abs(value - rounded) < 1e-6) || rounded < 1 || rounded > 65'535) {
      return cannot(
          "A filter limit does not fit SCP-ECG, which has steps of 0.01 Hz for the "
          "high-pass and of 1 Hz for the low-pass.");
    }
    const auto stored = static_cast<std::uint16_t>(rounded);
    put_tag(
        out, tag,
        Bytes{static_cast<std::uint8_t>(stored & 0xFF), static_cast<std::uint8_t>(stored >> 8)});
    return {};
  };
  Result<void> done;
  if (filters.high_pass_hz) done = put_number(Tag::high_pass, *filters.high_pass_hz * 100);
  if (done && filters.low_pass_hz) done = put_number(Tag::low_pass, *filters.low_pass_hz);
  if (!done || !filters.notch_hz) return done;
  if (*filters.notch_hz != 50 && *filters.notch_hz != 60) {
    return cannot("SCP-ECG knows notch filters of 50 and of 60 Hz only.");
  }
  put_tag(out, Tag::filters, Bytes{static_cast<std::uint8_t>(*filters.notch_hz == 60 ? 1 : 2)});
  return {};
}

}  // namespace

std::uint8_t version_byte(ScpVersion version) {
  switch (version) {
    case ScpVersion::v2:
      return 20;
    case ScpVersion::v3:
      return 30;
  }
  return 0;
}

tl::unexpected<Error> cannot(std::string text) {
  return fail(ErrorCode::unsupported_conversion, std::move(text));
}

Result<Moment> moment_bytes(std::string_view local) {
  if (local.empty()) return Moment{};
  if (local.size() < 11 || local[10] != 'T') {
    return cannot("The time of the recording is not of the form YYYY-MM-DDTHH:MM:SS.");
  }
  auto date = date_bytes(local.substr(0, 10));
  if (!date) return tl::unexpected(date.error());
  auto time = time_bytes(local.substr(11));
  if (!time) return tl::unexpected(time.error());
  return Moment{std::move(*date), std::move(*time)};
}

Result<Bytes> device_text(std::string_view text, std::size_t max_bytes, std::string_view field,
                          ScpVersion version) {
  if (text.find('\0') != std::string_view::npos) {
    return cannot(fmt::format("The {} holds a zero byte, which ends texts in SCP-ECG.", field));
  }
  auto bytes = version == ScpVersion::v2 ? latin1_from_utf8(text) : std::nullopt;
  if (!bytes || text_from_device(*bytes) != text) bytes.emplace(text.begin(), text.end());
  if (text_from_device(*bytes) != text) {
    return cannot(fmt::format("The {} is no clean UTF-8 text. Type it again.", field));
  }
  if (bytes->size() > max_bytes) {
    return cannot(fmt::format("The {} is longer than the {} bytes that SCP-ECG leaves for it.",
                              field, max_bytes));
  }
  return *bytes;
}

Result<Bytes> header_data(const EcgRecording& recording, const Moment& moment, ScpVersion version) {
  Bytes out;
  auto done = put_patient(out, recording.patient, version);
  if (done) done = put_device(out, recording.device, version);
  if (!done) return tl::unexpected(done.error());
  if (!moment.date.empty()) {
    put_tag(out, Tag::acquisition_date, moment.date);
    put_tag(out, Tag::acquisition_time, moment.time);
  }
  if (done = put_filters(out, recording.filters); !done) return tl::unexpected(done.error());
  if (const auto offset = recording.acquired_at.utc_offset_minutes) {
    if (std::abs(*offset) > kMaxUtcOffsetMinutes) return cannot("No such time zone exists.");
    Bytes value;
    ByteWriter writer(value);
    writer.i16le(static_cast<std::int16_t>(*offset));
    writer.u16le(0);  // no place in the list of time zones
    writer.u8(0);     // no text
    put_tag(out, Tag::time_zone, value);
  }
  put_tag(out, Tag::end, {});
  return out;
}

}  // namespace telavis::scp
