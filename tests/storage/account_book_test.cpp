// SPDX-License-Identifier: Apache-2.0
#include "storage/account_book.h"

#include <gtest/gtest.h>

#include "storage/sqlite.h"
#include "tests/storage/sample_cases.h"
#include "tests/temp_folder.h"

namespace telavis::account_book_test {

const Instant kPosted = parse_instant("2026-04-02T08:00:00Z").value();

class AccountBooks : public ::testing::Test {
 protected:
  AccountBooks() {
    repository = open_sqlite_repository({folder.path() / "telavis.db"}).value();
    book = open_sqlite_account_book(folder.path() / "telavis.db").value();
  }
  static LedgerEntry entry(const std::string& piece, const std::string& date = "2026-04-01") {
    LedgerEntry one;
    one.book = "p";
    one.journal = "VE";
    one.date = date;
    one.piece = piece;
    one.label = "Cotisation";
    one.at = kPosted;
    one.actor = "u-treasurer";
    one.movements = {{{"411000", "GP0042"}, {"756100", ""}, 500},
                     {{"411000", "GP0043"}, {"756100", ""}, 500}};
    return one;
  }
  static ExportBatch batch(const std::string& id) {
    ExportBatch one;
    one.id = id;
    one.book = "p";
    one.kind = "sepa";
    one.from = "2026-01-01";
    one.to = "2026-03-31";
    one.content_hash = "00";
    one.made_at = kPosted;
    one.made_by = "u-treasurer";
    return one;
  }
  static ErrorCode code(const auto& result) {
    return result ? ErrorCode::internal : result.error().code;
  }
  /// Runs it beside the port, as somebody who means harm would.
  bool takes(std::string_view sql) {
    auto database = open_sqlite({folder.path() / "telavis.db"}).value();
    return database->run(sql).has_value();
  }

  test::TempFolder folder;
  std::unique_ptr<Repository> repository;
  std::unique_ptr<AccountBook> book;
};

TEST_F(AccountBooks, NumberEntriesWithoutAGap) {
  EXPECT_EQ(book->post(entry("a")).value(), 1);
  EXPECT_EQ(code(book->post(entry("a"))), ErrorCode::state_conflict) << "the piece is posted";
  EXPECT_EQ(book->post(entry("b", "2026-03-31")).value(), 2);
  LedgerEntry elsewhere = entry("a");
  elsewhere.book = "q";
  EXPECT_EQ(book->post(elsewhere).value(), 1);
  const auto entries = book->entries("p", "", "").value();
  ASSERT_EQ(entries.size(), 2U);
  LedgerEntry first = entry("a");
  first.number = 1;
  EXPECT_EQ(entries[0], first);
  EXPECT_EQ(book->entries("p", "2026-04-01", "2026-04-30").value().size(), 1U);
  EXPECT_EQ(book->entries("p", "", "2026-03-31").value().size(), 1U);
}

TEST_F(AccountBooks, TakeNothingThatDoesNotBalance) {
  for (const Movement& wrong :
       {Movement{{"411000", ""}, {"411000", ""}, 500}, Movement{{"411000", ""}, {"756100", ""}, 0},
        Movement{{"411000", ""}, {"756100", ""}, -500}, Movement{{"411000", ""}, {"", ""}, 500}}) {
    LedgerEntry one = entry("a");
    one.movements = {wrong};
    EXPECT_EQ(code(book->post(one)), ErrorCode::invalid_field);
  }
  LedgerEntry none = entry("a");
  none.movements.clear();
  EXPECT_EQ(code(book->post(none)), ErrorCode::invalid_field);
  // Nor does the database, whoever writes.
  ASSERT_TRUE(book->post(entry("a")));
  const std::string into =
      "insert into ledger_movements (book, entry, place, debit, debit_auxiliary, credit, "
      "credit_auxiliary, cents) values ('p', 1, ";
  EXPECT_FALSE(takes(into + "8, '411000', '', '411000', '', 5)"));
  EXPECT_FALSE(takes(into + "8, '411000', '', '756100', '', 0)"));
  EXPECT_FALSE(takes(into + "8, '411000', '', '', '', 5)"));
  EXPECT_TRUE(takes(into + "8, '411000', '', '756100', '', 5)"));
}

TEST_F(AccountBooks, TakeAnEntryBackOnce) {
  ASSERT_TRUE(book->post(entry("a")));
  LedgerEntry first = book->entries("p", "", "").value()[0];
  const LedgerEntry back = reversal_of(first, "2026-04-03", kPosted, "u-treasurer");
  EXPECT_EQ(back.movements[0].debit.number, "756100");
  EXPECT_EQ(book->post(back).value(), 2);
  LedgerEntry again = back;
  again.piece = "another";
  EXPECT_EQ(code(book->post(again)), ErrorCode::state_conflict);
  again.reverses = 9;
  EXPECT_EQ(code(book->post(again)), ErrorCode::state_conflict);
}

TEST_F(AccountBooks, KeepClosedMonthsClosed) {
  EXPECT_EQ(code(book->close_month("p", "2026-13", kPosted, "t")), ErrorCode::invalid_field);
  ASSERT_TRUE(book->close_month("p", "2026-03", kPosted, "t"));
  ASSERT_TRUE(book->close_month("p", "2026-03", kPosted, "t"));
  EXPECT_EQ(book->closed_until("p").value(), "2026-03");
  EXPECT_EQ(book->closed_until("q").value(), "");
  EXPECT_EQ(code(book->post(entry("a", "2026-03-31"))), ErrorCode::state_conflict);
  EXPECT_EQ(code(book->post(entry("a", "2025-12-01"))), ErrorCode::state_conflict);
  EXPECT_TRUE(book->post(entry("a", "2026-04-01")));
}

TEST_F(AccountBooks, WriteTheAuditChain) {
  ASSERT_TRUE(book->post(entry("a")));
  ASSERT_TRUE(book->close_month("p", "2026-03", kPosted, "t"));
  const auto chain = repository->audit_chain("node").value();
  ASSERT_GE(chain.size(), 2U);
  EXPECT_EQ(chain[chain.size() - 2].what.action, "ledger:post");
  EXPECT_EQ(chain.back().what.action, "ledger:close");
}

TEST_F(AccountBooks, HaveAnActInOneLiveBatch) {
  const Case answered = test::answered_case("case-1");
  Commit commit = test::commit_of(answered, "event-1");
  commit.acts = {test::act_of(answered, ActRole::expert),
                 test::act_of(answered, ActRole::requester)};
  test::must_commit(*repository, commit);
  const CaseId id = answered.id;
  const std::vector<BatchedAct> both = {{id, ActRole::expert}, {id, ActRole::requester}};
  EXPECT_EQ(code(book->put_batch(batch("b0"), {{CaseId("none"), ActRole::expert}})),
            ErrorCode::not_found);
  ASSERT_TRUE(book->put_batch(batch("b1"), both));
  EXPECT_EQ(code(book->put_batch(batch("b1"), {})), ErrorCode::state_conflict);
  EXPECT_EQ(code(book->put_batch(batch("b2"), {both[1]})), ErrorCode::state_conflict);
  EXPECT_EQ(book->batches("p").value().size(), 1U) << "a refused batch leaves nothing";
  EXPECT_EQ(book->batched_acts("p").value(), both);
  ASSERT_TRUE(book->cancel_batch("b1", kPosted, "t", "wrong_period"));
  EXPECT_EQ(code(book->cancel_batch("b1", kPosted, "t", "again")), ErrorCode::state_conflict);
  EXPECT_TRUE(book->batched_acts("p").value().empty());
  EXPECT_EQ(book->acts_in("b1").value(), both) << "which ones they were stays";
  ASSERT_TRUE(book->put_batch(batch("b2"), both));
  const auto batches = book->batches("p").value();
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].cancel_reason, "wrong_period");
  EXPECT_TRUE(batches[0].cancelled_at);
}

TEST_F(AccountBooks, NumberStatementsWithoutAGap) {
  StatementNumber one{"p", 0, UserId("e"), "2026-01-01", "2026-03-31", "aa", kPosted, "t"};
  EXPECT_EQ(book->number_statement(one).value().number, 1);
  StatementNumber again = one;
  again.at += std::chrono::hours(24);
  EXPECT_EQ(book->number_statement(again).value().number, 1);
  EXPECT_EQ(book->number_statement(again).value().at, kPosted) << "the same bytes again";
  again.content_hash = "bb";
  EXPECT_EQ(book->number_statement(again).value().number, 2);
  one.professional = UserId("f");
  EXPECT_EQ(book->number_statement(one).value().number, 3);
}

}  // namespace telavis::account_book_test
