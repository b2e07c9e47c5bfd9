// SPDX-License-Identifier: Apache-2.0
#include "storage/repository.h"

#include <array>
#include <utility>

#include "storage/case_record.h"

namespace telavis {
namespace {

/// What a caller must not get wrong: it would be stored for good.
Result<void> check(const Commit& commit) {
  if (commit.event_id.empty()) return fail(ErrorCode::internal, "a commit without an event id");
  if (commit.next.version != commit.expected_version + 1)
    return fail(ErrorCode::internal, "a commit must carry the next version of its case");
  if (!commit.acts.empty() && !commit.next.opinion)
    return fail(ErrorCode::internal, "acts without an opinion");
  for (const AuditEntry& entry : commit.audit) {
    if (entry.chain != commit.next.id.value)
      return fail(ErrorCode::internal, "an audit entry of another case");
  }
  if (!commit.audit.empty() && (commit.audit.back().sequence != commit.next.audit.length ||
                                commit.audit.back().hash != commit.next.audit.hash))
    return fail(ErrorCode::internal, "the audit entries do not end at the head of the case");
  return {};
}

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

/// False: the id is taken. Errors: also state_conflict (the number is).
Result<bool> insert_case(Database& database, const Case& next) {
  const std::string body = case_body(next);
  const auto timer = next_timer(next);
  const auto rows = database.run(
      "insert into cases (id, number, version, state, is_open, programme, requester, expert, "
      "submitted_at, next_timer_kind, next_timer_at, audit_length, audit_hash, body, wrapped_key, "
      "sealed_request, sealed_opinion) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, $14, $15, $16, $17) on conflict do nothing returning version",
      {next.id.value, next.number, next.version, case_state_name(next.state),
       value(is_open(next.state)), next.programme.value, next.requester.value,
       nullable(next.expert), value(next.submitted_at),
       timer ? Value(timer_kind_name(timer->kind)) : Value(), timer ? value(timer->at) : Value(),
       next.audit.length, next.audit.hash, body, ByteView(next.wrapped_key),
       ByteView(next.sealed_request), ByteView(next.sealed_opinion)});
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
Result<bool> update_case(Database& database, const Case& next, std::int64_t expected_version) {
  const std::string body = case_body(next);
  const auto timer = next_timer(next);
  const auto rows = database.run(
      "update cases set version = $3, state = $4, is_open = $5, programme = $6, expert = $7, "
      "next_timer_kind = $8, next_timer_at = $9, audit_length = $10, audit_hash = $11, body = $12, "
      "wrapped_key = $13, sealed_request = $14, sealed_opinion = $15 "
      "where id = $1 and version = $2 returning version",
      {next.id.value, expected_version, next.version, case_state_name(next.state),
       value(is_open(next.state)), next.programme.value, nullable(next.expert),
       timer ? Value(timer_kind_name(timer->kind)) : Value(), timer ? value(timer->at) : Value(),
       next.audit.length, next.audit.hash, body, ByteView(next.wrapped_key),
       ByteView(next.sealed_request), ByteView(next.sealed_opinion)});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
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
  for (const OutboxMessage& message : commit.outbox) {
    if (auto inserted = outbox_sql::insert(database, message); !inserted) return inserted;
  }
  for (const BillableAct& act : commit.acts) {
    if (auto inserted = insert_act(database, act, commit.next.opinion->signed_at); !inserted)
      return inserted;
  }
  return {};
}

}  // namespace

Result<CommitResult> SqlRepository::commit(const Commit& commit) {
  if (auto checked = check(commit); !checked) return tl::unexpected(checked.error());
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
  const auto moved = commit.expected_version == 0
                         ? insert_case(*writer_, commit.next)
                         : update_case(*writer_, commit.next, commit.expected_version);
  if (!moved) return tl::unexpected(moved.error());
  if (!*moved) return CommitResult{CommitOutcome::conflict, {}, {}};
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
