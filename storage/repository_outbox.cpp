// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "storage/repository.h"

namespace telavis {
namespace {

constexpr Value kFree = std::int64_t{0};  // claimed_until of a message that nobody holds

/// The token is the value of `claims`; one that is no number is nobody's.
std::optional<std::int64_t> claim_number(std::string_view token) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return number;
}

Result<OutboxClaim> read_claim(const Row& row) {
  RowReader reader(row);
  OutboxClaim claim;
  claim.message.id = OutboxId(reader.text());
  if (auto id = reader.optional_text()) claim.message.case_id = CaseId(std::move(*id));
  const auto kind = message_kind_from_name(reader.text());
  claim.message.from = reader.text();
  claim.message.to = reader.text();
  claim.message.sealed_mime = reader.bytes();
  claim.message.created_at = reader.instant();
  claim.message.not_before = reader.instant();
  claim.message.attempts = reader.integer();
  claim.lease_token = std::to_string(reader.integer());
  if (!reader.sound() || !kind) return damaged("message");
  claim.message.kind = *kind;
  return claim;
}

std::string counter_of(OutboxState state) {
  return "outbox." + std::string(outbox_state_name(state));
}

Result<void> insert_one(Database& database, const OutboxMessage& message) {
  return without_rows(database.run(
      "insert into outbox (id, case_id, kind, sender, recipient, sealed_mime, created_at, "
      "not_before, state, attempts, next_attempt_at, claims, claimed_until, last_reason) "
      "values ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10, 0, 0, '')",
      {message.id.value,
       message.case_id.empty() ? Value() : Value(std::string_view(message.case_id.value)),
       message_kind_name(message.kind), message.from, message.to, ByteView(message.sealed_mime),
       value(message.created_at), value(message.not_before), message.attempts,
       value(std::max(message.created_at, message.not_before))}));
}

tl::unexpected<Error> lease_lost() {
  return fail(ErrorCode::state_conflict,
              "this message is no longer held under this lease: leave it to who holds it");
}

}  // namespace

Result<bool> outbox_sql::complete(Database& database, const OutboxCompletion& completion) {
  const auto claim = claim_number(completion.lease_token);
  if (!claim) return false;
  const auto rows = database.run(
      "update outbox set state = $3, claimed_until = $4 where id = $1 and claims = $2 and "
      "state = 'pending' and claimed_until > 0 returning id",
      {completion.id.value, *claim, outbox_state_name(completion.state), kFree});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

Result<void> outbox_sql::count_completed(Database& database, OutboxState state) {
  if (auto left = figures_sql::add(database, "", counter_of(OutboxState::pending), -1); !left)
    return left;
  return figures_sql::add(database, "", counter_of(state), 1);
}

Result<void> outbox_sql::insert(Database& database, std::span<const OutboxMessage> messages) {
  for (const OutboxMessage& message : messages) {
    if (auto inserted = insert_one(database, message); !inserted) return inserted;
  }
  return figures_sql::add(database, "", counter_of(OutboxState::pending),
                          static_cast<std::int64_t>(messages.size()));
}

Result<void> SqlRepository::put_message(const OutboxMessage& message) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto known = database.run("select 1 from outbox where id = $1", {message.id.value});
    if (!known) return tl::unexpected(known.error());
    if (!known->empty()) return {};
    return outbox_sql::insert(database, std::span(&message, 1));
  });
}

Result<std::optional<OutboxMessage>> SqlRepository::find_message(const OutboxId& id) {
  const auto rows = read(
      "select id, case_id, kind, sender, recipient, created_at, not_before, attempts from outbox "
      "where id = $1",
      {id.value});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  RowReader reader(rows->front());
  OutboxMessage message;
  message.id = OutboxId(reader.text());
  if (auto of_case = reader.optional_text()) message.case_id = CaseId(std::move(*of_case));
  const auto kind = message_kind_from_name(reader.text());
  message.from = reader.text();
  message.to = reader.text();
  message.created_at = reader.instant();
  message.not_before = reader.instant();
  message.attempts = reader.integer();
  if (!reader.sound() || !kind) return damaged("message");
  message.kind = *kind;
  return message;
}

Result<void> SqlRepository::complete_outbox(const OutboxCompletion& completion) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto held = outbox_sql::complete(database, completion);
    if (!held) return tl::unexpected(held.error());
    if (!*held) return lease_lost();
    const auto of_a_case = database.run(
        "select 1 from outbox where id = $1 and case_id is not null", {completion.id.value});
    if (!of_a_case) return tl::unexpected(of_a_case.error());
    if (!of_a_case->empty())
      return fail(ErrorCode::internal, "a message of a case ends with a commit of its case");
    return outbox_sql::count_completed(database, completion.state);
  });
}

Result<std::map<std::string, std::int64_t>> SqlRepository::outbox_counts() {
  std::map<std::string, std::int64_t> counts;
  for (const OutboxState state : {OutboxState::pending, OutboxState::sent, OutboxState::dead}) {
    const auto rows =
        read("select amount from counters where programme = '' and name = $1", {counter_of(state)});
    if (!rows) return tl::unexpected(rows.error());
    std::int64_t& count = counts[std::string(outbox_state_name(state))];
    if (rows->empty()) continue;
    RowReader reader(rows->front());
    count = reader.integer();
    if (!reader.sound()) return damaged("counter");
  }
  return counts;
}

Result<std::int64_t> SqlRepository::pending_of_no_case() {
  const auto rows =
      read("select count(*) from outbox where state = 'pending' and case_id is null", {});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return damaged("count of messages");
  RowReader reader(rows->front());
  const std::int64_t count = reader.integer();
  if (!reader.sound()) return damaged("count of messages");
  return count;
}

Result<std::optional<OutboxClaim>> SqlRepository::claim_outbox(Instant now, Duration lease) {
  // Who loses a race for a row gets none while others are due; every loss is another's gain, so
  // this ends. A lease that ends a lease later than one taken now was taken before the database's
  // clock was set back: it may be over, and would hold its message for as long as the clock is
  // late.
  while (true) {
    const auto rows = write(
        "update outbox set claims = claims + 1, claimed_until = telavis_now_ms() + $2 "
        "where id = (select id from outbox where state = 'pending' and next_attempt_at <= $1 and "
        "(claimed_until < telavis_now_ms() or claimed_until > telavis_now_ms() + 2 * $2) "
        "order by created_at, id limit 1) and state = 'pending' and "
        "(claimed_until < telavis_now_ms() or claimed_until > telavis_now_ms() + 2 * $2) "
        "returning id, case_id, kind, sender, recipient, sealed_mime, created_at, not_before, "
        "attempts, claims",
        {value(now), lease.count()});
    if (!rows) return tl::unexpected(rows.error());
    if (!rows->empty()) {
      auto claim = read_claim(rows->front());
      if (!claim) return tl::unexpected(claim.error());
      return std::move(*claim);
    }
    const auto due = read(
        "select 1 from outbox where state = 'pending' and next_attempt_at <= $1 and "
        "(claimed_until < telavis_now_ms() or claimed_until > telavis_now_ms() + 2 * $2) limit 1",
        {value(now), lease.count()});
    if (!due) return tl::unexpected(due.error());
    if (due->empty()) return std::nullopt;
  }
}

Result<void> SqlRepository::postpone_outbox(const OutboxId& id, const std::string& lease_token,
                                            Instant next_attempt_at, const std::string& reason) {
  const auto claim = claim_number(lease_token);
  const auto rows = write(
      "update outbox set claimed_until = $5, attempts = attempts + 1, "
      "next_attempt_at = $3, last_reason = $4 where id = $1 and claims = $2 and "
      "state = 'pending' and claimed_until > 0 returning id",
      {id.value, claim.value_or(-1), value(next_attempt_at), reason, kFree});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return lease_lost();
  return {};
}

Result<void> SqlRepository::release_leases() {
  return without_rows(
      write("update outbox set claimed_until = $1 where state = 'pending' and "
            "claimed_until > 0",
            {kFree}));
}

}  // namespace telavis
