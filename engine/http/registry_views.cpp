// SPDX-License-Identifier: Apache-2.0
#include "engine/http/registry_views.h"

#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "engine/core/person_json.h"

namespace telavis {
namespace {

namespace json = boost::json;

/// What the domain wrote itself: it is sound.
json::value parsed(const std::string& text) {
  return json::parse(text);
}

json::object versioned(std::int64_t version, std::string_view name, const std::string& text) {
  return {{"version", version}, {name, parsed(text)}};
}

json::object view(const User& user) {
  return versioned(user.version, "person", person_json(user));
}
json::object view(const GroupPractice& group) {
  return versioned(group.version, "group", group_json(group));
}
json::object view(const LentDevice& device) {
  return versioned(device.version, "device", lent_device_json(device));
}
json::value view(const Programme& programme) {
  return parsed(programme_json(programme));
}

template <typename T>
std::string list(std::string_view name, const std::vector<T>& records) {
  json::array out;
  for (const T& record : records) out.emplace_back(view(record));
  return json::serialize(json::object{{name, std::move(out)}});
}

json::array remarks(const std::vector<std::string>& codes, Language language) {
  json::array out;
  for (const std::string& code : codes) {
    out.push_back(json::object{{"code", code}, {"text", message(language, "person." + code)}});
  }
  return out;
}

}  // namespace

std::string person_view(const User& user) {
  return json::serialize(view(user));
}

std::string person_record_view(const PersonRecord& record, Language language) {
  json::object out = view(record.user);
  out["warnings"] = remarks(record.warnings, language);
  out["obstacles"] = remarks(record.obstacles, language);
  return json::serialize(out);
}

std::string people_view(const std::vector<User>& people) {
  return list("people", people);
}

std::string enrolment_view(const PersonRecord& record, Language language) {
  return json::serialize(
      json::object{{"enrolment", json::object{{"id", record.user.id.value},
                                              {"status", person_status_name(record.user.status)},
                                              {"warnings", remarks(record.warnings, language)}}}});
}

std::string group_view(const GroupPractice& group) {
  return json::serialize(view(group));
}

std::string groups_view(const std::vector<GroupPractice>& groups) {
  return list("groups", groups);
}

std::string device_view(const LentDevice& device) {
  return json::serialize(view(device));
}

std::string devices_view(const std::vector<LentDevice>& devices) {
  return list("devices", devices);
}

std::string own_devices_view(const std::vector<LentDevice>& devices) {
  json::array out;
  for (const LentDevice& device : devices) {
    out.push_back(json::object{{"id", device.id},
                               {"programme", device.programme.value},
                               {"model", device.model},
                               {"serial", device.serial},
                               {"owner", device.owner},
                               {"lent_on", device.lent_on},
                               {"due_back_on", device.due_back_on},
                               {"consumables", device.consumables},
                               {"suspended", device.suspended}});
  }
  return json::serialize(json::object{{"devices", std::move(out)}});
}

std::string pairing_view(const PairingCode& pairing) {
  return json::serialize(
      json::object{{"code", pairing.code}, {"expires_at", format_utc(pairing.expires_at)}});
}

std::string paired_view(const PairedDevice& paired) {
  return json::serialize(json::object{{"device", paired.device}, {"token", paired.token}});
}

std::string programme_view(const Programme& programme) {
  return json::serialize(json::object{{"programme", view(programme)}});
}

std::string definitions_view(const std::vector<Programme>& programmes) {
  return list("programmes", programmes);
}

std::string revisions_view(const std::vector<Revision>& revisions) {
  json::array out;
  for (const Revision& revision : revisions) {
    out.push_back(json::object{{"version", revision.version},
                               {"at", format_utc(revision.change.at)},
                               {"actor", revision.change.actor},
                               {"definition", parsed(revision.definition)}});
  }
  return json::serialize(json::object{{"revisions", std::move(out)}});
}

std::string directory_view(const std::vector<DirectoryEntry>& entries) {
  json::array out;
  for (const DirectoryEntry& entry : entries) {
    out.push_back(json::object{
        {"id", entry.id},
        {"kind", entry.is_group ? "group" : "expert"},
        {"name", entry.name},
        {"speciality", entry.speciality},
        {"place", entry.place},
        {"territory", entry.territory},
        {"phone", entry.phone},
        {"next_open_at", entry.next_open_at ? json::value(format_utc(*entry.next_open_at))
                                            : json::value(nullptr)}});
  }
  return json::serialize(json::object{{"directory", std::move(out)}});
}

}  // namespace telavis
