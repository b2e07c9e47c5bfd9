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

}  // namespace telavis::test::leads_test
