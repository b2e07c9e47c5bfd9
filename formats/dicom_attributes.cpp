// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_attributes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "formats/dicom_library.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::uint32_t kMetaGroup = 0x0002;
constexpr std::uint32_t kDataSetTrailingPadding = 0xFFFCFFFC;
constexpr std::string_view kUtf8Set = "ISO_IR 192";

bool is_one_of(std::string_view vr, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, vr) != list.end();
}

/// Bytes of one value; 0: not of a fixed size.
std::size_t width_of(std::string_view vr) {
  if (is_one_of(vr, {"US", "SS"})) return 2;
  if (is_one_of(vr, {"UL", "SL", "FL", "AT"})) return 4;
  return is_one_of(vr, {"FD", "SV", "UV"}) ? 8 : 0;
}

bool is_bytes(std::string_view vr) {
  return is_one_of(vr, {"OB", "OD", "OF", "OL", "OV", "OW", "UN"});
}

std::uint64_t integer_of_bytes(ByteView bytes, bool big_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value = value << 8 | bytes[big_endian ? i : bytes.size() - 1 - i];
  return value;
}

template <typename T>
std::string shortest(T value) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : std::string();
}

/// JSON has no infinity and no NaN.
std::string number_text(double value) {
  return std::isfinite(value) ? shortest(value) : std::string();
}

std::string binary_value(std::string_view vr, std::uint64_t bits) {
  if (vr == "SS") return shortest(static_cast<std::int16_t>(bits));
  if (vr == "SL") return shortest(static_cast<std::int32_t>(bits));
  if (vr == "SV") return shortest(static_cast<std::int64_t>(bits));
  if (vr == "FL") {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    return std::isfinite(value) ? shortest(value) : std::string();
  }
  if (vr == "FD") return number_text(std::bit_cast<double>(bits));
  return shortest(bits);
}

std::string tag_value(ByteView value, bool big_endian) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const ByteView half : {value.first(2), value.subspan(2, 2)}) {
    const std::uint64_t number = integer_of_bytes(half, big_endian);
    for (int shift = 12; shift >= 0; shift -= 4) text += kDigits[number >> shift & 0xF];
  }
  return text;
}

/// "+1.50" -> "1.5"; empty when it is no number that JSON can write.
std::string decimal_string(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && parsed == end ? number_text(value) : std::string();
}

std::string integer_string(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && parsed == end ? shortest(value) : std::string();
}

std::string_view without_padding(std::string_view text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

/// Line ends stay: text_from_device would turn a carriage return into a blank.
std::string clean_utf8(std::string_view raw, std::string_view character_sets) {
  std::string text;
  for (std::size_t at = 0; at <= raw.size();) {
    const std::size_t end = std::min(raw.find("\r\n", at), raw.size());
    if (at > 0) text += "\r\n";
    text += dicom_utf8(raw.substr(at, end - at), character_sets);
    at = end + 2;
  }
  return text;
}

DicomPersonName person_name(std::string_view text) {
  DicomPersonName name;
  for (std::string* part : {&name.alphabetic, &name.ideographic, &name.phonetic}) {
    const std::size_t end = std::min(text.find('='), text.size());
    std::string_view one = without_padding(text.substr(0, end));
    while (one.ends_with('^')) one.remove_suffix(1);
    *part = text_from_device(as_bytes(one));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return name;
}

/// Whether a backslash divides values (PS3.5 6.4); in texts it is one of the characters.
bool has_several(std::string_view vr) {
  return !is_one_of(vr, {"LT", "ST", "UT", "UR"});
}

std::vector<std::string> divided(std::string_view text, bool several) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = several ? std::min(text.find('\\'), text.size()) : text.size();
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

void read_texts(DicomAttribute& to, std::string_view raw, std::string_view character_sets) {
  raw = without_padding(raw);
  if (raw.empty()) return;
  const bool in_sets = is_one_of(to.vr, {"LO", "LT", "PN", "SH", "ST", "UC", "UT"});
  const std::string text = clean_utf8(raw, in_sets ? character_sets : std::string_view());
  for (const std::string& part : divided(text, has_several(to.vr))) {
    const std::string_view trimmed = without_padding(part);
    const std::size_t start = std::min(trimmed.find_first_not_of(' '), trimmed.size());
    if (to.vr == "PN") {
      to.names.push_back(person_name(trimmed));
    } else if (to.vr == "DS" || to.vr == "IS") {
      to.texts.emplace_back(trimmed.substr(start));
      to.numbers.push_back(to.vr == "DS" ? decimal_string(to.texts.back())
                                         : integer_string(to.texts.back()));
    } else {
      to.texts.emplace_back(trimmed);
    }
  }
}

void read_binary(DicomAttribute& to, ByteView value, bool big_endian) {
  const std::size_t width = width_of(to.vr);
  for (; value.size() >= width; value = value.subspan(width)) {
    const ByteView one = value.first(width);
    if (to.vr == "AT") {
      to.texts.push_back(tag_value(one, big_endian));
    } else {
      to.numbers.push_back(binary_value(to.vr, integer_of_bytes(one, big_endian)));
    }
  }
}

std::string vr_of(const DicomElement& element, const DicomEntry& entry) {
  std::string written(element.vr.data(), element.vr.size());
  if (element.encapsulated && element.tag == dicom_tag::kPixelData) return "OB";
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT",
       "OB", "OD", "OF", "OL", "OV", "OW", "PN", "SH", "SL", "SQ", "SS", "ST",
       "SV", "TM", "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV"});
  if (std::ranges::find(kKnown, written) != kKnown.end()) return written;
  return written[0] == '\0' ? entry.vr : "UN";
}

}  // namespace

bool DicomAttribute::is_binary() const {
  return is_bytes(vr);
}

bool DicomAttribute::is_number() const {
  return !numbers.empty();
}

std::string dicom_character_sets(const DicomItem& item, std::string_view character_sets) {
  const DicomElement* own = item.find(dicom_tag::kSpecificCharacterSet);
  return own == nullptr ? std::string(character_sets)
                        : std::string(dicom_raw_text(item, dicom_tag::kSpecificCharacterSet));
}

std::vector<DicomAttribute> dicom_attributes(const DicomItem& item,
                                             std::string_view character_sets) {
  const std::string sets = dicom_character_sets(item, character_sets);
  std::vector<DicomAttribute> attributes;
  for (const DicomElement& element : item.elements) {
    if (element.tag >> 16 == kMetaGroup || (element.tag & 0xFFFF) == 0 ||
        element.tag == kDataSetTrailingPadding) {
      continue;
    }
    DicomAttribute attribute;
    attribute.tag = element.tag;
    DicomEntry entry = dicom_entry(element.tag);
    attribute.vr = vr_of(element, entry);
    attribute.keyword = std::move(entry.keyword);
    attribute.encapsulated = element.encapsulated;
    if (attribute.vr == "SQ") {
      attribute.items = dicom_items(item, element.tag);
    } else if (attribute.is_binary()) {
      attribute.bytes = element.value;
    } else if (width_of(attribute.vr) != 0) {
      read_binary(attribute, element.value, item.encoding.big_endian);
    } else if (element.tag == dicom_tag::kSpecificCharacterSet) {
      attribute.texts = {std::string(kUtf8Set)};  // what is written here is UTF-8
    } else {
      read_texts(attribute, as_text(element.value), sets);
    }
    attributes.push_back(std::move(attribute));
  }
  std::ranges::stable_sort(attributes, {}, &DicomAttribute::tag);
  const auto same_tag = [](const DicomAttribute& left, const DicomAttribute& right) {
    return left.tag == right.tag;
  };
  attributes.erase(std::unique(attributes.begin(), attributes.end(), same_tag), attributes.end());
  return attributes;
}

}  // namespace telavis
