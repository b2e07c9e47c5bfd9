// SPDX-License-Identifier: Apache-2.0
#include "engine/figure_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "engine/billing/figures_export.h"
#include "engine/clock.h"
#include "engine/files.h"
#include "engine/records_beside.h"

namespace telavis {
namespace {

struct FigureArguments {
  std::string config_file, data_dir;
  std::vector<std::string> programmes;
  std::string from, to, format = "csv-fr", out;
  int year = 0;
};

Result<std::vector<ProgrammeId>> programmes_named(Repository& repository,
                                                  const FigureArguments& arguments) {
  std::vector<ProgrammeId> named(arguments.programmes.begin(), arguments.programmes.end());
  if (!named.empty()) return named;
  const auto all = repository.programmes();
  if (!all) return tl::unexpected(all.error());
  for (const Programme& programme : *all) named.push_back(programme.id);
  return named;
}

/// As they may leave.
Result<FigureReport> figures_between(Repository& repository, const FigureArguments& arguments,
                                     const std::string& from, const std::string& to, Instant now) {
  auto programmes = programmes_named(repository, arguments);
  if (!programmes) return tl::unexpected(programmes.error());
  auto report = figures_of(repository, {std::move(*programmes), from, to}, now);
  if (!report) return report;
  return for_outside(std::move(*report));
}

Result<std::unique_ptr<Repository>> records_of(const FigureArguments& arguments) {
  const auto config = chosen_config(arguments.config_file, arguments.data_dir);
  if (!config) return tl::unexpected(config.error());
  return records_beside(*config);
}

Result<void> written(const std::string& file, ByteView bytes) {
  if (auto done = write_file(file, bytes, FileMode::secret); !done) return done;
  return print(stdout, file + "\n");
}

Result<void> export_period(const FigureArguments& arguments) {
  const auto repository = records_of(arguments);
  if (!repository) return tl::unexpected(repository.error());
  SystemClock clock;
  const auto report =
      figures_between(**repository, arguments, arguments.from, arguments.to, clock.now());
  if (!report) return tl::unexpected(report.error());
  if (arguments.format == "pdf") {
    const auto pdf = figures_pdf(*report);
    if (!pdf) return tl::unexpected(pdf.error());
    return written(arguments.out, *pdf);
  }
  const auto format = table_format(arguments.format);
  if (!format) return tl::unexpected(format.error());
  const auto table = figures_table(*report, *format);
  if (!table) return tl::unexpected(table.error());
  return written(arguments.out, as_bytes(*table));
}

Result<void> export_activity(const FigureArguments& arguments) {
  const auto repository = records_of(arguments);
  if (!repository) return tl::unexpected(repository.error());
  SystemClock clock;
  const Instant now = clock.now();
  const auto of_year = [&](int year) {
    return figures_between(**repository, arguments, fmt::format("{:04}-01-01", year),
                           fmt::format("{:04}-12-31", year), now);
  };
  auto year = of_year(arguments.year);
  if (!year) return tl::unexpected(year.error());
  auto before = of_year(arguments.year - 1);
  if (!before) return tl::unexpected(before.error());
  const auto table = figures_table(*year, TableFormat::xlsx);
  if (!table) return tl::unexpected(table.error());
  const auto pdf =
      activity_pdf({std::move(*year), std::move(*before), format_utc(now).substr(0, 10)});
  if (!pdf) return tl::unexpected(pdf.error());
  if (auto done = written(arguments.out + ".pdf", *pdf); !done) return done;
  return written(arguments.out + ".xlsx", as_bytes(*table));
}

CLI::App* add_figure_command(CLI::App& exports, const char* name, const char* what,
                             const std::shared_ptr<FigureArguments>& arguments,
                             std::function<Result<void>()>& chosen,
                             Result<void> (*action)(const FigureArguments&)) {
  CLI::App* sub = exports.add_subcommand(name, what);
  sub->add_option("--config", arguments->config_file, "configuration file");
  sub->add_option("--data-dir", arguments->data_dir, "data folder, without a configuration file");
  sub->add_option("--programme", arguments->programmes, "these programmes only");
  sub->callback([&chosen, arguments, action] {
    chosen = [arguments, action] { return action(*arguments); };
  });
  return sub;
}

}  // namespace

void add_figure_commands(CLI::App& exports, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<FigureArguments>();
  CLI::App* figures =
      add_figure_command(exports, "figures", "activity of a period, as it may be published",
                         arguments, chosen, export_period);
  figures->add_option("--from", arguments->from, "first day of requests, YYYY-MM-DD")->required();
  figures->add_option("--to", arguments->to, "last day of requests, YYYY-MM-DD")->required();
  figures->add_option("--format", arguments->format)
      ->check(CLI::IsMember({"csv-fr", "csv", "xlsx", "pdf"}));
  figures->add_option("--out", arguments->out, "the file")->required();
  CLI::App* activity = add_figure_command(
      exports, "activity", "the yearly report for the regional health agency, PDF and XLSX",
      arguments, chosen, export_activity);
  activity->add_option("--year", arguments->year, "civil year")
      ->required()
      ->check(CLI::Range(2000, 9998));
  activity->add_option("--out", arguments->out, "the files without .pdf and .xlsx")->required();
}

}  // namespace telavis
