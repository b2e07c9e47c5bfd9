// SPDX-License-Identifier: Apache-2.0
// Hours of people and programmes: time zones, public holidays, and time that counts only while a
// timetable is open. Pure; the holidays are data (engine/core/holidays.json).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

/// Minutes since local midnight, `from` included, `to` excluded; 0 <= from < to <= 1440.
struct MinuteRange {
  int from = 0;
  int to = 0;
  auto operator<=>(const MinuteRange&) const = default;
};

/// Local dates, both included: "2026-02-01".."2026-02-14".
struct DateRange {
  std::string from;
  std::string to;
  bool covers(std::string_view date) const { return from <= date && date <= to; }
  bool operator==(const DateRange&) const = default;
};

/// When somebody or something is open. Ranges of a day are ascending and do not touch.
struct Timetable {
  std::string time_zone;  // IANA
  std::string holidays;   // region of holidays.json on whose holidays it is shut; empty: none
  std::array<std::vector<MinuteRange>, 7> week;  // Monday first
  std::vector<DateRange> shut;                   // absences
  bool operator==(const Timetable&) const = default;
};

/// Every day 8-20 h: the default of an expert, and the hours in which messages are sent.
Timetable daytime(std::string time_zone);

/// Errors: configuration_invalid (unknown zone or region, ranges that overlap, nothing ever open).
Result<void> check_timetable(const Timetable& timetable);

/// The functions below take a checked timetable. Two bounds keep a case from waiting for ever: what
/// stays shut for 400 days in a row gives the instant 400 days after it shut (or after `from`), and
/// outside the years 1583..9998, where nothing is open, an instant is given back as it is. A zone
/// that the system has lost since the check counts as UTC: cases go on.
bool is_open_at(const Timetable& timetable, Instant instant);
/// The first instant not before `from` at which it is open.
Instant next_open(const Timetable& timetable, Instant from);
/// The first instant at which `amount` of open time has passed since `from`; `from` itself when
/// `amount` is not positive. Local hours that a clock change skips do not count, those it repeats
/// count twice: it is elapsed time.
Instant add_open_time(const Timetable& timetable, Instant from, Duration amount);

/// Public holidays of a region in a year, ascending ISO dates; empty for an unknown region and
/// outside 1583..9999.
std::vector<std::string> public_holidays(std::string_view region, int year);
std::vector<std::string> holiday_regions();
/// Easter Sunday, Gregorian, 1583..9999 (Meeus/Jones/Butcher), ISO date; empty outside.
std::string easter_sunday(int year);
/// Says what is wrong with a table like engine/core/holidays.json. The embedded one is part of the
/// program: should it be wrong, its first use stops the program. Errors: those of JsonReader.
Result<void> check_holidays(std::string_view json);

}  // namespace telavis
