// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/accounting.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace telavis {
namespace {

const Chart kChart;
const Instant kWritten = parse_instant("2027-01-04T09:00:00Z").value();

std::vector<Subscriber> people(const std::string& prefix, int count) {
  std::vector<Subscriber> all;
  for (int i = 1; i <= count; ++i) all.push_back({prefix + std::to_string(i), "2026-01", "", {}});
  return all;
}

std::int64_t sum_of(const std::vector<LedgerEntry>& entries) {
  std::int64_t sum = 0;
  for (const LedgerEntry& entry : entries) {
    for (const Movement& one : entry.movements) sum += one.cents;
  }
  return sum;
}

std::int64_t total(const Balances& sums) {
  return std::accumulate(sums.begin(), sums.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& one) { return sum + one.second; });
}

TEST(Accounting, SixtyDoctorsAndFiveExpertsOverAYear) {
  const auto income =
      dues(kChart, {"p", "COT", "Cotisation", 500}, people("GP", 60), "2026-01", "2026-12");
  ASSERT_TRUE(income);
  EXPECT_EQ(income->size(), 12U);
  EXPECT_EQ(sum_of(*income), 360'000);
  const auto cost = subscriptions(kChart, {"p", "FAC-OUTIL", "Abonnement", 2'000}, people("EX", 5),
                                  "OUTIL", "2026-01", "2026-12");
  ASSERT_TRUE(cost);
  EXPECT_EQ(sum_of(*cost), 120'000);
  std::vector<LedgerEntry> year = *income;
  year.insert(year.end(), cost->begin(), cost->end());
  const Balances sums = balances(year);
  EXPECT_EQ(sums.at({kChart.dues, ""}), -360'000);
  EXPECT_EQ(sums.at({kChart.subscriptions, ""}), 120'000);
  EXPECT_EQ(total(sums), 0);
  EXPECT_EQ(owed(sums, kChart.suppliers),
            (std::map<std::string, std::int64_t>{{"OUTIL", 120'000}}));
}

TEST(Accounting, DuesBeginEndAndAreWaived) {
  std::vector<Subscriber> two = {{"GP1", "2026-03", "2026-05", {"2026-04"}},
                                 {"GP2", "2027-01", "", {}}};
  const auto entries = dues(kChart, {"p", "COT", "Cotisation", 500}, two, "2026-01", "2027-01");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].piece, "COT-2026-03");
  EXPECT_EQ((*entries)[1].date, "2026-05-01");
  EXPECT_EQ((*entries)[2].date, "2027-01-01");
  two.push_back(two[0]);
  EXPECT_FALSE(dues(kChart, {"p", "COT", "C", 500}, two, "2026-01", "2026-02"));
  EXPECT_FALSE(dues(kChart, {"p", "COT", "C", 500}, {}, "2026-13", "2026-14"));
  EXPECT_FALSE(dues(kChart, {"p", "COT", "C", 0}, {}, "2026-01", "2026-02"));
}

TEST(Accounting, MeetingsPayTwoCToEachWhenBothConfirm) {
  const TariffTable tables = TariffTable::embedded().value();
  std::vector<Meeting> meetings = {{"1", "2018-03-05", 45, {"D1", "D2"}, {true, true}, false},
                                   {"2", "2018-03-06", 30, {"D1", "D3"}, {true, false}, true}};
  const auto entries = meeting_indemnities(kChart, tables, {"p"}, meetings);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(owed(balances(*entries), kChart.doctors),
            (std::map<std::string, std::int64_t>{{"D1", 4'600}, {"D2", 4'600}}));
  meetings[0].date = "2000-01-01";
  EXPECT_EQ(meeting_indemnities(kChart, tables, {"p"}, meetings).error().code,
            ErrorCode::no_tariff);
  meetings[0].doctors.second = "D1";
  EXPECT_FALSE(meeting_indemnities(kChart, tables, {"p"}, meetings));
}

TEST(Accounting, NeverPaysWhatTheInsurancePays) {
  ActRow row;
  row.case_number = "TE-2026-AAAAAAAA";
  row.programme = ProgrammeId("p");
  row.act.code = "TE2";
  row.act.care_date = "2026-01-06";
  row.act.professional = UserId("e");
  row.act.amount_cents = 1'500;
  const std::map<UserId, std::string> accounts = {{UserId("e"), "EX1"}};
  EXPECT_EQ(act_indemnities(kChart, {row}, accounts).error().code, ErrorCode::state_conflict);
  row.act.payer = "FIR";
  const auto paid = act_indemnities(kChart, {row}, accounts);
  ASSERT_TRUE(paid);
  EXPECT_EQ(sum_of(*paid), 1'500);
  EXPECT_EQ(act_indemnities(kChart, {row}, {}).error().code, ErrorCode::not_found);
  row.act.billable = false;
  EXPECT_FALSE(act_indemnities(kChart, {row}, accounts));
}

LedgerEntry collected(const std::string& member, const std::string& piece) {
  LedgerEntry entry;
  entry.book = "p";
  entry.number = 7;
  entry.journal = "BQ";
  entry.date = "2026-04-20";
  entry.piece = piece;
  entry.label = "Prélèvement";
  entry.at = kWritten;
  entry.movements = {{{kChart.bank, ""}, {kChart.members, member}, 500}};
  return entry;
}

TEST(Accounting, AReturnOpensTheDueAgain) {
  std::vector<LedgerEntry> entries =
      dues(kChart, {"p", "COT", "Cotisation", 500}, people("GP", 2), "2026-03", "2026-04").value();
  entries.push_back(collected("GP1", "COTIS-1"));
  auto open = open_dues(entries, kChart.members);
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[0].cents, 500);
  EXPECT_EQ(open[0].since, "2026-04-01");
  EXPECT_EQ(open[1].cents, 1'000);
  EXPECT_EQ(open[1].since, "2026-03-01");
  BankMovement back{"2026-04-25", -500, "COTIS-1", "", "", true, "AM04"};
  const auto taken_back = returned_payment(entries, back, kWritten, "t");
  ASSERT_TRUE(taken_back);
  EXPECT_EQ(taken_back->reverses, 7);
  EXPECT_EQ(taken_back->label, "Prélèvement (AM04)");
  entries.push_back(*taken_back);
  open = open_dues(entries, kChart.members);
  EXPECT_EQ(open[0].cents, 1'000);
  EXPECT_EQ(open[0].since, "2026-03-01");
  EXPECT_EQ(returned_payment(entries, back, kWritten, "t").error().code, ErrorCode::not_found);
  entries.pop_back();
  back.cents = -400;
  EXPECT_EQ(returned_payment(entries, back, kWritten, "t").error().code, ErrorCode::state_conflict);
}

TEST(Accounting, TheFecSumsToTheLedger) {
  std::mt19937 draw(3);
  for (int round = 0; round < 20; ++round) {
    const int members = 1 + static_cast<int>(draw() % 20);
    std::vector<LedgerEntry> entries =
        dues(kChart, {"p", "COT", "Cotisation", 1 + static_cast<std::int64_t>(draw() % 900)},
             people("GP", members), "2026-01", "2026-12")
            .value();
    for (int i = 0; i < members; ++i) {
      entries.push_back(collected("GP" + std::to_string(i + 1), "C-" + std::to_string(i)));
    }
    FecNames names;
    names.journals = {{"VE", "Cotisations"}, {"BQ", "Banque"}};
    names.accounts = {
        {kChart.members, "Adhérents"}, {kChart.dues, "Cotisations"}, {kChart.bank, "Banque"}};
    for (int i = 1; i <= members; ++i) names.auxiliaries["GP" + std::to_string(i)] = "Dr Fictif";
    for (LedgerEntry& entry : entries) entry.at = kWritten;
    const auto lines = fec_lines(entries, names);
    ASSERT_TRUE(lines) << lines.error().text;
    std::string file;
    const auto totals = write_fec(walk_of<FecLine>(*lines), append_to(file));
    ASSERT_TRUE(totals) << totals.error().text;
    EXPECT_EQ(totals->debit_cents, sum_of(entries));
    EXPECT_EQ(totals->entries, static_cast<std::int64_t>(entries.size()));
    EXPECT_EQ(total(balances(entries)), 0);
    names.auxiliaries.erase("GP1");
    EXPECT_FALSE(fec_lines(entries, names));
  }
}

}  // namespace
}  // namespace telavis
