// SPDX-License-Identifier: Apache-2.0
#include "formats/leads.h"

#include <gtest/gtest.h>

namespace telavis::test::leads_test {

TEST(Leads, NamesTheStandardOnes) {
  EXPECT_EQ(lead_name(LeadCode::I), "I");
  EXPECT_EQ(lead_name(LeadCode::aVR), "aVR");
  EXPECT_EQ(lead_name(LeadCode::V6), "V6");
  EXPECT_EQ(lead_name(LeadCode::minus_aVR), "-aVR");
  EXPECT_EQ(lead_name(LeadCode{45}), "dV7R");
  EXPECT_EQ(lead_name(LeadCode{121}), "CM7");
  EXPECT_EQ(lead_name(LeadCode{134}), "S");
  EXPECT_EQ(lead_name(LeadCode{150}), "lead-150");
  EXPECT_EQ(lead_name(LeadCode{65535}), "lead-65535");
}

TEST(Leads, ReadsNamesInAnyCase) {
  EXPECT_EQ(lead_from_name("avf"), LeadCode::aVF);
  EXPECT_EQ(lead_from_name("AVL"), LeadCode::aVL);
  EXPECT_EQ(lead_from_name("iii"), LeadCode::III);
  EXPECT_EQ(lead_from_name("v3r"), LeadCode::V3R);
  EXPECT_EQ(lead_from_name("LEAD-150"), LeadCode{150});
  for (const char* wrong :
       {"", "V10", "lead-", "lead-x", "lead-1x", "lead-65536", "lead--1", " I"}) {
    EXPECT_EQ(lead_from_name(wrong), std::nullopt) << wrong;
  }
}

TEST(Leads, EveryNameLeadsBackToItsCode) {
  for (unsigned id = 0; id <= 300; ++id) {
    const LeadCode code{static_cast<std::uint16_t>(id)};
    EXPECT_EQ(lead_from_name(lead_name(code)), code) << id;
  }
}

TEST(Leads, ReadsFreeLabels) {
  const auto code = [](std::string_view label) {
    return lead_name(lead_from_label(label).value_or(LeadCode::unspecified));
  };
  for (const auto& [label, name] : std::vector<std::pair<const char*, const char*>>{
           {"ECG I", "I"},     {"EKG-II", "II"},        {"Lead aVR", "aVR"},   {"V1-Ref", "V1"},
           {"I ", "I"},        {"ECG Lead III", "III"}, {"ECG_V6", "V6"},      {"avf", "aVF"},
           {"AVL", "aVL"},     {"V4 (mV)", "V4"},       {"ECG II [uV]", "II"}, {"D2", "II"},
           {"DIII", "III"},    {"ECG LA-RA", "I"},      {"vx", "X"},           {"-aVR", "-aVR"},
           {"ECG-aVR", "aVR"}, {"ECG -aVR", "-aVR"},    {"V3R", "V3R"},        {"CM5", "CM5"},
           {"MCL1", "MCL1"},   {"ecg: v 2", "V2"}}) {
    EXPECT_EQ(code(label), name) << label;
  }
  for (const char* label : {"MLII", "ECG", "ECG1", "ECG 1", "C3", "EEG Fpz", "II-III", "", "V", "A",
                            "ECG lead", "V10", "lead-7", "1"}) {
    EXPECT_FALSE(lead_from_label(label)) << label;
  }
}

TEST(Leads, TellsOtherSignalsFromLeads) {
  for (const char* label : {"I", "ECG 3", "MLII", "EKG", "ML5"}) {
    EXPECT_EQ(signal_kind(label), SignalKind::ecg) << label;
  }
  for (const char* label : {"EEG Fpz-Cz", "Resp. Imp.", "EMG chin", "CO2", "ART", "SpO2"}) {
    EXPECT_EQ(signal_kind(label), SignalKind::other) << label;
  }
  for (const char* label : {"", "sig 0, fmt 8", "Channel 1"}) {
    EXPECT_EQ(signal_kind(label), SignalKind::unclear) << label;
  }
}

}  // namespace telavis::test::leads_test
