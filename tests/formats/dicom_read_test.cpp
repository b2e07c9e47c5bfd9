// SPDX-License-Identifier: Apache-2.0
// Reading ECG and PDF objects that no code of the project wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "formats/dicom.h"
#include "tests/formats/dicom_objects.h"
#include "tests/shared_samples.h"

namespace telavis::dicom_read_test {

using namespace telavis::test;
using Values = std::vector<std::int32_t>;

template <typename T>
ErrorCode error_of(const Result<T>& result) {
  return result ? ErrorCode::internal : result.error().code;
}

EcgRecording read_ecg(const Bytes& file) {
  auto exam = decode_dicom(file);
  EXPECT_TRUE(exam) << exam.error().text;
  if (!exam) return {};
  EXPECT_TRUE(exam->document.empty());
  return std::get<EcgRecording>(exam->exam);
}

EcgRecording read_groups(const std::vector<TestGroup>& groups, ObjectEncoding encoding = {}) {
  return read_ecg(ecg_object(groups, encoding).file(kGeneralEcgClass));
}

std::vector<std::string> codes_of(const std::vector<Finding>& findings) {
  std::vector<std::string> codes;
  codes.reserve(findings.size());
  for (const Finding& finding : findings) codes.push_back(finding.code);
  return codes;
}

TestGroup group_of(std::vector<std::vector<std::int64_t>> samples,
                   const std::vector<std::string>& codes = {"2:1"}) {
  TestGroup group;
  group.samples = std::move(samples);
  group.channels.clear();
  for (const std::string& code : codes) {
    group.channels.push_back(TestChannel{.code = code, .meaning = "a lead"});
  }
  return group;
}

TEST(DecodeDicom, FillsARecordingInEveryEncoding) {
  TestGroup group = group_of({{1, -2, 32767}, {-32768, 5, 6}}, {"2:1", "2:64"});
  group.channels[0].low_filter = "0.05";
  group.channels[0].high_filter = "150";
  group.channels[0].notch = "50";
  group.channels[1] = group.channels[0];
  group.channels[1].code = "2:64";
  for (const ObjectEncoding encoding :
       {ObjectEncoding{}, ObjectEncoding{.open_sequences = true},
        ObjectEncoding{.explicit_vr = false}, ObjectEncoding{.big_endian = true}}) {
    const EcgRecording recording = read_groups({group}, encoding);
    EXPECT_EQ(recording.format, "DICOM");
    EXPECT_EQ(recording.version, "General ECG Waveform");
    EXPECT_EQ(recording.patient.id, "4711");
    EXPECT_EQ(recording.patient.family_name, "MARTIN");
    EXPECT_EQ(recording.patient.given_name, "Zoé");
    EXPECT_EQ(recording.patient.birth_date, "1979-03-14");
    EXPECT_EQ(recording.patient.sex, Sex::female);
    EXPECT_EQ(recording.device.manufacturer, "Maker");
    EXPECT_EQ(recording.device.model, "Model 3");
    EXPECT_EQ(recording.device.serial, "SN 7");
    EXPECT_EQ(recording.acquired_at.iso8601(), "2026-03-09T10:20:30+01:00");
    EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
    EXPECT_EQ(recording.filters.low_pass_hz, 150);
    EXPECT_EQ(recording.filters.notch_hz, 50);
    ASSERT_EQ(recording.leads.size(), 2U);
    EXPECT_EQ(recording.leads[0].code, LeadCode::I);
    EXPECT_EQ(recording.leads[1].code, LeadCode::aVF);
    EXPECT_EQ(recording.leads[0].samples, (Values{1, -2, 32767}));
    EXPECT_EQ(recording.leads[1].samples, (Values{-32768, 5, 6}));
    EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 2500);
    EXPECT_EQ(recording.leads[0].sampling_interval_us, 2000);
    EXPECT_EQ(recording.leads[0].first_sample, 0U);
    EXPECT_FALSE(recording.leads[0].derived);
    EXPECT_THAT(recording.findings, testing::IsEmpty());
  }
}

TEST(DecodeDicom, KnowsLeadsInEveryDialect) {
  struct Case {
    TestChannel channel;
    LeadCode code;
    std::string label;
  };
  const std::vector<Case> cases = {
      {{.code = "2:61"}, LeadCode::III, ""},
      {{.code = "5.6.3-9-62  ", .scheme = "SCPECG"}, LeadCode::aVR, ""},
      {{.code = std::string("5.6.3-9-8\0\0", 11), .scheme = "SCPECG"}, LeadCode::V6, ""},
      {{.code = "131074", .scheme = "MDC"}, LeadCode::II, ""},
      {{.code = "MDC_ECG_LEAD_AVL"}, LeadCode::aVL, ""},
      {{.code = "mdc_ecg_lead_aVF"}, LeadCode::aVF, ""},
      {{.code = "MDC_ECG_LEAD_V3R"}, LeadCode::V3R, ""},
      {{.code = "MDC_ECG_LEAD_VX"}, LeadCode::X, ""},
      {{.code = "MDC_ECG_ELEC_POTL_V1"}, LeadCode::V1, ""},
      {{.code = "", .scheme = "", .meaning = "Lead I (Einthoven)"}, LeadCode::I, ""},
      {{.code = "LEAD1", .scheme = "99MAKER", .meaning = "Lead V4"}, LeadCode::V4, ""},
      {{.code = "X1", .scheme = "99MAKER", .meaning = "aVR, augmented voltage, right"},
       LeadCode::aVR,
       ""},
      {{.code = "", .scheme = "", .meaning = "", .label = "Lead_V9"}, LeadCode::V9, ""},
      {{.code = "C4", .scheme = "99MAKER", .meaning = "", .label = "ECG II"}, LeadCode::II, ""},
      {{.code = "2:0", .meaning = "Oesophagus", .label = "Oeso"}, LeadCode::unspecified, "Oeso"},
      {{.code = "Q", .scheme = "99MAKER", .meaning = "lead-5"}, LeadCode::unspecified, "lead-5"},
      {{.code = "", .scheme = "", .meaning = ""}, LeadCode::unspecified, "1"},
  };
  for (const Case& test : cases) {
    TestGroup group;
    group.channels = {test.channel};
    const EcgRecording recording = read_groups({group});
    ASSERT_EQ(recording.leads.size(), 1U) << test.channel.code << test.channel.meaning;
    EXPECT_EQ(recording.leads[0].code, test.code) << test.channel.code << test.channel.meaning;
    EXPECT_EQ(recording.leads[0].label, test.label);
  }
}

TEST(DecodeDicom, UnitsCorrectionAndBaselineAreExact) {
  struct Case {
    std::string sensitivity, unit, correction, baseline;
    double gain;
    Values samples;  // of 1, -2, 3
  };
  const std::vector<Case> cases = {
      {"0.00122", "mV", "1", "0", 1220, {1, -2, 3}},
      {"2.5", "uV", "", "0", 2500, {1, -2, 3}},
      {"2500", "nV", "1", "0", 2500, {1, -2, 3}},
      {"2.5e-6", "V", "1", "0", 2500, {1, -2, 3}},
      {"1.25", "uV", "2.000", "0", 2500, {1, -2, 3}},
      {"2.5", "\xB5V", "1", "0", 2500, {1, -2, 3}},
      {"2.5", "uV", "1", "25", 2500, {11, 8, 13}},  // ten whole steps
      {"0.005", "mV", "1", "-1.28", 5000, {-255, -258, -253}},
      {"2.5", "uV", "1", "1.25", 1250, {3, -3, 7}},  // half a step
      {"3", "uV", "1", "1", 1000, {4, -5, 10}},      // a third
      {"-2.5", "uV", "1", "0", 2500, {-1, 2, -3}},
      {"-2.5", "uV", "1", "25", 2500, {9, 12, 7}},
  };
  for (const Case& test : cases) {
    TestGroup group = group_of({{1, -2, 3}});
    group.channels[0].sensitivity = test.sensitivity;
    group.channels[0].unit = test.unit;
    group.channels[0].correction = test.correction;
    group.channels[0].baseline = test.baseline;
    const EcgRecording recording = read_groups({group});
    ASSERT_EQ(recording.leads.size(), 1U) << test.unit;
    EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, test.gain) << test.sensitivity << test.unit;
    EXPECT_EQ(recording.leads[0].samples, test.samples) << test.sensitivity << " " << test.baseline;
    EXPECT_THAT(recording.findings, testing::IsEmpty());
  }
}

TEST(DecodeDicom, IntervalsAreThoseThatWereMeant) {
  const std::vector<std::pair<std::string, double>> cases = {
      {"500", 2000},  {"1000", 1000},     {"250.000", 4000},          {"1e3", 1000},
      {"800", 1250},  {"300", 1e6 / 300}, {"599.880023995201", 1667}, {"600", 1e6 / 600},
      {"128", 7812.5}};
  for (const auto& [frequency, interval] : cases) {
    TestGroup group;
    group.frequency = frequency;
    EXPECT_EQ(read_groups({group}).leads[0].sampling_interval_us, interval) << frequency;
  }
}

TEST(DecodeDicom, SamplesOfEveryWidthAndSign) {
  struct Case {
    int bits;
    std::string interpretation, vr;
    std::uint32_t stored;
    std::vector<std::int64_t> written;
    Values read;
  };
  const std::vector<Case> cases = {
      {8, "SB", "OB", 8, {127, -128, 0, -1}, {127, -128, 0, -1}},
      {8, "SB", "OW", 8, {127, -128, 0, -1}, {127, -128, 0, -1}},
      {8, "UB", "OB", 8, {255, 128, 0, 1}, {255, 128, 0, 1}},
      {16, "US", "OW", 16, {65535, 32768, 0, 1}, {65535, 32768, 0, 1}},
      {16, "SS", "OW", 12, {0x0FFF, 0x0800, 0x07FF, 1}, {-1, -2048, 2047, 1}},  // sign at bit 11
      {16, "SS", "OW", 12, {-1, -2048, 2047, 1}, {-1, -2048, 2047, 1}},         // sign copied
      {16, "SS", "OW", 12, {-30000, 30000, 5, 1}, {-30000, 30000, 5, 1}},       // really 16 bits
      {16, "US", "OW", 12, {4095, 0, 1, 2}, {4095, 0, 1, 2}},
      {32,
       "SL",
       "OW",
       32,
       {-2147483647, 2147483647, 0, 70000},
       {-2147483647, 2147483647, 0, 70000}},
      {32, "SL", "OW", 24, {0xFFFFFF, 0x800000, 1, 2}, {-1, -8388608, 1, 2}},
      {32, "UL", "OW", 32, {100000, 0, 1, 2}, {100000, 0, 1, 2}}};
  for (const Case& test : cases) {
    TestGroup group = group_of({test.written});
    group.bits = test.bits;
    group.interpretation = test.interpretation;
    group.data_vr = test.vr;
    group.channels[0].bits_stored = test.stored;
    const EcgRecording recording = read_groups({group});
    ASSERT_EQ(recording.leads.size(), 1U);
    EXPECT_EQ(recording.leads[0].samples, test.read) << test.interpretation << test.stored;
    if (test.bits == 16) {
      EXPECT_EQ(read_groups({group}, {.big_endian = true}).leads[0].samples, test.read);
    }
  }
}

TEST(DecodeDicom, SoundIsRefusedWithTheReason) {
  TestGroup group;
  group.bits = 8;
  group.data_vr = "OB";
  for (const char* coding : {"MB", "AB"}) {
    group.interpretation = coding;
    const auto exam = decode_dicom(ecg_object({group}).file(kGeneralEcgClass));
    EXPECT_EQ(error_of(exam), ErrorCode::unsupported_encoding);
    EXPECT_THAT(exam.error().text, testing::HasSubstr("mu-law"));
  }
  group.interpretation = "SS";  // of 8 bits
  EXPECT_EQ(error_of(decode_dicom(ecg_object({group}).file(kGeneralEcgClass))),
            ErrorCode::unsupported_encoding);
}

TEST(DecodeDicom, PaddingIsAGap) {
  TestGroup group = group_of({{-32768, -32768, 7, 8},
                              {1, 2, -32768, 4},
                              {5, 6, 7, -32768},
                              {-32768, -32768, -32768, -32768}},
                             {"2:1", "2:2", "2:3", "2:4"});
  group.padding = {-32768};
  const EcgRecording recording = read_groups({group});
  ASSERT_EQ(recording.leads.size(), 3U);
  EXPECT_EQ(recording.leads[0].first_sample, 2U);
  EXPECT_EQ(recording.leads[0].samples, (Values{7, 8}));
  EXPECT_EQ(recording.leads[1].samples, (Values{1, 2, 2, 4}));
  EXPECT_EQ(recording.leads[2].samples, (Values{5, 6, 7}));
  EXPECT_THAT(codes_of(recording.findings), testing::ElementsAre("lead_gap", "lead_empty"));
}

TEST(DecodeDicom, GroupsOneAfterTheOther) {
  // Three leads at a time, as printed.
  TestGroup first = group_of({{1, 2}, {3, 4}}, {"2:1", "2:2"});
  TestGroup second = group_of({{5, 6}, {7, 8}}, {"2:62", "2:63"});
  first.offset = "100";
  second.offset = "104";
  EcgRecording recording = read_groups({second, first});
  ASSERT_EQ(recording.leads.size(), 4U);
  EXPECT_EQ(recording.leads[0].code, LeadCode::I);
  EXPECT_EQ(recording.leads[0].first_sample, 0U);
  EXPECT_EQ(recording.leads[2].code, LeadCode::aVR);
  EXPECT_EQ(recording.leads[2].first_sample, 2U);
  EXPECT_THAT(recording.findings, testing::IsEmpty());
  // The same leads go on.
  second = group_of({{5, 6}, {7, 8}}, {"2:2", "2:1"});
  second.offset = "104";
  recording = read_groups({first, second});
  ASSERT_EQ(recording.leads.size(), 2U);
  EXPECT_EQ(recording.leads[0].samples, (Values{1, 2, 7, 8}));
  EXPECT_EQ(recording.leads[1].samples, (Values{3, 4, 5, 6}));
  EXPECT_THAT(recording.findings, testing::IsEmpty());
  // After a pause they do not.
  second.offset = "110";
  recording = read_groups({first, second});
  EXPECT_EQ(recording.leads[0].samples, (Values{1, 2}));
  EXPECT_THAT(codes_of(recording.findings), testing::ElementsAre("group_unread", "group_unread"));
  // No instant of a recording.
  second = group_of({{5, 6}}, {"2:62"});
  second.offset = "1e15";
  recording = read_groups({first, second});
  EXPECT_EQ(recording.leads[2].first_sample, 0U);
  EXPECT_THAT(codes_of(recording.findings), testing::ElementsAre("lead_start_invalid"));
}

TEST(DecodeDicom, DerivedGroupsAreBeatsOrLeads) {
  TestGroup rhythm = group_of({std::vector<std::int64_t>(2000, 1)}, {"2:1"});
  TestGroup beat = group_of({std::vector<std::int64_t>(600, 2)}, {"2:1"});
  TestGroup more = group_of(
      {std::vector<std::int64_t>(2000, 3), std::vector<std::int64_t>(2000, 4)}, {"2:61", "2:1"});
  beat.originality = more.originality = "DERIVED";
  EcgRecording recording = read_groups({beat, rhythm, more});
  ASSERT_EQ(recording.leads.size(), 2U);
  EXPECT_EQ(recording.leads[0].samples.front(), 1);
  EXPECT_FALSE(recording.leads[0].derived);
  EXPECT_EQ(recording.leads[1].code, LeadCode::III);
  EXPECT_TRUE(recording.leads[1].derived);
  ASSERT_EQ(recording.median_beat.size(), 1U);
  EXPECT_EQ(recording.median_beat[0].samples.size(), 600U);
  EXPECT_THAT(codes_of(recording.findings), testing::ElementsAre("group_unread"));
  TestGroup twice = group_of({std::vector<std::int64_t>(600, 5), std::vector<std::int64_t>(600, 6)},
                             {"2:2", "2:2"});
  twice.originality = "DERIVED";
  recording = read_groups({rhythm, twice});
  EXPECT_EQ(recording.median_beat.size(), 1U);
  EXPECT_THAT(codes_of(recording.findings), testing::ElementsAre("duplicate_lead"));
  rhythm.originality = "DERIVED";
  recording = read_groups({beat, rhythm});
  EXPECT_EQ(recording.leads[0].samples.size(), 2000U);
  EXPECT_EQ(recording.median_beat.size(), 1U);
}

TEST(DecodeDicom, SaysWhatIsOdd) {
  TestGroup group = group_of({{1}, {2}, {3}, {4}, {5}}, {"2:1", "2:2", "2:2", "2:3", "2:4"});
  group.channels[1].skew = "0.5";
  group.channels[3].unit = "";
  group.channels[4].unit = "mm[Hg]";
  group.channels[1].low_filter = "40";
  EcgRecording recording = read_groups({group});
  EXPECT_EQ(recording.leads.size(), 2U);
  EXPECT_THAT(codes_of(recording.findings),
              testing::UnorderedElementsAre("lead_skew", "duplicate_lead", "lead_scale_missing",
                                            "channel_not_ecg", "filters_differ"));
  group = group_of({{1}});
  group.channels[0].low_filter = "150";
  group.channels[0].high_filter = "0.05";
  recording = read_groups({group});
  EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
  EXPECT_THAT(codes_of(recording.findings), testing::ElementsAre("filters_swapped"));
  // Fewer samples than stated: the count is raised behind the object's back.
  Bytes file = ecg_object({group_of({{1, 2, 3}})}).file(kGeneralEcgClass);
  const Bytes count = {0x3A, 0, 0x10, 0, 'U', 'L', 4, 0, 3};
  const auto at = std::search(file.begin(), file.end(), count.begin(), count.end());
  ASSERT_NE(at, file.end());
  at[8] = 200;
  recording = read_ecg(file);
  EXPECT_EQ(recording.leads[0].samples, (Values{1, 2, 3}));
  EXPECT_THAT(codes_of(recording.findings), testing::ElementsAre("lead_length_mismatch"));
}

TEST(DecodeDicom, HemodynamicObjectsGiveTheirEcgLeads) {
  TestGroup group = group_of({{1, 2}, {100, 101}, {7, 8}}, {"2:2", "109016", "2:3"});
  group.channels[1].unit = "mm[Hg]";
  group.channels[1].meaning = "Aortic pressure";
  group.channels[2].code = "X";
  group.channels[2].meaning = "Thorax impedance";
  const EcgRecording recording =
      read_ecg(ecg_object({group}, {}, kHemodynamicClass).file(kHemodynamicClass));
  ASSERT_EQ(recording.leads.size(), 1U);
  EXPECT_EQ(recording.leads[0].code, LeadCode::II);
  EXPECT_EQ(recording.version, "Hemodynamic Waveform");
  EXPECT_THAT(codes_of(recording.findings),
              testing::ElementsAre("channel_not_ecg", "channel_not_ecg"));
}

ObjectBuilder text_annotation(std::string_view text) {
  ObjectBuilder item;
  item.raw(0x0040A0B0, "US", {1, 0, 0, 0}).text(0x00700006, "ST", text);
  return item;
}

ObjectBuilder measured(std::string_view code, std::string_view scheme, std::string_view meaning,
                       std::string_view value, std::string_view unit) {
  ObjectBuilder item;
  item.code(0x0040A043, code, scheme, meaning).raw(0x0040A0B0, "US", {1, 0, 0, 0});
  item.text(0x0040A30A, "DS", value).code(0x004008EA, unit, "UCUM", unit);
  return item;
}

EcgRecording with_annotations(const std::vector<ObjectBuilder>& annotations) {
  return read_ecg(
      ecg_object({TestGroup{}}, {}, kGeneralEcgClass, annotations).file(kGeneralEcgClass));
}

TEST(DecodeDicom, MeasurementsInEveryDialect) {
  struct Case {
    std::string code, scheme, meaning, value, unit;
    std::optional<int> Measurements::*field;
    int expected;
  };
  const std::vector<Case> cases = {
      {"8867-4", "LN", "Heart rate", "62", "{H.B.}/min", &Measurements::ventricular_rate_bpm, 62},
      {"2:16016", "MDC", "Ventricular Heart Rate", "62", "/min",
       &Measurements::ventricular_rate_bpm, 62},
      {"5.10.2.1-3 ", "SCPECG", "RR Interval", "982", "ms", &Measurements::rr_ms, 982},
      {"2:16168", "MDC", "RR interval global", "982", "ms", &Measurements::rr_ms, 982},
      {"2:15872", "MDC", "PR interval global", "161.4", "ms", &Measurements::pr_ms, 161},
      {"5.13.5-7", "SCPECG", "PR Interval", "161", "ms", &Measurements::pr_ms, 161},
      {"8625-6", "LN", "P-R Interval", "0.161", "s", &Measurements::pr_ms, 161},
      {"MDC_ECG_TIME_PD_QRS", "MDC", "", "75", "ms", &Measurements::qrs_ms, 75},
      {"2:16160", "MDC", "QT interval global", "368", "ms", &Measurements::qt_ms, 368},
      {"5.10.2.5-5", "SCPECG", "QTc Interval", "370", "ms", &Measurements::qtc_ms, 370},
      {"77", "99MAKER", "P Duration", "90", "ms", &Measurements::p_duration_ms, 90},
      {"78", "99MAKER", "QRS Axis", "-30", "deg", &Measurements::qrs_axis_deg, -30},
      {"5.10.3-11", "SCPECG", "P Axis", "74", "deg", &Measurements::p_axis_deg, 74},
      {"8638-9", "LN", "T wave axis", "-57", "deg", &Measurements::t_axis_deg, -57},
      {"2:16132", "MDC", "QRS axis", "0", "deg", &Measurements::qrs_axis_deg, 0}};
  for (const Case& test : cases) {
    const EcgRecording recording =
        with_annotations({measured(test.code, test.scheme, test.meaning, test.value, test.unit)});
    EXPECT_EQ(recording.measurements.*test.field, test.expected) << test.code << test.meaning;
  }
  Measurements none = with_annotations({measured("5.10.2.1-5", "SCPECG", "PP", "0", "ms"),
                                        measured("5.10.2.1-3", "SCPECG", "RR", "29999", "ms"),
                                        measured("1", "99MAKER", "ST amplitude", "12", "uV"),
                                        measured("2:16160", "MDC", "QT", "12", "uV")})
                          .measurements;
  EXPECT_FALSE(none.pp_ms || none.rr_ms || none.qt_ms);
}

TEST(DecodeDicom, QtcNamesItsFormula) {
  const auto formula = [](std::string_view code, std::string_view meaning) {
    return with_annotations({measured(code, "MDC", meaning, "400", "ms")}).measurements.qtc_formula;
  };
  EXPECT_EQ(formula("2:15880", "QTc global using Bazett formula"), QtcFormula::bazett);
  EXPECT_EQ(formula("2:15892", "QTc"), QtcFormula::fridericia);
  EXPECT_EQ(formula("2:15876", "QTc interval global (Hodges formula)"), QtcFormula::hodges);
  EXPECT_EQ(formula("2:15876", "QTc interval global"), std::nullopt);
}

TEST(DecodeDicom, StatementsAreTextsAboutTheWhole) {
  ObjectBuilder mark = text_annotation("N");
  mark.text(0x0040A130, "CS", "POINT");
  const EcgRecording recording =
      with_annotations({text_annotation("RYTHME SINUSAL R\xC9GULIER "), mark,
                        text_annotation("CONFIRMED REPORT"), text_annotation("")});
  EXPECT_THAT(recording.statements, testing::ElementsAre("RYTHME SINUSAL RÉGULIER"));
  EXPECT_TRUE(recording.statements_confirmed);
  EXPECT_FALSE(with_annotations({text_annotation("UNCONFIRMED REPORT")}).statements_confirmed);
  std::vector<ObjectBuilder> many(1500, text_annotation("x"));
  const EcgRecording bounded = with_annotations(many);
  EXPECT_EQ(bounded.statements.size(), 1000U);
  EXPECT_THAT(codes_of(bounded.findings), testing::ElementsAre("statements_truncated"));
}

PatientIdentity patient_of(std::string_view sets, std::string_view name) {
  ObjectBuilder object;
  object.text(0x00080005, "CS", sets).text(0x00080016, "UI", kGeneralEcgClass);
  object.text(0x00100010, "PN", name);
  object.sequence(0x54000100, {waveform_item(object, TestGroup{})});
  return read_ecg(object.file(kGeneralEcgClass)).patient;
}

TEST(DecodeDicom, NamesInEveryCharacterSet) {
  EXPECT_EQ(patient_of("ISO_IR 192", "LÉVÊQUE^Éloïse").family_name, "LÉVÊQUE");
  EXPECT_EQ(patient_of("", "L\xC9V\xCAQUE^\xC9lo\xEFse").given_name, "Éloïse");
  EXPECT_EQ(patient_of("ISO_IR 100", "LÉVÊQUE^A").family_name, "LÉVÊQUE");  // UTF-8 after all
  EXPECT_EQ(patient_of("ISO_IR 144", "\xBB\xEE\xDA^A").family_name, "Люк");
  // PS3.5 H.3.1 and I.2.
  EXPECT_EQ(patient_of("\\ISO 2022 IR 87",
                       "=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B")
                .family_name,
            "山田");
  EXPECT_EQ(
      patient_of("\\ISO 2022 IR 87", "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B").family_name,
      "Yamada");
  EXPECT_EQ(patient_of("no such set", "M\xFCller^Jo").family_name, "Müller");
  EXPECT_EQ(patient_of("", "DUPONT Jean").family_name, "DUPONT Jean");
  EXPECT_EQ(patient_of("", "DUPONT^Jean^Marie^Dr^").given_name, "Jean");
  EXPECT_EQ(patient_of("", "^Jean").given_name, "Jean");
}

TEST(DecodeDicom, InstantsAndTheirOffsets) {
  const auto acquired = [](std::initializer_list<std::pair<std::uint32_t, std::string>> values) {
    ObjectBuilder object;
    object.text(0x00080016, "UI", kGeneralEcgClass);
    for (const auto& [tag, value] : values) object.text(tag, "LO", value);
    object.sequence(0x54000100, {waveform_item(object, TestGroup{})});
    const EcgRecording recording = read_ecg(object.file(kGeneralEcgClass));
    std::string text = recording.acquired_at.iso8601();
    for (const Finding& finding : recording.findings) text += " " + finding.code;
    return text;
  };
  EXPECT_EQ(acquired({{0x0008002A, "20260309102030-0400"}}), "2026-03-09T10:20:30-04:00");
  EXPECT_EQ(acquired({{0x0008002A, "20260309102030"}, {0x00080201, "+0545"}}),
            "2026-03-09T10:20:30+05:45");
  EXPECT_EQ(acquired({{0x0008002A, "202603091020"}, {0x00080201, "0100"}}),
            "2026-03-09T10:20:00 time_zone_invalid");
  EXPECT_EQ(acquired({{0x00080023, "2026.03.09"}, {0x00080033, "10:20:30"}}),
            "2026-03-09T10:20:30");
  EXPECT_EQ(acquired({{0x00080020, "20260308"},
                      {0x00080023, "20260309"},
                      {0x00080030, "101010"},
                      {0x00080033, "102030.123"}}),
            "2026-03-09T10:20:30");
  EXPECT_EQ(acquired({}), " acquisition_time_missing");
  EXPECT_EQ(acquired({{0x0008002A, "20261309102030"}}), " acquisition_time_invalid");
  EXPECT_EQ(acquired({{0x00080023, "20260309"}}), " acquisition_time_invalid");
}

TEST(DecodeDicom, DamagedTracingsAreRefusedWithTheReason) {
  const auto refused = [](auto change) {
    TestGroup group = group_of({{1, 2}, {3, 4}}, {"2:1", "2:2"});
    change(group);
    return error_of(decode_dicom(ecg_object({group}).file(kGeneralEcgClass)));
  };
  EXPECT_EQ(refused([](TestGroup&) {}), ErrorCode::internal);
  EXPECT_EQ(refused([](TestGroup& g) { g.frequency = ""; }), ErrorCode::malformed_file);
  EXPECT_EQ(refused([](TestGroup& g) { g.frequency = "0"; }), ErrorCode::malformed_file);
  EXPECT_EQ(refused([](TestGroup& g) { g.frequency = "nan"; }), ErrorCode::malformed_file);
  EXPECT_EQ(
      refused([](TestGroup& g) { g.channels[0].sensitivity = g.channels[1].sensitivity = ""; }),
      ErrorCode::malformed_file);
  EXPECT_EQ(refused([](TestGroup& g) {
              g.channels.assign(300, TestChannel{});
              g.samples.assign(300, {1});
            }),
            ErrorCode::limit_exceeded);
  EXPECT_EQ(error_of(decode_dicom({})), ErrorCode::empty_file);
  ObjectBuilder none;
  none.text(0x00080016, "UI", kGeneralEcgClass);
  EXPECT_EQ(error_of(decode_dicom(none.file(kGeneralEcgClass))), ErrorCode::malformed_file);
}

TEST(DecodeDicom, OtherObjectsAreNamed) {
  for (const auto& [uid, name] : std::vector<std::pair<std::string, std::string>>{
           {"1.2.840.10008.5.1.4.1.1.2", "CTImageStorage"},
           {"1.2.840.10008.5.1.4.1.1.481.2", "RTDoseStorage"},
           {"1.2.840.10008.5.1.4.1.1.9.4.1", "BasicVoiceAudio"},
           {"1.2.3.4", "not known"}}) {
    ObjectBuilder object;
    object.text(0x00080016, "UI", uid).text(0x00100010, "PN", "SECRET^Name");
    const auto exam = decode_dicom(object.file(uid));
    EXPECT_EQ(error_of(exam), ErrorCode::unsupported_format);
    EXPECT_THAT(exam.error().text, testing::HasSubstr(name));
    EXPECT_THAT(exam.error().text, testing::Not(testing::HasSubstr("SECRET")));
  }
}

constexpr std::string_view kPdfClass = "1.2.840.10008.5.1.4.1.1.104.1";

ObjectBuilder pdf_object(std::string_view content, std::optional<std::uint32_t> length,
                         std::string_view type = "application/pdf") {
  ObjectBuilder object;
  object.text(0x00080016, "UI", kPdfClass).text(0x00100010, "PN", "DUPONT^Jean");
  Bytes bytes(content.begin(), content.end());
  if (bytes.size() % 2 != 0) bytes.push_back(0);
  object.raw(0x00420011, "OB", bytes).text(0x00420012, "LO", type);
  if (length) object.u32(0x00420015, *length);
  return object;
}

TEST(DecodeDicom, AnEncapsulatedPdfIsTheBytesThatWentIn) {
  const std::string pdf = "%PDF-1.6\nodd number of bytes %%EOF";
  for (const std::string& content : {pdf, pdf + "\n"}) {
    for (const bool stated : {true, false}) {
      const auto length = static_cast<std::uint32_t>(content.size());
      const auto exam = decode_dicom(
          pdf_object(content, stated ? std::optional(length) : std::nullopt).file(kPdfClass));
      ASSERT_TRUE(exam) << exam.error().text;
      const auto& document = std::get<PdfDocument>(exam->exam);
      EXPECT_EQ(document.format, "DICOM");
      EXPECT_EQ(document.version, "1.6");
      EXPECT_EQ(document.patient.family_name, "DUPONT");
      EXPECT_EQ(as_text(exam->document), content);
      EXPECT_THAT(document.findings, testing::IsEmpty());
    }
  }
  const auto lying = decode_dicom(pdf_object(pdf, 5000).file(kPdfClass));
  ASSERT_TRUE(lying);
  EXPECT_EQ(std::get<PdfDocument>(lying->exam).findings.at(0).code, "document_length_mismatch");
  EXPECT_EQ(error_of(decode_dicom(pdf_object("<ClinicalDocument>", 18).file(kPdfClass))),
            ErrorCode::malformed_file);
  EXPECT_EQ(error_of(decode_dicom(pdf_object(pdf, {}, "text/xml").file(kPdfClass))),
            ErrorCode::unsupported_format);
}

// ---- hostile ----

TEST(DecodeDicom, SurvivesEveryTruncation) {
  TestGroup group = group_of({{1, 2}, {3, 4}}, {"2:1", "2:2"});
  group.padding = {9};
  for (const ObjectEncoding encoding :
       {ObjectEncoding{}, ObjectEncoding{.open_sequences = true},
        ObjectEncoding{.explicit_vr = false}, ObjectEncoding{.big_endian = true}}) {
    const Bytes file = ecg_object({group}, encoding, kGeneralEcgClass).file(kGeneralEcgClass);
    for (std::size_t length = 0; length < file.size(); ++length) {
      const auto exam = decode_dicom(ByteView(file).first(length));
      EXPECT_FALSE(exam) << length;
    }
  }
}

TEST(DecodeDicom, SurvivesEveryCorruption) {
  TestGroup group = group_of({{1, 2}, {3, 4}}, {"2:1", "2:2"});
  group.padding = {9};
  const auto annotations = {text_annotation("text"), measured("8867-4", "LN", "HR", "60", "/min")};
  const Bytes file = ecg_object({group}, {}, kGeneralEcgClass, annotations).file(kGeneralEcgClass);
  for (std::size_t i = 128; i < file.size(); ++i) {
    for (const std::uint8_t mask : std::to_array<std::uint8_t>({0x01, 0x80, 0xFF})) {
      Bytes damaged = file;
      damaged[i] ^= mask;
      const auto exam = decode_dicom(damaged);
      EXPECT_TRUE(exam || !exam.error().text.empty());
    }
  }
}

TEST(DecodeDicom, EveryRealFileIsReadOrRefusedWithAReason) {
  TELAVIS_NEED_SHARED("samples/dicom");
  int read = 0;
  for (const char* folder : {"samples/dicom", "samples/dicom-ecg"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(shared_folder() / folder)) {
      if (!entry.is_regular_file()) continue;
      const auto exam = decode_dicom(read_file(entry.path()));
      if (exam) {
        ++read;
      } else {
        EXPECT_GT(exam.error().text.size(), 40U) << entry.path();
      }
    }
  }
  EXPECT_GT(read, 40);
}

TEST(DecodeDicom, ARealTracingHasTheValuesThatItsMakerWrote) {
  TELAVIS_NEED_SHARED("samples/dicom-ecg/dicom-ecg-plot/anonymous_ecg.dcm");
  const EcgRecording recording =
      read_ecg(read_file(shared_folder() / "samples/dicom-ecg/dicom-ecg-plot/anonymous_ecg.dcm"));
  // As dcmdump shows them.
  ASSERT_EQ(recording.leads.size(), 12U);
  ASSERT_EQ(recording.median_beat.size(), 12U);
  EXPECT_EQ(recording.median_beat[0].samples.size(), 1200U);
  const Lead& first = recording.leads[0];
  EXPECT_EQ(first.samples.size(), 10'000U);
  EXPECT_EQ(first.gain_nv_per_lsb, 1250);
  EXPECT_EQ(first.sampling_interval_us, 1000);
  EXPECT_EQ(first.samples[0], 0x50);
  EXPECT_EQ(recording.leads[3].samples[0], static_cast<std::int16_t>(0xFFAB));
  EXPECT_EQ(recording.leads[3].code, LeadCode::aVR);
  const Measurements& m = recording.measurements;
  EXPECT_EQ(m.rr_ms, 982);
  EXPECT_EQ(m.pr_ms, 161);
  EXPECT_EQ(m.qrs_ms, 75);
  EXPECT_EQ(m.qrs_axis_deg, 52);
  EXPECT_FALSE(m.pp_ms);
  EXPECT_THAT(recording.statements, testing::ElementsAre("RITMO SINUSALE", "ECG NORMALE"));
  EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
  EXPECT_EQ(recording.filters.low_pass_hz, 300);
}

}  // namespace telavis::dicom_read_test
