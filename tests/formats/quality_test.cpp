// SPDX-License-Identifier: Apache-2.0
#include "formats/quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures/synthetic_ecg.h"
#include "formats/scp_ecg.h"
#include "tests/formats/quality_sets.h"
#include "tests/shared_samples.h"

namespace telavis::test::quality_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

EcgRecording good() {
  return fixtures::synthetic_ecg(fixtures::demo_ecg_parameters());
}
/// With the check that is made only where somebody answers for it.
EcgQualityLimits with_electrodes() {
  EcgQualityLimits limits;
  limits.exchanged_electrodes = true;
  return limits;
}
std::vector<std::string> codes(const EcgRecording& recording) {
  std::vector<std::string> list;
  for (const Finding& finding : check_ecg(recording, with_electrodes()))
    list.push_back(finding.code);
  return list;
}
Lead& lead_of(EcgRecording& recording, LeadCode code) {
  for (Lead& lead : recording.leads) {
    if (lead.code == code) return lead;
  }
  return recording.leads.front();
}

TEST(Quality, FindsNothingInAGoodRecording) {
  EXPECT_THAT(codes(good()), IsEmpty());
}

TEST(Quality, NamesMissingLeads) {
  EcgRecording recording = good();
  std::erase_if(recording.leads, [](const Lead& lead) {
    return lead.code == LeadCode::V3 || lead.code == LeadCode::V5 || lead.code == LeadCode::III ||
           lead.code == LeadCode::aVR || lead.code == LeadCode::aVL || lead.code == LeadCode::aVF;
  });
  auto findings = check_ecg(recording);
  ASSERT_EQ(findings.size(), 2);
  EXPECT_EQ(findings[0].code, "lead_missing");
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_THAT(findings[0].text, HasSubstr("V3, V5"));
  EXPECT_THAT(findings[0].text, Not(HasSubstr("aVR")));
  EXPECT_EQ(findings[1].code, "lead_derivable");
  EXPECT_EQ(findings[1].severity, Severity::info);
  EXPECT_THAT(findings[1].text, HasSubstr("III, aVR, aVL, aVF"));
  lead_of(recording, LeadCode::II).samples.pop_back();  // no longer alike
  findings = check_ecg(recording);
  ASSERT_FALSE(findings.empty());
  EXPECT_THAT(findings[0].text, HasSubstr("III, aVR, aVL, aVF, V3, V5"));
}

TEST(Quality, FindsFlatLeads) {
  EcgRecording recording = good();
  Lead& lead = lead_of(recording, LeadCode::V2);
  // 11 steps of 2.5 uV are 27.5 uV, 12 are 30.
  for (std::size_t i = 0; i < lead.samples.size(); ++i) lead.samples[i] = i % 2 == 0 ? 0 : 11;
  EXPECT_THAT(codes(recording), ElementsAre("lead_flat"));
  lead.samples[1] = 12;
  EXPECT_THAT(codes(recording), IsEmpty());
}

TEST(Quality, FindsSaturatedLeads) {
  EcgRecording recording = good();
  Lead& lead = lead_of(recording, LeadCode::V2);
  const auto rest_at = [&](std::int32_t value, std::size_t samples) {
    lead.samples.assign(5000, 0);
    std::fill_n(lead.samples.begin() + 100, samples, value);
    return codes(recording);
  };
  // 20 ms are 10 samples; 5 mV are 2,000 steps.
  EXPECT_THAT(rest_at(2000, 10), ElementsAre("lead_saturated"));
  EXPECT_THAT(rest_at(-2000, 10), ElementsAre("lead_saturated"));
  EXPECT_THAT(rest_at(2000, 9), IsEmpty());
  EXPECT_THAT(rest_at(1999, 100), IsEmpty());
  lead.gain_nv_per_lsb = 1;  // 32,767 nV are little, but the end of 16 bits
  EXPECT_THAT(rest_at(32767, 10), ElementsAre("lead_saturated"));
  EXPECT_THAT(rest_at(-32768, 10), ElementsAre("lead_saturated"));
}

TEST(Quality, MeasuresDurationAndRate) {
  EcgRecording recording = good();
  for (Lead& lead : recording.leads) lead.samples.pop_back();
  EXPECT_THAT(codes(recording), ElementsAre("duration_short"));
  // The same leads one group after another last long enough.
  recording = good();
  for (Lead& lead : recording.leads) {
    lead.samples.resize(2500);
    if (lead.code == LeadCode::V1) lead.first_sample = 2500;
  }
  EXPECT_THAT(codes(recording), IsEmpty());
  recording = good();
  for (Lead& lead : recording.leads) lead.sampling_interval_us = 4000;
  EXPECT_THAT(codes(recording), IsEmpty());
  for (Lead& lead : recording.leads) lead.sampling_interval_us = 4001;
  EXPECT_THAT(codes(recording), ElementsAre("sampling_low"));
}

TEST(Quality, ChecksEinthovensLaw) {
  EcgRecording recording = good();
  Lead& iii = lead_of(recording, LeadCode::III);
  for (std::int32_t& sample : iii.samples) sample += 20;  // 50 uV
  EXPECT_THAT(codes(recording), IsEmpty());
  iii.samples[0] += 4000;  // of a moment only
  EXPECT_THAT(codes(recording), IsEmpty());
  for (std::int32_t& sample : iii.samples) sample += 1;
  EXPECT_THAT(codes(recording), ElementsAre("einthoven_residual"));
  recording = good();
  std::swap(lead_of(recording, LeadCode::I).samples, lead_of(recording, LeadCode::II).samples);
  EXPECT_THAT(codes(recording), ElementsAre("einthoven_residual"));
}

TEST(Quality, BearsAnEmptyRecording) {
  EXPECT_THAT(codes({}), ElementsAre("lead_missing", "duration_short"));
}

TEST(Quality, FindsNoise) {
  auto parameters = fixtures::demo_ecg_parameters();
  parameters.mains_uv = 80;
  EXPECT_THAT(codes(fixtures::synthetic_ecg(parameters)), ElementsAre("mains_noise"));
  EXPECT_THAT(check_ecg(fixtures::synthetic_ecg(parameters))[0].text, HasSubstr("50 Hz"));
  parameters.mains_hz = 60;
  EXPECT_THAT(check_ecg(fixtures::synthetic_ecg(parameters))[0].text, HasSubstr("60 Hz"));
  parameters.mains_uv = 0;
  parameters.wander_mv = 0.6;
  EXPECT_THAT(codes(fixtures::synthetic_ecg(parameters)), ElementsAre("baseline_wander"));
  parameters.wander_mv = 0.03;
  parameters.muscle_uv = 60;
  EXPECT_THAT(codes(fixtures::synthetic_ecg(parameters)), ElementsAre("muscle_noise"));
}

TEST(Quality, HintsAtExchangedElectrodes) {
  auto parameters = fixtures::demo_ecg_parameters();
  const auto text_with = [&](fixtures::ElectrodeSwap swap) {
    parameters.swap = swap;
    const auto recording = fixtures::synthetic_ecg(parameters);
    EXPECT_THAT(check_ecg(recording), IsEmpty());  // nobody answers for it
    const auto findings = check_ecg(recording, with_electrodes());
    return findings.empty() ? std::string() : findings.back().code + ": " + findings.back().text;
  };
  using fixtures::ElectrodeSwap;
  EXPECT_EQ(text_with(ElectrodeSwap::none), "");
  EXPECT_THAT(text_with(ElectrodeSwap::arms),
              HasSubstr("limb_leads_reversed_hint: The electrodes of the right and the left arm"));
  EXPECT_THAT(text_with(ElectrodeSwap::right_arm_left_leg),
              HasSubstr("the right arm and the left leg may be exchanged: check"));
  EXPECT_THAT(text_with(ElectrodeSwap::arm_right_leg), HasSubstr("an arm and the right leg"));
}

TEST(Quality, FindsDuplicatesAndTellsSpikes) {
  EcgRecording recording = good();
  lead_of(recording, LeadCode::V4).samples = lead_of(recording, LeadCode::V3).samples;
  EXPECT_THAT(codes(recording), ElementsAre("lead_duplicated"));
  lead_of(recording, LeadCode::V4).samples[7] += 1;
  EXPECT_THAT(codes(recording), IsEmpty());
  recording.measurements.pacemaker_spikes = 12;
  EXPECT_THAT(codes(recording), ElementsAre("pacemaker_spikes_declared"));
}

TEST(Quality, TakesItsLimitsFromOutside) {
  EcgQualityLimits limits;
  limits.min_duration_s = 11;
  limits.max_interval_us = 1000;
  const auto findings = check_ecg(good(), limits);
  ASSERT_EQ(findings.size(), 2);
  EXPECT_EQ(findings[0].code, "duration_short");
  EXPECT_EQ(findings[1].code, "sampling_low");
}

// The limits were chosen on seed 1.
TEST(Quality, HoldsItsFiguresOnASetItWasNotTunedOn) {
  for (const QualityScore& score : quality_scores(2, 40)) {
    EXPECT_GE(score.sensitivity(), 0.9) << score.disturbance;
    EXPECT_GE(score.specificity(), 0.95) << score.disturbance;
  }
}

// Leads of real recordings, ordinary but for what their names say.
TEST(Quality, FindsLittleInOrdinaryTracings) {
  TELAVIS_NEED_SHARED("samples/scp");
  for (const char* name : {"ECGToolkit/Example.scp", "SCP-Tools/example_full_anon.SCP"}) {
    const auto recording = decode_scp_ecg(read_file(shared_folder() / "samples/scp" / name));
    ASSERT_TRUE(recording);
    for (const std::string& code : codes(*recording)) {
      EXPECT_THAT(code, ::testing::AnyOf("lead_missing", "lead_derivable", "duration_short"))
          << name;
    }
  }
}

}  // namespace telavis::test::quality_test
