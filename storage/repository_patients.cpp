// SPDX-License-Identifier: Apache-2.0
// Patients by their marks, and the keys of their cases.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/crypto.h"
#include "storage/repository.h"

namespace telavis {
namespace {

constexpr std::size_t kWrappingKeyBytes = 8;  // as KeyRing puts them in front of a wrapped key

/// "(a, b, ...)" with placeholders from `$1` on, for lists of marks.
std::string placeholders(std::size_t count) {
  std::string list;
  for (std::size_t i = 1; i <= count; ++i) list += (i == 1 ? "$" : ", $") + std::to_string(i);
  return "(" + list + ")";
}

std::vector<Value> values_of(const std::vector<std::string>& marks) {
  return {marks.begin(), marks.end()};
}

}  // namespace

std::string keys_sql::wrapping_key(ByteView wrapped_key) {
  return to_hex(wrapped_key.first(std::min(wrapped_key.size(), kWrappingKeyBytes)));
}

std::string keys_sql::not_wrapped_by(std::string_view table) {
  const std::string from = "select * from (select wrapping_key, id, wrapped_key from " +
                           std::string(table) + " where wrapping_key > '' and wrapping_key ";
  const std::string in_order = " $1 order by wrapping_key, id limit $2) as ";
  return "select id, wrapped_key from (" + from + "<" + in_order + "below union all " + from + ">" +
         in_order + "above) as others order by wrapping_key, id limit $2";
}

Result<std::vector<ReceivedKey>> keys_sql::keys_in(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<ReceivedKey> keys;
  keys.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    keys.push_back({reader.text(), reader.bytes()});
    if (!reader.sound()) return damaged("key");
  }
  return keys;
}

std::string keys_sql::rewrap(std::string_view table) {
  return "update " + std::string(table) +
         " set wrapped_key = $3, wrapping_key = $4 where id = $1 and wrapped_key = $2 "
         "and wrapping_key > '' returning id";
}

Result<void> keys_sql::update(Database& database, const Case& subject) {
  const auto changed = database.run(
      "update cases set wrapped_key = $2, wrapping_key = $3 "
      "where id = $1 and wrapped_key <> $2 returning id",
      {subject.id.value, ByteView(subject.wrapped_key),
       std::string_view(wrapping_key(subject.wrapped_key))});
  if (!changed) return tl::unexpected(changed.error());
  if (!changed->empty() && subject.wrapped_key.empty()) database.forget_past();
  return {};
}

Result<void> patients_sql::mark(Database& database, const Commit& commit) {
  const bool erased = commit.next.wrapped_key.empty();
  if (commit.patient_marks.empty() && !erased) return {};
  const std::string& id = commit.next.id.value;
  if (auto gone = without_rows(database.run("delete from patient_marks where case_id = $1", {id}));
      !gone || erased)
    return gone;
  for (const std::string& mark : commit.patient_marks) {
    auto marked = without_rows(database.run(
        "insert into patient_marks (mark, case_id) values ($1, $2) on conflict do nothing",
        {mark, id}));
    if (!marked) return marked;
  }
  return {};
}

Result<std::vector<CaseId>> SqlRepository::cases_of_patient(const std::vector<std::string>& marks) {
  if (marks.empty()) return std::vector<CaseId>{};
  return ids_in(
      read("select id from cases where id in (select case_id from patient_marks "
           "where mark in " +
               placeholders(marks.size()) + ") order by submitted_at, id",
           values_of(marks)));
}

Result<void> SqlRepository::put_opposition(const Opposition& opposition) {
  return without_rows(
      write("insert into oppositions (mark, at, actor, detail) values ($1, $2, $3, $4) "
            "on conflict (mark) do update set at = excluded.at, actor = excluded.actor, "
            "detail = excluded.detail",
            {opposition.mark, value(opposition.at), opposition.actor, opposition.detail}));
}

Result<std::optional<Opposition>> SqlRepository::opposition(const std::vector<std::string>& marks) {
  if (marks.empty()) return std::nullopt;
  const auto rows = read("select mark, at, actor, detail from oppositions where mark in " +
                             placeholders(marks.size()) + " order by at, mark limit 1",
                         values_of(marks));
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  RowReader row(rows->front());
  Opposition found{row.text(), row.instant(), row.text(), row.text()};
  if (!row.sound()) return damaged("opposition");
  return found;
}

Result<void> SqlRepository::erase_opposition(const std::vector<std::string>& marks) {
  if (marks.empty()) return {};
  return without_rows(write("delete from oppositions where mark in " + placeholders(marks.size()),
                            values_of(marks)));
}

Result<std::vector<CaseId>> SqlRepository::cases_not_wrapped_by(const std::string& key_id,
                                                                std::size_t limit) {
  const auto keys = keys_sql::keys_in(
      read(keys_sql::not_wrapped_by("cases"), {key_id, static_cast<std::int64_t>(limit)}));
  if (!keys) return tl::unexpected(keys.error());
  std::vector<CaseId> ids;
  for (const ReceivedKey& key : *keys) ids.emplace_back(key.id);
  return ids;
}

Result<bool> SqlRepository::rewrap(const CaseId& id, ByteView before, ByteView after) {
  const auto rows =
      write(keys_sql::rewrap("cases"),
            {id.value, before, after, std::string_view(keys_sql::wrapping_key(after))});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

}  // namespace telavis
