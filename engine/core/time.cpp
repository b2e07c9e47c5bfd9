// SPDX-License-Identifier: Apache-2.0
#include "engine/core/time.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <optional>

namespace telavis {
namespace {

struct Fields {
  int year, month, day, hour, minute, second;
};

Fields fields_of(std::chrono::sys_seconds seconds) {
  const auto days = date::floor<date::days>(seconds);
  const date::year_month_day ymd{days};
  const date::hh_mm_ss time{seconds - days};
  return {int{ymd.year()},
          static_cast<int>(unsigned{ymd.month()}),
          static_cast<int>(unsigned{ymd.day()}),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count())};
}

std::optional<int> digits(std::string_view text, std::size_t position, std::size_t count) {
  if (position + count > text.size()) return std::nullopt;
  int value = 0;
  const char* first = text.data() + position;
  for (std::size_t i = 0; i < count; ++i) {
    if (first[i] < '0' || first[i] > '9') return std::nullopt;
    value = value * 10 + (first[i] - '0');
  }
  return value;
}

/// Minutes of "Z", "+hh:mm" or "-hh:mm".
std::optional<int> offset_minutes(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

}  // namespace

std::string format_utc(Instant instant) {
  const Fields f = fields_of(std::chrono::floor<std::chrono::seconds>(instant));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", f.year, f.month, f.day, f.hour,
                     f.minute, f.second);
}

int year_of(Instant instant) {
  return fields_of(std::chrono::floor<std::chrono::seconds>(instant)).year;
}

Instant end_of_year(Instant instant, int years) {
  const date::year next(year_of(instant) + years + 1);
  return Instant(date::sys_days(next / date::January / 1));
}

Instant months_before(Instant instant, int months) {
  const date::year_month_day today{date::floor<date::days>(instant)};
  date::year_month_day day = today - date::months(months);
  if (!day.ok()) day = day.year() / day.month() / date::last;
  return Instant(date::sys_days(day));
}

Result<Instant> parse_instant(std::string_view text) {
  const auto refuse = [] {
    return fail(ErrorCode::invalid_field,
                "Give the instant as RFC 3339, for example 2026-01-06T08:02:00-04:00.");
  };
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || text.size() < 20) return refuse();
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return refuse();
  }
  const auto offset = offset_minutes(text.substr(19));
  const date::year_month_day ymd{date::year{*year}, date::month{static_cast<unsigned>(*month)},
                                 date::day{static_cast<unsigned>(*day)}};
  if (!offset || !ymd.ok() || *hour > 23 || *minute > 59 || *second > 59) return refuse();
  return Instant(date::sys_days{ymd}) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute - *offset) + std::chrono::seconds(*second);
}

bool is_iso_date(std::string_view text) {
  return text.size() == 10 && parse_instant(std::string(text) + "T00:00:00Z").has_value();
}

Result<UtcOffset> utc_offset(Instant instant, std::string_view zone) {
  try {
    const auto info =
        date::locate_zone(zone)->get_info(std::chrono::floor<std::chrono::seconds>(instant));
    return UtcOffset{info.begin, info.end, info.offset};
  } catch (const std::exception&) {
    return fail(ErrorCode::configuration_invalid,
                "The time zone '" + std::string(zone) +
                    "' is unknown: give an IANA name such as Europe/Paris, and install tzdata.");
  }
}

Result<LocalTime> local_time(Instant instant, std::string_view zone) {
  return utc_offset(instant, zone).map([&](const UtcOffset& offset) {
    const Fields f = fields_of(std::chrono::floor<std::chrono::seconds>(instant + offset.ahead));
    return LocalTime{
        fmt::format("{:04}-{:02}-{:02}", f.year, f.month, f.day),
        fmt::format("{:02}:{:02}:{:02}", f.hour, f.minute, f.second),
        static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(offset.ahead).count())};
  });
}

std::string display_time(const LocalTime& local, bool french) {
  const std::string& date = local.date;
  const std::string time = local.time.substr(0, 5);
  if (!french) return date + " " + time;
  return date.substr(8, 2) + "/" + date.substr(5, 2) + "/" + date.substr(0, 4) + " à " + time;
}

}  // namespace telavis
