// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "storage/case_record.h"
#include "storage/repository.h"

namespace telavis {
namespace {

/// A where clause that grows with the members of a query, and the values it binds.
class Conditions {
 public:
  void equal(std::string_view column, std::string_view wanted) {
    add(std::string(column) + " = " + bind(wanted));
  }
  void at_least(std::string_view column, std::string_view least) {
    add(std::string(column) + " >= " + bind(least));
  }
  void at_most(std::string_view column, std::string_view most) {
    add(std::string(column) + " <= " + bind(most));
  }
  void any_of(std::string_view column, const std::vector<ProgrammeId>& wanted) {
    if (wanted.empty()) return;
    std::string list;
    for (const ProgrammeId& one : wanted) list += (list.empty() ? "" : ", ") + bind(one.value);
    add(std::string(column) + " in (" + list + ")");
  }
  void add(const std::string& condition) {
    where_ += (where_.empty() ? " where " : " and ") + condition;
  }
  std::string bind(Value wanted) {
    values_.push_back(wanted);
    return "$" + std::to_string(values_.size());
  }
  const std::string& where() const { return where_; }
  /// For a statement with several: the next condition starts another one.
  std::string take_where() { return std::exchange(where_, {}); }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::string where_;
  std::vector<Value> values_;
};

/// A CaseQuery as a statement: the ids first, in order and as many as are asked for, each list out
/// of one index; then those cases whole.
std::string cases_of_person(const CaseQuery& query, Conditions& conditions) {
  // `cross join` keeps the order: the person's list leads.
  std::string from = "participants as listed cross join cases";
  conditions.equal("listed.person", query.expert ? query.expert->value : query.requester->value);
  conditions.equal("listed.side", query.expert ? "expert" : "requester");
  conditions.add("cases.id = listed.case_id");
  if (query.expert && query.requester) {
    from += " cross join participants as other";
    conditions.add("other.case_id = listed.case_id");
    conditions.equal("other.person", query.requester->value);
    conditions.equal("other.side", "requester");
  }
  conditions.any_of("cases.programme", query.programmes);
  if (query.open_only) conditions.add("cases.is_open = 1");
  return "select listed.case_id as found, listed.submitted_at as found_at from " + from +
         conditions.take_where() + " order by listed.submitted_at desc, listed.case_id limit ";
}

std::string cases_of_programme(const ProgrammeId* programme, bool open_only,
                               Conditions& conditions) {
  if (programme != nullptr) conditions.equal("programme", programme->value);
  if (open_only) conditions.add("is_open = 1");
  return "select id as found, submitted_at as found_at from cases" + conditions.take_where() +
         " order by submitted_at desc, id limit ";
}

std::string case_search(const CaseQuery& query, Conditions& conditions) {
  const std::string limit = conditions.bind(static_cast<std::int64_t>(query.limit));
  std::string chosen;
  if (query.requester || query.expert) {
    chosen = cases_of_person(query, conditions) + limit;
  } else if (query.programmes.empty()) {
    chosen = cases_of_programme(nullptr, query.open_only, conditions) + limit;
  } else {
    // One list a programme: over all of them at once there is no order to read in.
    for (const ProgrammeId& programme : query.programmes)
      chosen += (chosen.empty() ? "select * from (" : " union all select * from (") +
                cases_of_programme(&programme, query.open_only, conditions) + limit + ") as one";
  }
  return "select " + std::string(kCaseColumns) + " from (" + chosen +
         ") as chosen cross join cases where cases.id = chosen.found "
         "order by chosen.found_at desc, chosen.found limit " +
         limit;
}

// Instants outside 1970 to 9999 are of no case; a day after the last one still fits.
constexpr Instant kLastInstant = Instant(std::chrono::seconds(253'402'300'799));

std::optional<ActRole> act_role_from_name(std::string_view name) {
  return enum_from_name(name, act_role_name, {ActRole::expert, ActRole::requester});
}

Result<std::map<UserId, std::int64_t>> counts_by_person(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::map<UserId, std::int64_t> counts;
  for (const Row& row : *rows) {
    RowReader reader(row);
    const UserId person(reader.text());
    counts[person] = reader.integer();
    if (!reader.sound()) return damaged("participant");
  }
  return counts;
}

Result<ActRow> read_act(const Row& row) {
  RowReader reader(row);
  ActRow read;
  read.act.case_id = CaseId(reader.text());
  const auto role = act_role_from_name(reader.text());
  read.act.code = reader.text();
  read.act.professional = UserId(reader.text());
  read.act.care_date = reader.text();
  read.act.tariff_zone = reader.text();
  read.act.amount_cents = reader.integer();
  read.act.billable = reader.flag();
  read.act.refusal = reader.text();
  read.signed_at = reader.instant();
  read.act.tariff_id = reader.text();
  read.act.payer = reader.text();
  read.act.rules = reader.text();
  read.case_number = reader.text();
  read.programme = ProgrammeId(reader.text());
  read.submitted_at = reader.instant();
  if (!reader.sound() || !role) return damaged("act");
  read.act.role = *role;
  return read;
}

}  // namespace

Result<std::vector<CaseId>> ids_in(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<CaseId> ids;
  ids.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    ids.emplace_back(reader.text());
    if (!reader.sound()) return damaged("case id");
  }
  return ids;
}

Result<std::optional<Case>> SqlRepository::load_case(const CaseId& id) {
  const auto rows =
      read("select " + std::string(kCaseColumns) + " from cases where id = $1", {id.value});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  auto found = read_case(rows->front());
  if (!found) return tl::unexpected(found.error());
  return std::move(*found);
}

Result<std::optional<Case>> SqlRepository::case_by_number(const std::string& number) {
  const auto rows =
      read("select " + std::string(kCaseColumns) + " from cases where number = $1", {number});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  auto found = read_case(rows->front());
  if (!found) return tl::unexpected(found.error());
  return std::move(*found);
}

Result<std::vector<CaseId>> SqlRepository::case_ids(const CaseId& after, std::size_t limit) {
  return ids_in(read("select id from cases where id > $1 order by id limit $2",
                     {after.value, static_cast<std::int64_t>(limit)}));
}

Result<std::vector<Case>> SqlRepository::cases(const CaseQuery& query) {
  Conditions conditions;
  const std::string search = case_search(query, conditions);
  const auto rows = read(search, conditions.values());
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Case> found;
  found.reserve(rows->size());
  for (const Row& row : *rows) {
    auto one = read_case(row);
    if (!one) return tl::unexpected(one.error());
    found.push_back(std::move(*one));
  }
  return found;
}

Result<std::map<UserId, PoolLoad>> SqlRepository::pool_load(const ProgrammeId& id, Instant since) {
  const auto open = counts_by_person(
      read("select expert, amount from pool_load where programme = $1 and day = $2 and amount > 0",
           {id.value, participants_sql::kOpenNow}));
  if (!open) return tl::unexpected(open.error());
  // Of the first day only a part, offer by offer; then whole days.
  const Instant first = std::clamp(since, Instant(), kLastInstant);
  const std::int64_t day = participants_sql::day_of(first);
  const auto recent = counts_by_person(
      read("select expert, sum(amount) from ("
           "select expert, count(*) as amount from named_offers "
           "where programme = $1 and offered_at >= $2 and offered_at < $3 group by expert "
           "union all select expert, amount from pool_load where programme = $1 and day > $4"
           ") as recent group by expert",
           {id.value, value(first), value(Instant(std::chrono::days(day + 1))), day}));
  if (!recent) return tl::unexpected(recent.error());
  std::map<UserId, PoolLoad> load;
  for (const auto& [expert, count] : *open) load[expert].open_cases = count;
  for (const auto& [expert, count] : *recent) load[expert].recent_offers = count;
  return load;
}

Result<std::map<UserId, std::int64_t>> SqlRepository::taken_since(Instant since) {
  return counts_by_person(
      read("select person, count(*) from participants where taken_at >= $1 group by person",
           {value(std::clamp(since, Instant(), kLastInstant))}));
}

Result<std::map<UserId, std::int64_t>> SqlRepository::previous_contacts(const UserId& requester) {
  return counts_by_person(
      read("select answered_by, count(*) from cases where requester = $1 and "
           "answered_by is not null group by answered_by",
           {requester.value}));
}

Result<std::vector<CaseId>> SqlRepository::open_cases_of(const UserId& expert) {
  return ids_in(
      read("select case_id from participants where person = $1 and stake > 0 "
           "order by case_id",
           {expert.value}));
}

Result<std::vector<DueCase>> SqlRepository::due_cases(Instant now, std::size_t limit) {
  const auto rows = read(
      "select id, next_timer_kind, next_timer_at from cases where next_timer_at <= $1 "
      "order by next_timer_at, id limit $2",
      {value(now), static_cast<std::int64_t>(limit)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<DueCase> due;
  for (const Row& row : *rows) {
    RowReader reader(row);
    const CaseId id(reader.text());
    const auto kind = timer_kind_from_name(reader.text());
    const Instant at = reader.instant();
    if (!reader.sound() || !kind) return damaged("timer");
    due.push_back({id, *kind, at});
  }
  return due;
}

Result<std::vector<ActRow>> SqlRepository::acts(const ActQuery& query) {
  Conditions conditions;
  conditions.any_of("cases.programme", query.programmes);
  if (query.case_id) conditions.equal("acts.case_id", query.case_id->value);
  if (query.professional) conditions.equal("acts.professional", query.professional->value);
  if (!query.from_date.empty()) conditions.at_least("acts.care_date", query.from_date);
  if (!query.to_date.empty()) conditions.at_most("acts.care_date", query.to_date);
  const auto rows = read(
      "select acts.case_id, acts.role, acts.code, acts.professional, acts.care_date, "
      "acts.tariff_zone, acts.amount_cents, acts.billable, acts.refusal, acts.signed_at, "
      "acts.tariff_id, acts.payer, acts.rules, cases.number, cases.programme, cases.submitted_at "
      "from acts join cases on cases.id = acts.case_id" +
          conditions.where() + " order by acts.care_date, cases.number, acts.role",
      conditions.values());
  if (!rows) return tl::unexpected(rows.error());
  std::vector<ActRow> found;
  for (const Row& row : *rows) {
    auto one = read_act(row);
    if (!one) return tl::unexpected(one.error());
    found.push_back(std::move(*one));
  }
  return found;
}

}  // namespace telavis
