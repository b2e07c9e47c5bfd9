// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "engine/billing/acts.h"
#include "engine/billing/eligibility.h"

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
  EXPECT_EQ(cents(ActRole::expert, "sage-femme", "METRO", "2022-04-01"), 2000);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "METRO", "2026-01-01"), 2300);
  EXPECT_EQ(cents(ActRole::expert, "chirurgien-dentiste", "METRO", "2026-01-01"), 2300);
  EXPECT_EQ(cents(ActRole::expert, "infirmier", "METRO", "2026-01-01"), -1);
  EXPECT_EQ(cents(ActRole::requester, "medecin", "METRO", "2026-06-01"), 1000);
  EXPECT_EQ(cents(ActRole::requester, "sage-femme", "METRO", "2026-06-01"), 1000);
  for (const char* paramedical :
       {"orthophoniste", "infirmier", "IPA", "masseur-kinesitherapeute", "pedicure-podologue"}) {
    EXPECT_EQ(cents(ActRole::requester, paramedical, "METRO", "2026-06-01"), 1000) << paramedical;
    EXPECT_EQ(cents(ActRole::requester, paramedical, "METRO", "2022-04-01"), -1) << paramedical;
  }
  EXPECT_EQ(cents(ActRole::requester, "medecin", "DROM", "2026-06-01"), 1200);
  EXPECT_EQ(cents(ActRole::requester, "sage-femme", "DROM", "2026-06-01"), -1);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "METRO", "2019-02-09"), -1);
  EXPECT_EQ(cents(ActRole::expert, "medecin", "MARS", "2026-01-01"), -1);
}

TEST(Tariff, HadLevelsAndAForfaitUntilMarch2022) {
  const TariffTable table = TariffTable::embedded().value();
  const auto on = [&](ActRole role, const char* date, std::int64_t level) {
    return table.find(role, "medecin", "METRO", date, level).value();
  };
  EXPECT_EQ(on(ActRole::expert, "2022-03-31", 1).code, "TE1");
  EXPECT_EQ(on(ActRole::expert, "2022-03-31", 1).cents, 1200);
  EXPECT_EQ(on(ActRole::expert, "2022-03-31", 2).code, "TE2");
  EXPECT_EQ(on(ActRole::expert, "2022-03-31", 2).cents, 2000);
  EXPECT_EQ(on(ActRole::expert, "2022-04-01", 1).code, "TE2");
  EXPECT_EQ(on(ActRole::expert, "2022-04-01", 1).cents, 2000);
  EXPECT_TRUE(on(ActRole::requester, "2019-02-10", 1).yearly_forfait);
  EXPECT_EQ(on(ActRole::requester, "2019-02-10", 1).cents, 500);
  EXPECT_EQ(on(ActRole::requester, "2022-03-31", 2).cents, 1000);
  EXPECT_EQ(on(ActRole::requester, "2022-04-01", 1).code, "RQD");
  EXPECT_FALSE(on(ActRole::requester, "2022-04-01", 1).yearly_forfait);
}

TEST(Tariff, HasCapsZonesKeysAndFunders) {
  const TariffTable table = TariffTable::embedded().value();
  EXPECT_EQ(table.cap("TE1", "medecin", "2022-03-31")->most, 4);
  EXPECT_EQ(table.cap("TE2", "medecin", "2022-03-31")->most, 2);
  EXPECT_EQ(table.cap("TE2", "medecin", "2022-04-01")->most, 4);
  EXPECT_EQ(table.cap("TE2", "sage-femme", "2025-12-31")->most, 2);
  EXPECT_EQ(table.cap("TE2", "sage-femme", "2026-01-01")->most, 4);
  EXPECT_EQ(table.cap("RQD", "medecin", "2026-01-01")->per, Cap::Per::requester_patient);
  EXPECT_EQ(table.cap("RQD", "sage-femme", "2026-01-01")->most, 2);
  EXPECT_EQ(table.cap("RQD", "infirmier", "2026-01-01"), nullptr);
  EXPECT_EQ(table.cap("REQUERANT_TE2", "medecin", "2021-01-01")->most_cents, 50'000);
  EXPECT_EQ(table.zone_of("971")->time_zone, "America/Guadeloupe");
  EXPECT_EQ(table.zone_of("974")->zone, "DROM");
  EXPECT_FALSE(table.zone_of("22"));
  EXPECT_EQ(table.letter_key("C", "2018-06-01").value(), 2300);
  EXPECT_EQ(table.letter_key("G", "2018-06-01").value(), 2500);
  EXPECT_FALSE(table.letter_key("X", "2018-06-01"));
  const ProgrammeId north("dermatologie-hauts-de-france");
  ASSERT_NE(table.funding(north, "2022-12-31"), nullptr);
  EXPECT_EQ(table.funding(north, "2023-01-01"), nullptr);
}

std::string line(const char* from, const char* to, const char* cents_text = "2300") {
  return std::string(R"({"code":"TE2","role":"expert","professions":["medecin"],"zone":"METRO",)") +
         R"("cents":)" + cents_text + R"(,"from":")" + from + R"(","to":")" + to +
         R"(","certainty":"high","source":"s"})";
}

TEST(Tariff, IsPaidByAFundInFlatSumsOrLetterKeys) {
  const std::string funds =
      R"(],"letter_keys":[{"key":"C","cents":2300,"from":"2011-01-01","to":"","certainty":"low","source":"s"}],)"
      R"("funding":[{"programme":"p","funder":"URPS","pays":"letter_key","key":"C","quarters":8,)"
      R"("from":"2018-01-01","to":"2018-12-31","certainty":"high","source":"s"},{"programme":"p",)"
      R"("funder":"FIR","pays":"flat","cents":1500,"from":"2019-01-01","to":"","certainty":"high","source":"s"}]})";
  const auto table = TariffTable::parse("{\"tariffs\":[" + line("2018-01-01", "") + funds);
  ASSERT_TRUE(table) << table.error().text;
  const ProgrammeId programme("p");
  EXPECT_EQ(table->funded_cents(*table->funding(programme, "2018-12-31"), "2018-12-31"), 4600);
  EXPECT_EQ(table->funded_cents(*table->funding(programme, "2019-01-01"), "2019-01-01"), 1500);
  EXPECT_EQ(table->funding(programme, "2017-12-31"), nullptr);
  std::string valueless = funds;
  valueless.replace(valueless.find("2011"), 4, "2019");
  EXPECT_FALSE(TariffTable::parse("{\"tariffs\":[" + line("2018-01-01", "") + valueless));
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
  c.signed_at = parse_instant("2026-01-06T16:00:00Z").value();
  c.subject.pending_opinion.emplace();
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
  EXPECT_EQ(acts[0].tariff_id, "TE2-2026-DROM");
  EXPECT_EQ(acts[0].payer, kNationalInsurance);
  EXPECT_TRUE(parse_rules(acts[0].rules));
}

TEST(Acts, AreRefusedWithTheReason) {
  ActContext nurse = context();
  nurse.requester.profession = "infirmier";
  auto acts = price_acts(TariffTable::embedded().value(), nurse);
  EXPECT_TRUE(acts[0].billable);
  EXPECT_FALSE(acts[1].billable);
  EXPECT_EQ(acts[1].refusal, "NO_TARIFF");  // overseas, none is known for nurses
  EXPECT_EQ(acts[1].amount_cents, 0);
  ActContext self = context();
  self.requester.id = self.expert.id;
  acts = price_acts(TariffTable::embedded().value(), self);
  EXPECT_FALSE(acts[0].billable || acts[1].billable);
  EXPECT_EQ(acts[0].refusal, "SELF_EXPERTISE");
}

}  // namespace
}  // namespace telavis
