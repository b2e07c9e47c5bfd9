// SPDX-License-Identifier: Apache-2.0
// Reference beats, measurements and statements of real files, where they stand beside the checkout.
// Expected samples come from a decoder written apart, on strings of bits; other values from the
// bytes of the files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/scp_ecg.h"
#include "tests/shared_samples.h"

namespace telavis::test::scp_ecg_shared_test {

// FNV-1a, 64 bits, over the samples as little-endian 32-bit numbers.
std::uint64_t fingerprint(const std::vector<Lead>& leads) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const Lead& lead : leads) {
    for (const std::int32_t sample : lead.samples) {
      for (int shift = 0; shift < 32; shift += 8) {
        hash = (hash ^ ((static_cast<std::uint32_t>(sample) >> shift) & 0xFF)) * 0x100000001B3U;
      }
    }
  }
  return hash;
}

EcgRecording decoded(const std::filesystem::path& name) {
  auto recording = decode_scp_ecg(read_file(shared_folder() / "samples/scp" / name));
  EXPECT_TRUE(recording) << name;
  return recording.value_or(EcgRecording{});
}

TEST(ScpEcgShared, ReadsTheMedianOfTheExampleOfEcgToolkit) {
  TELAVIS_NEED_SHARED("samples/scp/ECGToolkit/Example.scp");
  const EcgRecording recording = decoded("ECGToolkit/Example.scp");
  ASSERT_EQ(recording.median_beat.size(), 12);
  for (const Lead& lead : recording.median_beat) {
    EXPECT_EQ(lead.samples.size(), 599);  // 1198 ms
    EXPECT_EQ(lead.gain_nv_per_lsb, 2500);
    EXPECT_EQ(lead.sampling_interval_us, 2000);
  }
  EXPECT_EQ(recording.median_beat[8].code, LeadCode::III);
  EXPECT_EQ(fingerprint(recording.median_beat), 0xD7FD4DC42878DDF1U);
  EXPECT_FALSE(recording.measurements.qtc_formula);
  EXPECT_FALSE(recording.statements_confirmed);
}

TEST(ScpEcgShared, ReadsMediansAndMeasurementsOfWelchAllyn) {
  TELAVIS_NEED_SHARED("samples/scp/SCP-Tools");
  EcgRecording recording = decoded("SCP-Tools/ECG_20070321_110542_ANON000004.SCP");
  ASSERT_EQ(recording.median_beat.size(), 8);
  EXPECT_EQ(recording.median_beat[0].samples.size(), 431);  // 718 ms at 600 Hz
  EXPECT_EQ(recording.median_beat[0].gain_nv_per_lsb, 3750);
  EXPECT_EQ(fingerprint(recording.median_beat), 0xAB01C0B7F2A41477U);
  EXPECT_EQ(recording.measurements.qtc_formula, QtcFormula::bazett);
  EXPECT_FALSE(recording.statements_confirmed);
  ASSERT_EQ(recording.lead_measurements.size(), 12);  // more than the eight leads recorded
  const LeadMeasurements& first = recording.lead_measurements[0];
  EXPECT_EQ(first.code, LeadCode::I);
  EXPECT_EQ(first.p_duration_ms, 92);
  EXPECT_EQ(first.pr_ms, 157);
  EXPECT_EQ(first.qrs_ms, 88);
  EXPECT_EQ(first.qt_ms, 360);
  EXPECT_EQ(first.q_duration_ms, 17);
  EXPECT_EQ(first.r_uv, 1413);
  EXPECT_EQ(first.j_uv, -105);
  EXPECT_EQ(first.t_positive_uv, 268);
  EXPECT_EQ(recording.lead_measurements[2].code, LeadCode::III);

  recording = decoded("SCP-Tools/example_preserve_time.SCP");
  ASSERT_EQ(recording.median_beat.size(), 8);
  EXPECT_EQ(recording.median_beat[0].samples.size(), 433);
  EXPECT_EQ(fingerprint(recording.median_beat), 0xCDA559AB64512023U);
  EXPECT_TRUE(recording.statements_confirmed);
}

TEST(ScpEcgShared, ReadsEverySampleButHealforceAndWritesItInBothVersions) {
  TELAVIS_NEED_SHARED("samples/scp");
  std::size_t read = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(shared_folder() / "samples/scp")) {
    if (!entry.is_regular_file()) continue;
    const auto recording = decode_scp_ecg(read_file(entry.path()));
    const bool healforce = entry.path().string().find("healforce") != std::string::npos;
    EXPECT_EQ(recording.has_value(), !healforce) << entry.path();
    if (!recording) continue;
    ++read;
    for (const ScpVersion version : {ScpVersion::v2, ScpVersion::v3}) {
      const auto file = encode_scp_ecg(*recording, version);
      ASSERT_TRUE(file) << file.error().text;
      const auto back = decode_scp_ecg(*file);
      ASSERT_TRUE(back);
      EXPECT_EQ(fingerprint(back->leads), fingerprint(recording->leads));
      EXPECT_EQ(fingerprint(back->median_beat), fingerprint(recording->median_beat));
      EXPECT_EQ(back->lead_measurements.size(), recording->lead_measurements.size());
      EXPECT_EQ(back->statements, recording->statements);
    }
  }
  EXPECT_GE(read, 9);
}

}  // namespace telavis::test::scp_ecg_shared_test
