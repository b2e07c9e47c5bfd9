// SPDX-License-Identifier: Apache-2.0
// Section 1 and its traps, through decode_scp_ecg.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/scp_ecg.h"
#include "tests/formats/finding_codes.h"
#include "tests/formats/scp_builder.h"

namespace telavis::test::scp_ecg_header_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ScpBuilder without_tags() {
  ScpBuilder builder = small_scp();
  builder.tags.clear();
  return builder;
}
void date_and_time(ScpBuilder& builder) {
  builder.tag(25, Bytes{0xD2, 0x07, 11, 22});
  builder.tag(26, Bytes{9, 10, 0});
}
EcgRecording decoded(ScpBuilder& builder) {
  builder.end_tags();
  auto recording = decode_scp_ecg(builder.build());
  EXPECT_TRUE(recording);
  return recording.value_or(EcgRecording{});
}
TEST(ScpEcgHeader, ReadsIdentityInAnyOrderOfTags) {
  ScpBuilder builder = without_tags();
  builder.tag(31, "sequence");
  builder.tag(8, Bytes{2});
  builder.tag(2, std::string_view("ID 7\0", 5));
  date_and_time(builder);
  builder.tag(5, Bytes{0xA1, 0x07, 5, 8});
  builder.tag(0, std::string_view("D\xC9MO\0", 5));         // ISO-8859-1
  builder.tag(1, std::string_view("Zo\xC3\xAB\0junk", 9));  // UTF-8, then what an editor left
  const EcgRecording recording = decoded(builder);
  EXPECT_EQ(recording.patient.family_name, "DÉMO");
  EXPECT_EQ(recording.patient.given_name, "Zoë");
  EXPECT_EQ(recording.patient.id, "ID 7");
  EXPECT_EQ(recording.patient.birth_date, "1953-05-08");
  EXPECT_EQ(recording.patient.sex, Sex::female);
  EXPECT_EQ(recording.acquired_at.iso8601(), "2002-11-22T09:10:00");
  EXPECT_THAT(codes(recording), IsEmpty());
}

TEST(ScpEcgHeader, ReadsEmptyUnterminatedAndUnknownTexts) {
  ScpBuilder builder = without_tags();
  builder.tag(0, "");                         // length 0
  builder.tag(1, std::string_view("\0", 1));  // only the zero
  builder.tag(2, "NOZERO");
  builder.tag(6, "");
  builder.tag(7, "REM");
  builder.tag(8, "R");
  builder.tag(200, "vendor");
  date_and_time(builder);
  const EcgRecording recording = decoded(builder);
  EXPECT_EQ(recording.patient.family_name, "");
  EXPECT_EQ(recording.patient.given_name, "");
  EXPECT_EQ(recording.patient.id, "NOZERO");
  EXPECT_EQ(recording.patient.sex, Sex::unknown);
  EXPECT_THAT(codes(recording), IsEmpty());
}

TEST(ScpEcgHeader, LeavesOutDatesThatAreNone) {
  ScpBuilder builder = without_tags();
  builder.tag(5, Bytes{0x07, 0x6C, 1, 1});  // big-endian 1900
  builder.tag(25, Bytes{0x07, 0xD0, 1, 1});
  builder.tag(26, Bytes{0, 0, 0});
  const EcgRecording recording = decoded(builder);
  EXPECT_EQ(recording.patient.birth_date, "");
  EXPECT_EQ(recording.acquired_at.local, "");
  EXPECT_THAT(codes(recording), ElementsAre("birth_date_invalid", "acquisition_time_invalid"));
}

TEST(ScpEcgHeader, SaysOnceWhatStandsManyTimes) {
  ScpBuilder builder = without_tags();
  for (int i = 0; i < 1000; ++i) {
    builder.tag(5, Bytes{0x07, 0x6C, 1, 1});
    builder.tag(14, Bytes{1});
    builder.tag(34, Bytes{0x49, 0x03, 0, 0, 0});
  }
  date_and_time(builder);
  EXPECT_THAT(codes(decoded(builder)),
              ElementsAre("birth_date_invalid", "device_unreadable", "time_zone_invalid"));
}

TEST(ScpEcgHeader, KnowsTheCalendar) {
  const auto birth = [](unsigned year, std::uint8_t month, std::uint8_t day) {
    ScpBuilder builder = without_tags();
    Bytes value;
    append16(value, year);
    append_all(value, {month, day});
    builder.tag(5, value);
    date_and_time(builder);
    return decoded(builder).patient.birth_date;
  };
  EXPECT_EQ(birth(2000, 2, 29), "2000-02-29");
  EXPECT_EQ(birth(2024, 2, 29), "2024-02-29");
  EXPECT_EQ(birth(1900, 2, 29), "");
  EXPECT_EQ(birth(2023, 2, 29), "");
  EXPECT_EQ(birth(2023, 4, 31), "");
  EXPECT_EQ(birth(2023, 12, 31), "2023-12-31");
  EXPECT_EQ(birth(2023, 13, 1), "");
  EXPECT_EQ(birth(2023, 0, 1), "");
  EXPECT_EQ(birth(1799, 1, 1), "");
  EXPECT_EQ(birth(2201, 1, 1), "");
  EXPECT_EQ(birth(0, 0, 0), "");
}

TEST(ScpEcgHeader, SaysWhenTheMomentIsMissing) {
  ScpBuilder builder = without_tags();
  builder.tag(2, "X");
  EXPECT_THAT(codes(decoded(builder)), ElementsAre("acquisition_time_missing"));
  builder = without_tags();
  builder.tag(25, Bytes{0xD2, 0x07, 11, 22});
  builder.tag(26, Bytes{24, 0, 0});
  EXPECT_THAT(codes(decoded(builder)), ElementsAre("acquisition_time_invalid"));
}

TEST(ScpEcgHeader, StopsAtATagThatRunsPastTheEnd) {
  ScpBuilder builder = small_scp();
  builder.tags = {2, 2, 0, 'I', 'D', 0, 200, 0, 'x'};
  builder.sections[1] = builder.tags;
  auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->patient.id, "ID");
  EXPECT_THAT(codes(*recording), ElementsAre("header_truncated", "acquisition_time_missing"));
  builder.sections[1] = {2, 2, 0, 'I', 'D'};
  recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->patient.id, "ID");
  EXPECT_THAT(codes(*recording), ElementsAre("header_unterminated", "acquisition_time_missing"));
}

Bytes device(std::string_view strings, std::uint8_t protocol = 20) {
  Bytes value = {0, 0, 0, 0, 0, 0, 0, 255, 'M', 'O', 'D', 'E', 'L', '6', protocol};
  value.resize(35, 0);
  value.push_back(1);
  append_all(value, bytes_of(strings));
  return value;
}

TEST(ScpEcgHeader, ReadsTheDeviceWithinItsField) {
  ScpBuilder builder = without_tags();
  date_and_time(builder);
  builder.tag(14, device(std::string_view("prog\0S-1\0sys\0scp\0Maker\0", 23)));
  EcgRecording recording = decoded(builder);
  EXPECT_EQ(recording.device.model, "MODEL6");
  EXPECT_EQ(recording.device.serial, "S-1");
  EXPECT_EQ(recording.device.manufacturer, "Maker");
  // Strings that end with the field: no zero, or not all of them.
  builder = without_tags();
  date_and_time(builder);
  builder.tag(14, device(std::string_view("\0S-1", 4)));
  recording = decoded(builder);
  EXPECT_EQ(recording.device.serial, "S-1");
  EXPECT_EQ(recording.device.manufacturer, "");
  // Every shorter length.
  const Bytes whole = device(std::string_view("prog\0S-1\0sys\0scp\0Maker\0", 23));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    builder = without_tags();
    date_and_time(builder);
    builder.tag(14, Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
    recording = decoded(builder);
    EXPECT_EQ(recording.device.model, length < 15 ? "" : "MODEL6");
  }
}

TEST(ScpEcgHeader, TakesTheVersionFromTheDeviceWhereTheSectionHasNone) {
  ScpBuilder builder = without_tags();
  builder.version = 0;
  date_and_time(builder);
  builder.tag(14, device("", 11));
  EXPECT_EQ(decoded(builder).version, "1.1");
}

TEST(ScpEcgHeader, NamesTheMakerByItsCodeWhereNoTextDoes) {
  Bytes value = device("");
  value[7] = 17;
  ScpBuilder builder = without_tags();
  date_and_time(builder);
  builder.tag(14, value);
  EXPECT_EQ(decoded(builder).device.manufacturer, "Schiller");
  value[7] = 255;
  builder = without_tags();
  date_and_time(builder);
  builder.tag(14, value);
  EXPECT_EQ(decoded(builder).device.manufacturer, "");
}

TEST(ScpEcgHeader, SaysWhenTextsUseACharacterSetThatIsNotRead) {
  Bytes value = device("");
  value[16] = 0x13;  // Cyrillic
  const auto with_name = [&](std::string_view name, unsigned version) {
    ScpBuilder builder = without_tags();
    builder.version = version;
    builder.tag(0, name);
    date_and_time(builder);
    builder.tag(14, value);  // after the name
    return codes(decoded(builder));
  };
  EXPECT_THAT(with_name("\xB4\xD5\xDC\xDE", 20), ElementsAre("text_encoding_unknown"));
  EXPECT_THAT(with_name("DEMO", 20), IsEmpty());
  EXPECT_THAT(with_name("Д", 20), IsEmpty());  // UTF-8 is no guess
  EXPECT_THAT(with_name("\xB4\xD5", 30), IsEmpty());
  value[16] = 0;
  EXPECT_THAT(with_name("D\xC9MO", 20), IsEmpty());
}

TEST(ScpEcgHeader, ReadsFiltersAndTimeZone) {
  ScpBuilder builder = without_tags();
  date_and_time(builder);
  builder.tag(27, Bytes{5, 0});
  builder.tag(28, Bytes{150, 0});
  builder.tag(29, Bytes{2});
  builder.tag(34, Bytes{0x10, 0xFF, 0, 0, 0});
  EcgRecording recording = decoded(builder);
  EXPECT_DOUBLE_EQ(recording.filters.high_pass_hz.value_or(0), 0.05);
  EXPECT_DOUBLE_EQ(recording.filters.low_pass_hz.value_or(0), 150);
  EXPECT_EQ(recording.filters.notch_hz, 50);
  EXPECT_EQ(recording.acquired_at.iso8601(), "2002-11-22T09:10:00-04:00");
  builder = without_tags();
  date_and_time(builder);
  builder.tag(27, Bytes{0, 0});
  builder.tag(28, Bytes{0, 0});
  builder.tag(29, Bytes{3});
  builder.tag(34, Bytes{0xFF, 0x7F, 0, 0, 0});
  recording = decoded(builder);
  EXPECT_FALSE(recording.filters.high_pass_hz);
  EXPECT_FALSE(recording.filters.low_pass_hz);
  EXPECT_FALSE(recording.filters.notch_hz);
  EXPECT_FALSE(recording.acquired_at.utc_offset_minutes);
  EXPECT_THAT(codes(recording), IsEmpty());
  builder.tag(34, Bytes{0x49, 0x03, 0, 0, 0});  // 841 minutes
  EXPECT_THAT(codes(decoded(builder)), ElementsAre("time_zone_invalid"));
}

}  // namespace telavis::test::scp_ecg_header_test
