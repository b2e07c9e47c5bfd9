// SPDX-License-Identifier: Apache-2.0
// From the repository to the figures of a period.
#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "engine/billing/figures.h"

namespace telavis {
namespace {

constexpr std::size_t kRowsAtATime = 1'000;
constexpr int kMonthsPerYear = 12;
// No place on earth is further from UTC; the local date then decides.
constexpr Duration kFurthestZone = std::chrono::hours(14);
constexpr std::size_t kMonthOfDate = 7;  // "2026-01"

struct MonthOfYear {
  int year = 0;
  int month = 0;  // 1..12
};
/// Of a date that exists.
MonthOfYear month_of(std::string_view date) {
  MonthOfYear read;
  std::from_chars(date.data(), date.data() + 4, read.year);
  std::from_chars(date.data() + 5, date.data() + 7, read.month);
  return read;
}
int months_between(std::string_view from, std::string_view to) {
  const MonthOfYear first = month_of(from), last = month_of(to);
  return (last.year - first.year) * kMonthsPerYear + last.month - first.month + 1;
}

Result<void> check_question(const FigureQuestion& question) {
  if (question.programmes.empty())
    return fail(ErrorCode::invalid_field, "Name at least one programme.");
  for (const std::string& date : {question.from, question.to}) {
    if (!is_iso_date(date))
      return fail(ErrorCode::invalid_field, "from and to must be dates such as 2026-01-31.");
  }
  if (question.to < question.from)
    return fail(ErrorCode::invalid_field,
                "The period ends before it begins: exchange from and to.");
  if (months_between(question.from, question.to) > kMostFigureMonths)
    return fail(ErrorCode::invalid_field, "A period has ten years at most: choose a shorter one.");
  return {};
}

/// Local dates of one zone; the offset is looked up when it changes.
class LocalDates {
 public:
  explicit LocalDates(std::string zone) : zone_(std::move(zone)) {}
  Result<std::string> of(Instant instant) {
    if (instant < offset_.from || instant >= offset_.until) {
      const auto found = utc_offset(instant, zone_);
      if (!found) return tl::unexpected(found.error());
      offset_ = *found;
    }
    return format_utc(instant + offset_.ahead).substr(0, 10);
  }

 private:
  std::string zone_;
  UtcOffset offset_{Instant::max(), Instant::min(), {}};
};

class Collector {
 public:
  Collector(Repository& repository, const FigureQuestion& question, Instant now)
      : repository_(repository), now_(now) {
    report_.question = question;
  }

  Result<FigureReport> collect();

 private:
  Result<void> add_programme(const ProgrammeId& id);
  Result<void> add(const CaseRow& row, LocalDates& dates);

  Repository& repository_;
  Instant now_;
  FigureReport report_;
  std::map<UserId, std::string> territories_of_;
  FigureTally all_;
  std::map<std::string, FigureTally> months_, territories_, programmes_;
  std::map<std::string, std::string> names_;  // of programmes
};

Result<FigureReport> Collector::collect() {
  if (auto checked = check_question(report_.question); !checked)
    return tl::unexpected(checked.error());
  const auto people = repository_.users();
  if (!people) return tl::unexpected(people.error());
  for (const User& person : *people) territories_of_[person.id] = person.territory;
  const auto& [wanted, from, to, language] = report_.question;
  const int months = months_between(from, to);
  MonthOfYear month = month_of(from);
  for (int i = 0; i < months; ++i) {
    months_[fmt::format("{}-{:02}", month.year, month.month)];
    month = month.month == kMonthsPerYear ? MonthOfYear{month.year + 1, 1}
                                          : MonthOfYear{month.year, month.month + 1};
  }
  for (const ProgrammeId& id : wanted) {
    if (auto added = add_programme(id); !added) return tl::unexpected(added.error());
  }
  report_.figures = all_.figures(months);
  report_.distributions = all_.distributions();
  for (const auto& [key, tally] : months_) report_.months.push_back({key, key, tally.figures(1)});
  for (const auto& [key, tally] : territories_)
    report_.territories.push_back({key, key, tally.figures(months)});
  for (const auto& [key, tally] : programmes_)
    report_.programmes.push_back({key, names_[key], tally.figures(months)});
  return std::move(report_);
}

Result<void> Collector::add_programme(const ProgrammeId& id) {
  const auto programme = repository_.programme(id);
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme)
    return fail(ErrorCode::not_found, "There is no programme " + id.value + " on file.");
  const std::string name = (*programme)->name(report_.question.language == Language::french);
  if (!names_.emplace(id.value, name).second) return {};  // named twice
  report_.programme_names.push_back(name);
  programmes_[id.value];
  LocalDates dates((*programme)->time_zone);
  const auto midnight = [](const std::string& date) { return parse_instant(date + "T00:00:00Z"); };
  const auto from = midnight(report_.question.from), to = midnight(report_.question.to);
  if (!from) return tl::unexpected(from.error());
  if (!to) return tl::unexpected(to.error());
  CaseRowQuery query{id, *from - kFurthestZone, *to + std::chrono::hours(24) + kFurthestZone};
  query.limit = kRowsAtATime;
  while (true) {
    const auto rows = repository_.case_rows(query);
    if (!rows) return tl::unexpected(rows.error());
    for (const CaseRow& row : *rows) {
      if (auto added = add(row, dates); !added) return added;
    }
    if (rows->size() < query.limit) return {};
    query.after = std::pair(rows->back().submitted_at, rows->back().id);
  }
}

Result<void> Collector::add(const CaseRow& row, LocalDates& dates) {
  const auto date = dates.of(row.submitted_at);
  if (!date) return tl::unexpected(date.error());
  if (*date < report_.question.from || *date > report_.question.to) return {};
  for (FigureTally* tally :
       {&all_, &months_[date->substr(0, kMonthOfDate)], &programmes_[row.programme.value],
        &territories_[territories_of_[row.requester]]})
    tally->add(row, now_);
  return {};
}

}  // namespace

Result<FigureReport> figures_of(Repository& repository, const FigureQuestion& question,
                                Instant now) {
  return Collector(repository, question, now).collect();
}

}  // namespace telavis
