// SPDX-License-Identifier: Apache-2.0
// Hours as JSON: in programmes, and in what is on file about an expert.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/calendar.h"
#include "engine/core/json_reader.h"

namespace telavis {

using Week = decltype(Timetable::week);

// The readers note what is wrong in the JsonReader, like its own getters.

/// An IANA time zone. Mandatory.
std::string read_time_zone(JsonReader& reader, std::string_view name);
/// A region of holidays.json; empty when it is absent.
std::string read_holidays(JsonReader& reader, std::string_view name);

/// The hours of each day, local time, "24:00" the end of a day; a day that is left out is shut:
///   {"monday": ["08:00-12:30", "14:00-18:00"], "saturday": ["09:00-12:00"]}
/// Mandatory. The order of the ranges is check_timetable's to judge.
Week read_week(JsonReader& reader, std::string_view name);
std::string week_json(const Week& week);

/// An empty Timetable when the member is absent or null:
///   {"time_zone": "Europe/Paris", "holidays": "metropolitan", "week": {...},
///    "shut": [{"from": "2026-02-01", "to": "2026-02-14"}]}
/// `holidays` and `shut` may be left out. The result is checked by check_timetable.
Timetable read_timetable(JsonReader& reader, std::string_view name);
/// The object above; "null" for a Timetable without time zone.
std::string timetable_json(const Timetable& timetable);

/// Notes what check_timetable says of the member `name`.
void check_hours(JsonReader& reader, std::string_view name, const Timetable& timetable);

}  // namespace telavis
