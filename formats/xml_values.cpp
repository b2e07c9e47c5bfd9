// SPDX-License-Identifier: Apache-2.0
#include "formats/xml_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "formats/scp_ecg_header.h"
#include "formats/text.h"

namespace telavis::xml {
namespace {

constexpr std::size_t kMaxNumberCharacters = 64;  // 17 digits and an exponent are 24
constexpr std::size_t kMaxLeads = 256;            // the largest body-surface maps
constexpr int kMaxExponent = 400;                 // beyond it a double is zero or infinite

template <typename T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

// Takes `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), is_digit)) {
    return std::nullopt;
  }
  const auto value = parsed<int>(text.substr(0, count));
  text.remove_prefix(count);
  return value;
}

void skip(std::string_view& text, std::string_view any_of) {
  if (!text.empty() && any_of.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
}

// Days since 0000-03-01 in the Gregorian calendar.
std::int64_t day_number(int year, int month, int day) {
  const std::int64_t y = month > 2 ? year : year - 1;
  const int m = (month + 9) % 12;
  return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

std::optional<int> utc_offset(std::string_view text) {
  if (text == "Z") return 0;
  const bool negative = text.front() == '-';
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  skip(text, ":");
  const auto minutes = text.empty() ? std::optional(0) : take_digits(text, 2);
  if (!hours || !minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  const int total = *hours * 60 + *minutes;
  if (total > scp::kMaxUtcOffsetMinutes) return std::nullopt;
  return negative ? -total : total;
}

struct TimeOfDay {
  int hour = 0, minute = 0, second = 0, microsecond = 0;
};

// "0910", "091000", "09:10:00.25"
std::optional<TimeOfDay> time_of_day(std::string_view text) {
  TimeOfDay out;
  const auto hour = take_digits(text, 2);
  skip(text, ":");
  const auto minute = take_digits(text, 2);
  skip(text, ":");
  const auto second = text.empty() ? std::optional(0) : take_digits(text, 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  out = {*hour, *minute, std::min(*second, 59), 0};  // a leap second is shown as the one before
  if (text.empty()) return out;
  if (text.front() != '.' && text.front() != ',') return std::nullopt;
  text.remove_prefix(1);
  if (!std::ranges::all_of(text, is_digit)) return std::nullopt;
  int unit = 100'000;
  for (const char digit : text) {
    out.microsecond += (digit - '0') * unit;
    unit /= 10;
  }
  return out;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

std::optional<double> scaled_number(std::string_view text, int power) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  if (text.empty() || text.size() > kMaxNumberCharacters) return std::nullopt;
  // Digits first, so that neither "inf" nor a second sign gets through.
  if (!is_digit(text.front()) && text.front() != '-' && text.front() != '.') return std::nullopt;
  std::string mantissa(text.substr(0, text.find_first_of("eE")));
  int exponent = power;
  if (mantissa.size() < text.size()) {
    std::string_view stated = text.substr(mantissa.size() + 1);
    if (stated.starts_with('+')) stated.remove_prefix(1);
    const auto value = parsed<int>(stated);
    if (!value || std::abs(*value) > kMaxExponent) return std::nullopt;
    exponent += *value;
  }
  if (mantissa.find('.') == std::string::npos) std::ranges::replace(mantissa, ',', '.');
  const auto value = parsed<double>(mantissa + fmt::format("e{}", exponent));
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::optional<int> whole_number(std::string_view text, int lowest, int highest) {
  const auto value = scaled_number(text, 0);
  if (!value || *value < lowest - 0.5 || *value > highest + 0.5) return std::nullopt;
  const auto rounded = static_cast<int>(std::lround(*value));
  return rounded < lowest || rounded > highest ? std::nullopt : std::optional(rounded);
}

std::string decimal_text(double value, int power) {
  if (value == 0) return "0";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t mark = text.find('e');
  std::string digits(text.substr(0, mark));
  std::erase(digits, '.');
  std::string_view exponent_text = text.substr(mark + 1);
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  // Where the point goes: after so many of the digits.
  const int point = parsed<int>(exponent_text).value_or(0) + power + 1;
  const std::string sign = value < 0 ? "-" : "";
  if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  const auto whole = static_cast<std::size_t>(point);
  if (whole >= digits.size()) return sign + digits + std::string(whole - digits.size(), '0');
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::optional<Timestamp> timestamp(std::string_view text) {
  text = trimmed(text);
  const auto year = take_digits(text, 4);
  const bool iso = text.starts_with('-');
  skip(text, "-");
  const auto month = take_digits(text, 2);
  if (iso) skip(text, "-");
  const auto day = take_digits(text, 2);
  if (!year || !month || !day) return std::nullopt;
  const auto date = scp::iso_date(*year, *month, *day);
  if (!date) return std::nullopt;
  Timestamp out;
  out.date = *date;
  out.microseconds = day_number(*year, *month, *day) * 86'400'000'000;
  skip(text, "T ");
  const std::size_t zone = text.find_first_of("+-Z");
  if (zone != std::string_view::npos) {
    out.utc_offset_minutes = utc_offset(text.substr(zone));
    text = text.substr(0, zone);
  }
  if (text.empty()) return out;
  const auto time = time_of_day(text);
  if (!time) return std::nullopt;
  out.time = fmt::format("{:02}:{:02}:{:02}", time->hour, time->minute, time->second);
  out.microseconds +=
      ((time->hour * 60 + time->minute) * 60 + time->second) * 1'000'000LL + time->microsecond;
  return out;
}

void note_acquisition_time(bool stated, std::vector<Finding>& findings) {
  findings.push_back(
      {stated ? "acquisition_time_invalid" : "acquisition_time_missing", Severity::warning,
       "The file does not say, or says in an impossible way, when the recording was made. Ask the "
       "sender, and set the clock of the device."});
}

void note_birth_date(std::vector<Finding>& findings) {
  findings.push_back(
      {"birth_date_invalid", Severity::warning,
       "The birth date in the file is no date and is left out. Check the identity."});
}

void set_acquired_at(std::string_view stated, EcgRecording& recording) {
  const auto instant = timestamp(stated);
  if (!instant || instant->time.empty()) {
    note_acquisition_time(!stated.empty(), recording.findings);
    return;
  }
  recording.acquired_at.local = instant->date + "T" + instant->time;
  recording.acquired_at.utc_offset_minutes = instant->utc_offset_minutes;
}

std::string shown_text(std::string_view text) {
  return text_from_device(as_bytes(text));
}

void name_lead(std::string_view name, Lead& lead) {
  const std::string shown = shown_text(name);
  const auto code = lead_from_name(shown);
  lead.code = code.value_or(LeadCode::unspecified);
  if (!code) lead.label = shown;
}

void add_lead(Lead lead, std::vector<Lead>& leads, std::vector<Finding>& findings) {
  if (lead.samples.empty()) {
    findings.push_back(
        {"lead_empty", Severity::warning,
         fmt::format("Lead {} holds no samples and is left out.", lead_name(lead.code))});
    return;
  }
  if (leads.size() >= kMaxLeads) {
    const bool told = !findings.empty() && findings.back().code == "leads_left_out";
    if (!told) {
      findings.push_back(
          {"leads_left_out", Severity::error,
           fmt::format("The file holds more than {} leads; the others are left out.", kMaxLeads)});
    }
    return;
  }
  const bool known = std::ranges::any_of(leads, [&](const Lead& other) {
    return other.code == lead.code && other.label == lead.label;
  });
  if (known) {
    findings.push_back(
        {"duplicate_lead", Severity::warning,
         fmt::format("Lead {} stands twice; the first is kept.", lead_name(lead.code))});
    return;
  }
  leads.push_back(std::move(lead));
}

void note_unreadable(const Lead& lead, std::string_view why, std::vector<Finding>& findings) {
  findings.push_back({"lead_unreadable", Severity::error,
                      fmt::format("Lead {} {} and is left out. Export the recording again from the "
                                  "device.",
                                  lead_name(lead.code), why)});
}

void note_length(const Lead& lead, std::vector<Finding>& findings) {
  findings.push_back({"lead_length_mismatch", Severity::warning,
                      fmt::format("Lead {} holds {} samples, which is not what the file announces; "
                                  "those are kept.",
                                  lead_name(lead.code), lead.samples.size())});
}

}  // namespace telavis::xml
