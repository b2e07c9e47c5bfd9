// SPDX-License-Identifier: Apache-2.0
#include "engine/admin_records.h"

#include <algorithm>
#include <utility>

#include "engine/core/person_json.h"

namespace telavis {
namespace {

/// UTF-8 characters, which is what a terminal's column holds of the letters used here.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// One of these is stored, or nothing is.
template <typename T>
std::string outcome(const std::string& id, const Result<T>& stored, const std::string& before,
                    const std::string& after) {
  if (!stored) return "new " + id;
  return (before == after ? "unchanged " : "changed ") + id;
}

/// `put` is called unless what is stored is the same already.
template <typename T, typename Put>
Result<std::string> import_one(const std::string& id, const Result<T>& stored,
                               std::string (*write)(const T&), const T& record, Put put) {
  if (!stored && stored.error().code != ErrorCode::not_found) {
    return tl::unexpected(stored.error());
  }
  const std::string before = stored ? write(*stored) : "";
  const std::string after = write(record);
  if (before != after) {
    if (auto done = put(record); !done) return tl::unexpected(done.error());
  }
  return outcome(id, stored, before, after);
}

Result<std::string> import_programme(Registry& registry, std::string_view json) {
  const auto programme = parse_programme(json);
  if (!programme) return tl::unexpected(programme.error());
  return import_one<Programme>(
      programme->id.value, registry.programme(kOperator, programme->id), programme_json, *programme,
      [&](const Programme& record) { return registry.put_programme(kOperator, record); });
}

Result<std::string> import_person(Registry& registry, std::string_view json) {
  const auto person = parse_person(json);
  if (!person) return tl::unexpected(person.error());
  const auto stored = registry.person(kOperator, person->id);
  const Result<User> user =
      stored ? Result<User>(stored->user) : Result<User>(tl::unexpected(stored.error()));
  return import_one<User>(person->id.value, user, person_json, *person, [&](const User& record) {
    return registry.put_person(kOperator, record, {});
  });
}

Result<std::string> import_group(Registry& registry, std::string_view json) {
  const auto group = parse_group(json);
  if (!group) return tl::unexpected(group.error());
  return import_one<GroupPractice>(
      group->id, registry.group(kOperator, group->id), group_json, *group,
      [&](const GroupPractice& record) { return registry.put_group(kOperator, record, {}); });
}

Result<std::string> import_device(Registry& registry, std::string_view json) {
  const auto device = parse_lent_device(json);
  if (!device) return tl::unexpected(device.error());
  return import_one<LentDevice>(
      device->id, registry.device(kOperator, device->id), lent_device_json, *device,
      [&](const LentDevice& record) { return registry.put_device(kOperator, record, {}); });
}

template <typename T>
Result<std::string> written(const Result<T>& record, std::string (*write)(const T&)) {
  if (!record) return tl::unexpected(record.error());
  return write(*record);
}

std::string memberships_of(const User& user) {
  std::string text;
  for (const Membership& membership : user.memberships) {
    if (!text.empty()) text += ' ';
    text += std::string(role_name(membership.role));
    if (!membership.programme.empty()) text += "@" + membership.programme.value;
  }
  return text;
}

bool passes(const User& user, const RecordFilter& filter) {
  const bool of_status = filter.status.empty() || person_status_name(user.status) == filter.status;
  return of_status && (filter.programme.empty() ||
                       std::any_of(user.memberships.begin(), user.memberships.end(),
                                   [&](const Membership& membership) {
                                     return membership.programme.value == filter.programme;
                                   }));
}
bool passes(const Programme& programme, const RecordFilter& filter) {
  return filter.programme.empty() || programme.id.value == filter.programme;
}
bool passes(const GroupPractice& group, const RecordFilter& filter) {
  return filter.programme.empty() || group.programme.value == filter.programme;
}
bool passes(const LentDevice& device, const RecordFilter& filter) {
  return filter.programme.empty() || device.programme.value == filter.programme;
}

/// `write` of each record that passes, after what `out` holds already.
template <typename T, typename Row, typename Write>
Result<std::vector<Row>> each(const Result<std::vector<T>>& records, const RecordFilter& filter,
                              std::vector<Row> out, Write write) {
  if (!records) return tl::unexpected(records.error());
  for (const T& record : *records) {
    if (passes(record, filter)) out.push_back(write(record));
  }
  return out;
}

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

Row row_of(const User& user) {
  return {user.id.value, user.display_name(), std::string(person_status_name(user.status)),
          memberships_of(user), user.mail_address};
}
Row row_of(const Programme& programme) {
  return {programme.id.value, std::to_string(programme.version),
          std::string(offer_policy_name(programme.policy)), programme.name_fr};
}
Row row_of(const GroupPractice& group) {
  return {group.id, group.programme.value, group.name, std::to_string(group.members.size())};
}
Row row_of(const LentDevice& device) {
  return {device.id,
          device.programme.value,
          device.serial,
          device.model,
          device.is_lent() ? device.holder->value : "",
          device.is_lent() ? device.due_back_on : ""};
}

template <typename T>
Result<Rows> rows_of(const Result<std::vector<T>>& records, const RecordFilter& filter,
                     Row heading) {
  return each(records, filter, Rows{std::move(heading)},
              [](const T& record) { return row_of(record); });
}

template <typename T>
Result<std::vector<std::string>> documents_of(const Result<std::vector<T>>& records,
                                              const RecordFilter& filter,
                                              std::string (*write)(const T&)) {
  return each(records, filter, std::vector<std::string>(), write);
}

}  // namespace

std::string_view record_kind_name(RecordKind kind) {
  switch (kind) {
    case RecordKind::programme:
      return "programme";
    case RecordKind::person:
      return "person";
    case RecordKind::group:
      return "group";
    case RecordKind::device:
      return "device";
  }
  return "device";
}

Result<std::vector<std::string>> documents_in(std::string_view text) {
  // Whether the whole is one object is all that is asked of the reader here.
  JsonReader whole(text);
  const auto read = whole.finish();
  if (read || read.error().code != ErrorCode::malformed_request) {
    return std::vector<std::string>{std::string(text)};
  }
  std::vector<std::string> documents;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) documents.emplace_back(line);
  }
  if (documents.empty()) {
    return fail(ErrorCode::malformed_request,
                "This file is empty: give one JSON object, or one on each line.");
  }
  return documents;
}

Result<std::string> import_record(Registry& registry, RecordKind kind, std::string_view json) {
  switch (kind) {
    case RecordKind::programme:
      return import_programme(registry, json);
    case RecordKind::person:
      return import_person(registry, json);
    case RecordKind::group:
      return import_group(registry, json);
    case RecordKind::device:
      return import_device(registry, json);
  }
  return fail(ErrorCode::internal, "There is no such kind of record.");
}

Result<std::string> export_record(Registry& registry, RecordKind kind, const std::string& id) {
  switch (kind) {
    case RecordKind::programme:
      return written(registry.programme(kOperator, ProgrammeId(id)), programme_json);
    case RecordKind::person: {
      const auto person = person_named(registry, id);
      if (!person) return tl::unexpected(person.error());
      const auto record = registry.person(kOperator, *person);
      if (!record) return tl::unexpected(record.error());
      return person_json(record->user);
    }
    case RecordKind::group:
      return written(registry.group(kOperator, id), group_json);
    case RecordKind::device:
      return written(registry.device(kOperator, id), lent_device_json);
  }
  return fail(ErrorCode::internal, "There is no such kind of record.");
}

Result<std::vector<std::string>> export_records(Registry& registry, RecordKind kind,
                                                const RecordFilter& filter) {
  switch (kind) {
    case RecordKind::programme:
      return documents_of(registry.programmes(kOperator), filter, programme_json);
    case RecordKind::person:
      return documents_of(registry.people(kOperator), filter, person_json);
    case RecordKind::group:
      return documents_of(registry.groups(kOperator), filter, group_json);
    case RecordKind::device:
      return documents_of(registry.devices(kOperator), filter, lent_device_json);
  }
  return fail(ErrorCode::internal, "There is no such kind of record.");
}

Result<UserId> person_named(Registry& registry, const std::string& id_or_login) {
  const auto people = registry.people(kOperator);
  if (!people) return tl::unexpected(people.error());
  for (const User& user : *people) {
    if (user.id.value == id_or_login || user.login == id_or_login) return user.id;
  }
  return fail(ErrorCode::not_found, "Nobody has this id or login: see `telavis person list`.");
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

Result<Rows> listing(Registry& registry, RecordKind kind, const RecordFilter& filter) {
  switch (kind) {
    case RecordKind::programme:
      return rows_of(registry.programmes(kOperator), filter, {"ID", "VERSION", "POLICY", "NAME"});
    case RecordKind::person:
      return rows_of(registry.people(kOperator), filter,
                     {"ID", "NAME", "STATUS", "ROLES", "ADDRESS"});
    case RecordKind::group:
      return rows_of(registry.groups(kOperator), filter, {"ID", "PROGRAMME", "NAME", "MEMBERS"});
    case RecordKind::device:
      return rows_of(registry.devices(kOperator), filter,
                     {"ID", "PROGRAMME", "SERIAL", "MODEL", "HOLDER", "DUE BACK"});
  }
  return fail(ErrorCode::internal, "There is no such kind of record.");
}

Rows history_rows(const std::vector<Revision>& revisions) {
  Rows rows = {{"VERSION", "AT", "BY"}};
  for (const Revision& revision : revisions) {
    rows.push_back(
        {std::to_string(revision.version), format_utc(revision.change.at), revision.change.actor});
  }
  return rows;
}

}  // namespace telavis
