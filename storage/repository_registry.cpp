// SPDX-License-Identifier: Apache-2.0
// What an association keeps on file besides people: programmes, group practices, lent devices, and
// the versions of all of it.
#include <string>
#include <utility>
#include <vector>

#include "engine/core/person_json.h"
#include "storage/repository.h"

namespace telavis {
namespace {

constexpr registry_sql::RecordTable kProgrammes = {"programme", "programmes"};
constexpr registry_sql::RecordTable kGroups = {"group", "group_practices"};
constexpr registry_sql::RecordTable kDevices = {"device", "lent_devices"};

/// Rows of (version, definition).
template <typename T>
Result<std::vector<T>> read_records(const Result<Rows>& rows, Result<T> (*parse)(std::string_view),
                                    std::string_view kind) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<T> found;
  found.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    const std::int64_t version = reader.integer();
    auto record = parse(reader.text());
    if (!reader.sound() || !record) return damaged(kind);
    record->version = version;
    found.push_back(std::move(*record));
  }
  return found;
}

/// `column` is what the records of this kind are looked up by, beside the id.
Result<void> put_record(Database& database, const registry_sql::RecordTable& of,
                        std::string_view column, std::string_view column_value, Revision revision) {
  const auto version = registry_sql::next_version(database, of, revision.id, revision.change);
  if (!version) return tl::unexpected(version.error());
  revision.kind = of.kind;
  revision.version = *version;
  const std::string name(column);
  if (auto stored = without_rows(database.run(
          "insert into " + std::string(of.table) + " (id, version, " + name +
              ", definition) values ($1, $2, $3, $4) on conflict (id) do update set version = "
              "excluded.version, " +
              name + " = excluded." + name + ", definition = excluded.definition",
          {revision.id, revision.version, column_value, revision.definition}));
      !stored)
    return stored;
  return registry_sql::record(database, revision);
}

Result<void> end_pairing(Database& database, const std::string& device) {
  for (const char* table : {"device_pairings", "device_tokens"}) {
    if (auto ended = without_rows(
            database.run("delete from " + std::string(table) + " where device = $1", {device}));
        !ended)
      return ended;
  }
  return {};
}

Result<void> check_device_is_alone(Database& database, const LentDevice& device) {
  const auto serial = database.run("select 1 from lent_devices where serial = $1 and id <> $2",
                                   {device.serial, device.id});
  if (!serial) return tl::unexpected(serial.error());
  if (!serial->empty())
    return fail(ErrorCode::invalid_field, "another device has this serial: look it up by it");
  if (device.ae_title.empty()) return {};
  const auto title = database.run("select 1 from lent_devices where ae_title = $1 and id <> $2",
                                  {device.ae_title, device.id});
  if (!title) return tl::unexpected(title.error());
  if (!title->empty())
    return fail(ErrorCode::invalid_field,
                "another device has this AE title: choose one of its own");
  return {};
}

}  // namespace

Result<std::int64_t> registry_sql::next_version(Database& database, const RecordTable& of,
                                                const std::string& id, const Change& change) {
  const auto rows =
      database.run("select version from " + std::string(of.table) + " where id = $1", {id});
  if (!rows) return tl::unexpected(rows.error());
  std::int64_t stored = 0;
  if (!rows->empty()) {
    RowReader reader(rows->front());
    stored = reader.integer();
    if (!reader.sound()) return damaged(of.kind);
  }
  if (change.replaces && *change.replaces != stored)
    return fail(ErrorCode::version_conflict,
                "somebody else changed this in between: it has version " + std::to_string(stored) +
                    " now; load it again and repeat the change");
  return stored + 1;
}

Result<void> registry_sql::record(Database& database, const Revision& revision) {
  if (auto stored = without_rows(
          database.run("insert into revisions (kind, id, version, at, actor, definition) "
                       "values ($1, $2, $3, $4, $5, $6)",
                       {revision.kind, revision.id, revision.version, value(revision.change.at),
                        revision.change.actor, revision.definition}));
      !stored)
    return stored;
  return audit_sql::append_to_node(database, {revision.change.at, revision.change.actor,
                                              "change:" + revision.kind, revision_words(revision)});
}

Result<void> SqlRepository::put_programme(const Programme& programme, const Change& change) {
  return in_transaction([&](Database& database) -> Result<void> {
    const auto version =
        registry_sql::next_version(database, kProgrammes, programme.id.value, change);
    if (!version) return tl::unexpected(version.error());
    if (*version != programme.version)
      return fail(ErrorCode::configuration_invalid,
                  "a version of a programme that is stored never changes: give the changed "
                  "programme \"version\": " +
                      std::to_string(*version));
    const std::string definition = programme_json(programme);
    if (auto stored = without_rows(
            database.run("insert into programmes (id, version, definition) values ($1, $2, $3) "
                         "on conflict (id) do update set version = excluded.version, "
                         "definition = excluded.definition",
                         {programme.id.value, *version, definition}));
        !stored)
      return stored;
    return registry_sql::record(database, {std::string(kProgrammes.kind), programme.id.value,
                                           *version, change, definition});
  });
}

Result<std::optional<Programme>> SqlRepository::programme(const ProgrammeId& id) {
  return only(
      read_records(read("select version, definition from programmes where id = $1", {id.value}),
                   parse_programme, kProgrammes.kind));
}

Result<std::vector<Programme>> SqlRepository::programmes() {
  return read_records(read("select version, definition from programmes order by id"),
                      parse_programme, kProgrammes.kind);
}

Result<void> SqlRepository::put_group(const GroupPractice& group, const Change& change) {
  return in_transaction([&](Database& database) {
    return put_record(database, kGroups, "programme", group.programme.value,
                      {{}, group.id, 0, change, group_json(group)});
  });
}

Result<std::optional<GroupPractice>> SqlRepository::group(const std::string& id) {
  return only(
      read_records(read("select version, definition from group_practices where id = $1", {id}),
                   parse_group, kGroups.kind));
}

Result<std::vector<GroupPractice>> SqlRepository::groups(const ProgrammeId& id) {
  return read_records(read("select version, definition from group_practices where programme = $1 "
                           "order by id",
                           {id.value}),
                      parse_group, kGroups.kind);
}

Result<void> SqlRepository::put_device(const LentDevice& device, const Change& change) {
  return in_transaction([&](Database& database) -> Result<void> {
    if (auto alone = check_device_is_alone(database, device); !alone) return alone;
    const auto before = only(read_records(
        database.run("select version, definition from lent_devices where id = $1", {device.id}),
        parse_lent_device, kDevices.kind));
    if (!before) return tl::unexpected(before.error());
    if (*before && (!device.may_send() || (*before)->holder != device.holder)) {
      if (auto ended = end_pairing(database, device.id); !ended) return ended;
    }
    if (auto put = put_record(database, kDevices, "serial", device.serial,
                              {{}, device.id, 0, change, lent_device_json(device)});
        !put)
      return put;
    return without_rows(database.run("update lent_devices set ae_title = $2 where id = $1",
                                     {device.id, device.ae_title}));
  });
}

Result<std::optional<LentDevice>> SqlRepository::device(const std::string& id) {
  return only(read_records(read("select version, definition from lent_devices where id = $1", {id}),
                           parse_lent_device, kDevices.kind));
}

Result<std::optional<LentDevice>> SqlRepository::device_by_serial(const std::string& serial) {
  return only(
      read_records(read("select version, definition from lent_devices where serial = $1", {serial}),
                   parse_lent_device, kDevices.kind));
}

Result<std::optional<LentDevice>> SqlRepository::device_by_ae_title(const std::string& title) {
  return only(
      read_records(read("select version, definition from lent_devices where ae_title = $1 and "
                        "ae_title > ''",
                        {title}),
                   parse_lent_device, kDevices.kind));
}

Result<std::vector<LentDevice>> SqlRepository::lent_devices() {
  return read_records(read("select version, definition from lent_devices order by id"),
                      parse_lent_device, kDevices.kind);
}

Result<std::optional<LentDevice>> SqlRepository::device_by_token(const std::string& token_hash) {
  return only(read_records(
      read("select version, definition from lent_devices join device_tokens on device = id where "
           "token_hash = $1",
           {token_hash}),
      parse_lent_device, kDevices.kind));
}

Result<void> SqlRepository::put_pairing(const std::string& device, const std::string& code_hash,
                                        Instant expires_at) {
  return without_rows(
      write("insert into device_pairings (device, code_hash, expires_at) values ($1, $2, $3) on "
            "conflict (device) do update set code_hash = excluded.code_hash, expires_at = "
            "excluded.expires_at",
            {device, code_hash, value(expires_at)}));
}

Result<std::optional<std::string>> SqlRepository::take_pairing(const std::string& code_hash,
                                                               const std::string& token_hash,
                                                               Instant now) {
  std::optional<std::string> device;
  const auto done = in_transaction([&](Database& database) -> Result<void> {
    device.reset();
    const auto rows = database.run(
        "delete from device_pairings where code_hash = $1 and expires_at > $2 returning device",
        {code_hash, value(now)});
    if (!rows) return tl::unexpected(rows.error());
    if (rows->empty()) return {};
    RowReader reader(rows->front());
    const std::string id = reader.text();
    if (!reader.sound()) return damaged("pairing");
    if (auto put = without_rows(
            database.run("insert into device_tokens (device, token_hash) values ($1, $2) on "
                         "conflict (device) do update set token_hash = excluded.token_hash",
                         {id, token_hash}));
        !put)
      return put;
    device = id;
    return audit_sql::append_to_node(database, {now, "anybody", "device_paired", id});
  });
  if (!done) return tl::unexpected(done.error());
  return device;
}

Result<std::vector<Revision>> SqlRepository::revisions(const std::string& kind,
                                                       const std::string& id) {
  const auto rows = read(
      "select version, at, actor, definition from revisions where kind = $1 and id = $2 "
      "order by version",
      {kind, id});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Revision> found;
  found.reserve(rows->size());
  for (const Row& row : *rows) {
    RowReader reader(row);
    Revision revision;
    revision.kind = kind;
    revision.id = id;
    revision.version = reader.integer();
    revision.change.at = reader.instant();
    revision.change.actor = reader.text();
    revision.definition = reader.text();
    if (!reader.sound()) return damaged("revision");
    found.push_back(std::move(revision));
  }
  return found;
}

}  // namespace telavis
