// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "storage/case_record.h"
#include "storage/repository.h"

namespace telavis {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kNoPromise = -1;  // breach_minute
constexpr std::string_view kState = "state.";
constexpr std::string_view kEvent = "event.";
constexpr std::array<std::string_view, 4> kEvents = {"breaches", "offers", "declines", "waits"};
constexpr std::array<std::string_view, 6> kTimeLeft = {"no_promise", "late",      "under_4h",
                                                       "under_12h",  "under_24h", "over_24h"};

Result<void> add_open(Database& database, const figures_sql::Counted& subject, std::int64_t by) {
  const std::int64_t minute =
      subject.breach_at ? std::max<std::int64_t>(0, *subject.breach_at / kMsPerMinute) : kNoPromise;
  const auto rows = database.run(
      "insert into open_promises (programme, breach_minute, amount) values ($1, $2, $3) "
      "on conflict (programme, breach_minute) do update set "
      "amount = open_promises.amount + excluded.amount returning amount",
      {subject.programme, minute, by});
  if (!rows) return tl::unexpected(rows.error());
  // A minute comes once: its row must not stay for ever.
  if (rows->size() != 1 || rows->front() != Row{std::int64_t{0}}) return {};
  return without_rows(
      database.run("delete from open_promises where programme = $1 and breach_minute = $2",
                   {subject.programme, minute}));
}

/// Every figure, so that one that is nought is a zero and not a hole in the curve.
CaseFigures no_figures() {
  CaseFigures figures;
  for (int i = 0; i <= static_cast<int>(CaseState::cancelled); ++i)
    figures.by_state[std::string(case_state_name(static_cast<CaseState>(i)))] = 0;
  for (const std::string_view name : kTimeLeft) figures.open_by_time_left[std::string(name)] = 0;
  for (const std::string_view name : kEvents) figures.events[std::string(name)] = 0;
  return figures;
}

Result<void> read_counter(const Row& row, std::map<ProgrammeId, CaseFigures>& all) {
  RowReader reader(row);
  const ProgrammeId programme(reader.text());
  const std::string name = reader.text();
  const std::int64_t amount = reader.integer();
  if (!reader.sound()) return damaged("counter");
  CaseFigures& figures = all.try_emplace(programme, no_figures()).first->second;
  if (name.starts_with(kState)) figures.by_state[name.substr(kState.size())] = amount;
  if (name.starts_with(kEvent)) figures.events[name.substr(kEvent.size())] = amount;
  return {};
}

Result<CaseRow> read_counted(const Row& row) {
  RowReader reader(row);
  Case subject;
  subject.id = CaseId(reader.text());
  subject.programme = ProgrammeId(reader.text());
  const auto state = case_state_from_name(reader.text());
  subject.requester = UserId(reader.text());
  subject.submitted_at = reader.instant();
  const std::string body = reader.text();
  if (!reader.sound() || !state) return damaged("case");
  subject.state = *state;
  if (auto read = read_case_body(body, subject); !read) return tl::unexpected(read.error());
  return case_row(subject);
}

Result<void> read_time_left(const Row& row, std::map<ProgrammeId, CaseFigures>& all) {
  RowReader reader(row);
  const ProgrammeId programme(reader.text());
  CaseFigures& figures = all.try_emplace(programme, no_figures()).first->second;
  for (const std::string_view name : kTimeLeft)
    figures.open_by_time_left[std::string(name)] = reader.integer();
  return reader.sound() ? Result<void>() : damaged("counter");
}

}  // namespace

figures_sql::Counted figures_sql::counted(const Case& subject) {
  Counted counted;
  counted.programme = subject.programme.value;
  counted.state = case_state_name(subject.state);
  counted.is_open = telavis::is_open(subject.state);
  if (subject.promise) counted.breach_at = to_epoch_ms(subject.promise->breach_at);
  counted.breached = subject.breached_at.has_value();
  counted.offers = static_cast<std::int64_t>(subject.offers.size());
  counted.declines =
      std::count_if(subject.offers.begin(), subject.offers.end(),
                    [](const Offer& offer) { return offer.outcome == OfferOutcome::declined; });
  return counted;
}

Result<std::optional<figures_sql::Counted>> figures_sql::stored(Database& database,
                                                                const CaseId& id,
                                                                std::int64_t version) {
  const auto rows = database.run(
      "select programme, state, is_open, coalesce(breach_at, $3), breach_at is not null, breached, "
      "offers, declines from cases where id = $1 and version = $2",
      {id.value, version, std::int64_t{0}});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  RowReader reader(rows->front());
  Counted counted;
  counted.programme = reader.text();
  counted.state = reader.text();
  counted.is_open = reader.flag();
  const std::int64_t breach_at = reader.integer();
  if (reader.flag()) counted.breach_at = breach_at;
  counted.breached = reader.flag();
  counted.offers = reader.integer();
  counted.declines = reader.integer();
  if (!reader.sound()) return damaged("case");
  return counted;
}

Result<void> figures_sql::add(Database& database, std::string_view programme,
                              const std::string& name, std::int64_t by) {
  if (by == 0) return {};
  return without_rows(database.run(
      "insert into counters (programme, name, amount) values ($1, $2, $3) "
      "on conflict (programme, name) do update set amount = counters.amount + excluded.amount",
      {programme, name, by}));
}

Result<void> figures_sql::count(Database& database, const std::optional<Counted>& before,
                                const Counted& after) {
  // In the order of their keys, so that two writers never wait for each other.
  std::map<std::pair<std::string, std::string>, std::int64_t> changes;
  const std::string waiting(case_state_name(CaseState::waiting));
  const Counted was = before.value_or(Counted());
  const auto happened = [&](std::string_view name, std::int64_t times) {
    changes[{after.programme, std::string(kEvent).append(name)}] +=
        std::max<std::int64_t>(0, times);
  };
  if (before) changes[{was.programme, std::string(kState) + was.state}] -= 1;
  changes[{after.programme, std::string(kState) + after.state}] += 1;
  happened("breaches", after.breached && !was.breached ? 1 : 0);
  happened("offers", after.offers - was.offers);
  happened("declines", after.declines - was.declines);
  happened("waits", after.state == waiting && was.state != waiting ? 1 : 0);
  for (const auto& [key, by] : changes) {
    if (auto added = add(database, key.first, key.second, by); !added) return added;
  }
  if (was.is_open == after.is_open && was.breach_at == after.breach_at &&
      was.programme == after.programme)
    return {};
  if (was.is_open) {
    if (auto left = add_open(database, was, -1); !left) return left;
  }
  return after.is_open ? add_open(database, after, 1) : Result<void>();
}

Result<std::vector<CaseRow>> SqlRepository::case_rows(const CaseRowQuery& query) {
  // The place of the page before, as two conditions: the first one is a range of the index.
  const auto& [last, last_id] = query.after.value_or(std::pair{query.to, CaseId()});
  const auto rows = read(
      "select id, programme, state, requester, submitted_at, body from cases "
      "where programme = $1 and submitted_at >= $2 and submitted_at < $3 "
      "and submitted_at <= $4 and (submitted_at < $4 or id > $5) "
      "order by submitted_at desc, id limit $6",
      {query.programme.value, value(query.from), value(query.to), value(last), last_id.value,
       static_cast<std::int64_t>(query.limit)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<CaseRow> found;
  found.reserve(rows->size());
  for (const Row& row : *rows) {
    auto read = read_counted(row);
    if (!read) return tl::unexpected(read.error());
    found.push_back(std::move(*read));
  }
  return found;
}

Result<std::map<ProgrammeId, CaseFigures>> SqlRepository::case_figures(Instant now) {
  std::map<ProgrammeId, CaseFigures> all;
  const auto counters = read("select programme, name, amount from counters where programme > ''");
  if (!counters) return tl::unexpected(counters.error());
  for (const Row& row : *counters) {
    if (auto added = read_counter(row, all); !added) return tl::unexpected(added.error());
  }
  const std::int64_t minute = to_epoch_ms(now) / kMsPerMinute;
  // $1 .. $4 end the buckets of kTimeLeft after the first one.
  const auto open = read(
      "select programme, "
      "cast(sum(case when breach_minute = -1 then amount else 0 end) as bigint), "
      "cast(sum(case when breach_minute > -1 and breach_minute <= $1 then amount else 0 end) "
      "as bigint), "
      "cast(sum(case when breach_minute > $1 and breach_minute < $2 then amount else 0 end) "
      "as bigint), "
      "cast(sum(case when breach_minute >= $2 and breach_minute < $3 then amount else 0 end) "
      "as bigint), "
      "cast(sum(case when breach_minute >= $3 and breach_minute < $4 then amount else 0 end) "
      "as bigint), "
      "cast(sum(case when breach_minute >= $4 then amount else 0 end) as bigint) "
      "from open_promises group by programme",
      {minute, minute + 4 * 60, minute + 12 * 60, minute + 24 * 60});
  if (!open) return tl::unexpected(open.error());
  for (const Row& row : *open) {
    if (auto added = read_time_left(row, all); !added) return tl::unexpected(added.error());
  }
  return all;
}

}  // namespace telavis
