// SPDX-License-Identifier: Apache-2.0
// Sections 7, 8, 10 and 11, through decode_scp_ecg.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/scp_ecg.h"
#include "tests/formats/finding_codes.h"
#include "tests/formats/scp_builder.h"

namespace telavis::test::scp_ecg_report_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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
  append_all(data, {1, 7, 0, 1, 5, 1, 2, 3, 4, 5});  // Bazett, tagged fields
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
  EXPECT_EQ(m.qtc_formula, QtcFormula::bazett);
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

TEST(ScpEcgMeasurements, KnowsTheFormulasOfQtc) {
  const auto formula = [](std::uint8_t stored) {
    ScpBuilder builder = small_scp();
    Bytes& data = builder.sections[7];
    data = {0, 0, 0, 0, 0, 0, 0, 0};
    append_all(data, sixteen({60, 60, 400}));
    append_all(data, {stored, 0, 0});
    const auto recording = decode_scp_ecg(builder.build());
    return recording ? recording->measurements.qtc_formula : std::nullopt;
  };
  EXPECT_EQ(formula(0), std::nullopt);
  EXPECT_EQ(formula(1), QtcFormula::bazett);
  EXPECT_EQ(formula(2), QtcFormula::hodges);
  EXPECT_EQ(formula(3), QtcFormula::unknown);
  EXPECT_EQ(formula(200), QtcFormula::unknown);
}

TEST(ScpEcgMeasurements, DerivesTheRateOfVersion1WhichEndsAfterTheSpikes) {
  ScpBuilder builder = small_scp();
  builder.version = 10;
  Bytes& data = builder.sections[7];
  data = {1, 0};
  append_all(data, sixteen({790, 800, 100, 202, 277, 377, 620, 64, 10, 20}));
  append_all(data, {9, 9, 9, 9});  // not what version 2 has there
  auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->measurements.ventricular_rate_bpm, 76);
  EXPECT_EQ(recording->measurements.qrs_ms, 100);
  EXPECT_THAT(codes(*recording), IsEmpty());
  data[2] = 0x2F;  // not computed
  data[3] = 0x75;
  recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->measurements.ventricular_rate_bpm, std::nullopt);
}

TEST(ScpEcgMeasurements, SkipsTheByteTooManyOfEsaote) {
  ScpBuilder builder = small_scp();
  builder.version = 11;
  Bytes& data = builder.sections[7];
  data = {1, 0, 0};  // 45 bytes with it: one more pads the section
  append_all(data, sixteen({800, 810, 100, 202, 277, 377, 620, 64, 10, 20}));
  auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->measurements.rr_ms, 800);
  EXPECT_EQ(recording->measurements.pp_ms, 810);
  EXPECT_EQ(recording->measurements.pr_ms, 177);
  EXPECT_THAT(codes(*recording), IsEmpty());
  data.erase(data.begin() + 1);  // as the standard has it
  recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->measurements.rr_ms, 800);
  EXPECT_EQ(recording->measurements.pr_ms, 177);
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

TEST(ScpEcgStatements, SaysWhoConfirmedThem) {
  const auto confirmed = [](std::uint8_t of_8, std::uint8_t of_11, bool with_8 = true) {
    ScpBuilder builder = small_scp();
    if (with_8) builder.sections[8] = {of_8, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 'A', 0};
    builder.sections[11] = {of_11, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3, 0, 2, 'B', 0};
    const auto recording = decode_scp_ecg(builder.build());
    return recording && recording->statements_confirmed;
  };
  EXPECT_TRUE(confirmed(1, 1));
  EXPECT_FALSE(confirmed(1, 0));
  EXPECT_FALSE(confirmed(0, 1));
  EXPECT_FALSE(confirmed(2, 1));
  EXPECT_TRUE(confirmed(0, 1, false));
  ScpBuilder builder = small_scp();
  builder.sections[8] = {1, 0, 0, 0, 0, 0, 0, 0, 0};  // nothing that could be confirmed
  EXPECT_FALSE(decode_scp_ecg(builder.build())->statements_confirmed);
}

TEST(ScpEcgStatements, AddsUniversalStatementsThatSection8DoesNotGive) {
  ScpBuilder builder = small_scp();
  builder.sections[8] = {0, 0, 0, 0, 0, 0, 0, 0, 2};
  append_all(builder.sections[8], {1, 6, 0, 's', 'i', 'n', 'u', 's', 0});
  append_all(builder.sections[8], {2, 6, 0, 's', 'i', 'n', 'u', 's', 0});  // said twice: kept
  builder.sections[11] = {0, 0, 0, 0, 0, 0, 0, 0, 4};
  Bytes& data = builder.sections[11];
  append_all(data, {1, 7, 0, 2, 's', 'i', 'n', 'u', 's', 0});
  append_all(data, {2, 9, 0, 1, 'N', 'S', 'R', 0, 'P', 'R', 0, 0});
  append_all(data, {3, 6, 0, 3, '1', '&', '2', 0, 0});
  append_all(data, {4, 0, 0});  // empty
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_THAT(recording->statements, ElementsAre("sinus", "sinus", "NSR PR"));
  EXPECT_THAT(codes(*recording), ElementsAre("statement_logic_unread"));
}

TEST(ScpEcgStatements, SaysWhenUniversalStatementsAreCut) {
  ScpBuilder builder = small_scp();
  builder.sections[11] = {0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 9, 0, 1, 'N', 'S', 'R'};
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_THAT(recording->statements, ElementsAre("NSR"));
  EXPECT_THAT(codes(*recording), ElementsAre("statements_truncated"));
  EXPECT_THAT(recording->findings[0].text, ::testing::HasSubstr("11"));
}

// ---- section 10 ----

TEST(ScpEcgLeadMeasurements, ReadsEachLeadInFileOrder) {
  ScpBuilder builder = small_scp();
  Bytes& data = builder.sections[10];
  data = {2, 0, 62, 0, 3, 0, 42, 0};  // V1, 21 values
  append_all(data, sixteen({92,          157, 88,          360,  17,          42,  18,
                            5,           6,   65536 - 115, 1413, 65536 - 335, 7,   8,
                            65536 - 105, 126, 0,           268,  65536 - 9,   500, 2}));
  append_all(data, {61, 0, 6, 0});  // III, three values
  append_all(data, sixteen({29999, 19999, 29998}));
  const auto recording = decode_scp_ecg(builder.build());
  ASSERT_TRUE(recording);
  EXPECT_THAT(codes(*recording), IsEmpty());
  ASSERT_EQ(recording->lead_measurements.size(), 2);
  const LeadMeasurements& v1 = recording->lead_measurements[0];
  EXPECT_EQ(v1.code, LeadCode::V1);
  EXPECT_EQ(v1.p_duration_ms, 92);
  EXPECT_EQ(v1.pr_ms, 157);
  EXPECT_EQ(v1.qrs_ms, 88);
  EXPECT_EQ(v1.qt_ms, 360);
  EXPECT_EQ(v1.q_duration_ms, 17);
  EXPECT_EQ(v1.r_duration_ms, 42);
  EXPECT_EQ(v1.s_duration_ms, 18);
  EXPECT_EQ(v1.q_uv, -115);
  EXPECT_EQ(v1.r_uv, 1413);
  EXPECT_EQ(v1.s_uv, -335);
  EXPECT_EQ(v1.j_uv, -105);
  EXPECT_EQ(v1.p_positive_uv, 126);
  EXPECT_EQ(v1.p_negative_uv, 0);
  EXPECT_EQ(v1.t_positive_uv, 268);
  EXPECT_EQ(v1.t_negative_uv, -9);
  const LeadMeasurements& third = recording->lead_measurements[1];
  EXPECT_EQ(third.code, LeadCode::III);
  EXPECT_EQ(third.p_duration_ms, std::nullopt);
  EXPECT_EQ(third.pr_ms, std::nullopt);
  EXPECT_EQ(third.qrs_ms, std::nullopt);
  EXPECT_EQ(third.qt_ms, std::nullopt);
}

TEST(ScpEcgLeadMeasurements, SaysWhenTheyAreCut) {
  ScpBuilder builder = small_scp();
  for (const Bytes& data : {Bytes{1, 0}, Bytes{1, 0, 0, 0}, Bytes{2, 0, 0, 0, 1, 0, 2, 0, 90, 0},
                            Bytes{1, 0, 0, 0, 1, 0, 8, 0, 90, 0}, Bytes{65, 0, 0, 0}}) {
    builder.sections[10] = data;
    const auto recording = decode_scp_ecg(builder.build());
    ASSERT_TRUE(recording);
    EXPECT_THAT(codes(*recording), ElementsAre("lead_measurements_truncated"));
    if (data.size() == 10) {
      EXPECT_EQ(recording->lead_measurements.at(0).p_duration_ms, 90);
    }
  }
}

}  // namespace telavis::test::scp_ecg_report_test
