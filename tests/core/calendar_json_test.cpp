// SPDX-License-Identifier: Apache-2.0
#include "engine/core/calendar_json.h"

#include <gtest/gtest.h>

namespace telavis {
namespace {

struct Read {
  Timetable timetable;
  std::string error;
};

Read read(const std::string& availability) {
  JsonReader reader(R"({"availability":)" + availability + "}");
  Read read{read_timetable(reader, "availability"), ""};
  if (const auto finished = reader.finish(); !finished) read.error = finished.error().text;
  return read;
}

Timetable mornings() {
  Timetable timetable;
  timetable.time_zone = "America/Guadeloupe";
  timetable.holidays = "guadeloupe";
  timetable.week[0] = {{480, 750}, {840, 1440}};
  timetable.week[6] = {{0, 1}};
  timetable.shut = {{"2026-02-01", "2026-02-14"}, {"2026-08-01", "2026-08-01"}};
  return timetable;
}

TEST(TimetableJson, IsWrittenAndReadBack) {
  const std::string text = timetable_json(mornings());
  EXPECT_NE(text.find(R"("monday":["08:00-12:30","14:00-24:00"])"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("sunday":["00:00-00:01"])"), std::string::npos) << text;
  const Read back = read(text);
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.timetable, mornings());

  EXPECT_EQ(timetable_json({}), "null");
  EXPECT_EQ(read("null").timetable, Timetable());
  EXPECT_EQ(read("null").error, "");
}

TEST(TimetableJson, LeavesOutWhatIsNotNeeded) {
  const Read read_one = read(R"({"time_zone":"Europe/Paris","week":{"friday":["09:00-10:00"]}})");
  EXPECT_EQ(read_one.error, "");
  EXPECT_EQ(read_one.timetable.week[4], (std::vector<MinuteRange>{{540, 600}}));
  EXPECT_TRUE(read_one.timetable.holidays.empty());
  EXPECT_TRUE(read_one.timetable.shut.empty());
}

TEST(TimetableJson, SaysWhichMemberIsWrong) {
  const std::string week = R"("week":{"friday":["09:00-10:00"]})";
  const std::string paris = R"("time_zone":"Europe/Paris",)";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"[]", "'availability'"},
      {"{" + week + "}", "'availability.time_zone'"},
      {R"({"time_zone":"Europe/Lutetia",)" + week + "}", "'availability.time_zone'"},
      {"{" + paris + R"("holidays":"lutetia",)" + week + "}", "'availability.holidays'"},
      {R"({"time_zone":"Europe/Paris"})", "'availability.week'"},
      {"{" + paris + R"("week":{}})", "'availability'"},
      {"{" + paris + R"("week":{"friday":"09:00-10:00"}})", "'availability.week.friday'"},
      {"{" + paris + R"("week":{"friday":["10:00-09:00"]}})", "'availability.week.friday'"},
      {"{" + paris + R"("week":{"friday":["09:00-11:00","10:00-12:00"]}})", "'availability'"},
      {"{" + paris + R"("week":{"someday":["09:00-10:00"]}})", "'availability.week.someday'"},
      {"{" + paris + R"("open":true,)" + week + "}", "'availability.open'"},
      {"{" + paris + R"("shut":[{"from":"2026-02-01"}],)" + week + "}",
       "'availability.shut[0].to'"},
      {"{" + paris + R"("shut":[{"from":"2026-02-02","to":"2026-02-01"}],)" + week + "}",
       "'availability'"},
      {"{" + paris + R"("shut":[{"from":"2026-02-30","to":"2026-03-01"}],)" + week + "}",
       "'availability'"},
  };
  for (const auto& [text, path] : wrong) {
    EXPECT_NE(read(text).error.find(path), std::string::npos) << text << ": " << read(text).error;
  }
}

TEST(TimetableJson, BoundsTheHoursOfADay) {
  std::string ranges;
  for (int i = 0; i < 25; ++i) ranges += (i == 0 ? "\"" : ",\"") + std::string("09:00-10:00\"");
  EXPECT_NE(read(R"({"time_zone":"Europe/Paris","week":{"friday":[)" + ranges + "]}}")
                .error.find("'availability.week.friday'"),
            std::string::npos);
}

}  // namespace
}  // namespace telavis
