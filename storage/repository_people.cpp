// SPDX-License-Identifier: Apache-2.0
// People and their activation.
#include <string>
#include <utility>
#include <vector>

#include "engine/core/person_json.h"
#include "storage/repository.h"

namespace telavis {
namespace {

constexpr registry_sql::RecordTable kPeople = {"person", "users"};

Result<std::vector<User>> read_users(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<User> found;
  found.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    const std::int64_t version = reader.integer();
    std::string password_hash = reader.text();
    auto user = parse_person(reader.text());
    if (!reader.sound() || !user) return damaged("user");
    user->version = version;
    user->password_hash = std::move(password_hash);
    found.push_back(std::move(*user));
  }
  return found;
}

Result<void> check_login_is_free(Database& database, const User& user) {
  const auto holder = database.run("select 1 from users where login = $1 and id <> $2",
                                   {user.login, user.id.value});
  if (!holder) return tl::unexpected(holder.error());
  if (!holder->empty())
    return fail(ErrorCode::invalid_field, "another user has this login: choose another one");
  return {};
}

/// Whoever got in with an old password, or before a suspension, is out.
Result<void> end_sessions(Database& database, const User& user) {
  return without_rows(
      database.run("delete from sessions where user_id = $1 and ($2 = 0 or exists (select 1 from "
                   "users where id = $1 and password_hash <> $3))",
                   {user.id.value, value(user.may_log_in()), user.password_hash}));
}

Result<void> upsert_user(Database& database, const User& user, std::int64_t version,
                         const std::string& profile) {
  return without_rows(database.run(
      "insert into users (id, version, login, password_hash, status, mail_address, profile) "
      "values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set "
      "version = excluded.version, login = excluded.login, "
      "password_hash = excluded.password_hash, status = excluded.status, "
      "mail_address = excluded.mail_address, profile = excluded.profile",
      {user.id.value, version, user.login, user.password_hash, person_status_name(user.status),
       user.mail_address, profile}));
}

Result<void> replace_memberships(Database& database, const User& user) {
  if (auto erased =
          without_rows(database.run("delete from memberships where user_id = $1", {user.id.value}));
      !erased)
    return erased;
  for (const Membership& membership : user.memberships) {
    if (auto inserted = without_rows(
            database.run("insert into memberships (programme, role, user_id) values ($1, $2, $3) "
                         "on conflict do nothing",
                         {membership.programme.value, role_name(membership.role), user.id.value}));
        !inserted)
      return inserted;
  }
  return {};
}

}  // namespace

Result<void> SqlRepository::put_user(const User& user, const Change& change) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto version = registry_sql::next_version(database, kPeople, user.id.value, change);
    if (!version) return tl::unexpected(version.error());
    if (auto free = check_login_is_free(database, user); !free) return free;
    if (auto ended = end_sessions(database, user); !ended) return ended;
    const std::string profile = person_json(user);
    if (auto stored = upsert_user(database, user, *version, profile); !stored) return stored;
    if (auto stored = replace_memberships(database, user); !stored) return stored;
    if (change.tells) {
      if (auto told = outbox_sql::insert(database, {&*change.tells, 1}); !told) return told;
    }
    return registry_sql::record(
        database, {std::string(kPeople.kind), user.id.value, *version, change, profile});
  });
}

Result<std::vector<User>> SqlRepository::users_where(std::string_view condition,
                                                     std::initializer_list<Value> values) {
  return read_users(read("select version, password_hash, profile from users where " +
                             std::string(condition) + " order by id",
                         values));
}

Result<std::optional<User>> SqlRepository::user(const UserId& id) {
  return only(users_where("id = $1", {id.value}));
}

Result<std::optional<User>> SqlRepository::user_by_login(const std::string& login) {
  return only(users_where("login = $1", {login}));
}

Result<std::vector<User>> SqlRepository::members(const ProgrammeId& id, Role role) {
  return users_where("id in (select user_id from memberships where programme = $1 and role = $2)",
                     {id.value, role_name(role)});
}

Result<std::vector<User>> SqlRepository::users() {
  return users_where("1 = 1", {});
}

Result<void> SqlRepository::put_activation(const UserId& user, const std::string& code_hash,
                                           Instant expires_at, const OutboxMessage& kit) {
  return in_transaction([&](Database& database) -> Result<void> {
    if (auto stored = without_rows(database.run(
            "insert into activations (user_id, code_hash, expires_at) values ($1, $2, $3) "
            "on conflict (user_id) do update set code_hash = excluded.code_hash, "
            "expires_at = excluded.expires_at",
            {user.value, code_hash, value(expires_at)}));
        !stored)
      return stored;
    return outbox_sql::insert(database, {&kit, 1});
  });
}

Result<bool> SqlRepository::take_activation(const UserId& user, const std::string& code_hash,
                                            Instant now) {
  const auto rows = write(
      "delete from activations where user_id = $1 and code_hash = $2 and expires_at > $3 "
      "returning user_id",
      {user.value, code_hash, value(now)});
  if (!rows) return tl::unexpected(rows.error());
  return !rows->empty();
}

}  // namespace telavis
