// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_values.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "formats/dicom_library.h"
#include "formats/dicom_tags.h"
#include "formats/scp_ecg_header.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::string_view kPadding = std::string_view(" \0\t\r\n", 5);

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

std::uint64_t integer_of(ByteView bytes, bool big_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value = value << 8 | bytes[big_endian ? i : bytes.size() - 1 - i];
  }
  return value;
}

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || text.front() == '-' || error != std::errc{} || parsed != end) return {};
  return value;
}

std::optional<double> decimal(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || parsed != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> binary_number(const DicomElement& element, bool big) {
  const std::string_view vr(element.vr.data(), 2);
  const ByteView value = element.value;
  const auto first = [&](std::size_t bytes) {
    return value.size() >= bytes ? std::optional(integer_of(value.first(bytes), big))
                                 : std::nullopt;
  };
  if (vr == "US") {
    if (const auto bits = first(2)) return static_cast<double>(*bits);
  } else if (vr == "SS") {
    if (const auto bits = first(2)) return static_cast<double>(static_cast<std::int16_t>(*bits));
  } else if (vr == "UL") {
    if (const auto bits = first(4)) return static_cast<double>(*bits);
  } else if (vr == "SL") {
    if (const auto bits = first(4)) return static_cast<double>(static_cast<std::int32_t>(*bits));
  } else if (vr == "FL") {
    if (const auto bits = first(4)) {
      const auto number = std::bit_cast<float>(static_cast<std::uint32_t>(*bits));
      if (std::isfinite(number)) return static_cast<double>(number);
    }
  } else if (vr == "FD") {
    if (const auto bits = first(8)) {
      const auto number = std::bit_cast<double>(*bits);
      if (std::isfinite(number)) return number;
    }
  }
  return std::nullopt;
}

bool is_binary(std::string_view vr) {
  constexpr auto kBinary =
      std::to_array<std::string_view>({"US", "SS", "UL", "SL", "FL", "FD", "OB", "OW"});
  return std::ranges::find(kBinary, vr) != kBinary.end();
}

bool is_text(std::string_view vr) {
  return vr == "IS" || vr == "DS" || vr == "LO" || vr == "SH";
}

/// Sets that text_from_device reads by itself: ASCII, Latin 1, UTF-8. Devices that write one of
/// them often declare another of them, so the bytes decide.
bool is_plain(std::string_view character_sets) {
  constexpr auto kPlain = std::to_array<std::string_view>({
      "",
      "ISO_IR 6",
      "ISO 2022 IR 6",
      "ISO_IR 100",
      "ISO 2022 IR 100",
      "ISO_IR 192",
      "ISO-IR 100",
      "ISO_IR_100",
      "ISO-IR 192",
      "ISO_IR_192",
      "ISO 8859-1",
      "ISO8859-1",
      "UTF-8",
      "UTF8",
  });
  return std::ranges::find(kPlain, character_sets) != kPlain.end();
}

std::string in_utf8(std::string_view raw, std::string_view character_sets,
                    std::string_view delimiters) {
  character_sets = trimmed(character_sets);
  const bool ascii = std::ranges::all_of(
      raw, [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\x1B'; });
  // ISO_IR 13 writes other signs in the place of '\' and '~'; no name or statement means them.
  if (!ascii && !is_plain(character_sets)) {
    std::string converted = convert_dicom_text(raw, character_sets, delimiters);
    if (!converted.empty()) return converted;
  }
  return std::string(raw);
}

}  // namespace

std::string_view dicom_raw_text(const DicomItem& item, std::uint32_t tag) {
  return trimmed(as_text(item.value(tag)));
}

std::string_view dicom_part(std::string_view text, std::size_t index) {
  for (; index > 0; --index) {
    const std::size_t divider = text.find('\\');
    if (divider == std::string_view::npos) return {};
    text.remove_prefix(divider + 1);
  }
  return trimmed(text.substr(0, text.find('\\')));
}

std::optional<double> dicom_number(const DicomItem& item, std::uint32_t tag) {
  const DicomElement* element = item.find(tag);
  if (element == nullptr) return std::nullopt;
  if (is_binary({element->vr.data(), 2})) return binary_number(*element, item.encoding.big_endian);
  return decimal(dicom_part(as_text(element->value), 0));
}

std::optional<std::uint32_t> dicom_unsigned(const DicomItem& item, std::uint32_t tag) {
  const DicomElement* element = item.find(tag);
  if (element == nullptr) return std::nullopt;
  if (is_text({element->vr.data(), 2})) {
    const auto number = digits(dicom_part(as_text(element->value), 0));
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
  }
  // In implicit VR a count of four bytes may also be an IS; NumberOfFrames is asked as a number.
  if (element->value.size() != 2 && element->value.size() != 4) {
    if (element->value.size() < 2) return std::nullopt;
    return static_cast<std::uint32_t>(
        integer_of(element->value.first(2), item.encoding.big_endian));
  }
  return static_cast<std::uint32_t>(integer_of(element->value, item.encoding.big_endian));
}

std::vector<std::uint16_t> dicom_u16s(const DicomItem& item, std::uint32_t tag) {
  std::vector<std::uint16_t> values;
  ByteView bytes = item.value(tag);
  for (; bytes.size() >= 2; bytes = bytes.subspan(2)) {
    values.push_back(
        static_cast<std::uint16_t>(integer_of(bytes.first(2), item.encoding.big_endian)));
  }
  return values;
}

std::string dicom_utf8(std::string_view raw, std::string_view character_sets) {
  return text_from_device(as_bytes(trimmed(in_utf8(trimmed(raw), character_sets, ""))));
}

DicomName dicom_name(std::string_view raw, std::string_view character_sets) {
  const std::string name = in_utf8(trimmed(raw), character_sets, "^=\\");
  std::string_view writings = name;
  writings = writings.substr(0, writings.find('\\'));
  while (!writings.empty()) {
    const std::string_view writing = writings.substr(0, writings.find('='));
    writings.remove_prefix(std::min(writings.size(), writing.size() + 1));
    const std::size_t caret = writing.find('^');
    DicomName found;
    found.family = text_from_device(as_bytes(trimmed(writing.substr(0, caret))));
    if (caret != std::string_view::npos) {
      const std::string_view rest = writing.substr(caret + 1);
      found.given = text_from_device(as_bytes(trimmed(rest.substr(0, rest.find('^')))));
    }
    if (!found.family.empty() || !found.given.empty()) return found;
  }
  return {};
}

DicomCode dicom_code(const DicomItem& item, std::uint32_t sequence,
                     std::string_view character_sets) {
  const std::vector<DicomItem> items = dicom_items(item, sequence);
  if (items.empty()) return {};
  DicomCode code;
  for (const std::uint32_t tag :
       {dicom_tag::kCodeValue, dicom_tag::kLongCodeValue, dicom_tag::kUrnCodeValue}) {
    if (code.value.empty()) {
      code.value = dicom_utf8(dicom_raw_text(items.front(), tag), character_sets);
    }
  }
  code.scheme = dicom_utf8(dicom_raw_text(items.front(), dicom_tag::kCodingScheme), {});
  code.meaning = dicom_utf8(dicom_raw_text(items.front(), dicom_tag::kCodeMeaning), character_sets);
  return code;
}

std::string iso_from_da(std::string_view text) {
  std::string plain(trimmed(text));
  std::erase_if(plain, [](char c) { return c == '.' || c == '-' || c == '/'; });
  if (plain.size() != 8) return {};
  const std::string_view view = plain;
  const auto year = digits(view.substr(0, 4));
  const auto month = digits(view.substr(4, 2));
  const auto day = digits(view.substr(6, 2));
  if (!year || !month || !day) return {};
  return scp::iso_date(*year, *month, *day).value_or("");
}

std::string iso_from_tm(std::string_view text) {
  std::string plain(trimmed(text));
  plain = plain.substr(0, plain.find('.'));
  std::erase(plain, ':');
  if (plain.size() == 4) plain += "00";  // seconds may be left out
  if (plain.size() != 6) return {};
  const std::string_view view = plain;
  const auto hours = digits(view.substr(0, 2));
  const auto minutes = digits(view.substr(2, 2));
  auto seconds = digits(view.substr(4, 2));
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return {};
  if (*seconds == 60) plain.replace(4, 2, "59");  // a leap second, which no one else writes
  return plain.substr(0, 2) + ":" + plain.substr(2, 2) + ":" + plain.substr(4, 2);
}

std::optional<int> offset_from_text(std::string_view text) {
  text = trimmed(text);
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = digits(text.substr(1, 2));
  const auto minutes = digits(text.substr(3, 2));
  if (!hours || !minutes || *minutes > 59) return std::nullopt;
  const int offset = (*hours * 60 + *minutes) * (text[0] == '-' ? -1 : 1);
  if (std::abs(offset) > scp::kMaxUtcOffsetMinutes) return std::nullopt;
  return offset;
}

AcquiredAt instant_from_dt(std::string_view text) {
  text = trimmed(text);
  AcquiredAt instant;
  const std::size_t sign = text.find_first_of("+-");
  if (sign != std::string_view::npos) {
    instant.utc_offset_minutes = offset_from_text(text.substr(sign));
    text = text.substr(0, sign);
  }
  if (text.size() < 12) return {};
  const std::string date = iso_from_da(text.substr(0, 8));
  const std::string time = iso_from_tm(text.substr(8));
  if (date.empty() || time.empty()) return {};
  instant.local = date + "T" + time;
  return instant;
}

}  // namespace telavis
