// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/account_file.h"

#include <gtest/gtest.h>

namespace telavis {
namespace {

constexpr std::string_view kAccounts = R"({
  "programme": "ecg", // a fictive one
  "association": {"name": "Réseau d'essai", "siren": "732829320", "iban": "FR7630006000011234567890189",
                  "creditor_id": "FR72ZZZ123456"},
  "dues": {"piece": "COT", "label": "Cotisation", "cents": 500},
  "subscription": {"piece": "FAC", "label": "Abonnement", "cents": 2000},
  "people": [
    {"auxiliary": "GP1", "as": "member", "name": "Dr Un", "iban": "FR1420041010050500013M02606",
     "mandate": "MEL-GP1", "mandate_signed_on": "2025-11-03", "from_month": "2026-01"},
    {"auxiliary": "GP2", "as": "member", "name": "Dr Deux", "from_month": "2026-02"},
    {"auxiliary": "EX1", "as": "expert", "name": "Dr Trois", "iban": "FR1420041010050500013M02606",
     "from_month": "2026-01"},
    {"auxiliary": "OUTIL", "as": "supplier", "name": "Éditeur"}],
  "meetings": [{"id": "1", "date": "2026-02-10", "minutes": 45, "doctors": ["GP1", "EX1"],
                "confirmed_by": ["GP1", "EX1"]}]
})";

AccountFile accounts() {
  auto file = parse_account_file(kAccounts);
  EXPECT_TRUE(file) << (file ? "" : file.error().text);
  return *file;
}

std::vector<LedgerEntry> posted(std::vector<LedgerEntry> ledger, std::vector<LedgerEntry> more) {
  for (LedgerEntry& entry : more) {
    entry.number = static_cast<std::int64_t>(ledger.size()) + 1;
    entry.at = parse_instant("2026-03-01T08:00:00Z").value();
    ledger.push_back(std::move(entry));
  }
  return ledger;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(AccountFile, MakesAYearOfEntriesPaymentsAndReturns) {
  const AccountFile file = accounts();
  const TariffTable tables = TariffTable::embedded().value();
  const auto months = entries_of_months(file, tables, "2026-01", "2026-02");
  ASSERT_TRUE(months) << months.error().text;
  EXPECT_EQ(months->size(), 5U);  // dues and subscriptions of two months, a meeting
  std::vector<LedgerEntry> ledger = posted({}, *months);

  const auto debits = payment_entries(file, PaymentKind::collection, ledger, "2026-03-20");
  ASSERT_TRUE(debits);
  ASSERT_EQ(debits->size(), 1U) << "without a mandate nothing is collected";
  EXPECT_EQ((*debits)[0].movements[0].cents, 1'000);
  ledger = posted(ledger, *debits);
  const auto first =
      payment_file(file, PaymentKind::collection, ledger, "2026-03-20", "2026-03-01");
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_TRUE(holds(*first, "<SeqTp>FRST</SeqTp>"));
  EXPECT_TRUE(holds(*first, "<EndToEndId>SDD-20260320-GP1</EndToEndId>"));
  EXPECT_EQ(
      *first,
      payment_file(file, PaymentKind::collection, ledger, "2026-03-20", "2026-03-01").value());
  EXPECT_FALSE(payment_file(file, PaymentKind::collection, ledger, "2026-03-20", "2026-03-10"));
  EXPECT_TRUE(payment_entries(file, PaymentKind::collection, ledger, "2026-03-21")->empty());

  const auto transfers = payment_entries(file, PaymentKind::transfer, ledger, "2026-03-20");
  EXPECT_EQ(transfers->size(), 2U);
  ledger = posted(ledger, *transfers);
  const auto paid = payment_file(file, PaymentKind::transfer, ledger, "2026-03-20", "");
  ASSERT_TRUE(paid) << paid.error().text;
  EXPECT_TRUE(holds(*paid, "<CtrlSum>92.00</CtrlSum>"));  // 2C each

  const auto next_file = [&](const std::vector<LedgerEntry>& book) {
    return payment_file(file, PaymentKind::collection, book, "2026-04-20", "2026-04-01").value();
  };
  ledger = posted(ledger, *entries_of_months(file, tables, "2026-03", "2026-03"));
  const BankMovement back{"2026-03-25", -1'000, "SDD-20260320-GP1", "", "", true, "MD01"};
  // It came back before the next collection: the mandate was never used.
  auto early = posted(ledger, {returned_payment(ledger, back, Instant(), "t").value()});
  EXPECT_EQ(open_dues(early, file.chart.members)[0].cents, 1'500);
  early = posted(early, *payment_entries(file, PaymentKind::collection, early, "2026-04-20"));
  EXPECT_TRUE(holds(next_file(early), "<SeqTp>FRST</SeqTp>"));
  EXPECT_TRUE(holds(next_file(early), "<CtrlSum>15.00</CtrlSum>"));
  // It came back after the next file had left, which stays as it was.
  ledger = posted(ledger, *payment_entries(file, PaymentKind::collection, ledger, "2026-04-20"));
  const std::string left = next_file(ledger);
  EXPECT_TRUE(holds(left, "<SeqTp>RCUR</SeqTp>"));
  ledger = posted(ledger, {returned_payment(ledger, back, Instant(), "t").value()});
  EXPECT_EQ(next_file(ledger), left);

  const auto lines = fec_lines(ledger, file.names);
  ASSERT_TRUE(lines) << lines.error().text;
  std::string fec;
  EXPECT_TRUE(write_fec(walk_of<FecLine>(*lines), append_to(fec)));
}

TEST(AccountFile, RefusesWhatABankWould) {
  for (const auto& [part, instead] : std::vector<std::pair<std::string, std::string>>{
           {"732829320", "732829321"},
           {"FR7630006000011234567890189", "FR7630006000011234567890188"},
           {"\"GP2\"", "\"GP1\""},
           {", \"mandate_signed_on\": \"2025-11-03\"", ""},
           {"\"as\": \"supplier\"", "\"as\": \"expert\""},
           {"\"dues\"", "\"due\""},
           {"[\"GP1\", \"EX1\"],\n", "[\"GP1\"],\n"}}) {
    std::string text(kAccounts);
    const std::size_t at = text.find(part);
    ASSERT_NE(at, std::string::npos) << part;
    text.replace(at, part.size(), instead);
    EXPECT_FALSE(parse_account_file(text)) << part;
  }
}

}  // namespace
}  // namespace telavis
