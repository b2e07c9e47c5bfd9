// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "storage/repository.h"

namespace telavis {
namespace {

Result<std::vector<Programme>> read_programmes(const Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Programme> found;
  for (const Row& row : *rows) {
    RowReader reader(row);
    auto programme = parse_programme(reader.text());
    if (!reader.sound() || !programme) return damaged("programme");
    found.push_back(std::move(*programme));
  }
  return found;
}

/// The only one of a list that has one at most.
template <typename T>
Result<std::optional<T>> only(Result<std::vector<T>> found) {
  if (!found) return tl::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

/// Rows of one user stand together, one a membership.
Result<std::vector<User>> read_users(const Rows& rows) {
  std::vector<User> found;
  for (const Row& row : rows) {
    RowReader reader(row);
    User user;
    user.id = UserId(reader.text());
    user.login = reader.text();
    user.password_hash = reader.text();
    user.title = reader.text();
    user.given_name = reader.text();
    user.family_name = reader.text();
    user.rpps = reader.text();
    user.profession = reader.text();
    user.mail_address = reader.text();
    user.mobile_phone = reader.text();
    user.territory = reader.text();
    user.active = reader.flag();
    user.available = reader.flag();
    auto programme = reader.optional_text();
    const auto role_text = reader.optional_text();
    const auto role = role_from_name(role_text.value_or(""));
    if (!reader.sound() || programme.has_value() != role.has_value()) return damaged("user");
    if (found.empty() || found.back().id != user.id) found.push_back(std::move(user));
    if (role) found.back().memberships.push_back({ProgrammeId(std::move(*programme)), *role});
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

Result<void> upsert_user(Database& database, const User& user) {
  return without_rows(database.run(
      "insert into users (id, login, password_hash, title, given_name, family_name, rpps, "
      "profession, mail_address, mobile_phone, territory, active, available) "
      "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
      "on conflict (id) do update set login = excluded.login, "
      "password_hash = excluded.password_hash, title = excluded.title, "
      "given_name = excluded.given_name, family_name = excluded.family_name, "
      "rpps = excluded.rpps, profession = excluded.profession, "
      "mail_address = excluded.mail_address, mobile_phone = excluded.mobile_phone, "
      "territory = excluded.territory, active = excluded.active, available = excluded.available",
      {user.id.value, user.login, user.password_hash, user.title, user.given_name, user.family_name,
       user.rpps, user.profession, user.mail_address, user.mobile_phone, user.territory,
       value(user.active), value(user.available)}));
}

Result<void> replace_memberships(Database& database, const User& user) {
  if (auto erased =
          without_rows(database.run("delete from memberships where user_id = $1", {user.id.value}));
      !erased)
    return erased;
  std::int64_t place = 0;
  for (const Membership& membership : user.memberships) {
    if (auto inserted = without_rows(database.run(
            "insert into memberships (programme, role, user_id, place) values ($1, $2, $3, $4) "
            "on conflict do nothing",
            {membership.programme.value, role_name(membership.role), user.id.value, place}));
        !inserted)
      return inserted;
    ++place;
  }
  return {};
}

}  // namespace

Result<void> SqlRepository::put_programme(const Programme& programme) {
  const std::string definition = programme_json(programme);
  const auto rows = write(
      "insert into programmes (id, version, definition) values ($1, $2, $3) "
      "on conflict do nothing returning version",
      {programme.id.value, programme.version, definition});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty())
    return fail(ErrorCode::configuration_invalid,
                "this version of the programme is stored already and never changes: give the "
                "changed programme the next version");
  return {};
}

Result<std::optional<Programme>> SqlRepository::programme(const ProgrammeId& id) {
  return only(read_programmes(
      read("select definition from programmes where id = $1 order by version desc limit 1",
           {id.value})));
}

Result<std::vector<Programme>> SqlRepository::programmes() {
  return read_programmes(
      read("select definition from programmes where version = (select max(other.version) from "
           "programmes other where other.id = programmes.id) order by id"));
}

Result<void> SqlRepository::put_user(const User& user) {
  const std::lock_guard lock(writer_mutex_);
  auto transaction = Transaction::begin(*writer_);
  if (!transaction) return tl::unexpected(transaction.error());
  if (auto free = check_login_is_free(*writer_, user); !free) return free;
  if (auto stored = upsert_user(*writer_, user); !stored) return stored;
  if (auto stored = replace_memberships(*writer_, user); !stored) return stored;
  return transaction->commit();
}

Result<std::vector<User>> SqlRepository::users_where(std::string_view condition,
                                                     std::initializer_list<Value> values) {
  const auto rows = read(
      "select users.id, users.login, users.password_hash, users.title, users.given_name, "
      "users.family_name, users.rpps, users.profession, users.mail_address, "
      "users.mobile_phone, users.territory, users.active, users.available, "
      "memberships.programme, memberships.role from users left join memberships on "
      "memberships.user_id = users.id where " +
          std::string(condition) + " order by users.id, memberships.place",
      values);
  if (!rows) return tl::unexpected(rows.error());
  return read_users(*rows);
}

Result<std::optional<User>> SqlRepository::user(const UserId& id) {
  return only(users_where("users.id = $1", {id.value}));
}

Result<std::optional<User>> SqlRepository::user_by_login(const std::string& login) {
  return only(users_where("users.login = $1", {login}));
}

Result<std::vector<User>> SqlRepository::members(const ProgrammeId& id, Role role) {
  return users_where(
      "users.id in (select user_id from memberships where programme = $1 and role = $2)",
      {id.value, role_name(role)});
}

Result<void> SqlRepository::put_session(const Session& session) {
  return without_rows(
      write("insert into sessions (token_hash, user_id, created_at, last_seen_at, expires_at) "
            "values ($1, $2, $3, $4, $5) on conflict (token_hash) do update set "
            "user_id = excluded.user_id, created_at = excluded.created_at, "
            "last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at",
            {session.token_hash, session.user.value, value(session.created_at),
             value(session.last_seen_at), value(session.expires_at)}));
}

Result<std::optional<Session>> SqlRepository::session(const std::string& token_hash) {
  const auto rows = read(
      "select token_hash, user_id, created_at, last_seen_at, expires_at from sessions "
      "where token_hash = $1",
      {token_hash});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  RowReader reader(rows->front());
  Session session{reader.text(), UserId(reader.text()), reader.instant(), reader.instant(),
                  reader.instant()};
  if (!reader.sound()) return damaged("session");
  return session;
}

Result<void> SqlRepository::erase_session(const std::string& token_hash) {
  return without_rows(write("delete from sessions where token_hash = $1", {token_hash}));
}

Result<void> SqlRepository::erase_expired_sessions(Instant now) {
  return without_rows(write("delete from sessions where expires_at <= $1", {value(now)}));
}

}  // namespace telavis
