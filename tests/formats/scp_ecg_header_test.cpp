// SPDX-License-Identifier: Apache-2.0
// Section 1 and its traps, and sections 7 and 8, through decode_scp_ecg.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/scp_ecg.h"
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
std::vector<std::string> codes(const EcgRecording& recording) {
  std::vector<std::string> list;
  for (const Finding& finding : recording.findings) list.push_back(finding.code);
  return list;
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

// ---- section 7 ----

Bytes sixteen(const std::vector<unsigned>& values) {
  Bytes out;
  for (const unsigned value : values) append16(out, value);
  return out;
}

TEST(ScpEcgMeasurements, ReadsTheFirstReferenceBeatAndWhatFollows) {
  ScpBuilder builder = small_scp();
  Bytes& data = builder.sections[7];
  data = {2, 1};
  append_all(data, sixteen({731, 29999}));
  append_all(data, sixteen({100, 202, 277, 377, 620, 64, 65536 - 61, 999}));
  append_all(data, sixteen({1, 2, 3, 4, 5, 6, 7, 8}));  // a second beat
  append_all(data, sixteen({400, 500}));                // a spike
  append_all(data, {1, 0, 1, 0, 2, 0});
  append_all(data, {3, 0, 1, 1, 1});  // three beats and their types
  append_all(data, sixteen({82, 29999, 401}));
  append_all(data, {1, 0, 0});
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  const Measurements& m = recording->measurements;
  EXPECT_EQ(m.rr_ms, 731);
  EXPECT_EQ(m.pp_ms, std::nullopt);
  EXPECT_EQ(m.p_duration_ms, 102);
  EXPECT_EQ(m.pr_ms, 177);
  EXPECT_EQ(m.qrs_ms, 100);
  EXPECT_EQ(m.qt_ms, 343);
  EXPECT_EQ(m.p_axis_deg, 64);
  EXPECT_EQ(m.qrs_axis_deg, -61);
  EXPECT_EQ(m.t_axis_deg, std::nullopt);
  EXPECT_EQ(m.pacemaker_spikes, 1);
  EXPECT_EQ(m.ventricular_rate_bpm, 82);
  EXPECT_EQ(m.atrial_rate_bpm, std::nullopt);
  EXPECT_EQ(m.qtc_ms, 401);
  EXPECT_THAT(codes(*recording), IsEmpty());
}

TEST(ScpEcgMeasurements, NeverShowsAValueThatStandsForNone) {
  for (const unsigned none : {29999U, 29998U, 19999U}) {
    ScpBuilder builder = small_scp();
    Bytes& data = builder.sections[7];
    data = {1, 0};
    append_all(data, sixteen({none, none}));
    append_all(data, sixteen({none, none, 277, none, none, none, none, none}));
    append_all(data, sixteen({0, none, none, none}));
    const auto recording = decode_scp_ecg(builder.build());
    ASSERT_TRUE(recording);
    const Measurements& m = recording->measurements;
    for (const auto& value : {m.ventricular_rate_bpm, m.atrial_rate_bpm, m.rr_ms, m.pp_ms,
                              m.p_duration_ms, m.pr_ms, m.qrs_ms, m.qt_ms, m.qtc_ms, m.p_axis_deg,
                              m.qrs_axis_deg, m.t_axis_deg, m.pacemaker_spikes}) {
      EXPECT_EQ(value, std::nullopt);
    }
  }
}

TEST(ScpEcgMeasurements, EndsEarlyInVersion1AndWhereBeatsAreNotCounted) {
  ScpBuilder builder = small_scp();
  Bytes& data = builder.sections[7];
  data = {0, 14};
  append_all(data, sixteen({800, 0}));
  data.resize(data.size() + 14 * 10, 0);
  auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->measurements.rr_ms, 800);
  EXPECT_EQ(recording->measurements.pacemaker_spikes, 14);
  EXPECT_THAT(codes(*recording), IsEmpty());
  append_all(data, sixteen({29999}));
  recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_THAT(codes(*recording), IsEmpty());
}

TEST(ScpEcgMeasurements, SaysWhenTheSectionIsCut) {
  ScpBuilder builder = small_scp();
  builder.sections[7] = {3, 0, 0x20, 3, 0, 0, 1, 0};
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->measurements.rr_ms, 800);
  EXPECT_THAT(codes(*recording), ElementsAre("measurements_truncated"));
}

// ---- section 8 ----

TEST(ScpEcgStatements, ReadsTextsInEitherEncoding) {
  ScpBuilder builder = small_scp();
  Bytes& data = builder.sections[8];
  data = {1, 0xE1, 0x07, 6, 7, 9, 56, 6, 3};
  append_all(data, {1, 6, 0, 'm', 0xE5, 's', 't', 'e', 0});
  append_all(data, {2, 1, 0, 0});  // empty
  append_all(data, {3, 4, 0, 0xC3, 0xA9, 0x0B, '!'});
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_THAT(recording->statements, ElementsAre("måste", "é !"));
  EXPECT_THAT(codes(*recording), IsEmpty());
}

TEST(ScpEcgStatements, SaysWhenTheyAreCut) {
  ScpBuilder builder = small_scp();
  builder.sections[8] = {0, 0, 0, 0, 0, 0, 0, 0, 200, 1, 0xFF, 0xFF, 'A', 'B'};
  auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_THAT(recording->statements, ElementsAre("AB"));
  EXPECT_THAT(codes(*recording), ElementsAre("statements_truncated"));
  builder.sections[8] = {0, 0};
  recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_THAT(codes(*recording), ElementsAre("statements_truncated"));
}

}  // namespace telavis::test::scp_ecg_header_test
