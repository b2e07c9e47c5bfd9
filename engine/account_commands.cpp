// SPDX-License-Identifier: Apache-2.0
#include "engine/account_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/billing/account_file.h"
#include "engine/billing/bank_words.h"
#include "engine/clock.h"
#include "engine/config.h"
#include "engine/core/crypto.h"
#include "engine/files.h"
#include "engine/records_beside.h"
#include "storage/account_book.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxAccountFile = 10'000'000;  // a thousand members are 300 kB
constexpr std::size_t kMaxBankFile = 100'000'000;
constexpr std::string_view kActor = "operator";

struct AccountArguments {
  std::string config_file, data_dir, file;
  std::string from, to, date, notified, month, out, in;
};

/// The file of the association and its book.
struct Opened {
  AccountFile file;
  std::unique_ptr<AccountBook> book;
  SystemClock clock;

  Result<std::vector<LedgerEntry>> ledger() { return book->entries(file.book, "", ""); }
  Result<void> post_all(std::vector<LedgerEntry> entries) {
    for (LedgerEntry& entry : entries) {
      entry.at = clock.now();
      entry.actor = kActor;
      if (const auto posted = book->post(entry); !posted) return tl::unexpected(posted.error());
    }
    return {};
  }
};

Result<Opened> open_accounts(const AccountArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto database = database_beside(*config);
  if (!database) return tl::unexpected(database.error());
  const auto bytes = read_secret_file(arguments.file, kMaxAccountFile);
  if (!bytes) return tl::unexpected(bytes.error());
  auto file = parse_account_file(as_text(*bytes));
  if (!file) return tl::unexpected(file.error());
  auto book = open_sqlite_account_book(*database);
  if (!book) return tl::unexpected(book.error());
  return Opened{std::move(*file), std::move(*book), {}};
}

Result<void> post_months(Opened& opened, const AccountArguments& arguments) {
  const auto tables = TariffTable::embedded();
  if (!tables) return tl::unexpected(tables.error());
  auto entries = entries_of_months(opened.file, *tables, arguments.from, arguments.to);
  if (!entries) return tl::unexpected(entries.error());
  const auto ledger = opened.ledger();
  if (!ledger) return tl::unexpected(ledger.error());
  // What is posted already stays as it was: the command may be given every month again.
  std::set<std::pair<std::string, std::string>> there;
  for (const LedgerEntry& entry : *ledger) there.emplace(entry.journal, entry.piece);
  std::erase_if(*entries, [&](const LedgerEntry& entry) {
    return there.contains({entry.journal, entry.piece});
  });
  const std::size_t count = entries->size();
  if (auto posted = opened.post_all(std::move(*entries)); !posted) return posted;
  return print(stdout, fmt::format("posted: {} entries\n", count));
}

Result<void> close_month(Opened& opened, const AccountArguments& arguments) {
  auto closed = opened.book->close_month(opened.file.book, arguments.month, opened.clock.now(),
                                         std::string(kActor));
  if (!closed) return closed;
  return print(stdout, "closed: " + arguments.month + "\n");
}

Result<void> show_open(Opened& opened, const AccountArguments&) {
  const auto ledger = opened.ledger();
  if (!ledger) return tl::unexpected(ledger.error());
  std::string text;
  for (const OpenDue& due : open_dues(*ledger, opened.file.chart.members)) {
    text += fmt::format("owes    {:<12} {:>10} EUR since {}\n", due.auxiliary,
                        amount_text(due.cents), due.since);
  }
  const Balances sums = balances(*ledger);
  for (const std::string& account : {opened.file.chart.doctors, opened.file.chart.suppliers}) {
    for (const auto& [auxiliary, cents] : owed(sums, account)) {
      text += fmt::format("is owed {:<12} {:>10} EUR\n", auxiliary, amount_text(cents));
    }
  }
  return print(stdout, text.empty() ? "nothing is open\n" : text);
}

/// Posts what is open and writes the bank's file of it; again on the same date: the same bytes.
Result<void> pay(Opened& opened, const AccountArguments& arguments, PaymentKind kind) {
  if (!is_iso_date(arguments.date)) {
    return fail(ErrorCode::invalid_field, "--date is a day such as 2026-04-20.");
  }
  auto ledger = opened.ledger();
  if (!ledger) return tl::unexpected(ledger.error());
  const auto batches = opened.book->batches(opened.file.book);
  if (!batches) return tl::unexpected(batches.error());
  const std::string id = opened.file.book + "/" + payment_id(kind, arguments.date);
  const bool made = std::any_of(batches->begin(), batches->end(),
                                [&](const ExportBatch& batch) { return batch.id == id; });
  std::vector<LedgerEntry> fresh;
  if (!made) {
    auto entries = payment_entries(opened.file, kind, *ledger, arguments.date);
    if (!entries) return tl::unexpected(entries.error());
    fresh = std::move(*entries);
    // The bank's rules are asked before anything is written.
    std::vector<LedgerEntry> tried = *ledger;
    tried.insert(tried.end(), fresh.begin(), fresh.end());
    const auto trial = payment_file(opened.file, kind, tried, arguments.date, arguments.notified);
    if (!trial) return tl::unexpected(trial.error());
    if (auto posted = opened.post_all(std::move(fresh)); !posted) return posted;
    ledger = opened.ledger();
    if (!ledger) return tl::unexpected(ledger.error());
  }
  const auto xml = payment_file(opened.file, kind, *ledger, arguments.date, arguments.notified);
  if (!xml) return tl::unexpected(xml.error());
  if (!made) {
    ExportBatch batch;
    batch.id = id;
    batch.book = opened.file.book;
    batch.kind = "sepa";
    batch.from = batch.to = arguments.date;
    batch.content_hash = hash_hex(*xml);
    batch.made_at = opened.clock.now();
    batch.made_by = kActor;
    if (auto put = opened.book->put_batch(batch, {}); !put) return put;
  }
  if (auto written = write_file(arguments.out, as_bytes(*xml), FileMode::secret); !written) {
    return written;
  }
  return print(stdout, fmt::format("batch {} {}\n", id, hash_hex(*xml)));
}

Result<void> collect(Opened& opened, const AccountArguments& arguments) {
  return pay(opened, arguments, PaymentKind::collection);
}

Result<void> transfer(Opened& opened, const AccountArguments& arguments) {
  return pay(opened, arguments, PaymentKind::transfer);
}

Result<void> take_returns(Opened& opened, const AccountArguments& arguments) {
  const auto bytes = read_file(arguments.in, kMaxBankFile);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto movements = read_camt_054(*bytes);
  if (!movements) return tl::unexpected(movements.error());
  std::string text;
  for (const BankMovement& movement : *movements) {
    if (!movement.returned) continue;
    auto ledger = opened.ledger();
    if (!ledger) return tl::unexpected(ledger.error());
    const auto back = returned_payment(*ledger, movement, opened.clock.now(), std::string(kActor));
    if (!back) {
      text += fmt::format("not {}: {}\n", sepa_text(movement.end_to_end_id, 35), back.error().text);
      continue;
    }
    if (auto posted = opened.post_all({*back}); !posted) return posted;
    text += fmt::format("taken back: {} {}\n", movement.end_to_end_id, movement.reason);
  }
  return print(stdout, text.empty() ? "nothing came back\n" : text);
}

Result<void> write_entries(Opened& opened, const AccountArguments& arguments) {
  const auto name = fec_name(opened.file.siren, arguments.to);
  if (!name) return tl::unexpected(name.error());
  const auto ledger = opened.book->entries(opened.file.book, arguments.from, arguments.to);
  if (!ledger) return tl::unexpected(ledger.error());
  const auto lines = fec_lines(*ledger, opened.file.names);
  if (!lines) return tl::unexpected(lines.error());
  std::string bytes;
  const auto totals = write_fec(walk_of<FecLine>(*lines), append_to(bytes));
  if (!totals) return tl::unexpected(totals.error());
  const auto path = std::filesystem::path(arguments.out) / *name;
  if (auto written = write_file(path, as_bytes(bytes), FileMode::secret); !written) return written;
  return print(stdout, fmt::format("{}: {} entries, {} EUR on each side\n", *name, totals->entries,
                                   amount_text(totals->debit_cents)));
}

}  // namespace

void add_account_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<AccountArguments>();
  CLI::App* accounts = app.add_subcommand("accounts", "dues, payments and the ledger");
  accounts->require_subcommand(1);
  const auto add = [&](const char* name, const char* what,
                       Result<void> (*action)(Opened&, const AccountArguments&)) {
    CLI::App* sub = accounts->add_subcommand(name, what);
    sub->add_option("--config", arguments->config_file, "configuration file");
    sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
    sub->add_option("--file", arguments->file, "the association's accounts, mode 0600")->required();
    sub->callback([&chosen, arguments, action] {
      chosen = [arguments, action]() -> Result<void> {
        auto opened = open_accounts(*arguments);
        if (!opened) return tl::unexpected(opened.error());
        return action(*opened, *arguments);
      };
    });
    return sub;
  };
  CLI::App* post = add("post", "dues, subscriptions and meetings of some months", post_months);
  post->add_option("--from", arguments->from, "month, YYYY-MM")->required();
  post->add_option("--to", arguments->to, "month, YYYY-MM")->required();
  add("open", "who owes, since when, and who is owed", show_open);
  add("close", "close a month for good", close_month)
      ->add_option("--month", arguments->month, "YYYY-MM")
      ->required();
  for (CLI::App* sub : {add("collect", "open dues as pain.008.001.08", collect),
                        add("pay", "what doctors are owed as pain.001.001.09", transfer)}) {
    sub->add_option("--date", arguments->date, "of collection or execution")->required();
    sub->add_option("--notified", arguments->notified, "when the members were told");
    sub->add_option("--out", arguments->out, "the bank's file")->required();
  }
  add("returns", "what came back, from a camt.054", take_returns)
      ->add_option("FILE", arguments->in)
      ->required();
  CLI::App* fec = add("fec", "the FEC of a period, into a folder", write_entries);
  fec->add_option("--from", arguments->from, "first day")->required();
  fec->add_option("--to", arguments->to, "closing day")->required();
  fec->add_option("--out", arguments->out, "a folder that is there")->required();
}

}  // namespace telavis
