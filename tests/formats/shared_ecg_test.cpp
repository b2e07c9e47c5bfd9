// SPDX-License-Identifier: Apache-2.0
// Real files, where they stand beside the checkout. Expected samples come from a decoder written
// apart, on strings of bits; the other values from the bytes of the files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "formats/exam.h"
#include "formats/inspect.h"
#include "formats/quality.h"
#include "formats/scp_ecg.h"
#include "formats/text.h"
#include "tests/shared_samples.h"

namespace telavis::test::shared_ecg_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> codes(const std::vector<Finding>& findings) {
  std::vector<std::string> list;
  for (const Finding& finding : findings) list.push_back(finding.code);
  return list;
}

// FNV-1a, 64 bits, over the samples as little-endian 32-bit numbers.
std::uint64_t fingerprint(const EcgRecording& recording) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const Lead& lead : recording.leads) {
    for (const std::int32_t sample : lead.samples) {
      for (int shift = 0; shift < 32; shift += 8) {
        hash = (hash ^ ((static_cast<std::uint32_t>(sample) >> shift) & 0xFF)) * 0x100000001B3U;
      }
    }
  }
  return hash;
}

std::int64_t sum(const Lead& lead) {
  return std::accumulate(lead.samples.begin(), lead.samples.end(), std::int64_t{0});
}

TEST(SharedEcg, ReadsTheExampleOfEcgToolkit) {
  TELAVIS_NEED_SHARED("samples/scp/ECGToolkit/Example.scp");
  const auto recording =
      decode_scp_ecg(read_file(shared_folder() / "samples/scp/ECGToolkit/Example.scp"));
  ASSERT_TRUE(recording) << recording.error().text;
  EXPECT_THAT(recording->findings, IsEmpty());
  EXPECT_EQ(recording->version, "2.0");
  EXPECT_EQ(recording->patient.family_name, "Clark");
  EXPECT_EQ(recording->patient.given_name, "");
  EXPECT_EQ(recording->patient.id, "SBJ-123");
  EXPECT_EQ(recording->patient.birth_date, "1953-05-08");
  EXPECT_EQ(recording->patient.sex, Sex::male);
  EXPECT_EQ(recording->acquired_at.iso8601(), "2002-11-22T09:10:00");
  EXPECT_EQ(recording->device.model, "ELI250");
  EXPECT_EQ(recording->device.serial, "unknown");
  EXPECT_EQ(recording->device.manufacturer, "ECGConversion");
  EXPECT_FALSE(recording->filters.high_pass_hz || recording->filters.low_pass_hz);
  const std::array<std::int64_t, 12> sums = {-4921, -4084, -2299, -2648, -3119, -2499,
                                             -3009, -1762, 837,   4432,  -2721, -1570};
  ASSERT_EQ(recording->leads.size(), 12);
  for (std::size_t i = 0; i < 12; ++i) {
    const Lead& lead = recording->leads[i];
    EXPECT_EQ(lead.samples.size(), 5000);
    EXPECT_EQ(lead.gain_nv_per_lsb, 2500);
    EXPECT_EQ(lead.sampling_interval_us, 2000);
    EXPECT_EQ(sum(lead), sums.at(i)) << lead_name(lead.code);
  }
  EXPECT_EQ(recording->leads[8].code, LeadCode::III);
  const auto& v2 = recording->lead(LeadCode::V2)->samples;
  EXPECT_THAT(std::vector(v2.begin(), v2.begin() + 6), ElementsAre(55, 53, 51, 49, 47, 43));
  EXPECT_EQ(fingerprint(*recording), 0x9A0A083D3E14DFABU);
  const Measurements& m = recording->measurements;
  EXPECT_EQ(m.p_duration_ms, 102);
  EXPECT_EQ(m.pr_ms, 148);
  EXPECT_EQ(m.qrs_ms, 120);
  EXPECT_EQ(m.qt_ms, 420);
  EXPECT_EQ(m.qtc_ms, 443);
  EXPECT_EQ(m.p_axis_deg, 44);
  EXPECT_EQ(m.qrs_axis_deg, -61);
  EXPECT_EQ(m.t_axis_deg, 86);
  EXPECT_FALSE(m.rr_ms || m.pp_ms || m.ventricular_rate_bpm || m.atrial_rate_bpm);
  EcgQualityLimits limits;
  limits.exchanged_electrodes = true;
  EXPECT_THAT(codes(check_ecg(*recording, limits)), IsEmpty());
}

TEST(SharedEcg, ReadsWelchAllynFilesWithTheirTraps) {
  TELAVIS_NEED_SHARED("samples/scp/SCP-Tools");
  const auto folder = shared_folder() / "samples/scp/SCP-Tools";
  auto recording = decode_scp_ecg(read_file(folder / "ECG_20070321_110542_ANON000004.SCP"));
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->patient.family_name, "REMOVED");
  EXPECT_EQ(recording->patient.id, "ANON000004");
  EXPECT_EQ(recording->patient.sex, Sex::unknown);  // a letter stands there
  EXPECT_EQ(recording->device.model, "MDW14");
  EXPECT_EQ(recording->device.manufacturer, "Welch Allyn Cardio Control");
  EXPECT_EQ(recording->filters.low_pass_hz, 35);
  EXPECT_EQ(recording->filters.notch_hz, 50);
  EXPECT_THAT(codes(recording->findings),
              ElementsAre("birth_date_invalid", "acquisition_time_invalid"));
  EXPECT_EQ(recording->leads.size(), 8);
  EXPECT_EQ(recording->leads[0].gain_nv_per_lsb, 3750);
  EXPECT_EQ(recording->leads[0].sampling_interval_us, 1667);
  EXPECT_EQ(fingerprint(*recording), 0xAA78EF41D844489EU);
  EXPECT_EQ(recording->measurements.rr_ms, 800);
  EXPECT_EQ(recording->measurements.qrs_ms, 88);
  EXPECT_EQ(recording->measurements.ventricular_rate_bpm, 75);
  EXPECT_EQ(recording->measurements.qtc_ms, 402);
  EXPECT_EQ(recording->statements.at(2),
            "ålderskorrigerat Sokolow index (SV1+RV5 eller V6) = 4.1 mV");

  recording = decode_scp_ecg(read_file(folder / "example_preserve_time.SCP"));
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->acquired_at.local, "2006-06-20T11:23:52");
  EXPECT_EQ(recording->patient.id, "PRESERVE_TIME");
  EXPECT_EQ(recording->leads[2].code, LeadCode::V3R);
  EXPECT_EQ(fingerprint(*recording), 0xC05D2A189812616BU);
  EXPECT_EQ(recording->statements.size(), 5);  // a sixth is empty
}

TEST(SharedEcg, WritesRealRecordingsBackUnchanged) {
  TELAVIS_NEED_SHARED("samples/scp");
  for (const char* name : {"ECGToolkit/Example.scp", "SCP-Tools/example_preserve_time.SCP"}) {
    const auto recording = decode_scp_ecg(read_file(shared_folder() / "samples/scp" / name));
    ASSERT_TRUE(recording);
    const auto file = encode_scp_ecg(*recording);
    ASSERT_TRUE(file) << file.error().text;
    const auto back = decode_scp_ecg(*file);
    ASSERT_TRUE(back);
    EXPECT_EQ(fingerprint(*back), fingerprint(*recording));
    EXPECT_EQ(inspect_json(*back).substr(inspect_json(*back).find("\"acquired_at\"")),
              inspect_json(*recording).substr(inspect_json(*recording).find("\"acquired_at\"")));
  }
}

TEST(SharedEcg, RefusesHealforceByName) {
  TELAVIS_NEED_SHARED("samples/scp/healforcescpecg/demodata_ECG_0_62.SCP");
  const auto exam =
      decode_exam(read_file(shared_folder() / "samples/scp/healforcescpecg/demodata_ECG_0_62.SCP"));
  ASSERT_FALSE(exam);
  EXPECT_EQ(exam.error().code, ErrorCode::unsupported_format);
  EXPECT_THAT(exam.error().text, ::testing::HasSubstr("Healforce"));
}

TEST(SharedEcg, KnowsEveryFileByItsContent) {
  TELAVIS_NEED_SHARED("samples/aecg");
  const std::vector<std::pair<const char*, FileFormat>> folders = {
      {"aecg", FileFormat::hl7_aecg},
      {"muse-xml", FileFormat::muse_xml},
      {"sierra-xml", FileFormat::sierra_xml},
      {"mfer", FileFormat::mfer},
      {"contec", FileFormat::foreign},
      {"dicom-ecg", FileFormat::dicom},
      {"pdf", FileFormat::pdf},
      {"jpeg/exif-samples", FileFormat::jpeg},
      {"dermoscopy", FileFormat::jpeg}};
  for (const auto& [folder, format] : folders) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(shared_folder() / "samples" / folder)) {
      if (!entry.is_regular_file()) continue;
      EXPECT_EQ(sniff(read_file(entry.path())), format) << entry.path();
    }
  }
}

TEST(SharedEcg, SurvivesEverySample) {
  TELAVIS_NEED_SHARED("samples");
  std::size_t decoded = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(shared_folder() / "samples")) {
    if (!entry.is_regular_file()) continue;
    const Bytes file = read_file(entry.path());
    if (const auto exam = decode_exam(file)) {
      ++decoded;
      EXPECT_TRUE(is_valid_utf8(inspect_json(*exam))) << entry.path();
    } else {
      EXPECT_FALSE(exam.error().text.empty());
    }
  }
  EXPECT_GE(decoded, 150U);  // of 277; docs/conformance/samples.md says which
}

}  // namespace telavis::test::shared_ecg_test
