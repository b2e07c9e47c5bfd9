// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/result.h"

namespace telavis {

/// A point in time, UTC, to the millisecond. Stored as a bigint of milliseconds since 1970.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

inline std::int64_t to_epoch_ms(Instant instant) {
  return instant.time_since_epoch().count();
}
inline Instant from_epoch_ms(std::int64_t milliseconds) {
  return Instant(Duration(milliseconds));
}

/// "2026-01-06T08:02:00Z" (seconds; RFC 3339).
std::string format_utc(Instant instant);
/// Parses RFC 3339 with "Z" or a numeric offset, whole seconds. Errors: invalid_field.
Result<Instant> parse_instant(std::string_view text);

/// Civil year in UTC.
int year_of(Instant instant);
/// The first instant (UTC) of the year that follows the one of `instant`, `years` later: the end of
/// a civil year. Instants of one year give the same, whatever their day.
Instant end_of_year(Instant instant, int years = 0);
/// The first instant (UTC) of the day that lies so many months back; of the last day of its month
/// where that month has no such day.
Instant months_before(Instant instant, int months);

/// True for a day that exists, as "2026-01-06".
bool is_iso_date(std::string_view text);

/// How far the wall clock of a zone is ahead of UTC, from an instant until the next change.
struct UtcOffset {
  Instant from;
  Instant until;
  Duration ahead{};
};
/// The offset in force at `instant`, from the system's tzdata, whose changes end in 2037: later
/// years keep the last winter's offset. Errors: configuration_invalid (unknown zone).
Result<UtcOffset> utc_offset(Instant instant, std::string_view zone);

/// Wall clock of an IANA zone, from the system's tzdata.
struct LocalTime {
  std::string date;  // "2026-01-06"
  std::string time;  // "04:02:00"
  int utc_offset_minutes = 0;
};
/// Errors: configuration_invalid (unknown zone).
Result<LocalTime> local_time(Instant instant, std::string_view zone);
/// "06/01/2026 à 04:02" in French order; English "2026-01-06 04:02".
std::string display_time(const LocalTime& local, bool french);

}  // namespace telavis
