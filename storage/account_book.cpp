// SPDX-License-Identifier: Apache-2.0
#include "storage/account_book.h"

#include <functional>
#include <mutex>
#include <string_view>
#include <utility>

#include "engine/core/audit.h"
#include "storage/repository.h"
#include "storage/schema.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

constexpr std::size_t kMonthDigits = 7;  // "2026-03"

tl::unexpected<Error> in_the_way(std::string what) {
  return fail(ErrorCode::state_conflict, std::move(what));
}

std::string entry_hash(const LedgerEntry& entry) {
  std::vector<std::string> fields{
      entry.book,  std::to_string(entry.number),  entry.journal, entry.date, entry.piece,
      entry.label, std::to_string(entry.reverses)};
  for (const Movement& one : entry.movements) {
    fields.insert(fields.end(), {one.debit.number, one.debit.auxiliary, one.credit.number,
                                 one.credit.auxiliary, std::to_string(one.cents)});
  }
  return hash_of_fields(fields);
}

/// The single integer that a statement gives.
Result<std::int64_t> one_number(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return damaged("accounts");
  RowReader reader(rows->front());
  const std::int64_t number = reader.integer();
  if (!reader.sound()) return damaged("accounts");
  return number;
}

Result<void> insert_entry(Database& database, const LedgerEntry& entry) {
  const Value reverses = entry.reverses == 0 ? Value() : Value(entry.reverses);
  auto inserted = without_rows(
      database.run("insert into ledger_entries (book, number, journal, date, piece, label, "
                   "reverses, at, actor) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                   {entry.book, entry.number, entry.journal, entry.date, entry.piece, entry.label,
                    reverses, value(entry.at), entry.actor}));
  if (!inserted) return inserted;
  std::int64_t place = 0;
  for (const Movement& one : entry.movements) {
    auto moved = without_rows(database.run(
        "insert into ledger_movements (book, entry, place, debit, debit_auxiliary, credit, "
        "credit_auxiliary, cents) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        {entry.book, entry.number, ++place, one.debit.number, one.debit.auxiliary,
         one.credit.number, one.credit.auxiliary, one.cents}));
    if (!moved) return moved;
  }
  return audit_sql::append_to_node(
      database, {entry.at,
                 entry.actor,
                 "ledger:post",
                 entry.book + " " + std::to_string(entry.number) + " " + entry_hash(entry),
                 {}});
}

/// What stands against an entry in the book as it is.
Result<void> check_place(Database& database, const LedgerEntry& entry) {
  const auto closed =
      one_number(database.run("select count(*) from closed_months where book = $1 and month >= $2",
                              {entry.book, std::string_view(entry.date).substr(0, kMonthDigits)}));
  if (!closed) return tl::unexpected(closed.error());
  if (*closed > 0) {
    return in_the_way("The month of " + entry.date + " is closed: take a later date.");
  }
  const auto posted = one_number(database.run(
      "select count(*) from ledger_entries where book = $1 and journal = $2 and piece = $3",
      {entry.book, entry.journal, entry.piece}));
  if (!posted) return tl::unexpected(posted.error());
  if (*posted > 0) return in_the_way("The piece " + entry.piece + " is posted already.");
  if (entry.reverses == 0) return {};
  const auto there = one_number(
      database.run("select (select count(*) from ledger_entries where book = $1 and number = $2) - "
                   "(select count(*) from ledger_entries where book = $1 and reverses = $2)",
                   {entry.book, entry.reverses}));
  if (!there) return tl::unexpected(there.error());
  if (*there == 1) return {};
  return in_the_way("Entry " + std::to_string(entry.reverses) +
                    " is not there, or was taken back before.");
}

class SqlAccountBook final : public AccountBook {
 public:
  explicit SqlAccountBook(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  Result<std::int64_t> post(const LedgerEntry& entry) override {
    if (auto checked = check_entry(entry); !checked) return tl::unexpected(checked.error());
    LedgerEntry posted = entry;
    auto done = in_transaction([&](Database& database) -> Result<void> {
      if (auto free = check_place(database, posted); !free) return free;
      const auto number = one_number(
          database.run("select coalesce(max(number), 0) + 1 from ledger_entries where book = $1",
                       {posted.book}));
      if (!number) return tl::unexpected(number.error());
      posted.number = *number;
      return insert_entry(database, posted);
    });
    if (!done) return tl::unexpected(done.error());
    return posted.number;
  }

  Result<std::vector<LedgerEntry>> entries(const std::string& book, const std::string& from,
                                           const std::string& to) override;

  Result<void> close_month(const std::string& book, const std::string& month, Instant at,
                           const std::string& actor) override {
    if (!is_iso_date(month + "-01")) {
      return fail(ErrorCode::invalid_field, "A month is written like 2026-03.");
    }
    return in_transaction([&](Database& database) -> Result<void> {
      const auto rows = database.run(
          "insert into closed_months (book, month, at, actor) values ($1, $2, $3, $4) "
          "on conflict do nothing returning month",
          {book, month, value(at), actor});
      if (!rows) return tl::unexpected(rows.error());
      if (rows->empty()) return {};  // it was closed before
      return audit_sql::append_to_node(database,
                                       {at, actor, "ledger:close", book + " " + month, {}});
    });
  }

  Result<std::string> closed_until(const std::string& book) override {
    const auto rows =
        read("select coalesce(max(month), '') from closed_months where book = $1", {book});
    if (!rows) return tl::unexpected(rows.error());
    if (rows->size() != 1) return damaged("closed month");
    RowReader reader(rows->front());
    std::string month = reader.text();
    if (!reader.sound()) return damaged("closed month");
    return month;
  }

  Result<void> put_batch(const ExportBatch& batch, const std::vector<BatchedAct>& acts) override;
  Result<void> cancel_batch(const std::string& id, Instant at, const std::string& actor,
                            const std::string& reason) override;
  Result<std::vector<ExportBatch>> batches(const std::string& book) override;
  Result<std::vector<BatchedAct>> acts_in(const std::string& batch) override {
    return acts_of(
        read("select case_id, role from batch_acts where batch = $1 "
             "order by case_id, role",
             {batch}));
  }
  Result<std::vector<BatchedAct>> batched_acts(const std::string& book) override {
    return acts_of(
        read("select batch_acts.case_id, batch_acts.role from batch_acts join export_batches on "
             "export_batches.id = batch_acts.batch where export_batches.book = $1 and "
             "batch_acts.live = 1 order by batch_acts.case_id, batch_acts.role",
             {book}));
  }
  Result<StatementNumber> number_statement(const StatementNumber& statement) override;

 private:
  Result<void> in_transaction(const std::function<Result<void>(Database&)>& work) {
    const std::lock_guard lock(mutex_);
    auto transaction = Transaction::begin(*database_);
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto done = work(*database_); !done) return done;
    return transaction->commit();
  }
  Result<Rows> read(std::string_view sql, std::initializer_list<Value> values) {
    const std::lock_guard lock(mutex_);
    return database_->run(sql, values);
  }
  static Result<std::vector<BatchedAct>> acts_of(const Result<Rows>& rows) {
    if (!rows) return tl::unexpected(rows.error());
    std::vector<BatchedAct> acts;
    for (const Row& row : *rows) {
      RowReader reader(row);
      const CaseId id(reader.text());
      const std::string role = reader.text();
      const bool expert = role == act_role_name(ActRole::expert);
      if (!reader.sound() || (!expert && role != act_role_name(ActRole::requester))) {
        return damaged("batched act");
      }
      acts.push_back({id, expert ? ActRole::expert : ActRole::requester});
    }
    return acts;
  }

  std::mutex mutex_;
  std::unique_ptr<Database> database_;
};

Result<std::vector<LedgerEntry>> SqlAccountBook::entries(const std::string& book,
                                                         const std::string& from,
                                                         const std::string& to) {
  const auto rows = read(
      "select e.number, e.journal, e.date, e.piece, e.label, coalesce(e.reverses, 0), e.at, "
      "e.actor, m.debit, m.debit_auxiliary, m.credit, m.credit_auxiliary, m.cents "
      "from ledger_entries e join ledger_movements m on m.book = e.book and m.entry = e.number "
      "where e.book = $1 and e.date >= $2 and (e.date <= $3 or $3 = '') "
      "order by e.number, m.place",
      {book, from, to});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<LedgerEntry> found;
  for (const Row& row : *rows) {
    RowReader reader(row);
    LedgerEntry entry;
    entry.book = book;
    entry.number = reader.integer();
    entry.journal = reader.text();
    entry.date = reader.text();
    entry.piece = reader.text();
    entry.label = reader.text();
    entry.reverses = reader.integer();
    entry.at = reader.instant();
    entry.actor = reader.text();
    Movement movement;
    movement.debit.number = reader.text();
    movement.debit.auxiliary = reader.text();
    movement.credit.number = reader.text();
    movement.credit.auxiliary = reader.text();
    movement.cents = reader.integer();
    if (!reader.sound()) return damaged("ledger entry");
    if (found.empty() || found.back().number != entry.number) found.push_back(std::move(entry));
    found.back().movements.push_back(std::move(movement));
  }
  return found;
}

Result<void> SqlAccountBook::put_batch(const ExportBatch& batch,
                                       const std::vector<BatchedAct>& acts) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto rows = database.run(
        "insert into export_batches (id, book, kind, from_date, to_date, content_hash, made_at, "
        "made_by, cancelled_by, cancel_reason) values ($1, $2, $3, $4, $5, $6, $7, $8, '', '') "
        "on conflict do nothing returning id",
        {batch.id, batch.book, batch.kind, batch.from, batch.to, batch.content_hash,
         value(batch.made_at), batch.made_by});
    if (!rows) return tl::unexpected(rows.error());
    if (rows->empty()) return in_the_way("There is a batch " + batch.id + " already.");
    for (const BatchedAct& act : acts) {
      const std::string_view role = act_role_name(act.role);
      const auto known = one_number(database.run(
          "select count(*) from acts where case_id = $1 and role = $2", {act.case_id.value, role}));
      if (!known) return tl::unexpected(known.error());
      if (*known == 0) return fail(ErrorCode::not_found, "An act of the batch is not known.");
      const auto placed = database.run(
          "insert into batch_acts (batch, case_id, role, live) values ($1, $2, $3, 1) "
          "on conflict do nothing returning batch",
          {batch.id, act.case_id.value, role});
      if (!placed) return tl::unexpected(placed.error());
      if (placed->empty()) {
        return in_the_way("An act of this batch is in another one: cancel that one first.");
      }
    }
    return audit_sql::append_to_node(
        database, {batch.made_at,
                   batch.made_by,
                   "batch:make",
                   batch.book + " " + batch.id + " " + std::to_string(acts.size()) + " acts " +
                       batch.content_hash,
                   {}});
  });
}

Result<void> SqlAccountBook::cancel_batch(const std::string& id, Instant at,
                                          const std::string& actor, const std::string& reason) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto rows = database.run(
        "update export_batches set cancelled_at = $2, cancelled_by = $3, cancel_reason = $4 "
        "where id = $1 and cancelled_at is null returning book",
        {id, value(at), actor, reason});
    if (!rows) return tl::unexpected(rows.error());
    if (rows->empty()) return in_the_way("There is no such batch, or it was cancelled before.");
    auto freed =
        without_rows(database.run("update batch_acts set live = 0 where batch = $1", {id}));
    if (!freed) return freed;
    return audit_sql::append_to_node(database, {at, actor, "batch:cancel", id, {}});
  });
}

Result<std::vector<ExportBatch>> SqlAccountBook::batches(const std::string& book) {
  const auto rows = read(
      "select id, kind, from_date, to_date, content_hash, made_at, made_by, "
      "coalesce(cancelled_at, 0), cancelled_at is not null, cancelled_by, cancel_reason "
      "from export_batches where book = $1 order by made_at desc, id",
      {book});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<ExportBatch> found;
  for (const Row& row : *rows) {
    RowReader reader(row);
    ExportBatch batch;
    batch.id = reader.text();
    batch.book = book;
    batch.kind = reader.text();
    batch.from = reader.text();
    batch.to = reader.text();
    batch.content_hash = reader.text();
    batch.made_at = reader.instant();
    batch.made_by = reader.text();
    const Instant cancelled_at = reader.instant();
    if (reader.flag()) batch.cancelled_at = cancelled_at;
    batch.cancelled_by = reader.text();
    batch.cancel_reason = reader.text();
    if (!reader.sound()) return damaged("export batch");
    found.push_back(std::move(batch));
  }
  return found;
}

Result<StatementNumber> SqlAccountBook::number_statement(const StatementNumber& statement) {
  StatementNumber numbered = statement;
  const auto done = in_transaction([&](Database& database) -> Result<void> {
    const auto rows = database.run(
        "select number, at from statement_numbers where book = $1 and professional = $2 and "
        "from_date = $3 and to_date = $4 and content_hash = $5",
        {statement.book, statement.professional.value, statement.from, statement.to,
         statement.content_hash});
    if (!rows) return tl::unexpected(rows.error());
    if (!rows->empty()) {
      RowReader reader(rows->front());
      numbered.number = reader.integer();
      numbered.at = reader.instant();
      return reader.sound() ? Result<void>() : damaged("statement number");
    }
    const auto next = one_number(
        database.run("select coalesce(max(number), 0) + 1 from statement_numbers where book = $1",
                     {statement.book}));
    if (!next) return tl::unexpected(next.error());
    numbered.number = *next;
    auto inserted = without_rows(database.run(
        "insert into statement_numbers (book, number, professional, from_date, to_date, "
        "content_hash, at) values ($1, $2, $3, $4, $5, $6, $7)",
        {statement.book, *next, statement.professional.value, statement.from, statement.to,
         statement.content_hash, value(statement.at)}));
    if (!inserted) return inserted;
    return audit_sql::append_to_node(
        database, {statement.at,
                   statement.actor,
                   "statement:number",
                   statement.book + " " + std::to_string(*next) + " " + statement.content_hash,
                   {}});
  });
  if (!done) return tl::unexpected(done.error());
  return numbered;
}

}  // namespace

Result<std::unique_ptr<AccountBook>> open_sqlite_account_book(const std::filesystem::path& file) {
  auto database = open_sqlite({file, {}});
  if (!database) return tl::unexpected(database.error());
  if (auto migrated = migrate(**database, embedded_schema()); !migrated) {
    return tl::unexpected(migrated.error());
  }
  return std::make_unique<SqlAccountBook>(std::move(*database));
}

}  // namespace telavis
