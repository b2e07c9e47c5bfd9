// SPDX-License-Identifier: Apache-2.0
// A year of answered requests with coded opinions in a node's database, and how long its figures
// take:
//
//   activity_figures DATA_DIR COUNT
//
// The folder is one that `telavis init --demonstration` made. The cases have no content: nobody can
// open them, and a server on the folder afterwards says so.
#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/billing/figures_export.h"
#include "storage/sqlite.h"

namespace telavis::bench {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
constexpr std::string_view kWhere = "rythmologie-guadeloupe";

/// 0..n-1, the same for the same number and question.
std::int64_t pick(std::int64_t number, std::int64_t question, std::int64_t n) {
  std::uint64_t state = static_cast<std::uint64_t>(number * 31 + question) * 0x9E3779B97F4A7C15U;
  state ^= state >> 29U;
  state *= 0xBF58476D1CE4E5B9U;
  return static_cast<std::int64_t>((state >> 33U) % static_cast<std::uint64_t>(n));
}

OpinionCodes codes_of(std::int64_t number) {
  OpinionCodes codes;
  codes.tracing = pick(number, 1, 1000) < 319 ? "abnormal" : "normal";
  codes.in_person = pick(number, 2, 1000) < 240;
  codes.orientation = codes.in_person ? "in_person" : "gp_management";
  codes.media_quality = pick(number, 3, 10) < 8 ? "good" : "usable";
  constexpr std::array kAgreements = {"full", "full", "full", "partial", "none", "not_given"};
  codes.agreement = kAgreements[static_cast<std::size_t>(pick(number, 4, 6))];
  codes.data_sufficient = pick(number, 5, 30) > 0;
  return codes;
}

Commit made(std::int64_t number, Instant asked_at) {
  Case subject;
  subject.id = CaseId(fmt::format("figures{:019}", number));
  subject.number = fmt::format("TE-2026-{:08}", number);
  subject.version = 1;
  subject.state = CaseState::closed;
  subject.programme = ProgrammeId(std::string(kWhere));
  subject.requester = UserId(number % 3 == 0 ? "demo-zephir" : fmt::format("gp-{}", number % 23));
  subject.expert = UserId(number % 2 == 0 ? "demo-corail" : "demo-alize");
  subject.submitted_at = asked_at;
  subject.promise = Promise{asked_at, asked_at + hours(24), asked_at + hours(32),
                            asked_at + hours(36), asked_at + hours(48)};
  subject.exams = {{"ecg", "SCP-ECG", "12 x 10.0 s", {}}};
  if (pick(number, 6, 12) == 0) {
    subject.offers.push_back({UserId("demo-alize"), asked_at, asked_at + hours(4),
                              OfferOutcome::declined,
                              pick(number, 7, 3) == 0 ? "not_my_field" : "unavailable"});
  }
  subject.offers.push_back(
      {*subject.expert, asked_at, asked_at + hours(4), OfferOutcome::accepted, ""});
  subject.answered_at = asked_at + minutes(20 + pick(number, 8, 60) * pick(number, 9, 60));
  Opinion opinion;
  opinion.expert = *subject.expert;
  opinion.signed_at = opinion.released_at = *subject.answered_at;
  opinion.marks.codes = codes_of(number);
  opinion.marks.urgent = pick(number, 10, 60) == 0;
  subject.opinion = opinion;
  subject.wrapped_key = Bytes(64, 1);
  subject.kept_until = asked_at + hours(24 * 365 * 20);
  Commit commit;
  commit.event_id = subject.id.value;
  commit.event_kind = "submit";
  commit.at = asked_at;
  commit.audit.push_back(
      append_audit(subject.id.value, subject.audit, {asked_at, "bench", "submit", ""}));
  commit.next = std::move(subject);
  return commit;
}

Result<void> run(const std::filesystem::path& folder, std::int64_t count) {
  auto repository = open_sqlite_repository({folder / "telavis.db", {}});
  if (!repository) return tl::unexpected(repository.error());
  const Instant begin = parse_instant("2026-01-05T12:00:00Z").value();
  constexpr std::int64_t kMinutesOfYear = 320 * 24 * 60;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto done = (*repository)->commit(made(i, begin + minutes(i * kMinutesOfYear / count)));
    if (!done) return tl::unexpected(done.error());
  }
  const auto start = std::chrono::steady_clock::now();
  const auto report =
      figures_of(**repository, {{ProgrammeId(std::string(kWhere))}, "2026-01-01", "2026-12-31"},
                 begin + hours(24 * 400));
  if (!report) return tl::unexpected(report.error());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{} requests counted in {:.2f} s, peak {} MB\n", report->figures.front().count,
             taken.count(), usage.ru_maxrss / 1024);
  return {};
}

}  // namespace
}  // namespace telavis::bench

int main(int argc, char** argv) {
  std::int64_t count = 0;
  const std::string_view given = argc == 3 ? argv[2] : "";
  if (std::from_chars(given.data(), given.data() + given.size(), count).ec != std::errc()) {
    fmt::print(stderr, "activity_figures DATA_DIR COUNT\n");
    return 2;
  }
  const auto done = telavis::bench::run(argv[1], count);
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().text);
  return 1;
}
