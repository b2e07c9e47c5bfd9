// SPDX-License-Identifier: Apache-2.0
#include "storage/repository.h"

#include <utility>
#include <vector>

#include "storage/case_record.h"

namespace telavis {
namespace {

constexpr std::string_view kSelectEvent = "select answer, request_hash from events where id = $1";

Result<std::optional<StoredEvent>> stored_event(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  RowReader row(rows->front());
  StoredEvent event{row.text(), row.text()};
  if (!row.sound()) return damaged("event");
  return event;
}

/// False: the event is known.
Result<bool> insert_event(Database& database, const Commit& commit) {
  const auto rows = database.run(
      "insert into events (id, kind, at, case_id, case_version, request_hash, answer) "
      "values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id",
      {commit.event_id, commit.event_kind, value(commit.at), commit.next.id.value,
       commit.next.version, commit.request_hash, commit.answer});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

Value nullable(const std::optional<UserId>& user) {
  return user ? Value(std::string_view(user->value)) : Value();
}

/// The columns of a case that change, with what they look at.
struct Changing {
  explicit Changing(const Case& next)
      : subject(next),
        counted(figures_sql::counted(next)),
        timer(next_timer(next)),
        body(case_body(next)) {}

  /// In the order of `kChangingColumns`.
  std::vector<Value> values() const {
    return {subject.version,
            std::string_view(counted.state),
            value(counted.is_open),
            std::string_view(counted.programme),
            nullable(subject.expert),
            subject.opinion ? Value(std::string_view(subject.opinion->expert.value)) : Value(),
            counted.breach_at ? Value(*counted.breach_at) : Value(),
            counted.offers,
            counted.declines,
            value(counted.breached),
            timer ? Value(timer_kind_name(timer->kind)) : Value(),
            timer ? value(timer->at) : Value(),
            subject.audit.length,
            std::string_view(subject.audit.hash),
            std::string_view(body),
            ByteView(subject.wrapped_key),
            ByteView(subject.sealed_request),
            ByteView(subject.sealed_opinion)};
  }

  const Case& subject;
  figures_sql::Counted counted;
  std::optional<Timer> timer;
  std::string body;
};

/// False: the id is taken. Errors: also state_conflict (the number is).
Result<bool> insert_case(Database& database, const Changing& changing) {
  const Case& next = changing.subject;
  std::vector<Value> values = changing.values();
  values.insert(values.end(), {std::string_view(next.id.value), std::string_view(next.number),
                               std::string_view(next.requester.value), value(next.submitted_at)});
  const auto rows = database.run(
      "insert into cases (version, state, is_open, programme, expert, answered_by, breach_at, "
      "offers, declines, breached, next_timer_kind, next_timer_at, audit_length, audit_hash, body, "
      "wrapped_key, sealed_request, sealed_opinion, id, number, requester, submitted_at) values "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "
      "$21, $22) on conflict do nothing returning version",
      values);
  if (!rows) return tl::unexpected(rows.error());
  if (!rows->empty()) return true;
  const auto holder = database.run("select 1 from cases where id = $1", {next.id.value});
  if (!holder) return tl::unexpected(holder.error());
  if (holder->empty())
    return fail(ErrorCode::state_conflict, "another case has this number: draw another one");
  return false;
}

/// False: the case has another version, or is not there. What a case is from the start (number,
/// requester, instant of submission) does not change.
Result<bool> update_case(Database& database, const Changing& changing,
                         std::int64_t expected_version) {
  std::vector<Value> values = changing.values();
  values.insert(values.end(), {std::string_view(changing.subject.id.value), expected_version});
  const auto rows = database.run(
      "update cases set version = $1, state = $2, is_open = $3, programme = $4, expert = $5, "
      "answered_by = $6, breach_at = $7, offers = $8, declines = $9, breached = $10, "
      "next_timer_kind = $11, next_timer_at = $12, audit_length = $13, audit_hash = $14, "
      "body = $15, wrapped_key = $16, sealed_request = $17, sealed_opinion = $18 "
      "where id = $19 and version = $20 returning version",
      values);
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

/// Stores the case with what is looked up and counted of it. False: a conflict.
Result<bool> store_case(Database& database, const Commit& commit) {
  const bool is_new = commit.expected_version == 0;
  std::optional<figures_sql::Counted> before;
  if (!is_new) {
    auto stored = figures_sql::stored(database, commit.next.id, commit.expected_version);
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return false;
    before = std::move(*stored);
  }
  const Changing changing(commit.next);
  auto moved = is_new ? insert_case(database, changing)
                      : update_case(database, changing, commit.expected_version);
  if (!moved || !*moved) return moved;
  if (auto updated = participants_sql::update(database, commit.next); !updated)
    return tl::unexpected(updated.error());
  if (auto inserted =
          participants_sql::insert_offers(database, commit.next, before ? before->offers : 0);
      !inserted)
    return tl::unexpected(inserted.error());
  if (auto counted = figures_sql::count(database, before, changing.counted); !counted)
    return tl::unexpected(counted.error());
  return true;
}

Result<void> insert_act(Database& database, const BillableAct& act, Instant signed_at) {
  return without_rows(database.run(
      "insert into acts (case_id, role, code, professional, care_date, tariff_zone, amount_cents, "
      "billable, refusal, signed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {act.case_id.value, act_role_name(act.role), act.code, act.professional.value, act.care_date,
       act.tariff_zone, act.amount_cents, value(act.billable), act.refusal, value(signed_at)}));
}

/// What follows from the event, once the case has its new version.
Result<void> insert_consequences(Database& database, const Commit& commit) {
  for (const AuditEntry& entry : commit.audit) {
    if (auto inserted = audit_sql::insert(database, entry); !inserted) return inserted;
  }
  for (const BillableAct& act : commit.acts) {
    if (auto inserted = insert_act(database, act, commit.next.opinion->signed_at); !inserted)
      return inserted;
  }
  if (auto inserted = outbox_sql::insert(database, commit.outbox); !inserted) return inserted;
  if (!commit.completes) return {};
  return outbox_sql::count_completed(database, commit.completes->state);
}

}  // namespace

Result<CommitResult> SqlRepository::commit(const Commit& commit) {
  if (auto checked = check_commit(commit); !checked) return tl::unexpected(checked.error());
  const std::lock_guard lock(writer_mutex_);
  auto transaction = Transaction::begin(*writer_);
  if (!transaction) return tl::unexpected(transaction.error());

  const auto is_new = insert_event(*writer_, commit);
  if (!is_new) return tl::unexpected(is_new.error());
  if (!*is_new) {
    const auto known = stored_event(writer_->run(kSelectEvent, {commit.event_id}));
    if (!known) return tl::unexpected(known.error());
    if (!*known) return damaged("event");
    return CommitResult{CommitOutcome::duplicate, (*known)->answer, (*known)->request_hash};
  }
  if (commit.completes) {
    const auto held = outbox_sql::complete(*writer_, *commit.completes);
    if (!held) return tl::unexpected(held.error());
    if (!*held) return CommitResult{CommitOutcome::lease_lost, {}, {}};
  }
  const auto stored = store_case(*writer_, commit);
  if (!stored) return tl::unexpected(stored.error());
  if (!*stored) return CommitResult{CommitOutcome::conflict, {}, {}};
  if (auto inserted = insert_consequences(*writer_, commit); !inserted)
    return tl::unexpected(inserted.error());
  if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
  return CommitResult{CommitOutcome::committed, commit.answer, commit.request_hash};
}

Result<std::optional<StoredEvent>> SqlRepository::find_event(const std::string& event_id) {
  return stored_event(read(kSelectEvent, {event_id}));
}

Result<Rows> SqlRepository::read(std::string_view sql, std::span<const Value> values) {
  const std::lock_guard lock(reader_mutex_);
  return reader_->run(sql, values);
}

Result<Rows> SqlRepository::write(std::string_view sql, std::initializer_list<Value> values) {
  const std::lock_guard lock(writer_mutex_);
  return writer_->run(sql, values);
}

}  // namespace telavis
