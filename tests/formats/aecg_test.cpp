// SPDX-License-Identifier: Apache-2.0
#include "formats/aecg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures/synthetic_ecg.h"
#include "formats/scp_ecg.h"
#include "tests/formats/finding_codes.h"
#include "tests/formats/xml_builder.h"

namespace telavis::test::aecg_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EcgRecording read(const std::string& file) {
  auto recording = decode_aecg(xml_bytes(file));
  EXPECT_TRUE(recording) << recording.error().text;
  return recording.value_or(EcgRecording{});
}

std::string one_set(const std::vector<AecgLead>& leads) {
  return aecg_file(aecg_series(aecg_set(aecg_absolute("20240229101112"), leads)));
}

TEST(Aecg, ReadsLeadsTimeAndGain) {
  const EcgRecording recording = read(small_aecg());
  EXPECT_THAT(recording.findings, IsEmpty());
  EXPECT_EQ(recording.format, "HL7 aECG");
  EXPECT_EQ(recording.acquired_at.iso8601(), "2024-02-29T10:11:12+01:00");
  ASSERT_EQ(recording.leads.size(), 2U);
  EXPECT_EQ(recording.leads[0].code, LeadCode::I);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(1, -2, 3));
  EXPECT_EQ(recording.leads[1].code, LeadCode::II);
  EXPECT_THAT(recording.leads[1].samples, ElementsAre(4, 5, -6));
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 2500);
  EXPECT_EQ(recording.leads[0].sampling_interval_us, 2000);
  EXPECT_EQ(recording.leads[0].first_sample, 0U);
  EXPECT_TRUE(looks_like_aecg(xml_bytes(small_aecg())));
  EXPECT_FALSE(looks_like_aecg(xml_bytes(small_muse())));
}

TEST(Aecg, ReadsUtf16AndAPrefixedNamespace) {
  for (const bool little : {false, true}) {
    const auto recording = decode_aecg(as_utf16(small_aecg(), little, true));
    ASSERT_TRUE(recording);
    EXPECT_THAT(codes(*recording), ElementsAre("encoding_mismatch"));
    EXPECT_THAT(recording->leads[0].samples, ElementsAre(1, -2, 3));
  }
  EXPECT_TRUE(looks_like_aecg(xml_bytes("<h:AnnotatedECG xmlns:h=\"urn:hl7-org:v3\"/>")));
}

TEST(Aecg, NamesLeadsOfAnyCaseAndVendor) {
  const EcgRecording recording =
      read(one_set({{"MDC_ECG_LEAD_AVR", "1"},
                    {"MDC_ECG_LEAD_aVL", "1"},
                    {"mdc_ecg_lead_v1", "1"},
                    {"VENDOR_ECG_LEAD_V4R", "1"},
                    {"MDC_ECG_LEAD_AVRneg", "1"},
                    {"MDC_ECG_LEAD_ZZ", "1"},
                    {.code = "OTHER", .digits = "1", .attributes = "displayName=\"Dos\""},
                    {"MDC_ECG_LEAD_aVr", "2"}}));
  std::vector<std::string> titles;
  for (const Lead& lead : recording.leads) titles.push_back(lead_title(lead));
  EXPECT_THAT(titles, ElementsAre("aVR", "aVL", "V1", "V4R", "-aVR", "ZZ", "Dos"));
  EXPECT_THAT(codes(recording), ElementsAre("duplicate_lead"));
}

TEST(Aecg, KeepsEveryUnitDecimalAndOriginExact) {
  const std::string mv = R"(<scale value="0.00488" unit="mV"/>)";
  const EcgRecording recording =
      read(one_set({{"MDC_ECG_LEAD_I", "1 2", mv},
                    {"MDC_ECG_LEAD_II", "1.5 2e1", R"(<scale value="1" unit="uV"/>)", ""},
                    {"MDC_ECG_LEAD_III", "1 2", R"(<scale value="2.5" unit="uV"/>)",
                     R"(<origin value="-0.01" unit="mV"/>)"},
                    {"MDC_ECG_LEAD_V1", "1 2", R"(<scale value="-500" unit="nV"/>)"},
                    {"MDC_ECG_LEAD_V2", "1 2", "<scale value=\"1e-6\" unit=\"V\"/>",
                     R"(<origin value="0.33333" unit="uV"/>)"}}));
  ASSERT_EQ(recording.leads.size(), 5U);
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 4880);
  EXPECT_EQ(recording.leads[1].gain_nv_per_lsb, 100);
  EXPECT_THAT(recording.leads[1].samples, ElementsAre(15, 200));
  EXPECT_THAT(recording.leads[2].samples, ElementsAre(-3, -2));
  EXPECT_EQ(recording.leads[3].gain_nv_per_lsb, 500);
  EXPECT_THAT(recording.leads[3].samples, ElementsAre(-1, -2));
  EXPECT_EQ(recording.leads[4].gain_nv_per_lsb, 1000);
  EXPECT_THAT(codes(recording), ElementsAre("samples_rounded"));
}

TEST(Aecg, LeavesOutWhatHasNoGainOrNoNumbers) {
  const EcgRecording recording =
      read(one_set({{"MDC_ECG_LEAD_I", "1 2"},
                    {"MDC_ECG_LEAD_II", "1 2", ""},
                    {"MDC_ECG_LEAD_III", "1 2", R"(<scale value="1" unit="mmHg"/>)"},
                    {"MDC_ECG_LEAD_V1", "1 two"},
                    {"MDC_ECG_LEAD_V2", "2000000000", R"(<scale value="1" unit="uV"/>)",
                     R"(<origin value="2000000000" unit="uV"/>)"},
                    {"MDC_ECG_LEAD_V3", " "}}));
  ASSERT_EQ(recording.leads.size(), 1U);
  EXPECT_THAT(codes(recording), ElementsAre("lead_unreadable", "lead_unreadable", "lead_unreadable",
                                            "lead_unreadable", "lead_empty"));
  const auto none = decode_aecg(xml_bytes(
      aecg_file(aecg_series(aecg_set(aecg_absolute("20240229", "0"), {{"MDC_ECG_LEAD_I", "1"}})))));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::malformed_file);
}

TEST(Aecg, PlacesStaggeredLeadsAndJoinsSetsThatFollow) {
  const EcgRecording recording = read(aecg_file(aecg_series(
      aecg_set(aecg_absolute("20240229101112.000"),
               {{"MDC_ECG_LEAD_I", "1 2"}, {"MDC_ECG_LEAD_II", "3 4"}}) +
      aecg_set(aecg_absolute("20240229101112.004", "2", "ms"),
               {{"MDC_ECG_LEAD_V1", "5 6"}, {"MDC_ECG_LEAD_II", "7"}}) +
      aecg_set(aecg_absolute("20240229101112.010", "2000", "us"), {{"MDC_ECG_LEAD_I", "8"}}))));
  ASSERT_EQ(recording.leads.size(), 3U);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(1, 2));  // there is a gap before the 8
  EXPECT_THAT(recording.leads[1].samples, ElementsAre(3, 4, 7));
  EXPECT_EQ(recording.leads[2].first_sample, 2U);
  EXPECT_THAT(codes(recording), ElementsAre("duplicate_lead"));
  const EcgRecording relative =
      read(aecg_file(aecg_series(aecg_set(aecg_relative("0.5"), {{"MDC_ECG_LEAD_I", "1"}}) +
                                 aecg_set(aecg_relative("504", "ms"), {{"MDC_ECG_LEAD_II", "1"}}) +
                                 aecg_set(aecg_relative("1e7"), {{"MDC_ECG_LEAD_III", "1"}}))));
  EXPECT_EQ(relative.leads[0].first_sample, 0U);
  EXPECT_EQ(relative.leads[1].first_sample, 2U);
  EXPECT_THAT(codes(relative), ElementsAre("lead_start_invalid", "acquisition_time_missing"));
}

TEST(Aecg, TakesLeadsFromFurtherSeriesOfTheSameInstantOnly) {
  const auto series = [](const std::string& head, const std::string& lead) {
    return aecg_series(aecg_set(aecg_absolute(head), {{lead, "1 2"}}));
  };
  const std::string first = series("20240229101112", "MDC_ECG_LEAD_I");
  const EcgRecording same = read(aecg_file(first + series("20240229101112", "MDC_ECG_LEAD_II")));
  EXPECT_EQ(same.leads.size(), 2U);
  EXPECT_THAT(same.findings, IsEmpty());
  const EcgRecording other = read(aecg_file(first + series("20240229111112", "MDC_ECG_LEAD_II")));
  EXPECT_EQ(other.leads.size(), 1U);
  EXPECT_THAT(codes(other), ElementsAre("series_unread"));
}

TEST(Aecg, ReadsSubjectDeviceFiltersAndTime) {
  const std::string author =
      "<effectiveTime><low value=\"20240229101113-0330\"/></effectiveTime><author><seriesAuthor>"
      "<id extension=\"S-7\"/><manufacturedSeriesDevice><manufacturerModelName>M 1"
      "</manufacturerModelName></manufacturedSeriesDevice><manufacturerOrganization><name>Maker"
      "</name></manufacturerOrganization></seriesAuthor></author>";
  const auto filter = [](const std::string& kind, const std::string& part, const std::string& hz) {
    return "<controlVariable><controlVariable><code code=\"MDC_ECG_CTL_VBL_ATTR_FILTER_" + kind +
           "\"/><component><controlVariable><code code=\"MDC_ECG_CTL_VBL_ATTR_FILTER_" + part +
           "\"/>" + aecg_pq(hz, "Hz") +
           "</controlVariable></component></controlVariable></controlVariable>";
  };
  const EcgRecording recording = read(aecg_file(
      aecg_series(aecg_set(aecg_relative("0"), {{"MDC_ECG_LEAD_I", "1"}}), "",
                  author + filter("LOW_PASS", "CUTOFF_FREQ", "150") +
                      filter("HIGH_PASS", "CUTOFF_FREQ", "0.05") +
                      filter("NOTCH", "NOTCH_FREQ", "50")),
      "<id root=\"1.2\" extension=\"P&amp;1\"/><subjectDemographicPerson><name><given>Zo\xC3\xAB"
      "</given><family>Martin</family></name><administrativeGenderCode code=\"F\"/>"
      "<birthTime value=\"19530508\"/></subjectDemographicPerson>"));
  EXPECT_EQ(recording.patient.id, "P&1");
  EXPECT_EQ(recording.patient.family_name, "Martin");
  EXPECT_EQ(recording.patient.given_name, "Zo\xC3\xAB");
  EXPECT_EQ(recording.patient.sex, Sex::female);
  EXPECT_EQ(recording.patient.birth_date, "1953-05-08");
  EXPECT_EQ(recording.device.manufacturer, "Maker");
  EXPECT_EQ(recording.device.model, "M 1");
  EXPECT_EQ(recording.device.serial, "S-7");
  EXPECT_EQ(recording.acquired_at.iso8601(), "2024-02-29T10:11:13-03:30");
  EXPECT_EQ(recording.filters.low_pass_hz, 150);
  EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
  EXPECT_EQ(recording.filters.notch_hz, 50);
}

TEST(Aecg, ReadsGlobalMeasurementsAndStatementsNotThoseOfABeat) {
  const std::string beat = aecg_annotation(
      "MDC_ECG_BEAT", "", aecg_annotation("MDC_ECG_TIME_PD_QT", aecg_pq("1", "ms")));
  const std::string of_lead = aecg_annotation(
      "MDC_ECG_TIME_PD_QRS", aecg_pq("5", "ms"),
      "<support><supportingROI><component><boundary><code code=\"MDC_ECG_LEAD_V1\"/></boundary>"
      "</component></supportingROI></support>");
  const std::string statements = aecg_annotation(
      "MDC_ECG_INTERPRETATION", "",
      aecg_annotation("MDC_ECG_INTERPRETATION_STATEMENT",
                      "<value xsi:type=\"ST\">Rythme "
                      "sinusal</value>") +
          aecg_annotation("MDC_ECG_INTERPRETATION_SUMMARY", "<value displayName=\"ECG\"/>"));
  const EcgRecording recording = read(
      aecg_file(aecg_series(aecg_set(aecg_absolute("20240229101112"), {{"MDC_ECG_LEAD_I", "1"}}),
                            "<subjectOf><annotationSet>" + beat + of_lead +
                                aecg_annotation("MDC_ECG_HEART_RATE", aecg_pq("71.6", "bpm")) +
                                aecg_annotation("MDC_ECG_TIME_PD_RR", "<value value=\"838\"/>") +
                                aecg_annotation("MDC_ECG_TIME_PD_PR_GL", aecg_pq("0.16", "s")) +
                                aecg_annotation("MDC_ECG_TIME_PD_QT", aecg_pq("400", "ms")) +
                                aecg_annotation("MDC_ECG_TIME_PD_QT", aecg_pq("500", "ms")) +
                                aecg_annotation("MDC_ECG_TIME_PD_QTcF", aecg_pq("420", "ms")) +
                                aecg_annotation("MDC_ECG_ANGLE_P_FRONT", aecg_pq("-30", "deg")) +
                                aecg_annotation("MDC_ECG_TIME_PD_P", aecg_pq("unknown", "ms")) +
                                statements + "</annotationSet></subjectOf>")));
  const Measurements& m = recording.measurements;
  EXPECT_EQ(m.ventricular_rate_bpm, 72);
  EXPECT_EQ(m.rr_ms, 838);
  EXPECT_EQ(m.pr_ms, 160);
  EXPECT_EQ(m.qt_ms, 400);
  EXPECT_EQ(m.qtc_ms, 420);
  EXPECT_EQ(m.qtc_formula, QtcFormula::fridericia);
  EXPECT_EQ(m.p_axis_deg, -30);
  EXPECT_EQ(m.qrs_ms, std::nullopt);
  EXPECT_EQ(m.p_duration_ms, std::nullopt);
  EXPECT_THAT(recording.statements, ElementsAre("Rythme sinusal", "ECG"));
}

// ---- writing ----

EcgRecording full_recording() {
  auto parameters = fixtures::demo_ecg_parameters();
  parameters.duration_s = 0.5;
  EcgRecording recording = fixtures::synthetic_ecg(parameters);
  recording.format = "HL7 aECG";
  recording.version = "R1";
  recording.findings.clear();
  recording.filters = {.high_pass_hz = 0.05, .low_pass_hz = 150.0, .notch_hz = 50};
  recording.acquired_at.utc_offset_minutes = -225;
  recording.measurements.atrial_rate_bpm = 70;
  recording.measurements.pacemaker_spikes.reset();
  recording.measurements.qtc_ms = 410;
  recording.measurements.qtc_formula = QtcFormula::hodges;
  recording.statements = {"Rythme sinusal & <normal> \"\xC3\xA9\"", "two\nlines"};
  recording.patient.sex = Sex::other;
  std::erase_if(recording.leads, [](const Lead& lead) { return lead.derived; });
  recording.median_beat = {recording.leads[0], recording.leads[7]};
  recording.median_beat[1].gain_nv_per_lsb = 1000.0 / 3;
  return recording;
}

void expect_same_leads(const std::vector<Lead>& left, const std::vector<Lead>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left[i].code, right[i].code);
    EXPECT_EQ(left[i].label, right[i].label);
    EXPECT_EQ(left[i].samples, right[i].samples);
    EXPECT_EQ(left[i].gain_nv_per_lsb, right[i].gain_nv_per_lsb);
    EXPECT_EQ(left[i].sampling_interval_us, right[i].sampling_interval_us);
    EXPECT_EQ(left[i].first_sample, right[i].first_sample);
  }
}

void expect_same(const EcgRecording& left, const EcgRecording& right) {
  expect_same_leads(left.leads, right.leads);
  expect_same_leads(left.median_beat, right.median_beat);
  EXPECT_EQ(left.patient.id, right.patient.id);
  EXPECT_EQ(left.patient.family_name, right.patient.family_name);
  EXPECT_EQ(left.patient.given_name, right.patient.given_name);
  EXPECT_EQ(left.patient.birth_date, right.patient.birth_date);
  EXPECT_EQ(left.patient.sex, right.patient.sex);
  EXPECT_EQ(left.device.manufacturer, right.device.manufacturer);
  EXPECT_EQ(left.device.model, right.device.model);
  EXPECT_EQ(left.device.serial, right.device.serial);
  EXPECT_EQ(left.acquired_at.iso8601(), right.acquired_at.iso8601());
  EXPECT_EQ(left.filters.high_pass_hz, right.filters.high_pass_hz);
  EXPECT_EQ(left.filters.low_pass_hz, right.filters.low_pass_hz);
  EXPECT_EQ(left.filters.notch_hz, right.filters.notch_hz);
  EXPECT_EQ(left.statements, right.statements);
  for (const auto field :
       {&Measurements::ventricular_rate_bpm, &Measurements::atrial_rate_bpm, &Measurements::rr_ms,
        &Measurements::pp_ms, &Measurements::p_duration_ms, &Measurements::pr_ms,
        &Measurements::qrs_ms, &Measurements::qt_ms, &Measurements::qtc_ms,
        &Measurements::p_axis_deg, &Measurements::qrs_axis_deg, &Measurements::t_axis_deg}) {
    EXPECT_EQ(left.measurements.*field, right.measurements.*field);
  }
  EXPECT_EQ(left.measurements.qtc_formula, right.measurements.qtc_formula);
}

TEST(AecgWrite, WritesWhatReadsBackTheSame) {
  const EcgRecording recording = full_recording();
  const auto file = encode_aecg(recording);
  ASSERT_TRUE(file) << file.error().text;
  const auto back = decode_aecg(*file);
  ASSERT_TRUE(back) << back.error().text;
  EXPECT_THAT(back->findings, IsEmpty());
  expect_same(recording, *back);
  EXPECT_EQ(encode_aecg(*back).value_or(Bytes{}), *file);  // the same recording, the same bytes
}

TEST(AecgWrite, KeepsStaggeredLeadsOddRatesAndLeadsWithoutCode) {
  EcgRecording recording = full_recording();
  recording.leads[1].first_sample = 625;
  recording.leads[2].first_sample = 625;
  recording.leads[3].sampling_interval_us = 1e6 / 512;
  recording.leads[4].first_sample = 999'999;
  recording.leads[4].sampling_interval_us = 1e6 / 360;
  recording.leads[5].code = LeadCode::unspecified;
  recording.leads[5].label = "Dos \"1\"";
  recording.leads[6].code = LeadCode::minus_aVR;
  recording.leads[7].code = LeadCode{200};
  recording.leads[8].code = LeadCode::unspecified;
  recording.acquired_at = {};
  recording.patient = {};
  recording.device = {};
  const auto file = encode_aecg(recording);
  ASSERT_TRUE(file) << file.error().text;
  auto back = decode_aecg(*file);
  ASSERT_TRUE(back) << back.error().text;
  EXPECT_THAT(codes(*back), ElementsAre("acquisition_time_missing"));
  expect_same(recording, *back);
}

TEST(AecgWrite, GoesThroughScpAndBack) {
  EcgRecording recording = full_recording();
  recording.median_beat.clear();
  recording.patient.sex = Sex::male;
  const auto first = encode_aecg(recording);
  ASSERT_TRUE(first);
  const auto scp = encode_scp_ecg(*decode_aecg(*first));
  ASSERT_TRUE(scp) << scp.error().text;
  auto from_scp = decode_scp_ecg(*scp);
  ASSERT_TRUE(from_scp);
  const auto second = encode_aecg(*from_scp);
  ASSERT_TRUE(second);
  const auto back = decode_aecg(*second);
  ASSERT_TRUE(back);
  expect_same_leads(recording.leads, back->leads);
  EXPECT_EQ(recording.patient.family_name, back->patient.family_name);
  EXPECT_EQ(recording.measurements.qt_ms, back->measurements.qt_ms);
  EXPECT_EQ(recording.acquired_at.iso8601(), back->acquired_at.iso8601());
}

TEST(AecgWrite, RefusesWhatItCannotCarry) {
  EcgRecording recording = full_recording();
  recording.leads[0].gain_nv_per_lsb = 0;
  EXPECT_EQ(encode_aecg(recording).error().code, ErrorCode::unsupported_conversion);
  recording.leads.clear();
  EXPECT_EQ(encode_aecg(recording).error().code, ErrorCode::malformed_file);
}

TEST(Aecg, SurvivesEveryTruncationAndCorruption) {
  const Bytes file = xml_bytes(small_aecg());
  for (std::size_t length = 0; length < file.size(); ++length) {
    const auto cut = decode_aecg(ByteView(file).first(length));
    EXPECT_EQ(cut.has_value(), length == file.size() - 1) << length;  // but the line end
  }
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const char value : {'\0', ' ', '9', '<', '\x80', '\xFF'}) {
      Bytes damaged = file;
      damaged[i] = static_cast<std::uint8_t>(value);
      const auto recording = decode_aecg(damaged);
      EXPECT_FALSE(recording && recording->leads.empty());
    }
  }
}

}  // namespace telavis::test::aecg_test
