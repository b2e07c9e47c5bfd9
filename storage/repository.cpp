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
  const std::string wrapping = keys_sql::wrapping_key(next.wrapped_key);
  values.insert(values.end(), {std::string_view(next.id.value), std::string_view(next.number),
                               std::string_view(next.requester.value), value(next.submitted_at),
                               ByteView(next.wrapped_key), std::string_view(wrapping)});
  const auto rows = database.run(
      "insert into cases (version, state, is_open, programme, expert, answered_by, breach_at, "
      "offers, declines, breached, next_timer_kind, next_timer_at, audit_length, audit_hash, body, "
      "sealed_request, sealed_opinion, id, number, requester, submitted_at, wrapped_key, "
      "wrapping_key) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
      "$16, "
      "$17, $18, $19, $20, $21, $22, $23) on conflict do nothing returning version",
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
      "body = $15, sealed_request = $16, sealed_opinion = $17 "
      "where id = $18 and version = $19 returning version",
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
  if (!is_new) {
    if (auto kept = keys_sql::update(database, commit.next); !kept)
      return tl::unexpected(kept.error());
  }
  if (auto marked = patients_sql::mark(database, commit); !marked)
    return tl::unexpected(marked.error());
  if (auto forgotten = received_sql::forget_erased(database, commit.next); !forgotten)
    return tl::unexpected(forgotten.error());
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
      "billable, refusal, signed_at, tariff_id, payer, rules) "
      "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      {act.case_id.value, act_role_name(act.role), act.code, act.professional.value, act.care_date,
       act.tariff_zone, act.amount_cents, value(act.billable), act.refusal, value(signed_at),
       act.tariff_id, act.payer, act.rules}));
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

/// What it did is to be undone unless the outcome is `committed`.
Result<CommitResult> apply(Database& database, const Commit& commit) {
  const auto is_new = insert_event(database, commit);
  if (!is_new) return tl::unexpected(is_new.error());
  if (!*is_new) {
    const auto known = stored_event(database.run(kSelectEvent, {commit.event_id}));
    if (!known) return tl::unexpected(known.error());
    if (!*known) return damaged("event");
    return CommitResult{CommitOutcome::duplicate, (*known)->answer, (*known)->request_hash};
  }
  if (commit.completes) {
    const auto held = outbox_sql::complete(database, *commit.completes);
    if (!held) return tl::unexpected(held.error());
    if (!*held) return CommitResult{CommitOutcome::lease_lost, {}, {}};
  }
  const auto stored = store_case(database, commit);
  if (!stored) return tl::unexpected(stored.error());
  if (!*stored) return CommitResult{CommitOutcome::conflict, {}, {}};
  const auto joined = exams_sql::join(database, commit);
  if (!joined) return tl::unexpected(joined.error());
  if (!*joined) return CommitResult{CommitOutcome::exam_gone, {}, {}};
  const auto offered = slots_sql::offer(database, commit);
  if (!offered) return tl::unexpected(offered.error());
  if (!*offered) return CommitResult{CommitOutcome::slot_gone, {}, {}};
  if (auto inserted = insert_consequences(database, commit); !inserted)
    return tl::unexpected(inserted.error());
  return CommitResult{CommitOutcome::committed, commit.answer, commit.request_hash};
}

}  // namespace

Result<CommitResult> SqlRepository::commit(const Commit& commit) {
  if (auto checked = check_commit(commit); !checked) return tl::unexpected(checked.error());
  CommitResult result;
  auto done = writer_.run([&](Database& database) -> Result<GroupCommit::Effect> {
    auto applied = apply(database, commit);
    if (!applied) return tl::unexpected(std::move(applied.error()));
    result = std::move(*applied);
    return result.outcome == CommitOutcome::committed ? GroupCommit::Effect::keep
                                                      : GroupCommit::Effect::undo;
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return result;
}

Result<std::optional<StoredEvent>> SqlRepository::find_event(const std::string& event_id) {
  return stored_event(read(kSelectEvent, {event_id}));
}

Result<Rows> SqlRepository::read(std::string_view sql, std::span<const Value> values) {
  const std::lock_guard lock(reader_mutex_);
  return reader_->run(sql, values);
}

Result<Rows> SqlRepository::write(std::string_view sql, std::span<const Value> values) {
  Rows rows;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    auto ran = database.run(sql, values);
    if (!ran) return tl::unexpected(std::move(ran.error()));
    rows = std::move(*ran);
    return {};
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return rows;
}

Result<void> SqlRepository::in_transaction(const std::function<Result<void>(Database&)>& put) {
  return writer_.run([&](Database& database) -> Result<GroupCommit::Effect> {
    if (auto done = put(database); !done) return tl::unexpected(std::move(done.error()));
    return GroupCommit::Effect::keep;
  });
}

}  // namespace telavis
