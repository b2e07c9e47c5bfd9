// SPDX-License-Identifier: Apache-2.0
#include "formats/signals.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis::test::signals_test {

using ::testing::ElementsAre;

Lead lead_with(std::vector<std::int32_t> samples) {
  Lead lead;
  lead.samples = std::move(samples);
  lead.gain_nv_per_lsb = 1000;
  lead.sampling_interval_us = 2000;
  return lead;
}

TEST(Signals, KnowsUnitsOfVoltage) {
  EXPECT_EQ(nanovolts_of_unit(" mV "), 1e6);
  EXPECT_EQ(nanovolts_of_unit("uv"), 1e3);
  EXPECT_EQ(nanovolts_of_unit("\xC2\xB5V"), 1e3);
  EXPECT_EQ(nanovolts_of_unit("\xB5V"), 1e3);
  EXPECT_EQ(nanovolts_of_unit("nV"), 1);
  EXPECT_EQ(nanovolts_of_unit("V"), 1e9);
  for (const char* unit : {"", "mmHg", "%", "kV", "m", "mV/s"}) {
    EXPECT_FALSE(nanovolts_of_unit(unit)) << unit;
  }
}

TEST(Signals, ReadsNumbersWhole) {
  EXPECT_EQ(number_of(" +0,5 "), 0.5);
  EXPECT_EQ(number_of("-1e-3"), -0.001);
  EXPECT_EQ(whole_number_of("+12"), 12);
  for (const char* text : {"", " ", "1x", "inf", "nan", "1e999", "0x10", "--1"}) {
    EXPECT_FALSE(number_of(text)) << text;
    EXPECT_FALSE(whole_number_of(text)) << text;
  }
  EXPECT_FALSE(whole_number_of("99999999999999999999"));
}

TEST(Signals, ClosesGapsAndNamesLeads) {
  EcgRecording recording;
  add_lead(recording, lead_with({kNotMeasured, 1, kNotMeasured, 2, kNotMeasured}), "ECG I");
  EXPECT_THAT(recording.leads.at(0).samples, ElementsAre(1, 1, 2));
  EXPECT_EQ(recording.leads.at(0).first_sample, 1);
  EXPECT_EQ(recording.leads.at(0).code, LeadCode::I);
  add_lead(recording, lead_with({1}), "D1");
  add_lead(recording, lead_with({kNotMeasured}), "II");
  add_lead(recording, lead_with({1}), "");
  add_lead(recording, lead_with({1}), "MLII");
  add_lead(recording, lead_with({1}), "MLII");
  ASSERT_EQ(recording.leads.size(), 4);
  EXPECT_EQ(recording.leads[1].label, "Signal");
  EXPECT_EQ(recording.leads[2].label, "MLII");
  EXPECT_EQ(recording.leads[3].label, "MLII (2)");
  std::vector<std::string> codes;
  for (const Finding& finding : recording.findings) codes.push_back(finding.code);
  EXPECT_THAT(codes, ElementsAre("samples_not_measured", "duplicate_lead", "lead_empty"));
}

TEST(Signals, BoundsTheTexts) {
  EcgRecording recording;
  EXPECT_TRUE(add_statement(recording, "un"));
  EXPECT_TRUE(add_statement(recording, "un"));
  EXPECT_TRUE(add_statement(recording, ""));
  EXPECT_EQ(recording.statements.size(), 1);
  std::size_t i = 0;
  while (add_statement(recording, fmt::format("texte {}", i))) ++i;
  EXPECT_EQ(recording.statements.size(), kMaxStatements);
  EXPECT_EQ(recording.findings.back().code, "statements_truncated");
}

}  // namespace telavis::test::signals_test
