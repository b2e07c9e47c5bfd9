// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "engine/billing/acts.h"

namespace telavis {
namespace {

std::int64_t cents(ActRole role, const char* profession, const char* zone, const char* date) {
  const auto tariff = TariffTable::embedded().value().find(role, profession, zone, date);
  return tariff ? tariff->cents : -1;
}

TEST(Tariff, IsThatOfTheDayAndZone) {
  EXPECT_EQ(cents(ActRole::expert, "medecin", "DROM", "2026-01-01"), 2760);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "DROM", "2025-12-31"), 2400);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "METRO", "2025-12-31"), 2000);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "METRO", "2026-01-01"), 2300);
  EXPECT_EQ(cents(ActRole::requester, "medecin", "METRO", "2026-06-01"), 1000);
  EXPECT_EQ(cents(ActRole::requester, "medecin", "DROM", "2026-06-01"), 1200);
  EXPECT_EQ(cents(ActRole::requester, "sage-femme", "DROM", "2026-06-01"), -1);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "METRO", "2022-03-31"), -1);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "MARS", "2026-01-01"), -1);
}

std::string line(const char* from, const char* to, const char* cents_text = "2300") {
  return std::string(R"({"code":"TE2","role":"expert","professions":["medecin"],"zone":"METRO",)") +
         R"("cents":)" + cents_text + R"(,"from":")" + from + R"(","to":")" + to +
         R"(","certainty":"high","source":"s"})";
}

TEST(Tariff, RefusesATableThatContradictsItself) {
  const auto parse = [](const std::string& lines) {
    return TariffTable::parse("{\"tariffs\":[" + lines + "]}");
  };
  EXPECT_TRUE(parse(line("2026-01-01", "") + "," + line("2025-01-01", "2025-12-31")));
  for (const std::string& wrong :
       {line("2026-01-01", "") + "," + line("2025-01-01", ""), line("2026-01-01", "2025-01-01"),
        line("2026-02-30", ""), line("2026-01-01", "", "23.5"), line("2026-01-01", "", "0")}) {
    const auto parsed = parse(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::configuration_invalid);
  }
}

ActContext context() {
  ActContext c;
  c.subject.id = CaseId("c");
  c.expert.id = UserId("e");
  c.expert.profession = "medecin";
  c.requester.id = UserId("r");
  c.requester.profession = "medecin";
  c.programme.tariff_zone = "DROM";
  c.care_date = "2026-01-06";
  return c;
}

TEST(Acts, AreTwoWithTheirPrices) {
  const auto acts = price_acts(TariffTable::embedded().value(), context());
  ASSERT_EQ(acts.size(), 2U);
  EXPECT_EQ(acts[0].code, "TE2");
  EXPECT_EQ(acts[0].amount_cents, 2760);
  EXPECT_EQ(acts[0].role, ActRole::expert);
  EXPECT_EQ(acts[1].code, "RQD");
  EXPECT_EQ(acts[1].amount_cents, 1200);
  EXPECT_TRUE(acts[0].billable && acts[1].billable);
}

TEST(Acts, AreRefusedWithTheReason) {
  ActContext nurse = context();
  nurse.requester.profession = "infirmier";
  auto acts = price_acts(TariffTable::embedded().value(), nurse);
  EXPECT_TRUE(acts[0].billable);
  EXPECT_FALSE(acts[1].billable);
  EXPECT_EQ(acts[1].refusal, "NO_TARIFF");
  EXPECT_EQ(acts[1].amount_cents, 0);
  ActContext self = context();
  self.requester.id = self.expert.id;
  acts = price_acts(TariffTable::embedded().value(), self);
  EXPECT_FALSE(acts[0].billable || acts[1].billable);
  EXPECT_EQ(acts[0].refusal, "SELF_EXPERTISE");
}

}  // namespace
}  // namespace telavis
