// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate_command.h"
#include "engine/files.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/simulation/simulation.h"

namespace telavis {
namespace {

struct SimulateArguments {
  std::size_t cases = 1'000;
  std::uint64_t seed = 1;
  std::vector<std::string> programmes;  // ids of shipped ones; none: all
  bool month = false;  // as many cases as the programme has in a month, in place of `cases`
  bool calm = false;
  bool equals = false;
  double crashes = kCrashes;
};

// A long run is looked at now and then.
constexpr std::chrono::seconds kBetweenReports{30};

Result<std::vector<Programme>> chosen(const std::vector<std::string>& ids) {
  std::vector<Programme> shipped = shipped_programmes();
  if (ids.empty()) return shipped;
  std::string known;
  for (const Programme& programme : shipped) {
    known += (known.empty() ? "" : ", ") + programme.id.value;
  }
  std::vector<Programme> found;
  for (const std::string& id : ids) {
    const auto one = std::ranges::find(shipped, ProgrammeId(id), &Programme::id);
    if (one == shipped.end()) {
      return fail(ErrorCode::unknown_programme,
                  "'" + id + "' is no programme that is shipped: choose of " + known + ".");
    }
    found.push_back(*one);
  }
  return found;
}

Result<std::string> report_of(const SimulationOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto figures = simulate(options);
  if (!figures) return tl::unexpected(figures.error());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return figures_text(*figures) +
         fmt::format("{:.2f} s on {} threads: {:.0f} cases/s, {:.0f} decisions/s\n", took.count(),
                     options.threads, static_cast<double>(figures->cases) / took.count(),
                     static_cast<double>(figures->decisions) / took.count());
}

Result<std::string> simulate_report(const SimulateArguments& arguments) {
  const auto programmes = chosen(arguments.programmes);
  if (!programmes) return tl::unexpected(programmes.error());
  SimulationOptions options;
  options.seed = arguments.seed;
  options.known = shipped_programmes();
  options.calm = arguments.calm;
  options.equals = arguments.equals;
  options.crashes = arguments.crashes;
  options.progress = [begin = std::chrono::steady_clock::now(),
                      told = std::chrono::steady_clock::now()](std::int64_t cases) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now - told < kBetweenReports) return;
    told = now;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begin).count();
    fmt::print(stderr, "{} cases, {} s\n", cases, seconds);
  };
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  if (!arguments.month) {
    options.cases = arguments.cases;
    options.programmes = *programmes;
    return report_of(options);
  }
  std::string text;
  for (const Programme& programme : *programmes) {
    options.programmes = {programme};
    options.cases = static_cast<std::size_t>(std::lround(profile_of(programme).cases_a_month));
    auto report = report_of(options);
    if (!report) return report;
    text += fmt::format("{}, a month\n{}\n", programme.id.value, *report);
  }
  return text;
}

Result<void> print_report(const SimulateArguments& arguments) {
  const auto report = simulate_report(arguments);
  if (!report) return tl::unexpected(report.error());
  return print(stdout, *report);
}

}  // namespace

void add_simulate_command(CLI::App& app, std::function<Result<void>()>& chosen) {
  const auto arguments = std::make_shared<SimulateArguments>();
  CLI::App* command =
      app.add_subcommand("simulate", "run cases in virtual time and print what became of them");
  command->add_option("--cases", arguments->cases, "how many")->check(CLI::PositiveNumber);
  command->add_option("--seed", arguments->seed, "the same seed gives the same figures");
  command->add_option("--programme", arguments->programmes,
                      "shipped ones, each in turn; none: all of them");
  command->add_flag("--month", arguments->month, "as many cases as each programme has in a month");
  command->add_flag("--calm", arguments->calm, "no strangers, wrong clocks, suspensions, bounces");
  command->add_flag("--equals", arguments->equals, "experts without differences and absences");
  command
      ->add_option("--crashes", arguments->crashes,
                   "share of the calls of ports at which the process dies; not with --calm")
      ->check(CLI::Range(0.0, 0.1));
  command->callback(
      [&chosen, arguments] { chosen = [arguments] { return print_report(*arguments); }; });
}

}  // namespace telavis
