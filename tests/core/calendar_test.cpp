// SPDX-License-Identifier: Apache-2.0
#include "engine/core/calendar.h"
#include "formats/sanitized.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace telavis {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant at(std::string_view text) {
  return parse_instant(text).value();
}

/// Monday to Friday, 9-12 and 14-18 h.
Timetable office(std::string zone, std::string holidays = "") {
  Timetable timetable;
  timetable.time_zone = std::move(zone);
  timetable.holidays = std::move(holidays);
  for (std::size_t day = 0; day < 5; ++day) timetable.week[day] = {{540, 720}, {840, 1080}};
  return timetable;
}

Timetable always(std::string zone) {
  Timetable timetable;
  timetable.time_zone = std::move(zone);
  timetable.week.fill({MinuteRange{0, 1440}});
  return timetable;
}

// ---- an independent calendar --------------------------------------------------------------------

using Days = std::chrono::sys_days;

std::chrono::sys_days sunday(int year, unsigned month, unsigned which) {  // which: 0 is the last
  using namespace std::chrono;
  const auto base = std::chrono::year{year} / std::chrono::month{month};
  return which == 0 ? Days{base / Sunday[last]} : Days{base / Sunday[which]};
}

/// Hours ahead of UTC by the rules of 2007 and later, written down from the laws.
int hours_ahead(const std::string& zone, Instant instant) {
  if (zone == "America/Guadeloupe") return -4;
  if (zone == "Pacific/Noumea") return 11;
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(instant)};
  const int year{date.year()};
  if (zone == "Europe/Paris") {
    const bool summer =
        instant >= sunday(year, 3, 0) + hours(1) && instant < sunday(year, 10, 0) + hours(1);
    return summer ? 2 : 1;
  }
  // America/Miquelon: 2 h local time, second Sunday of March to the first of November.
  const bool summer =
      instant >= sunday(year, 3, 2) + hours(5) && instant < sunday(year, 11, 1) + hours(4);
  return summer ? -2 : -3;
}

const std::set<std::string> kMetropolitan = {
    "2025-01-01", "2025-04-21", "2025-05-01", "2025-05-08", "2025-05-29", "2025-06-09",
    "2025-07-14", "2025-08-15", "2025-11-01", "2025-11-11", "2025-12-25", "2026-01-01",
    "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14",
    "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25", "2027-01-01", "2027-03-29",
    "2027-05-01", "2027-05-06", "2027-05-08", "2027-05-17", "2027-07-14", "2027-08-15",
    "2027-11-01", "2027-11-11", "2027-12-25"};

/// Minute by minute, slow and plain. Knows the years 2025 to 2027 and metropolitan holidays.
class Oracle {
 public:
  explicit Oracle(const Timetable& timetable) : timetable_(timetable) {}

  bool open(Instant minute) {
    const auto local = minute + hours(hours_ahead(timetable_.time_zone, minute));
    const auto day = std::chrono::floor<std::chrono::days>(local);
    if (day != day_) {
      day_ = day;
      const std::string date = format_utc(Instant(day)).substr(0, 10);
      shut_ = !timetable_.holidays.empty() && kMetropolitan.contains(date);
      for (const DateRange& range : timetable_.shut) {
        shut_ = shut_ || (date >= range.from && date <= range.to);
      }
    }
    if (shut_) return false;
    const auto of_day = (local - day) / minutes(1);
    // 1 January 1970 was a Thursday.
    for (const auto& range : timetable_.week[(day.time_since_epoch().count() + 3) % 7]) {
      if (of_day >= range.from && of_day < range.to) return true;
    }
    return false;
  }
  Instant next_open(Instant from) {
    while (!open(from)) from += minutes(1);
    return from;
  }
  Instant add(Instant from, std::int64_t amount) {
    for (; amount > 0; from += minutes(1)) amount -= open(from) ? 1 : 0;
    return from;
  }
  std::int64_t between(Instant from, Instant to) {
    std::int64_t count = 0;
    for (; from < to; from += minutes(1)) count += open(from) ? 1 : 0;
    return count;
  }

 private:
  const Timetable& timetable_;
  Days day_{};
  bool shut_ = false;
};

/// Whole numbers that are the same on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(bound)); }

 private:
  std::mt19937_64 engine_;
};

Timetable random_timetable(Dice& dice) {
  const std::array<std::string, 4> zones = {"Europe/Paris", "America/Guadeloupe",
                                            "America/Miquelon", "Pacific/Noumea"};
  Timetable timetable;
  timetable.time_zone = zones[dice.below(4)];
  if (dice.below(2) == 0) timetable.holidays = "metropolitan";
  for (auto& ranges : timetable.week) {
    for (int from = dice.below(400), n = dice.below(4); n > 0 && from < 1400; --n) {
      const int to = std::min(1440, from + 1 + dice.below(500));
      ranges.push_back({from, to});
      from = to + 1 + dice.below(200);
    }
  }
  if (timetable.week[6].empty()) timetable.week[6] = {{0, 1440}};
  for (int n = dice.below(3); n > 0; --n) {
    const Instant from = at("2026-01-01T12:00:00Z") + hours(24 * dice.below(340));
    timetable.shut.push_back({format_utc(from).substr(0, 10),
                              format_utc(from + hours(24 * dice.below(12))).substr(0, 10)});
  }
  return timetable;
}

// Instants just before the changes of clocks and holidays of the year.
Instant random_start(Dice& dice) {
  static const std::vector<std::string> edges = {"2026-03-27T00:00:00Z", "2026-10-23T00:00:00Z",
                                                 "2026-03-06T00:00:00Z", "2026-10-30T00:00:00Z",
                                                 "2026-05-12T00:00:00Z", "2025-12-23T00:00:00Z",
                                                 "2026-04-03T00:00:00Z", "2026-07-01T00:00:00Z"};
  return at(edges[dice.below(8)]) + minutes(dice.below(4 * 1440));
}

// ---- time that counts while open ----------------------------------------------------------------

TEST(CalendarTest, AgreesWithACountMinuteByMinute) {
  Dice dice(20260401);
  for (int round = 0; round < (kAddressSanitizer ? 40 : 400); ++round) {
    SCOPED_TRACE(round);
    const Timetable timetable = random_timetable(dice);
    ASSERT_TRUE(check_timetable(timetable).has_value()) << check_timetable(timetable).error().text;
    Oracle oracle(timetable);
    const Instant from = random_start(dice);
    const int amount = dice.below(3000);
    ASSERT_EQ(is_open_at(timetable, from), oracle.open(from));
    ASSERT_EQ(format_utc(next_open(timetable, from)), format_utc(oracle.next_open(from)));
    const Instant end = add_open_time(timetable, from, minutes(amount));
    ASSERT_EQ(format_utc(end), format_utc(oracle.add(from, amount)));
    ASSERT_EQ(oracle.between(from, end), amount);
  }
}

TEST(CalendarTest, OpenTimeIsAdditiveAndNeverRunsBack) {
  Dice dice(7);
  for (int round = 0; round < 3000; ++round) {
    SCOPED_TRACE(round);
    const Timetable timetable = random_timetable(dice);
    const Instant from = random_start(dice);
    const Duration first(dice.below(200'000'000)), second(dice.below(200'000'000));
    const Instant end = add_open_time(timetable, from, first);
    ASSERT_GE(end, from + first);
    ASSERT_EQ(add_open_time(timetable, end, second),
              add_open_time(timetable, from, first + second));
    ASSERT_LE(end, add_open_time(timetable, from, first + Duration(1)));
    ASSERT_LE(end, add_open_time(timetable, from + Duration(dice.below(100'000'000)), first));
    const Instant open = next_open(timetable, from);
    ASSERT_EQ(next_open(timetable, open), open);
    ASSERT_TRUE(is_open_at(timetable, open));
    ASSERT_EQ(add_open_time(timetable, open, first + Duration(1)),
              add_open_time(timetable, from, first + Duration(1)));
  }
}

TEST(CalendarTest, WorkingHoursSkipNightsAndWeekends) {
  const Timetable timetable = office("Europe/Paris");
  // Friday 17:00 in Paris, 1 h is left; Monday gives 3 + 4.
  const Instant friday = at("2026-01-09T16:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(timetable, friday, hours(1))), "2026-01-09T17:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(timetable, friday, hours(2))), "2026-01-12T09:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(timetable, friday, hours(4) + Duration(1))),
            "2026-01-12T13:00:00Z");
  EXPECT_EQ(format_utc(next_open(timetable, at("2026-01-09T17:00:00Z"))), "2026-01-12T08:00:00Z");
  EXPECT_EQ(add_open_time(timetable, friday, Duration(0)), friday);
  EXPECT_EQ(add_open_time(timetable, friday, -hours(1)), friday);
}

TEST(CalendarTest, MillisecondsAreKept) {
  const Timetable timetable = office("Europe/Paris");
  const Instant from = at("2026-01-09T16:59:59Z") + Duration(999);
  EXPECT_TRUE(is_open_at(timetable, from));
  EXPECT_FALSE(is_open_at(timetable, from + Duration(1)));
  EXPECT_EQ(add_open_time(timetable, from, Duration(1)), from + Duration(1));
  EXPECT_EQ(add_open_time(timetable, from, Duration(2)), at("2026-01-12T08:00:00Z") + Duration(1));
}

TEST(CalendarTest, HoursThatAClockChangeSkipsDoNotCount) {
  Timetable night;
  night.time_zone = "Europe/Paris";
  night.week.fill({MinuteRange{60, 240}});  // 1-4 h
  // 29 March 2026: 2 h becomes 3 h; 1-4 h lasts two hours.
  const Instant midnight = at("2026-03-28T23:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(night, midnight, hours(2))), "2026-03-29T02:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(night, midnight, hours(3))), "2026-03-30T00:00:00Z");
  // A range that lies in the hour that does not exist: not open that day.
  night.week.fill({MinuteRange{130, 170}});
  EXPECT_EQ(format_utc(next_open(night, midnight)), "2026-03-30T00:10:00Z");
  // One that begins in it: open from the change on.
  night.week.fill({MinuteRange{130, 200}});
  EXPECT_EQ(format_utc(next_open(night, midnight)), "2026-03-29T01:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(night, midnight, minutes(20))), "2026-03-29T01:20:00Z");
  EXPECT_EQ(format_utc(add_open_time(night, midnight, minutes(21))), "2026-03-30T00:11:00Z");
}

TEST(CalendarTest, HoursThatExistTwiceCountTwice) {
  Timetable night;
  night.time_zone = "Europe/Paris";
  night.week.fill({MinuteRange{120, 180}});  // 2-3 h, twice on 25 October 2026
  const Instant midnight = at("2026-10-24T22:00:00Z");
  EXPECT_EQ(format_utc(next_open(night, midnight)), "2026-10-25T00:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(night, midnight, hours(2))), "2026-10-25T02:00:00Z");
  EXPECT_FALSE(is_open_at(night, at("2026-10-25T02:00:00Z")));
  // 2:00-2:30: open, shut, open again.
  night.week.fill({MinuteRange{120, 150}});
  EXPECT_TRUE(is_open_at(night, at("2026-10-25T00:29:00Z")));
  EXPECT_FALSE(is_open_at(night, at("2026-10-25T00:30:00Z")));
  EXPECT_EQ(format_utc(next_open(night, at("2026-10-25T00:30:00Z"))), "2026-10-25T01:00:00Z");
}

TEST(CalendarTest, DaytimeFollowsTheLocalClockOfEachTerritory) {
  const std::vector<std::array<std::string, 3>> opening = {
      // zone, 8 h in winter, 8 h in summer
      {"Europe/Paris", "2026-01-15T07:00:00Z", "2026-07-15T06:00:00Z"},
      {"America/Guadeloupe", "2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"},
      {"America/Miquelon", "2026-01-15T11:00:00Z", "2026-07-15T10:00:00Z"},
      {"Pacific/Noumea", "2026-01-15T21:00:00Z", "2026-07-15T21:00:00Z"},
      {"Indian/Reunion", "2026-01-15T04:00:00Z", "2026-07-15T04:00:00Z"},
  };
  for (const auto& [zone, winter, summer] : opening) {
    const Timetable timetable = daytime(zone);
    ASSERT_TRUE(check_timetable(timetable).has_value());
    for (const auto& text : {winter, summer}) {
      const Instant eight = at(text);
      EXPECT_EQ(next_open(timetable, eight - hours(11)), eight) << zone;
      EXPECT_TRUE(is_open_at(timetable, eight + hours(12) - Duration(1))) << zone;
      EXPECT_FALSE(is_open_at(timetable, eight + hours(12))) << zone;
    }
  }
}

TEST(CalendarTest, OpenDayAndNightIsElapsedTimeAcrossClockChanges) {
  for (const char* zone : {"Europe/Paris", "America/Miquelon", "Pacific/Noumea"}) {
    const Timetable timetable = always(zone);
    for (const char* text : {"2026-03-07T12:00:00Z", "2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z",
                             "2026-10-31T12:00:00Z"}) {
      EXPECT_EQ(add_open_time(timetable, at(text), hours(48)), at(text) + hours(48)) << zone;
    }
    EXPECT_EQ(add_open_time(timetable, at("2026-01-01T00:00:00Z"), hours(24 * 800)),
              at("2026-01-01T00:00:00Z") + hours(24 * 800));
  }
}

TEST(CalendarTest, HolidaysAreTheLocalDayOfTheRegion) {
  // 27 May 2026 is a Wednesday. 3 h UTC is still the evening of the 26th in Guadeloupe.
  Timetable timetable = always("America/Guadeloupe");
  timetable.holidays = "guadeloupe";
  EXPECT_TRUE(is_open_at(timetable, at("2026-05-27T03:59:00Z")));
  EXPECT_FALSE(is_open_at(timetable, at("2026-05-27T04:00:00Z")));
  EXPECT_EQ(format_utc(next_open(timetable, at("2026-05-27T12:00:00Z"))), "2026-05-28T04:00:00Z");
  timetable.holidays = "martinique";
  EXPECT_TRUE(is_open_at(timetable, at("2026-05-27T12:00:00Z")));
  timetable.holidays.clear();
  EXPECT_TRUE(is_open_at(timetable, at("2026-12-25T12:00:00Z")));
}

TEST(CalendarTest, ALongAbsenceEndsAfterFourHundredDays) {
  Timetable timetable = daytime("Europe/Paris");
  timetable.shut = {{"2020-01-01", "2030-12-31"}};
  ASSERT_TRUE(check_timetable(timetable).has_value());
  const Instant from = at("2026-01-05T10:00:00Z");
  EXPECT_FALSE(is_open_at(timetable, from));
  EXPECT_EQ(next_open(timetable, from), from + hours(24 * 400));
  EXPECT_EQ(add_open_time(timetable, from, hours(1)), from + hours(24 * 400));
  // 390 days are waited for, to the hour.
  timetable.shut = {{"2026-01-06", "2027-01-30"}};
  EXPECT_EQ(format_utc(next_open(timetable, at("2026-01-05T19:00:00Z"))), "2027-01-31T07:00:00Z");
  EXPECT_EQ(format_utc(add_open_time(timetable, at("2026-01-05T18:00:00Z"), hours(2))),
            "2027-01-31T08:00:00Z");
}

TEST(CalendarTest, InstantsFarAwayAreGivenBack) {
  const Timetable timetable = always("Europe/Paris");
  for (const Instant instant :
       {Instant::min(), Instant::max(), at("0001-01-01T00:00:00Z"), at("9999-12-31T00:00:00Z")}) {
    EXPECT_FALSE(is_open_at(timetable, instant));
    EXPECT_EQ(next_open(timetable, instant), instant);
    EXPECT_EQ(add_open_time(timetable, instant, hours(1)), instant);
  }
  Timetable weekdays = office("Europe/Paris", "metropolitan");
  // 14 July 1789 was a Tuesday, no holiday yet; 14 July 2200 is a Monday.
  EXPECT_TRUE(is_open_at(weekdays, at("1789-07-14T10:00:00Z")));
  EXPECT_FALSE(is_open_at(weekdays, at("2200-07-14T10:00:00Z")));
  EXPECT_TRUE(is_open_at(weekdays, at("2200-07-15T10:00:00Z")));
  const Instant end = add_open_time(timetable, at("9998-12-31T00:00:00Z"), Duration::max());
  EXPECT_EQ(format_utc(end).substr(0, 10), "9999-01-01");
}

TEST(CalendarTest, AZoneThatIsLostCountsAsUtc) {
  EXPECT_EQ(format_utc(next_open(daytime("Europe/Atlantis"), at("2026-07-01T00:00:00Z"))),
            "2026-07-01T08:00:00Z");
}

TEST(CalendarTest, RefusesTimetablesThatContradictThemselves) {
  const auto refused = [](auto change) {
    Timetable timetable = office("Europe/Paris", "metropolitan");
    change(timetable);
    const auto checked = check_timetable(timetable);
    return !checked && checked.error().code == ErrorCode::configuration_invalid;
  };
  EXPECT_FALSE(refused([](Timetable&) {}));
  EXPECT_TRUE(refused([](Timetable& t) { t.time_zone = ""; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.time_zone = "Europe/Atlantis"; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.time_zone = "../../etc/passwd"; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.holidays = "atlantis"; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.week = {}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.week[6] = {{600, 600}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.week[6] = {{-1, 600}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.week[6] = {{600, 1441}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.week[6] = {{600, 720}, {700, 800}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.week[6] = {{600, 720}, {720, 800}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.week[6] = {{800, 900}, {600, 720}}; }));
  EXPECT_FALSE(refused([](Timetable& t) { t.week[6] = {{0, 720}, {721, 1440}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.shut = {{"2026-02-02", "2026-02-01"}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.shut = {{"2026-02-30", "2026-03-01"}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.shut = {{"", "2026-03-01"}}; }));
  EXPECT_FALSE(refused([](Timetable& t) { t.shut = {{"2026-02-01", "2026-02-01"}}; }));
  EXPECT_TRUE(refused([](Timetable& t) { t.shut.resize(1001, {"2026-02-01", "2026-02-01"}); }));
}

// ---- holidays -----------------------------------------------------------------------------------

TEST(CalendarTest, EasterIsThatOfTheChurch) {
  const std::vector<std::string> known = {"1583-04-10", "1818-03-22", "1943-04-25", "2000-04-23",
                                          "2008-03-23", "2024-03-31", "2025-04-20", "2026-04-05",
                                          "2027-03-28", "2038-04-25", "2285-03-22"};
  for (const std::string& date : known) {
    int year = 0;
    for (const char digit : date.substr(0, 4)) year = year * 10 + (digit - '0');
    EXPECT_EQ(easter_sunday(year), date);
  }
  EXPECT_EQ(easter_sunday(1582), "");
  EXPECT_EQ(easter_sunday(10000), "");
  EXPECT_EQ(easter_sunday(-4), "");
}

// Knuth, The Art of Computer Programming 1.3.2, exercise 14, after Lilius and Clavius.
TEST(CalendarTest, EasterAgreesWithLiliusAndClavius) {
  for (int year = 1583; year <= 9999; ++year) {
    const int golden = year % 19 + 1, century = year / 100 + 1;
    const int dropped = 3 * century / 4 - 12, moon = (8 * century + 5) / 25 - 5;
    const int sundays = 5 * year / 4 - dropped - 10;
    int epact = (11 * golden + 20 + moon - dropped) % 30;
    if (epact < 0) epact += 30;
    if ((epact == 25 && golden > 11) || epact == 24) ++epact;
    int full_moon = 44 - epact;
    if (full_moon < 21) full_moon += 30;
    const int day = full_moon + 7 - (sundays + full_moon) % 7;
    const auto march = Days{std::chrono::year{year} / 3 / 1};
    const auto expected = march + std::chrono::days(day - 1);
    ASSERT_EQ(easter_sunday(year), format_utc(Instant(expected)).substr(0, 10));
  }
}

std::vector<std::string> own_days(const std::string& region, int year) {
  const auto common = public_holidays("metropolitan", year);
  std::vector<std::string> own;
  for (const auto& date : public_holidays(region, year)) {
    if (std::find(common.begin(), common.end(), date) == common.end()) own.push_back(date);
  }
  EXPECT_EQ(public_holidays(region, year).size(), common.size() + own.size()) << region;
  return own;
}

TEST(CalendarTest, EveryRegionHasTheDaysOfItsLaw) {
  using Dates = std::vector<std::string>;
  std::set<std::string> metropolitan;
  for (int year = 2025; year <= 2027; ++year) {
    for (const auto& date : public_holidays("metropolitan", year)) metropolitan.insert(date);
  }
  EXPECT_EQ(metropolitan, kMetropolitan);
  const std::vector<std::pair<std::string, Dates>> of_2026 = {
      {"metropolitan", {}},
      {"alsace_moselle", {"2026-04-03", "2026-12-26"}},
      {"guadeloupe", {"2026-05-27"}},
      {"martinique", {"2026-05-22"}},
      {"guyane", {"2026-06-10"}},
      {"reunion", {"2026-12-20"}},
      {"mayotte", {"2026-04-27"}},
      {"saint_martin", {"2026-05-28"}},
      {"saint_barthelemy", {"2026-10-09"}},
      {"saint_pierre_et_miquelon", {}},
      {"nouvelle_caledonie", {"2026-09-24"}},
      {"polynesie", {"2026-03-05", "2026-04-03", "2026-11-20"}},
      {"wallis_et_futuna", {"2026-04-28", "2026-07-29"}},
  };
  Dates names;
  for (const auto& [region, dates] : of_2026) {
    names.push_back(region);
    EXPECT_EQ(own_days(region, 2026), dates) << region;
  }
  EXPECT_EQ(holiday_regions(), names);
}

TEST(CalendarTest, HolidaysHaveAFirstAndALastYear) {
  EXPECT_EQ(own_days("polynesie", 2024),
            (std::vector<std::string>{"2024-03-05", "2024-03-29", "2024-06-29"}));
  EXPECT_EQ(own_days("saint_martin", 2017), std::vector<std::string>{"2017-05-27"});
  EXPECT_EQ(own_days("guadeloupe", 1983), std::vector<std::string>{});
  const auto has = [](int year, const std::string& date) {
    const auto dates = public_holidays("metropolitan", year);
    return std::find(dates.begin(), dates.end(), date) != dates.end();
  };
  EXPECT_FALSE(has(1981, "1981-05-08"));
  EXPECT_TRUE(has(1982, "1982-05-08"));
  EXPECT_EQ(public_holidays("metropolitan", 1700).size(), 0U);
  EXPECT_EQ(public_holidays("metropolitan", 9999).size(), 11U);
  EXPECT_EQ(public_holidays("metropolitan", 10000).size(), 0U);
  EXPECT_EQ(public_holidays("atlantis", 2026).size(), 0U);
  // Ascension Day of 2008 was 1 May.
  EXPECT_EQ(public_holidays("metropolitan", 2008).size(), 10U);
}

std::string shipped_holidays() {
  std::ifstream file(TELAVIS_SOURCE_DIR "/engine/core/holidays.json");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(CalendarTest, TheShippedHolidaysAreSound) {
  const auto checked = check_holidays(shipped_holidays());
  EXPECT_TRUE(checked.has_value()) << checked.error().text;
}

TEST(CalendarTest, RefusesATableOfHolidaysThatIsNotSound) {
  const auto table = [](const std::string& day) {
    return R"({"comment": "c", "checked_on": "2026-01-01", "regions": [{"name": "a", )"
           R"("source": "s", "days": [{"name": "n", "source": "s", )" +
           day + "}]}]}";
  };
  const std::string rest = R"(, "from": 2000, "certainty": "high")";
  const auto sound = [](const std::string& json) { return check_holidays(json).has_value(); };
  EXPECT_TRUE(sound(table(R"("day": "05-01")" + rest)));
  EXPECT_TRUE(sound(table(R"("day": "easter-2")" + rest)));
  for (const char* day :
       {"", "5-1", "13-01", "02-29", "02-30", "05-01x", "easter", "easter2", "easter+", "easter+-1",
        "easter-71", "easter+231", "easter+1x", "easter+99999999999", "+1-01", "Easter+1"}) {
    EXPECT_FALSE(sound(table("\"day\": \"" + std::string(day) + "\"" + rest))) << day;
  }
  EXPECT_FALSE(sound(table(R"("day": "05-01", "from": 2000, "to": 1999, "certainty": "high")")));
  EXPECT_FALSE(sound(table(R"("day": "05-01", "from": 1500, "certainty": "high")")));
  EXPECT_FALSE(sound(table(R"("day": "05-01", "from": 2000, "certainty": "sure")")));
  EXPECT_FALSE(sound(table(R"("day": "05-01", "frm": 2000)" + rest)));
  EXPECT_FALSE(sound(table(R"("from": 2000, "certainty": "high")")));
  EXPECT_FALSE(sound(""));
  EXPECT_FALSE(sound("[]"));
  const std::string head = R"({"comment": "c", "checked_on": "2026-01-01", "regions": )";
  EXPECT_FALSE(sound(head + "[]}"));
  EXPECT_FALSE(sound(head + R"([{"name": "a", "source": "s", "days": []},)"
                            R"({"name": "a", "source": "s", "days": []}]})"));
  EXPECT_FALSE(sound(head + R"([{"name": "a", "includes": "b", "source": "s", "days": []},)"
                            R"({"name": "b", "source": "s", "days": []}]})"));
}

}  // namespace
}  // namespace telavis
