// SPDX-License-Identifier: Apache-2.0
#include "formats/muse_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/finding_codes.h"
#include "tests/formats/xml_builder.h"

namespace telavis::test::muse_xml_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EcgRecording read(const std::string& content) {
  auto recording = decode_muse_xml(xml_bytes(muse_file(content)));
  EXPECT_TRUE(recording) << recording.error().text;
  return recording.value_or(EcgRecording{});
}

std::string test_demographics(const std::string& date, const std::string& more = "") {
  return "<TestDemographics><AcquisitionDevice>MAC55</AcquisitionDevice><AcquisitionTime>14:30:05"
         "</AcquisitionTime><AcquisitionDate>" +
         date + "</AcquisitionDate>" + more + "</TestDemographics>";
}

std::string patient(const std::string& birth) {
  return "<PatientDemographics><PatientID>P1</PatientID><PatientLastName>M\xFCller"
         "</PatientLastName><PatientFirstName>Zo\xEB</PatientFirstName><Gender>FEMALE</Gender>"
         "<DateofBirth>" +
         birth + "</DateofBirth></PatientDemographics>";
}

const std::string kRhythm = muse_waveform("Rhythm", {{"I"}, {"V1", {5, 6, -7}}});

TEST(MuseXml, ReadsRhythmMedianAndFilters) {
  const EcgRecording recording =
      read(test_demographics("11-22-2018") + muse_waveform("Median", {{"II", {7, 8}}}, "25", "1") +
           kRhythm);
  EXPECT_THAT(recording.findings, IsEmpty());
  EXPECT_EQ(recording.version, "9.0");
  ASSERT_EQ(recording.leads.size(), 2U);
  EXPECT_EQ(recording.leads[0].code, LeadCode::I);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(1, -2, 300));
  EXPECT_THAT(recording.leads[1].samples, ElementsAre(5, 6, -7));
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 4880);
  EXPECT_EQ(recording.leads[0].sampling_interval_us, 2000);
  ASSERT_EQ(recording.median_beat.size(), 1U);
  EXPECT_EQ(recording.median_beat[0].sampling_interval_us, 4000);
  EXPECT_EQ(recording.filters.high_pass_hz, 0.16);
  EXPECT_EQ(recording.filters.low_pass_hz, 150);
  EXPECT_EQ(recording.filters.notch_hz, 50);
  EXPECT_EQ(recording.device.model, "MAC55");
  EXPECT_TRUE(looks_like_muse_xml(xml_bytes(small_muse())));
  EXPECT_TRUE(looks_like_cardiosoft_xml(xml_bytes("<CardiologyXML>")));
  EXPECT_FALSE(looks_like_cardiosoft_xml(xml_bytes(small_muse())));
}

TEST(MuseXml, ReadsLatinNamesAndDatesByTheOrderTheFileShows) {
  const EcgRecording american =
      read(patient("03-15-1985") + test_demographics("02-03-2024") + kRhythm);
  EXPECT_THAT(american.findings, IsEmpty());
  EXPECT_EQ(american.patient.family_name, "M\xC3\xBCller");
  EXPECT_EQ(american.patient.given_name, "Zo\xC3\xAB");
  EXPECT_EQ(american.patient.sex, Sex::female);
  EXPECT_EQ(american.patient.birth_date, "1985-03-15");
  EXPECT_EQ(american.acquired_at.iso8601(), "2024-02-03T14:30:05");
  const EcgRecording french =
      read(patient("15-03-1985") + test_demographics("02-03-2024") + kRhythm);
  EXPECT_THAT(french.findings, IsEmpty());
  EXPECT_EQ(french.patient.birth_date, "1985-03-15");
  EXPECT_EQ(french.acquired_at.iso8601(), "2024-03-02T14:30:05");
  const EcgRecording unclear =
      read(patient("04-04-1985") + test_demographics("02-03-2024") + kRhythm);
  EXPECT_THAT(codes(unclear), ElementsAre("date_order_assumed"));
  EXPECT_EQ(unclear.acquired_at.iso8601(), "2024-02-03T14:30:05");
  const EcgRecording named =
      read(patient("31-FEB-1985") + test_demographics("02-MAR-2024") + kRhythm);
  EXPECT_THAT(codes(named), ElementsAre("birth_date_invalid"));
  EXPECT_EQ(named.acquired_at.iso8601(), "2024-03-02T14:30:05");
  const EcgRecording iso = read(patient("1985-03-15") + test_demographics("2024-03-02") + kRhythm);
  EXPECT_EQ(iso.patient.birth_date, "1985-03-15");
  EXPECT_EQ(iso.acquired_at.iso8601(), "2024-03-02T14:30:05");
}

TEST(MuseXml, ReadsMeasurementsAndStatements) {
  const EcgRecording recording = read(
      test_demographics("11-22-2018", "<Status>CONFIRMED</Status>") +
      "<RestingECGMeasurements><VentricularRate>48</VentricularRate><PRInterval>138</PRInterval>"
      "<QRSDuration>96</QRSDuration><QTInterval>452</QTInterval><QTCorrected>403</QTCorrected>"
      "<PAxis>*</PAxis><RAxis>-20</RAxis><TAxis>0</TAxis><POnset>147</POnset><POffset>200"
      "</POffset><ECGSampleBase>500</ECGSampleBase><ECGSampleExponent>0</ECGSampleExponent>"
      "</RestingECGMeasurements><QRSTimesTypes><GlobalRR>1242</GlobalRR></QRSTimesTypes>"
      "<Diagnosis><DiagnosisStatement><StmtText>Sinus rhythm with</StmtText></DiagnosisStatement>"
      "<DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>block</StmtText>"
      "</DiagnosisStatement><DiagnosisStatement><StmtFlag>DELETED</StmtFlag><StmtFlag>ENDSLINE"
      "</StmtFlag><StmtText>gone</StmtText></DiagnosisStatement><DiagnosisStatement><StmtText>"
      "Abnormal ECG</StmtText></DiagnosisStatement></Diagnosis>" +
      kRhythm);
  const Measurements& m = recording.measurements;
  EXPECT_EQ(m.ventricular_rate_bpm, 48);
  EXPECT_EQ(m.atrial_rate_bpm, std::nullopt);
  EXPECT_EQ(m.pr_ms, 138);
  EXPECT_EQ(m.qrs_ms, 96);
  EXPECT_EQ(m.qt_ms, 452);
  EXPECT_EQ(m.qtc_ms, 403);
  EXPECT_EQ(m.p_axis_deg, std::nullopt);
  EXPECT_EQ(m.qrs_axis_deg, -20);
  EXPECT_EQ(m.t_axis_deg, 0);
  EXPECT_EQ(m.p_duration_ms, 106);
  EXPECT_EQ(m.rr_ms, 1242);
  EXPECT_TRUE(recording.statements_confirmed);
  EXPECT_THAT(recording.statements, ElementsAre("Sinus rhythm with block", "Abnormal ECG"));
}

TEST(MuseXml, TellsOfDamagedOddAndMissingLeads) {
  const auto lead = [](const std::string& id, std::map<std::string, std::string> changed) {
    return MuseLead{id, {1, 2}, std::move(changed)};
  };
  const EcgRecording recording = read(
      test_demographics("11-22-2018") +
      muse_waveform("rhythm", {lead("I", {{"LeadDataCRC32", "7"}}),
                               lead("II", {{"LeadSampleCountTotal", "4000000000"}}),
                               lead("V1", {{"WaveFormData", "AQ!="}}),
                               lead("V2", {{"LeadAmplitudeUnitsPerBit", "0"}}),
                               lead("V3", {{"LeadAmplitudeUnits", "MILLIVOLTS"}}),
                               lead("V4", {{"LeadAmplitudeUnits", ""}}),
                               lead("V5", {{"LeadOff", "TRUE"}, {"LeadOffsetFirstSample", "9"}}),
                               lead("V6", {{"WaveFormData", ""}, {"LeadDataCRC32", ""}}),
                               lead("Z9", {{"LeadSampleSize", "3"}}), lead("I", {})}) +
      kRhythm);
  EXPECT_THAT(
      codes(recording),
      ElementsAre("crc_mismatch", "lead_length_mismatch", "lead_unreadable", "lead_unreadable",
                  "gain_unit_assumed", "lead_off", "lead_length_mismatch", "lead_empty",
                  "lead_unreadable", "duplicate_lead", "series_unread"));
  ASSERT_EQ(recording.leads.size(), 5U);
  EXPECT_EQ(recording.leads[2].gain_nv_per_lsb, 4'880'000);
  EXPECT_EQ(recording.leads[3].gain_nv_per_lsb, 4880);
  EXPECT_EQ(recording.leads[4].first_sample, 9U);
}

TEST(MuseXml, RefusesAFileWithoutRhythm) {
  for (const std::string& content :
       {std::string(), muse_waveform("Median", {{"I"}}), muse_waveform("Rhythm", {{"I"}}, "0"),
        muse_waveform("Rhythm", {})}) {
    const auto recording = decode_muse_xml(xml_bytes(muse_file(content)));
    ASSERT_FALSE(recording);
    EXPECT_EQ(recording.error().code, ErrorCode::malformed_file);
  }
}

TEST(MuseXml, SurvivesEveryTruncationAndCorruption) {
  const Bytes file = xml_bytes(small_muse());
  for (std::size_t length = 0; length + 1 < file.size(); ++length) {
    EXPECT_FALSE(decode_muse_xml(ByteView(file).first(length))) << length;
  }
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const char value : {'\0', ' ', '9', '<', '\x80', '\xFF'}) {
      Bytes damaged = file;
      damaged[i] = static_cast<std::uint8_t>(value);
      const auto recording = decode_muse_xml(damaged);
      EXPECT_FALSE(recording && recording->leads.empty());
    }
  }
}

}  // namespace telavis::test::muse_xml_test
