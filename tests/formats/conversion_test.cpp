// SPDX-License-Identifier: Apache-2.0
// From one written form through another and back: the same bytes.
#include <gtest/gtest.h>

#include "fixtures/synthetic_ecg.h"
#include "formats/aecg.h"
#include "formats/dicom.h"
#include "formats/scp_ecg.h"

namespace telavis::test::conversion_test {

/// A patient, a device, filters, measurements, statements; no median, whose length SCP-ECG states
/// in milliseconds and aECG in samples.
EcgRecording full_recording(int seed) {
  auto parameters = fixtures::demo_ecg_parameters();
  parameters.seed = static_cast<std::uint64_t>(seed);
  parameters.rate_bpm = 50 + 10 * seed;
  parameters.qrs_axis_deg = 30.0 * seed - 60;
  EcgRecording recording = fixtures::synthetic_ecg(parameters);
  recording.filters = {0.05, 150, 50};
  recording.device.model = "M-1";
  recording.statements = {"TRACÉ D'ESSAI", "Rythme synthétique"};
  return recording;
}

EcgRecording through_dicom(const EcgRecording& recording) {
  DicomContext context;
  context.study_uid = context.series_uid = context.instance_uid = "2.25.1";
  const auto file = write_dicom_ecg(recording, context);
  EXPECT_TRUE(file) << file.error().text;
  const auto exam = decode_dicom(file.value_or(Bytes{}));
  EXPECT_TRUE(exam) << exam.error().text;
  return exam ? std::get<EcgRecording>(exam->exam) : EcgRecording{};
}

TEST(Conversion, ScpThroughDicomIsTheSameScp) {
  for (int seed = 1; seed <= 6; ++seed) {
    const Bytes first = encode_scp_ecg(full_recording(seed)).value();
    const auto again = encode_scp_ecg(through_dicom(decode_scp_ecg(first).value()));
    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(*again, first) << seed;
  }
}

TEST(Conversion, ScpThroughAecgIsTheSameScp) {
  for (int seed = 1; seed <= 6; ++seed) {
    const Bytes first = encode_scp_ecg(full_recording(seed)).value();
    const auto aecg = encode_aecg(decode_scp_ecg(first).value());
    ASSERT_TRUE(aecg) << aecg.error().text;
    const auto again = encode_scp_ecg(decode_aecg(*aecg).value());
    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(*again, first) << seed;
  }
}

TEST(Conversion, AecgThroughScpIsTheSameAecg) {
  for (int seed = 1; seed <= 6; ++seed) {
    const Bytes scp = encode_scp_ecg(full_recording(seed)).value();
    const Bytes first = encode_aecg(decode_scp_ecg(scp).value()).value();
    const auto through = encode_scp_ecg(decode_aecg(first).value());
    ASSERT_TRUE(through) << through.error().text;
    EXPECT_EQ(encode_aecg(decode_scp_ecg(*through).value()).value(), first) << seed;
  }
}

}  // namespace telavis::test::conversion_test
