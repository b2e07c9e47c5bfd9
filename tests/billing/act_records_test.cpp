// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/act_records.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace telavis {
namespace {

namespace json = boost::json;

struct Sample {
  Sample() {
    row.act.case_id = CaseId("c");
    row.act.code = "TE2";
    row.act.professional = UserId("e");
    row.act.care_date = "2026-01-06";
    row.act.tariff_zone = "DROM";
    row.act.amount_cents = 2760;
    row.act.tariff_id = "TE2-2026-DROM";
    row.act.rules = "cap\tmet\tknown=1\tmost=4\n";
    row.case_number = "TE-2026-7K3M9Q2A";
    row.programme = ProgrammeId("p");
    professional.rpps = "10001234565";
    professional.family_name = "D'Été";
  }
  ActRow row;
  User professional;
  Programme programme;
  ActRecord record() const { return {row, professional, programme}; }
};

TEST(ActRecords, AreJsonLines) {
  const Sample sample;
  const auto line = act_json_line(sample.record());
  ASSERT_TRUE(line);
  EXPECT_EQ(line->back(), '\n');
  const json::value read = json::parse(*line);
  EXPECT_EQ(read.at("amount_cents").as_int64(), 2760);
  EXPECT_EQ(read.at("rules").at(0).at("values").at("most").as_string(), "4");
  Sample damaged;
  damaged.row.act.rules = "cap";
  EXPECT_FALSE(act_json_line(damaged.record()));
}

TEST(ActRecords, AreAFhirBundle) {
  const Sample billable;
  Sample refused;
  refused.row.act.role = ActRole::requester;
  refused.row.act.billable = false;
  refused.row.act.refusal = "CAP_REACHED";
  const Walk<ActRecord> walk = [&](const auto& take) -> Result<void> {
    if (auto taken = take(billable.record()); !taken) return taken;
    return take(refused.record());
  };
  std::string text;
  ASSERT_TRUE(
      write_fhir_bundle(walk, parse_instant("2026-02-01T00:00:00Z").value(), append_to(text)));
  const json::value bundle = json::parse(text);
  EXPECT_EQ(bundle.at("resourceType").as_string(), "Bundle");
  const auto& entries = bundle.at("entry").as_array();
  ASSERT_EQ(entries.size(), 3U) << "two charge items, a claim for the billable one";
  const json::value& item = entries[0].at("resource");
  EXPECT_EQ(item.at("resourceType").as_string(), "ChargeItem");
  EXPECT_EQ(item.at("status").as_string(), "billable");
  EXPECT_EQ(item.at("priceOverride").at("value").to_number<double>(), 27.6);
  const json::value& claim = entries[1].at("resource");
  for (const char* mandatory : {"status", "type", "use", "patient", "created", "provider",
                                "priority", "insurance", "item"}) {
    EXPECT_TRUE(claim.as_object().contains(mandatory)) << mandatory;
  }
  EXPECT_EQ(entries[2].at("resource").at("status").as_string(), "not-billable");
  EXPECT_EQ(entries[2].at("resource").at("overrideReason").as_string(), "CAP_REACHED");
}

}  // namespace
}  // namespace telavis
