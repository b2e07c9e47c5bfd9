// SPDX-License-Identifier: Apache-2.0
#include "engine/export_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/billing/act_records.h"
#include "engine/billing/acts.h"
#include "engine/billing/statement.h"
#include "engine/clock.h"
#include "engine/config.h"
#include "engine/figure_commands.h"
#include "engine/files.h"
#include "engine/records_beside.h"
#include "storage/account_book.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

struct ExportArguments {
  std::string config_file, data_dir;
  std::string programme, from, to, out;
  std::string format = "csv-fr";
};

Result<SqliteOptions> database_of(const ExportArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  const auto database = database_beside(*config);
  if (!database) return tl::unexpected(database.error());
  return SqliteOptions{*database, {}};
}

Result<std::vector<ActRow>> acts_asked_for(Repository& repository,
                                           const ExportArguments& arguments) {
  for (const std::string* date : {&arguments.from, &arguments.to}) {
    if (!date->empty() && !is_iso_date(*date)) {
      return fail(ErrorCode::invalid_field, "--from and --to are dates such as 2026-01-31.");
    }
  }
  ActQuery query;
  query.from_date = arguments.from;
  query.to_date = arguments.to;
  if (!arguments.programme.empty()) query.programmes = {ProgrammeId(arguments.programme)};
  return repository.acts(query);
}

/// People and programmes of the rows, each read once.
class Involved {
 public:
  explicit Involved(Repository& repository) : repository_(repository) {}

  Result<const User*> person(const UserId& id) {
    auto known = people_.find(id);
    if (known == people_.end()) {
      auto user = repository_.user(id);
      if (!user) return tl::unexpected(user.error());
      known = people_.emplace(id, user->value_or(User{})).first;
    }
    return &known->second;
  }
  Result<const Programme*> programme(const ProgrammeId& id) {
    auto known = programmes_.find(id);
    if (known == programmes_.end()) {
      auto programme = repository_.programme(id);
      if (!programme) return tl::unexpected(programme.error());
      known = programmes_.emplace(id, programme->value_or(Programme{})).first;
    }
    return &known->second;
  }

 private:
  Repository& repository_;
  std::map<UserId, User> people_;
  std::map<ProgrammeId, Programme> programmes_;
};

Walk<ActRecord> records_of(const std::vector<ActRow>& rows, Involved& involved) {
  return [&rows, &involved](const auto& take) -> Result<void> {
    for (const ActRow& row : rows) {
      const auto person = involved.person(row.act.professional);
      if (!person) return tl::unexpected(person.error());
      const auto programme = involved.programme(row.programme);
      if (!programme) return tl::unexpected(programme.error());
      if (auto taken = take(ActRecord{row, **person, **programme}); !taken) return taken;
    }
    return {};
  };
}

Result<std::string> billing_in(const std::string& format, const std::vector<ActRow>& rows,
                               Repository& repository) {
  Involved involved(repository);
  std::string file;
  if (format == "jsonl") {
    const auto written = records_of(rows, involved)([&](const ActRecord& one) -> Result<void> {
      const auto line = act_json_line(one);
      if (!line) return tl::unexpected(line.error());
      file += *line;
      return {};
    });
    if (!written) return tl::unexpected(written.error());
    return file;
  }
  if (format == "fhir") {
    // The bundle bears the instant of its newest act: the same acts give the same bytes.
    Instant newest{};
    for (const ActRow& row : rows) newest = std::max(newest, row.signed_at);
    const auto written = write_fhir_bundle(records_of(rows, involved), newest, append_to(file));
    if (!written) return tl::unexpected(written.error());
    return file;
  }
  const auto table = table_format(format);
  if (!table) return tl::unexpected(table.error());
  return billing_file(*table, rows, repository);
}

Result<void> export_acts(const ExportArguments& arguments) {
  const auto database = database_of(arguments);
  if (!database) return tl::unexpected(database.error());
  const auto repository = open_sqlite_repository(*database);
  if (!repository) return tl::unexpected(repository.error());
  const auto rows = acts_asked_for(**repository, arguments);
  if (!rows) return tl::unexpected(rows.error());
  const auto file = billing_in(arguments.format, *rows, **repository);
  if (!file) return tl::unexpected(file.error());
  if (arguments.out.empty()) return print(stdout, *file);
  return write_file(arguments.out, as_bytes(*file), FileMode::secret);
}

Result<void> write_statement(const Statement& statement, AccountBook& book,
                             const std::filesystem::path& folder) {
  SystemClock clock;
  StatementNumber number;
  number.book = statement.programme.id.value;
  number.professional = statement.professional.id;
  number.from = statement.from;
  number.to = statement.to;
  number.content_hash = statement_hash(statement);
  number.at = clock.now();
  number.actor = "operator";
  const auto numbered = book.number_statement(number);
  if (!numbered) return tl::unexpected(numbered.error());
  const auto pdf = render_report_pdf(statement_content(statement, *numbered, Language::french));
  if (!pdf) return tl::unexpected(pdf.error());
  const std::string name =
      fmt::format("{}-releve-{:06}.pdf", statement.programme.id.value, numbered->number);
  if (auto written = write_file(folder / name, *pdf, FileMode::secret); !written) return written;
  return print(stdout, fmt::format("{} {}\n", name, statement.professional.id.value));
}

Result<void> export_statements(const ExportArguments& arguments) {
  const auto database = database_of(arguments);
  if (!database) return tl::unexpected(database.error());
  const auto repository = open_sqlite_repository(*database);
  if (!repository) return tl::unexpected(repository.error());
  const auto programme = (*repository)->programme(ProgrammeId(arguments.programme));
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme) {
    return fail(ErrorCode::not_found, "There is no programme " + arguments.programme + ".");
  }
  const auto rows = acts_asked_for(**repository, arguments);
  if (!rows) return tl::unexpected(rows.error());
  const auto book = open_sqlite_account_book(database->file);
  if (!book) return tl::unexpected(book.error());
  Involved involved(**repository);
  std::map<UserId, std::vector<ActRow>> by_doctor;
  std::map<std::string, User> requesters;
  for (const ActRow& row : *rows) {
    by_doctor[row.act.professional].push_back(row);
    if (row.act.role != ActRole::requester) continue;
    const auto person = involved.person(row.act.professional);
    if (!person) return tl::unexpected(person.error());
    requesters[row.case_number] = **person;
  }
  for (const auto& [id, acts] : by_doctor) {
    const auto person = involved.person(id);
    if (!person) return tl::unexpected(person.error());
    const Statement statement{**programme,  **person, arguments.from,
                              arguments.to, acts,     requesters};
    if (auto written = write_statement(statement, **book, arguments.out); !written) return written;
  }
  return {};
}

}  // namespace

void add_export_commands(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<ExportArguments>();
  CLI::App* exports = app.add_subcommand("export", "acts, statements and figures for other people");
  exports->require_subcommand(1);
  add_figure_commands(*exports, chosen);
  const auto add = [&](const char* name, const char* what,
                       Result<void> (*action)(const ExportArguments&)) {
    CLI::App* sub = exports->add_subcommand(name, what);
    sub->add_option("--config", arguments->config_file, "configuration file");
    sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
    sub->callback([&chosen, arguments, action] {
      chosen = [arguments, action] { return action(*arguments); };
    });
    return sub;
  };
  CLI::App* billing = add("billing", "the billable records", export_acts);
  billing->add_option("--format", arguments->format, "csv-fr, csv, xlsx, jsonl or fhir")
      ->check(CLI::IsMember({"csv-fr", "csv", "xlsx", "jsonl", "fhir"}));
  billing->add_option("--programme", arguments->programme, "one programme only");
  billing->add_option("--from", arguments->from, "first care date, YYYY-MM-DD");
  billing->add_option("--to", arguments->to, "last care date, YYYY-MM-DD");
  billing->add_option("--out,--output", arguments->out, "a file instead of standard output");
  CLI::App* statements = add("statements", "a numbered PDF/A a doctor, of one programme and period",
                             export_statements);
  statements->add_option("--programme", arguments->programme)->required();
  statements->add_option("--from", arguments->from, "first care date, YYYY-MM-DD")->required();
  statements->add_option("--to", arguments->to, "last care date, YYYY-MM-DD")->required();
  statements->add_option("--out", arguments->out, "a folder that is there")->required();
}

}  // namespace telavis
