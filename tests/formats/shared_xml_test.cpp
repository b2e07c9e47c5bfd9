// SPDX-License-Identifier: Apache-2.0
// Real XML tracings, where they stand beside the checkout. Sums of samples come from a reading of
// the files by another XML parser and a separate unpacking of XLI.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

#include "formats/aecg.h"
#include "formats/muse_xml.h"
#include "formats/sierra_xml.h"
#include "tests/shared_samples.h"

namespace telavis::test::shared_xml_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::int64_t sum(const Lead* lead) {
  return lead == nullptr
             ? 0
             : std::accumulate(lead->samples.begin(), lead->samples.end(), std::int64_t{0});
}

TEST(SharedXml, ReadsTheExampleOfTheStandard) {
  const std::string path = "samples/aecg/aecg-python/hl7_2003-12_Schema_example_Example_aECG.xml";
  TELAVIS_NEED_SHARED(path);
  const auto recording = decode_aecg(read_file(shared_folder() / path));
  ASSERT_TRUE(recording) << recording.error().text;
  EXPECT_THAT(recording->findings, IsEmpty());
  ASSERT_EQ(recording->leads.size(), 12U);
  for (const Lead& lead : recording->leads) {
    EXPECT_EQ(lead.samples.size(), 5000U);
    EXPECT_EQ(lead.gain_nv_per_lsb, 2500);
    EXPECT_EQ(lead.sampling_interval_us, 2000);
  }
  EXPECT_EQ(sum(recording->lead(LeadCode::I)), -4921);
  EXPECT_EQ(sum(recording->lead(LeadCode::aVF)), -1570);
  EXPECT_EQ(recording->median_beat.size(), 12U);
  EXPECT_EQ(recording->patient.id, "SBJ-123");
  EXPECT_EQ(recording->patient.family_name, "Clark");
  EXPECT_EQ(recording->acquired_at.iso8601(), "2002-11-22T09:10:00");
  EXPECT_EQ(recording->device.model, "ELI250");
  EXPECT_EQ(recording->measurements.qt_ms, 420);
  EXPECT_EQ(recording->measurements.qrs_axis_deg, -61);
}

// The same recording, as the cardiograph stored it and as a converter wrote it. The converter has
// filtered the samples anew (a step or two of noise), but not the calibration pulse at the end.
TEST(SharedXml, PhilipsAndItsConversionShowTheSameRecording) {
  const std::string original =
      "samples/sierra-xml/sierra-ecg-tools/xml_1_04_ad4d3d80-d165_1-04_orig.xml";
  const std::string converted =
      "samples/aecg/sierra-ecg-tools/xml_1_04_ad4d3d80-d165_1-04_converted.xml";
  TELAVIS_NEED_SHARED(original);
  TELAVIS_NEED_SHARED(converted);
  const auto sierra = decode_sierra_xml(read_file(shared_folder() / original));
  const auto aecg = decode_aecg(read_file(shared_folder() / converted));
  ASSERT_TRUE(sierra && aecg);
  EXPECT_THAT(sierra->findings, IsEmpty());
  ASSERT_EQ(sierra->leads.size(), 12U);
  for (const Lead& lead : sierra->leads) {
    const Lead* other = aecg->lead(lead.code);
    ASSERT_NE(other, nullptr);
    ASSERT_EQ(lead.samples.size(), other->samples.size());
    EXPECT_EQ(lead.gain_nv_per_lsb, other->gain_nv_per_lsb);
    for (std::size_t i = 0; i < lead.samples.size(); ++i) {
      ASSERT_LE(std::abs(lead.samples[i] - other->samples[i]), 5) << lead_title(lead) << " " << i;
    }
  }
  ASSERT_EQ(sierra->median_beat.size(), aecg->median_beat.size());
  for (std::size_t i = 0; i < sierra->median_beat.size(); ++i) {
    EXPECT_EQ(sierra->median_beat[i].samples, aecg->median_beat[i].samples);
    EXPECT_EQ(sierra->median_beat[i].gain_nv_per_lsb, aecg->median_beat[i].gain_nv_per_lsb);
  }
  EXPECT_EQ(sierra->measurements.qt_ms, aecg->measurements.qt_ms);
  EXPECT_EQ(sierra->measurements.rr_ms, aecg->measurements.rr_ms);
  EXPECT_EQ(sierra->acquired_at.local, aecg->acquired_at.local);
  EXPECT_EQ(sierra->device.serial, aecg->device.serial);
}

// Its cardiograph computed aVL and aVF in whole numbers: division towards zero gives them back.
TEST(SharedXml, RestoresTheComputedLimbLeadsOfPhilipsExactly) {
  const std::string path =
      "samples/sierra-xml/sierra-ecg-tools/xml_1_04_3191723_ZZDEMOPTONLY_1-04_orig.xml";
  TELAVIS_NEED_SHARED(path);
  const auto recording = decode_sierra_xml(read_file(shared_folder() / path));
  ASSERT_TRUE(recording) << recording.error().text;
  const Lead& i = *recording->lead(LeadCode::I);
  const Lead& ii = *recording->lead(LeadCode::II);
  const std::size_t before_calibration = 5300;
  for (std::size_t k = 0; k < before_calibration; ++k) {
    ASSERT_EQ(recording->lead(LeadCode::III)->samples[k], ii.samples[k] - i.samples[k]);
    ASSERT_EQ(recording->lead(LeadCode::aVL)->samples[k], i.samples[k] - ii.samples[k] / 2);
    ASSERT_EQ(recording->lead(LeadCode::aVF)->samples[k], ii.samples[k] - i.samples[k] / 2);
  }
  EXPECT_EQ(recording->patient.birth_date, "1950-01-01");
  EXPECT_THAT(recording->statements,
              ElementsAre("SINUS RHYTHM, normal P axis, V-rate 60-99",
                          "PROBABLE LEFT VENTRICULAR HYPERTROPHY, (RaVL+SV3)xQRSd >280",
                          "ANTERIOR ST ELEVATION, PROBABLY DUE TO LVH, ST >0.20 mV in V1-V4 & LVH",
                          "- ABNORMAL ECG -"));
}

TEST(SharedXml, ReadsMuse) {
  const std::string path = "samples/muse-xml/BRAVEHEART/Example_ECGs_example1.xml";
  TELAVIS_NEED_SHARED(path);
  const auto recording = decode_muse_xml(read_file(shared_folder() / path));
  ASSERT_TRUE(recording) << recording.error().text;
  ASSERT_EQ(recording->leads.size(), 8U);  // and every checksum of them is right
  EXPECT_EQ(recording->findings.size(), 1U);
  EXPECT_EQ(recording->findings[0].code, "acquisition_time_missing");
  EXPECT_EQ(sum(recording->lead(LeadCode::I)), -12251);
  EXPECT_EQ(sum(recording->lead(LeadCode::V6)), -7992);
  EXPECT_EQ(recording->leads[0].gain_nv_per_lsb, 4880);
  EXPECT_EQ(recording->median_beat.size(), 8U);
  EXPECT_EQ(recording->measurements.qtc_ms, 403);
}

TEST(SharedXml, ReadsOrRefusesTheOthersAndWritesThemAsAecg) {
  TELAVIS_NEED_SHARED("samples/aecg");
  int read = 0;
  for (const char* folder : {"samples/aecg", "samples/muse-xml", "samples/sierra-xml"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(shared_folder() / folder)) {
      if (!entry.is_regular_file()) continue;
      const Bytes file = read_file(entry.path());
      const auto decode = looks_like_aecg(file)       ? decode_aecg
                          : looks_like_muse_xml(file) ? decode_muse_xml
                                                      : decode_sierra_xml;
      const auto recording = decode(file);
      if (entry.path().filename() == "examples_empty.xml") {
        EXPECT_FALSE(recording);
        continue;
      }
      ASSERT_TRUE(recording) << entry.path() << recording.error().text;
      const auto written = encode_aecg(*recording);
      ASSERT_TRUE(written) << entry.path() << written.error().text;
      const auto back = decode_aecg(*written);
      ASSERT_TRUE(back) << entry.path() << back.error().text;
      ASSERT_EQ(back->leads.size(), recording->leads.size());
      for (std::size_t i = 0; i < back->leads.size(); ++i) {
        EXPECT_EQ(back->leads[i].samples, recording->leads[i].samples);
        EXPECT_EQ(back->leads[i].gain_nv_per_lsb, recording->leads[i].gain_nv_per_lsb);
      }
      EXPECT_EQ(back->statements, recording->statements);
      ++read;
    }
  }
  EXPECT_GE(read, 12);
}

}  // namespace telavis::test::shared_xml_test
