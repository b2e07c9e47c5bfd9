// SPDX-License-Identifier: Apache-2.0
// Who comes in: sessions, second factors, the ways back in, failed attempts.
#include <string>
#include <utility>
#include <vector>

#include "storage/repository.h"

namespace telavis {
namespace {

constexpr std::string_view kSessionColumns =
    "token_hash, user_id, created_at, last_seen_at, expires_at, coalesce(second_factor_at, -1), "
    "browser, proposed_factor";

Value second_factor_value(const Session& session) {
  return session.second_factor_at ? Value(value(*session.second_factor_at)) : Value();
}

Result<std::vector<Session>> read_sessions(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Session> found;
  for (const Row& row : *rows) {
    RowReader reader(row);
    Session session{reader.text(), UserId(reader.text()), reader.instant(), reader.instant(),
                    reader.instant()};
    const std::int64_t second_factor_at = reader.integer();
    if (second_factor_at >= 0) session.second_factor_at = from_epoch_ms(second_factor_at);
    session.browser = reader.text();
    session.proposed_factor = reader.bytes();
    if (!reader.sound()) return damaged("session");
    found.push_back(std::move(session));
  }
  return found;
}

Result<void> forget_factor(Database& database, const UserId& user) {
  auto codes =
      without_rows(database.run("delete from recovery_codes where user_id = $1", {user.value}));
  if (!codes) return codes;
  return without_rows(database.run("delete from second_factors where id = $1", {user.value}));
}

Result<void> store_factor(Database& database, const SecondFactor& factor,
                          const std::vector<std::string>& recovery_codes) {
  if (auto forgotten = forget_factor(database, factor.user); !forgotten) return forgotten;
  const std::string wrapping_key = keys_sql::wrapping_key(factor.wrapped_key);
  if (auto stored = without_rows(database.run(
          "insert into second_factors (id, enrolled_at, last_step, wrapping_key, wrapped_key) "
          "values ($1, $2, $3, $4, $5)",
          {factor.user.value, value(factor.enrolled_at), factor.last_step,
           std::string_view(wrapping_key), ByteView(factor.wrapped_key)}));
      !stored)
    return stored;
  for (const std::string& code : recovery_codes) {
    if (auto stored = without_rows(
            database.run("insert into recovery_codes (user_id, code_hash) values ($1, $2)",
                         {factor.user.value, code}));
        !stored)
      return stored;
  }
  return {};
}

Result<std::int64_t> count_in(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return damaged("count");
  RowReader reader(rows->front());
  const std::int64_t count = reader.integer();
  if (!reader.sound()) return damaged("count");
  return count;
}

}  // namespace

// ---- sessions -----------------------------------------------------------------------------------

Result<void> SqlRepository::put_session(const Session& session) {
  return without_rows(
      write("insert into sessions (token_hash, user_id, created_at, last_seen_at, expires_at, "
            "second_factor_at, browser, proposed_factor) values ($1, $2, $3, $4, $5, $6, $7, $8) "
            "on conflict (token_hash) do update set user_id = excluded.user_id, "
            "created_at = excluded.created_at, last_seen_at = excluded.last_seen_at, "
            "expires_at = excluded.expires_at, second_factor_at = excluded.second_factor_at, "
            "browser = excluded.browser, proposed_factor = excluded.proposed_factor",
            {session.token_hash, session.user.value, value(session.created_at),
             value(session.last_seen_at), value(session.expires_at), second_factor_value(session),
             session.browser, ByteView(session.proposed_factor)}));
}

Result<bool> SqlRepository::change_session(const std::string& token_hash, const Session& next) {
  const auto rows = write(
      "update sessions set token_hash = $2, last_seen_at = $3, expires_at = $4, "
      "second_factor_at = $5, proposed_factor = $6 where token_hash = $1 returning user_id",
      {token_hash, next.token_hash, value(next.last_seen_at), value(next.expires_at),
       second_factor_value(next), ByteView(next.proposed_factor)});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

Result<void> SqlRepository::touch_session(const std::string& token_hash, Instant last_seen_at) {
  return without_rows(write("update sessions set last_seen_at = $2 where token_hash = $1",
                            {token_hash, value(last_seen_at)}));
}

Result<std::optional<Session>> SqlRepository::session(const std::string& token_hash) {
  return only(read_sessions(
      read("select " + std::string(kSessionColumns) + " from sessions where token_hash = $1",
           {token_hash})));
}

Result<std::vector<Session>> SqlRepository::sessions_of(const UserId& user) {
  return read_sessions(read("select " + std::string(kSessionColumns) +
                                " from sessions where user_id = $1 order by created_at desc, "
                                "token_hash",
                            {user.value}));
}

Result<void> SqlRepository::erase_session(const std::string& token_hash) {
  return without_rows(write("delete from sessions where token_hash = $1", {token_hash}));
}

Result<void> SqlRepository::erase_sessions_of(const UserId& user, const std::string& but) {
  return without_rows(
      write("delete from sessions where user_id = $1 and token_hash <> $2", {user.value, but}));
}

Result<void> SqlRepository::erase_expired_sessions(Instant now) {
  return without_rows(write("delete from sessions where expires_at <= $1", {value(now)}));
}

// ---- the second factor --------------------------------------------------------------------------

Result<std::optional<SecondFactor>> SqlRepository::second_factor(const UserId& user) {
  const auto rows = read(
      "select enrolled_at, last_step, wrapped_key from second_factors where id = $1", {user.value});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  RowReader reader(rows->front());
  SecondFactor factor{user, reader.instant(), reader.integer(), reader.bytes()};
  if (!reader.sound()) return damaged("second factor");
  return factor;
}

Result<void> SqlRepository::put_second_factor(const SecondFactor& factor,
                                              const std::vector<std::string>& recovery_codes,
                                              const std::optional<OutboxMessage>& tells) {
  return in_transaction([&](Database& database) -> Result<void> {
    if (auto stored = store_factor(database, factor, recovery_codes); !stored) return stored;
    if (!tells) return {};
    return outbox_sql::insert(database, {&*tells, 1});
  });
}

Result<bool> SqlRepository::take_factor_step(const UserId& user, std::int64_t step,
                                             std::int64_t newest) {
  const auto rows = write(
      "update second_factors set last_step = $2 where id = $1 and (last_step < $2 or last_step > "
      "$3) "
      "returning id",
      {user.value, step, newest});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

Result<std::optional<std::int64_t>> SqlRepository::take_recovery_code(
    const UserId& user, const std::string& code_hash) {
  std::optional<std::int64_t> left;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    left.reset();
    const auto taken = database.run(
        "delete from recovery_codes where user_id = $1 and code_hash = $2 returning user_id",
        {user.value, code_hash});
    if (!taken) return tl::unexpected(taken.error());
    if (taken->empty()) return {};
    const auto count = count_in(
        database.run("select count(*) from recovery_codes where user_id = $1", {user.value}));
    if (!count) return tl::unexpected(count.error());
    left = *count;
    return {};
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return left;
}

Result<std::int64_t> SqlRepository::recovery_codes_left(const UserId& user) {
  return count_in(read("select count(*) from recovery_codes where user_id = $1", {user.value}));
}

Result<bool> SqlRepository::erase_second_factor(const UserId& user, const OutboxMessage& tells) {
  bool there = false;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    const auto rows = database.run("select 1 from second_factors where id = $1", {user.value});
    if (!rows) return tl::unexpected(rows.error());
    there = !rows->empty();
    if (!there) return {};
    if (auto forgotten = forget_factor(database, user); !forgotten) return forgotten;
    if (auto ended =
            without_rows(database.run("delete from sessions where user_id = $1", {user.value}));
        !ended)
      return ended;
    return outbox_sql::insert(database, {&tells, 1});
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return there;
}

Result<std::vector<ReceivedKey>> SqlRepository::factors_not_wrapped_by(const std::string& key_id,
                                                                       std::size_t limit) {
  return keys_sql::keys_in(
      read(keys_sql::not_wrapped_by("second_factors"), {key_id, static_cast<std::int64_t>(limit)}));
}

Result<bool> SqlRepository::rewrap_factor(const std::string& id, ByteView before, ByteView after) {
  const auto rows = write(keys_sql::rewrap("second_factors"),
                          {id, before, after, std::string_view(keys_sql::wrapping_key(after))});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

// ---- the way back in ----------------------------------------------------------------------------

Result<void> SqlRepository::put_access_code(const AccessCode& code, const OutboxMessage& message) {
  return in_transaction([&](Database& database) -> Result<void> {
    if (auto stored = without_rows(database.run(
            "insert into access_codes (user_id, code_hash, expires_at, tries_left) "
            "values ($1, $2, $3, $4) on conflict (user_id) do update set "
            "code_hash = excluded.code_hash, expires_at = excluded.expires_at, "
            "tries_left = excluded.tries_left",
            {code.user.value, code.code_hash, value(code.expires_at), code.tries_left}));
        !stored)
      return stored;
    return outbox_sql::insert(database, {&message, 1});
  });
}

Result<bool> SqlRepository::take_access_code(const UserId& user, const std::string& code_hash,
                                             Instant now) {
  bool right = false;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    const auto taken = database.run(
        "delete from access_codes where user_id = $1 and code_hash = $2 and expires_at > $3 "
        "and tries_left > 0 returning user_id",
        {user.value, code_hash, value(now)});
    if (!taken) return tl::unexpected(taken.error());
    right = !taken->empty();
    if (right) return {};
    if (auto counted = without_rows(
            database.run("update access_codes set tries_left = tries_left - 1 where user_id = $1",
                         {user.value}));
        !counted)
      return counted;
    return without_rows(database.run(
        "delete from access_codes where user_id = $1 and (tries_left <= 0 or expires_at <= $2)",
        {user.value, value(now)}));
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return right;
}

// ---- attempts -----------------------------------------------------------------------------------

Result<bool> SqlRepository::begin_attempt(const std::string& mark, Instant now,
                                          const AttemptLimit& limit) {
  bool counted = false;
  auto done = in_transaction([&](Database& database) -> Result<void> {
    counted = false;
    const auto before =
        count_in(database.run("select count(*) from attempts where mark = $1 and at > $2",
                              {mark, value(now - limit.window)}));
    if (!before) return tl::unexpected(before.error());
    if (*before >= limit.most) return {};
    counted = true;
    return without_rows(
        database.run("insert into attempts (mark, at) values ($1, $2)", {mark, value(now)}));
  });
  if (!done) return tl::unexpected(std::move(done.error()));
  return counted;
}

Result<void> SqlRepository::forget_attempts(const std::string& mark) {
  return without_rows(write("delete from attempts where mark = $1", {mark}));
}

Result<void> SqlRepository::erase_attempts_before(Instant before) {
  return without_rows(write("delete from attempts where at <= $1", {value(before)}));
}

}  // namespace telavis
