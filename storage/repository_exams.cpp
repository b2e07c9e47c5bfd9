// SPDX-License-Identifier: Apache-2.0
// Exams that came without a request.
#include <string>
#include <utility>
#include <vector>

#include "storage/repository.h"

namespace telavis {
namespace {

constexpr std::string_view kListedColumns =
    "id, device, holder, programme, received_at, state, case_id, why, reader, size, bytes_mark, "
    "recording_mark, object_id, wrapped_key, sealed_card";
// What takes key and bytes away.
constexpr std::string_view kForgotten =
    "wrapping_key = '', wrapped_key = $1, sealed_card = $1, sealed = $1";

Result<ReceivedExam> read_exam(const Row& row, bool with_bytes) {
  RowReader reader(row);
  ReceivedExam exam;
  exam.id = reader.text();
  exam.device = reader.text();
  exam.holder = UserId(reader.text());
  exam.programme = ProgrammeId(reader.text());
  exam.received_at = reader.instant();
  const auto state = received_exam_state_from_name(reader.text());
  if (auto id = reader.optional_text()) exam.case_id = CaseId(std::move(*id));
  exam.why = reader.text();
  exam.reader = reader.text();
  exam.size = reader.integer();
  exam.bytes_mark = reader.text();
  exam.recording_mark = reader.text();
  exam.object_id = reader.text();
  exam.wrapped_key = reader.bytes();
  exam.sealed_card = reader.bytes();
  if (with_bytes) exam.sealed = reader.bytes();
  if (!reader.sound() || !state) return damaged("received exam");
  exam.state = *state;
  return exam;
}

Result<std::vector<ReceivedExam>> read_exams(const Result<Rows>& rows, bool with_bytes) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<ReceivedExam> exams;
  exams.reserve(rows->size());
  for (const Row& row : *rows) {
    auto exam = read_exam(row, with_bytes);
    if (!exam) return tl::unexpected(std::move(exam.error()));
    exams.push_back(std::move(*exam));
  }
  return exams;
}

Result<void> insert(Database& database, const ReceivedExam& exam) {
  return without_rows(database.run(
      "insert into received_exams (id, device, holder, programme, received_at, state, case_id, "
      "why, "
      "reader, size, bytes_mark, recording_mark, object_id, wrapping_key, wrapped_key, "
      "sealed_card, "
      "sealed) values ($1, $2, $3, $4, $5, $6, null, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
      "$16)",
      {exam.id, exam.device, exam.holder.value, exam.programme.value, value(exam.received_at),
       received_exam_state_name(exam.state), exam.why, exam.reader, exam.size, exam.bytes_mark,
       exam.recording_mark, exam.object_id,
       std::string_view(keys_sql::wrapping_key(exam.wrapped_key)), ByteView(exam.wrapped_key),
       ByteView(exam.sealed_card), ByteView(exam.sealed)}));
}

/// The same exam of this holder that is here or in a case; those that are gone make room.
Result<std::optional<std::string>> same_exam(Database& database, const ReceivedExam& exam) {
  const auto rows = database.run(
      "select id, state from received_exams where holder = $1 and (bytes_mark = $2 or "
      "(recording_mark = $3 and recording_mark > '')) order by received_at, id",
      {exam.holder.value, exam.bytes_mark, exam.recording_mark});
  if (!rows) return tl::unexpected(rows.error());
  for (const Row& row : *rows) {
    RowReader reader(row);
    std::string id = reader.text();
    const auto state = received_exam_state_from_name(reader.text());
    if (!reader.sound() || !state) return damaged("received exam");
    if (has_bytes(*state) || *state == ReceivedExamState::joined) return id;
    if (auto gone = without_rows(database.run("delete from received_exams where id = $1", {id}));
        !gone)
      return tl::unexpected(gone.error());
  }
  return std::nullopt;
}

/// Gives how many.
Result<std::int64_t> close_where(Database& database, const std::string& change,
                                 const std::string& condition, std::vector<Value> values) {
  const Bytes nothing;
  values.insert(values.begin(), ByteView(nothing));
  const auto gone = database.run("update received_exams set " + std::string(kForgotten) + ", " +
                                     change + " where " + condition + " returning id",
                                 values);
  if (!gone) return tl::unexpected(gone.error());
  if (!gone->empty()) database.forget_past();
  return static_cast<std::int64_t>(gone->size());
}

Result<std::int64_t> change(Database& database, const ReceivedExam& next,
                            ReceivedExamState expected) {
  if (!has_bytes(next.state)) {
    return close_where(database, "state = $2, why = $3", "id = $4 and state = $5",
                       {received_exam_state_name(next.state), std::string_view(next.why),
                        std::string_view(next.id), received_exam_state_name(expected)});
  }
  const auto other = database.run(
      "select 1 from received_exams where holder = $1 and recording_mark = $2 and "
      "recording_mark > '' and id <> $3",
      {next.holder.value, next.recording_mark, next.id});
  if (!other) return tl::unexpected(other.error());
  if (!other->empty())
    return fail(ErrorCode::state_conflict, "the same recording is there already");
  const auto rows = database.run(
      "update received_exams set state = $1, why = $2, reader = $3, recording_mark = $4, "
      "sealed_card = $5 where id = $6 and state = $7 returning id",
      {received_exam_state_name(next.state), next.why, next.reader, next.recording_mark,
       ByteView(next.sealed_card), next.id, received_exam_state_name(expected)});
  if (!rows) return tl::unexpected(rows.error());
  return static_cast<std::int64_t>(rows->size());
}

}  // namespace

Result<bool> exams_sql::join(Database& database, const Commit& commit) {
  for (const std::string& id : commit.joins) {
    const auto joined =
        close_where(database, "state = 'joined', case_id = $2", "id = $3 and state = 'waiting'",
                    {std::string_view(commit.next.id.value), std::string_view(id)});
    if (!joined) return tl::unexpected(joined.error());
    if (*joined == 0) return false;
  }
  return true;
}

Result<std::optional<std::string>> SqlRepository::put_exam(const ReceivedExam& exam) {
  std::optional<std::string> known;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    auto same = same_exam(database, exam);
    if (!same) return tl::unexpected(same.error());
    known = std::move(*same);
    return known ? Result<void>() : insert(database, exam);
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return known;
}

Result<std::vector<ReceivedExam>> SqlRepository::received_exams(const ReceivedExamQuery& query) {
  std::vector<Value> values = {static_cast<std::int64_t>(query.limit)};
  std::string where;
  const auto restrict = [&](const std::string& condition) {
    where += (where.empty() ? " where " : " and ") + condition;
  };
  const auto bound = [&](std::string_view text) {
    values.emplace_back(text);
    return "$" + std::to_string(values.size());
  };
  if (query.holder) restrict("holder = " + bound(query.holder->value));
  if (query.state) restrict("state = " + bound(received_exam_state_name(*query.state)));
  if (!query.not_read_by.empty()) restrict("reader <> " + bound(query.not_read_by));
  if (!query.programmes.empty()) {
    std::string any;
    for (const ProgrammeId& id : query.programmes)
      any += (any.empty() ? "" : ", ") + bound(id.value);
    restrict("programme in (" + any + ")");
  }
  return read_exams(read("select " + std::string(kListedColumns) + " from received_exams" + where +
                             " order by received_at desc, id desc limit $1",
                         values),
                    false);
}

Result<std::optional<ReceivedExam>> SqlRepository::received_exam(const std::string& id) {
  return only(read_exams(
      read("select " + std::string(kListedColumns) + ", sealed from received_exams where id = $1",
           {id}),
      true));
}

Result<bool> SqlRepository::change_exam(const ReceivedExam& next, ReceivedExamState expected) {
  std::int64_t changed = 0;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    const auto count = change(database, next, expected);
    if (!count) return tl::unexpected(count.error());
    changed = *count;
    return {};
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return changed > 0;
}

Result<std::int64_t> SqlRepository::expire_exams(Instant received_before) {
  std::int64_t count = 0;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    const auto gone = close_where(database, "state = 'expired'",
                                  "state in ('waiting', 'unreadable') and received_at < $2",
                                  {value(received_before)});
    if (!gone) return tl::unexpected(gone.error());
    count = *gone;
    return {};
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return count;
}

Result<SentAmount> SqlRepository::sent_by_device(const std::string& device, Instant since) {
  const auto rows = read(
      "select count(*), coalesce(sum(size), 0) from received_exams where device = $1 and "
      "received_at >= $2",
      {device, value(since)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return SentAmount{};
  RowReader reader(rows->front());
  const SentAmount amount{reader.integer(), reader.integer()};
  if (!reader.sound()) return damaged("sum of exams");
  return amount;
}

Result<bool> SqlRepository::keeps_object(const std::string& device, const std::string& object_id) {
  if (object_id.empty()) return false;
  const auto rows = read(
      "select 1 from received_exams where device = $1 and object_id = $2 and object_id > '' and "
      "state in ('waiting', 'unreadable', 'joined') limit 1",
      {device, object_id});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

Result<std::map<std::string, std::int64_t>> SqlRepository::exam_counts() {
  std::map<std::string, std::int64_t> counts;
  for (const auto state :
       {ReceivedExamState::waiting, ReceivedExamState::unreadable, ReceivedExamState::joined,
        ReceivedExamState::discarded, ReceivedExamState::expired})
    counts[std::string(received_exam_state_name(state))] = 0;
  const auto rows = read("select state, count(*) from received_exams group by state", {});
  if (!rows) return tl::unexpected(rows.error());
  for (const Row& row : *rows) {
    RowReader reader(row);
    const std::string state = reader.text();
    counts[state] = reader.integer();
    if (!reader.sound()) return damaged("count of exams");
  }
  return counts;
}

Result<std::vector<ReceivedKey>> SqlRepository::exams_not_wrapped_by(const std::string& key_id,
                                                                     std::size_t limit) {
  return keys_sql::keys_in(
      read(keys_sql::not_wrapped_by("received_exams"), {key_id, static_cast<std::int64_t>(limit)}));
}

Result<bool> SqlRepository::rewrap_exam(const std::string& id, ByteView before, ByteView after) {
  const auto rows = write(keys_sql::rewrap("received_exams"),
                          {id, before, after, std::string_view(keys_sql::wrapping_key(after))});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

}  // namespace telavis
