// SPDX-License-Identifier: Apache-2.0
#include "engine/core/calendar_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <optional>

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxCalendarName = 64;  // bytes; the longest IANA name has 32
constexpr std::size_t kDateLength = 10;       // "2026-02-01"
constexpr std::size_t kRangeLength = 11;      // "08:00-12:30"
constexpr int kMinutesInADay = 24 * 60;
constexpr std::size_t kMaxRanges = 24;  // of one day: more is no timetable of a person

constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

/// "08:00", two digits each: minutes since midnight, up to 24:00.
std::optional<int> parse_minutes(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto two_digits = [&](std::size_t at) {
    int value = -1;
    const char* const end = text.data() + at + 2;
    const auto read = std::from_chars(text.data() + at, end, value);
    return read.ec == std::errc() && read.ptr == end ? value : -1;
  };
  const int hours = two_digits(0);
  const int minute = two_digits(3);
  if (hours < 0 || minute < 0 || minute > 59) return std::nullopt;
  const int total = hours * 60 + minute;
  return total <= kMinutesInADay ? std::optional(total) : std::nullopt;
}

std::optional<MinuteRange> parse_range(std::string_view text) {
  if (text.size() != kRangeLength || text[5] != '-') return std::nullopt;
  const auto from = parse_minutes(text.substr(0, 5));
  const auto to = parse_minutes(text.substr(6));
  if (!from || !to || *from >= *to) return std::nullopt;
  return MinuteRange{*from, *to};
}

std::string clock_text(int minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

json::object week_object(const Week& week) {
  json::object by_day;
  for (std::size_t day = 0; day < week.size(); ++day) {
    if (week[day].empty()) continue;
    json::array ranges;
    for (const MinuteRange& range : week[day]) {
      ranges.emplace_back(clock_text(range.from) + "-" + clock_text(range.to));
    }
    by_day[kDays[day]] = std::move(ranges);
  }
  return by_day;
}

std::vector<DateRange> read_absences(JsonReader& reader) {
  std::vector<DateRange> shut;
  if (!reader.has("shut")) return shut;
  for (JsonReader& item : reader.objects("shut")) {
    shut.push_back({item.text("from", kDateLength), item.text("to", kDateLength)});
    if (!item.finish()) break;
  }
  return shut;
}

}  // namespace

std::string read_time_zone(JsonReader& reader, std::string_view name) {
  std::string zone = reader.text(name, kMaxCalendarName);
  if (!zone.empty() && !local_time(Instant{}, zone)) {
    reader.wrong(name,
                 "is no IANA time zone: write for example Europe/Paris or America/Guadeloupe");
  }
  return zone;
}

std::string read_holidays(JsonReader& reader, std::string_view name) {
  std::string region = reader.optional_text(name, kMaxCalendarName);
  const std::vector<std::string> regions = holiday_regions();
  if (!region.empty() && std::find(regions.begin(), regions.end(), region) == regions.end()) {
    reader.wrong(name, fmt::format("must be one of: {}", fmt::join(regions, ", ")));
  }
  return region;
}

Week read_week(JsonReader& reader, std::string_view name) {
  Week week;
  std::optional<JsonReader> by_day = reader.object(name, true);
  if (!by_day) return week;
  for (std::size_t day = 0; day < week.size(); ++day) {
    if (!by_day->has(kDays[day])) continue;
    const std::vector<std::string> texts = by_day->texts(kDays[day], kRangeLength);
    if (texts.size() > kMaxRanges) by_day->wrong(kDays[day], "holds too many hours of one day");
    for (const std::string& text : texts) {
      const auto range = parse_range(text);
      if (!range) {
        by_day->wrong(kDays[day], "must be a list of hours such as \"08:00-12:30\", up to 24:00");
      }
      week[day].push_back(range.value_or(MinuteRange{}));
    }
  }
  // What is wrong stays noted in the reader, whose own finish() tells it.
  if (!by_day->finish()) return {};
  return week;
}

std::string week_json(const Week& week) {
  return json::serialize(week_object(week));
}

void check_hours(JsonReader& reader, std::string_view name, const Timetable& timetable) {
  const auto checked = check_timetable(timetable);
  if (checked) return;
  std::string_view text = checked.error().text;
  while (text.ends_with('.')) text.remove_suffix(1);
  reader.wrong(name, fmt::format("is no timetable: {}", text));
}

Timetable read_timetable(JsonReader& reader, std::string_view name) {
  Timetable timetable;
  std::optional<JsonReader> object = reader.object(name, false);
  if (!object) return timetable;
  timetable.time_zone = read_time_zone(*object, "time_zone");
  timetable.holidays = read_holidays(*object, "holidays");
  timetable.week = read_week(*object, "week");
  timetable.shut = read_absences(*object);
  if (!object->finish()) return {};
  check_hours(reader, name, timetable);
  return timetable;
}

std::string timetable_json(const Timetable& timetable) {
  if (timetable.time_zone.empty()) return "null";
  json::array shut;
  for (const DateRange& range : timetable.shut) {
    shut.push_back(json::object{{"from", range.from}, {"to", range.to}});
  }
  return json::serialize(json::object{{"time_zone", timetable.time_zone},
                                      {"holidays", timetable.holidays},
                                      {"week", week_object(timetable.week)},
                                      {"shut", std::move(shut)}});
}

}  // namespace telavis
