// SPDX-License-Identifier: Apache-2.0
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
  const std::vector<Value>& values() const { return values_; }

 private:
  std::string where_;
  std::vector<Value> values_;
};

std::optional<ActRole> act_role_from_name(std::string_view name) {
  return enum_from_name(name, act_role_name, {ActRole::expert, ActRole::requester});
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
  read.case_number = reader.text();
  read.programme = ProgrammeId(reader.text());
  read.submitted_at = reader.instant();
  if (!reader.sound() || !role) return damaged("act");
  read.act.role = *role;
  return read;
}

Result<void> add_counts(const Result<Rows>& rows, std::string_view prefix,
                        std::map<std::string, std::int64_t>& counts) {
  if (!rows) return tl::unexpected(rows.error());
  for (const Row& row : *rows) {
    RowReader reader(row);
    const std::string name = std::string(prefix) + reader.text();
    counts[name] = reader.integer();
    if (!reader.sound()) return damaged("state");
  }
  return {};
}

}  // namespace

Result<std::optional<Case>> SqlRepository::load_case(const CaseId& id) {
  const auto rows =
      read("select " + std::string(kCaseColumns) + " from cases where id = $1", {id.value});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  auto found = read_case(rows->front());
  if (!found) return tl::unexpected(found.error());
  return std::move(*found);
}

Result<std::vector<Case>> SqlRepository::cases(const CaseQuery& query) {
  Conditions conditions;
  if (query.requester) conditions.equal("requester", query.requester->value);
  if (query.expert) conditions.equal("expert", query.expert->value);
  conditions.any_of("programme", query.programmes);
  if (query.open_only) conditions.add("is_open = 1");
  const std::string limit = conditions.bind(static_cast<std::int64_t>(query.limit));
  const auto rows = read("select " + std::string(kCaseColumns) + " from cases" +
                             conditions.where() + " order by submitted_at desc, id limit " + limit,
                         conditions.values());
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

Result<std::map<UserId, std::int64_t>> SqlRepository::open_cases_by_expert(const ProgrammeId& id) {
  const auto rows = read(
      "select expert, count(*) from cases where programme = $1 and is_open = 1 and "
      "expert is not null group by expert",
      {id.value});
  if (!rows) return tl::unexpected(rows.error());
  std::map<UserId, std::int64_t> load;
  for (const Row& row : *rows) {
    RowReader reader(row);
    const UserId expert(reader.text());
    load[expert] = reader.integer();
    if (!reader.sound()) return damaged("case");
  }
  return load;
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
  if (query.professional) conditions.equal("acts.professional", query.professional->value);
  if (!query.from_date.empty()) conditions.at_least("acts.care_date", query.from_date);
  if (!query.to_date.empty()) conditions.at_most("acts.care_date", query.to_date);
  const auto rows = read(
      "select acts.case_id, acts.role, acts.code, acts.professional, acts.care_date, "
      "acts.tariff_zone, acts.amount_cents, acts.billable, acts.refusal, acts.signed_at, "
      "cases.number, cases.programme, cases.submitted_at "
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

Result<std::map<std::string, std::int64_t>> SqlRepository::counts() {
  std::map<std::string, std::int64_t> counts;
  // A state without rows is a zero, not a hole in the curve.
  for (const CaseState state :
       {CaseState::queued, CaseState::offered, CaseState::accepted, CaseState::answered,
        CaseState::delivered, CaseState::closed, CaseState::cancelled})
    counts["case." + std::string(case_state_name(state))] = 0;
  for (const OutboxState state : {OutboxState::pending, OutboxState::sent, OutboxState::dead})
    counts["outbox." + std::string(outbox_state_name(state))] = 0;
  if (auto added =
          add_counts(read("select state, count(*) from cases group by state"), "case.", counts);
      !added)
    return tl::unexpected(added.error());
  if (auto added =
          add_counts(read("select state, count(*) from outbox group by state"), "outbox.", counts);
      !added)
    return tl::unexpected(added.error());
  return counts;
}

}  // namespace telavis
