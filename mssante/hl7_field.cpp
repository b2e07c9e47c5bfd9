// SPDX-License-Identifier: Apache-2.0
#include "mssante/hl7_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxOid = 64;
constexpr std::size_t kMaxPatientId = 80;
constexpr std::size_t kDigitsOfDay = 8, kDigitsOfSecond = 14, kDigitsOfOffset = 4;
constexpr int kMaxOffsetHours = 14;  // Kiribati
constexpr int kFirstYear = 1800;     // before anybody who is a patient today

struct Escape {
  char separator;
  std::string_view sequence;
};
constexpr Escape kEscapes[] = {
    {'|', "\\F\\"}, {'^', "\\S\\"}, {'&', "\\T\\"}, {'~', "\\R\\"}, {'\\', "\\E\\"}};

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');  // four digits at most
  return value;
}

/// What is not given is the first month, day or hour.
std::optional<std::chrono::sys_seconds> instant_of(std::string_view digits) {
  using namespace std::chrono;
  const auto part = [&](std::size_t at, std::size_t count, int when_absent) {
    return digits.size() >= at + count ? number(digits.substr(at, count)) : when_absent;
  };
  const year_month_day day{year{part(0, 4, 0)}, month{static_cast<unsigned>(part(4, 2, 1))},
                           std::chrono::day{static_cast<unsigned>(part(6, 2, 1))}};
  const int hour = part(8, 2, 0), minute = part(10, 2, 0), second = part(12, 2, 0);
  if (!day.ok() || int{day.year()} < kFirstYear || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  return sys_days{day} + hours{hour} + minutes{minute} + seconds{second};
}

std::string digits_of(std::chrono::sys_seconds instant, std::size_t count) {
  using namespace std::chrono;
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss time{instant - day};
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", int{date.year()}, unsigned{date.month()},
                     unsigned{date.day()}, time.hours().count(), time.minutes().count(),
                     time.seconds().count())
      .substr(0, count);
}

std::optional<std::chrono::minutes> offset_of(std::string_view text) {
  if (text.size() != 1 + kDigitsOfOffset || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  if (!all_digits(text.substr(1))) return std::nullopt;
  const int hours = number(text.substr(1, 2)), minutes = number(text.substr(3, 2));
  if (hours > kMaxOffsetHours || minutes > 59) return std::nullopt;
  return std::chrono::minutes((text[0] == '-' ? -1 : 1) * (hours * 60 + minutes));
}

}  // namespace

std::string hl7_component(std::string_view text, std::size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_character_length(text);
    if (length == 0) {
      text.remove_prefix(1);
      continue;
    }
    std::string_view piece = text.substr(0, length);
    const char first = text[0];
    if (static_cast<unsigned char>(first) < 0x20 || first == 0x7F) piece = " ";
    for (const Escape& escape : kEscapes) {
      if (first == escape.separator) piece = escape.sequence;
    }
    if (out.size() + piece.size() > max_bytes) break;
    out += piece;
    text.remove_prefix(length);
  }
  return out;
}

std::vector<std::string> hl7_components(std::string_view text, char separator) {
  std::vector<std::string> components(1);
  while (!text.empty()) {
    const auto* const escape = std::ranges::find_if(
        kEscapes, [&](const Escape& known) { return text.starts_with(known.sequence); });
    if (escape != std::end(kEscapes)) {
      components.back() += escape->separator;
      text.remove_prefix(escape->sequence.size());
      continue;
    }
    if (text[0] == separator) {
      components.emplace_back();
    } else {
      components.back() += text[0];
    }
    text.remove_prefix(1);
  }
  return components;
}

PatientCx patient_cx(std::string_view text) {
  constexpr std::size_t kAuthority = 3, kType = 4;
  // The authority has components of its own, so the escapes stay until they are parted.
  std::vector<std::string_view> parts(1, text.substr(0, text.find('^')));
  for (std::size_t at = text.find('^'); at != std::string_view::npos && parts.size() <= kType;) {
    const std::size_t next = text.find('^', at + 1);
    parts.push_back(text.substr(at + 1, next == std::string_view::npos ? next : next - at - 1));
    at = next;
  }
  PatientCx cx;
  cx.id = hl7_components(parts[0], '\0')[0];
  if (parts.size() > kAuthority) {
    const auto authority = hl7_components(parts[kAuthority], '&');
    if (authority.size() > 1) cx.authority = authority[1];
  }
  if (parts.size() > kType) cx.type = hl7_components(parts[kType], '\0')[0];
  return cx;
}

std::string patient_cx_text(const PatientCx& cx) {
  if (cx.id.empty()) return {};
  return fmt::format("{}^^^&{}&ISO^{}", hl7_component(cx.id, kMaxPatientId),
                     hl7_component(cx.authority, kMaxOid), hl7_component(cx.type, 2));
}

bool is_dtm(std::string_view text) {
  return text.size() >= 4 && text.size() <= kDigitsOfSecond && text.size() % 2 == 0 &&
         all_digits(text) && instant_of(text).has_value();
}

Result<std::string> utc_digits(std::string_view hl7_time) {
  const auto refuse = [] {
    return fail(ErrorCode::invalid_field,
                "A time of a document is no instant: write it as yyyyMMddHHmmss with its offset "
                "from UTC, for example 20260106080200+0100.");
  };
  const std::size_t sign = hl7_time.find_first_of("+-");
  std::string_view digits = hl7_time.substr(0, sign);
  digits = digits.substr(0, digits.find('.'));
  if (!is_dtm(digits)) return refuse();
  if (sign == std::string_view::npos) {
    if (digits.size() > kDigitsOfDay || digits.size() != hl7_time.size()) return refuse();
    return std::string(digits);
  }
  const auto offset = offset_of(hl7_time.substr(sign));
  if (!offset || digits.size() <= kDigitsOfDay) return refuse();
  return digits_of(*instant_of(digits) - *offset, digits.size());
}

bool is_oid(std::string_view text) {
  const bool begins = text.size() > 2 && text[0] >= '0' && text[0] <= '2' && text[1] == '.';
  if (!begins || text.size() > kMaxOid) return false;
  bool at_start = true, zero = false;
  for (const char c : text) {
    if (c == '.') {
      if (at_start) return false;
      at_start = true;
      zero = false;
      continue;
    }
    if (c < '0' || c > '9' || zero) return false;
    zero = at_start && c == '0';
    at_start = false;
  }
  return !at_start;
}

}  // namespace telavis
