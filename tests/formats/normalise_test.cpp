// SPDX-License-Identifier: Apache-2.0
#include "formats/normalise.h"

#include <gtest/gtest.h>

#include <limits>

namespace telavis::test::normalise_test {

using Samples = std::vector<std::int32_t>;

EcgRecording limb(Samples i, Samples ii) {
  EcgRecording recording;
  recording.leads = {{LeadCode::I, std::move(i), 2500, 2000, 4},
                     {LeadCode::II, std::move(ii), 2500, 2000, 4}};
  return recording;
}

TEST(Normalise, ComputesTheFourOtherLimbLeads) {
  const EcgRecording out = with_derived_limb_leads(limb({10, 3, -3, 0}, {30, 4, -4, 1}));
  ASSERT_EQ(out.leads.size(), 6);
  EXPECT_EQ(out.lead(LeadCode::III)->samples, (Samples{20, 1, -1, 1}));
  EXPECT_EQ(out.lead(LeadCode::aVR)->samples, (Samples{-20, -4, 4, -1}));
  EXPECT_EQ(out.lead(LeadCode::aVL)->samples, (Samples{-5, 1, -1, -1}));
  EXPECT_EQ(out.lead(LeadCode::aVF)->samples, (Samples{25, 3, -3, 1}));
  for (const LeadCode code : {LeadCode::III, LeadCode::aVR, LeadCode::aVL, LeadCode::aVF}) {
    EXPECT_TRUE(out.lead(code)->derived);
    EXPECT_EQ(out.lead(code)->gain_nv_per_lsb, 2500);
    EXPECT_EQ(out.lead(code)->sampling_interval_us, 2000);
    EXPECT_EQ(out.lead(code)->first_sample, 4);
  }
  EXPECT_FALSE(out.lead(LeadCode::I)->derived);
}

TEST(Normalise, KeepsRecordedLeads) {
  EcgRecording recording = limb({1, 2}, {3, 4});
  recording.leads.push_back({LeadCode::III, {90, 91}, 2500, 2000, 4});
  const EcgRecording out = with_derived_limb_leads(recording);
  EXPECT_EQ(out.leads.size(), 6);
  EXPECT_EQ(out.lead(LeadCode::III)->samples, (Samples{90, 91}));
  EXPECT_FALSE(out.lead(LeadCode::III)->derived);
}

TEST(Normalise, ComputesNothingFromUnequalLeads) {
  const auto count_after = [](auto change) {
    EcgRecording recording = limb({1, 2}, {3, 4});
    change(recording.leads[1]);
    return with_derived_limb_leads(recording).leads.size();
  };
  EXPECT_EQ(count_after([](Lead& lead) { lead.code = LeadCode::V1; }), 2);
  EXPECT_EQ(count_after([](Lead& lead) { lead.samples.push_back(1); }), 2);
  EXPECT_EQ(count_after([](Lead& lead) { lead.gain_nv_per_lsb = 1; }), 2);
  EXPECT_EQ(count_after([](Lead& lead) { lead.sampling_interval_us = 1; }), 2);
  EXPECT_EQ(count_after([](Lead& lead) { lead.first_sample = 0; }), 2);
}

TEST(Normalise, DoesNotOverflow) {
  constexpr auto kLowest = std::numeric_limits<std::int32_t>::min();
  constexpr auto kHighest = std::numeric_limits<std::int32_t>::max();
  const EcgRecording out = with_derived_limb_leads(limb({kLowest, kHighest}, {kHighest, kLowest}));
  EXPECT_EQ(out.lead(LeadCode::III)->samples, (Samples{kHighest, kLowest}));
  EXPECT_EQ(out.lead(LeadCode::aVR)->samples, (Samples{1, 1}));
}

}  // namespace telavis::test::normalise_test
