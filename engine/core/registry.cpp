// SPDX-License-Identifier: Apache-2.0
// Programmes, group practices, lent devices, the directory, and all reading.
#include "engine/core/registry.h"

#include <algorithm>
#include <set>
#include <utility>

namespace telavis {
namespace {

tl::unexpected<Error> not_found(std::string_view what) {
  return fail(ErrorCode::not_found,
              "There is no such " + std::string(what) + ", or it is not in your programmes.");
}

tl::unexpected<Error> not_yours(std::string_view what) {
  return fail(ErrorCode::forbidden, "Only an administrator, or a coordinator of the programme, " +
                                        std::string(what) + ".");
}

/// What was looked up by its id.
template <typename T>
Result<T> found(Result<std::optional<T>> looked_up, std::string_view what) {
  if (!looked_up) return tl::unexpected(std::move(looked_up.error()));
  if (!*looked_up) return not_found(what);
  return std::move(**looked_up);
}

template <typename T, typename Predicate>
Result<std::vector<T>> only_those(Result<std::vector<T>> all, Predicate keep) {
  if (all) std::erase_if(*all, [&](const T& record) { return !keep(record); });
  return all;
}

}  // namespace

void Registry::audit_refusal(const std::string& actor, std::string_view action,
                             const Error& error) {
  const auto written = ports_.repository.append_node_audit(
      {ports_.clock.now(), actor, "refused:" + std::string(action),
       std::string(error_name(error.code)), trace_salt(ports_.random)});
  // The refusal stands whether or not it could be written down; the count of lost entries is shown.
  if (!written) ++unaudited_;
}

Result<void> Registry::record_read(const RegistryActor& by, std::string_view kind,
                                   const std::string& id) {
  return ports_.repository.append_node_audit(
      {ports_.clock.now(), by.id(), "read:" + std::string(kind), id, trace_salt(ports_.random)});
}

Result<User> Registry::stored_person(const UserId& id) {
  return found(ports_.repository.user(id), "person");
}

Result<LentDevice> Registry::stored_device(const std::string& id) {
  return found(ports_.repository.device(id), "device");
}

Result<std::vector<Programme>> Registry::programmes_of(const User& person) {
  std::vector<Programme> list;
  for (const Membership& membership : person.memberships) {
    const bool known = std::any_of(list.begin(), list.end(), [&](const Programme& programme) {
      return programme.id == membership.programme;
    });
    if (membership.programme.empty() || known) continue;
    auto programme = ports_.repository.programme(membership.programme);
    if (!programme) return tl::unexpected(programme.error());
    if (!*programme) {
      return fail(ErrorCode::unknown_programme,
                  "There is no programme " + membership.programme.value + ": import it first.");
    }
    list.push_back(std::move(**programme));
  }
  return list;
}

Result<std::string> Registry::today_of(const User& person) {
  const auto programmes = programmes_of(person);
  if (!programmes) return tl::unexpected(programmes.error());
  const auto local =
      local_time(ports_.clock.now(), programmes->empty() ? "UTC" : programmes->front().time_zone);
  if (!local) return tl::unexpected(local.error());
  return local->date;
}

// ---- groups -------------------------------------------------------------------------------------

Result<GroupPractice> Registry::put_group(const RegistryActor& by, const GroupPractice& group,
                                          Replaces replaces) {
  return audited(by.id(), "put_group", put_group_checked(by, group, replaces));
}

Result<GroupPractice> Registry::put_group_checked(const RegistryActor& by,
                                                  const GroupPractice& group,
                                                  const Replaces& replaces) {
  const auto stored = ports_.repository.group(group.id);
  if (!stored) return tl::unexpected(stored.error());
  if (!coordinates(by, group.programme) || (*stored && !coordinates(by, (*stored)->programme))) {
    return not_yours("changes its group practices");
  }
  if (auto sound = check_group(group); !sound) return tl::unexpected(sound.error());
  const auto programme = found(ports_.repository.programme(group.programme), "programme");
  if (!programme) return tl::unexpected(programme.error());
  for (const UserId& id : group.members) {
    const auto member = ports_.repository.user(id);
    if (!member) return tl::unexpected(member.error());
    if (!*member || !(*member)->has(Role::expert, group.programme)) {
      return fail(ErrorCode::invalid_field,
                  "'members' must be experts of the programme: enrol them first.");
    }
  }
  GroupPractice next = group;
  next.version = *stored ? (*stored)->version : 0;
  const Change change{ports_.clock.now(), by.id(), replaces.value_or(next.version)};
  if (auto put = ports_.repository.put_group(next, change); !put) {
    return tl::unexpected(put.error());
  }
  ++next.version;
  return next;
}

// ---- devices ------------------------------------------------------------------------------------

Result<LentDevice> Registry::put_device(const RegistryActor& by, const LentDevice& device,
                                        Replaces replaces) {
  return audited(by.id(), "put_device", put_device_checked(by, device, replaces));
}

Result<LentDevice> Registry::put_device_checked(const RegistryActor& by, const LentDevice& device,
                                                const Replaces& replaces) {
  const auto stored = ports_.repository.device(device.id);
  if (!stored) return tl::unexpected(stored.error());
  if (!coordinates(by, device.programme) || (*stored && !coordinates(by, (*stored)->programme))) {
    return not_yours("changes its devices");
  }
  if (auto sound = check_lent_device(device); !sound) return tl::unexpected(sound.error());
  const auto programme = found(ports_.repository.programme(device.programme), "programme");
  if (!programme) return tl::unexpected(programme.error());
  if (device.is_lent()) {
    const auto holder = ports_.repository.user(*device.holder);
    if (!holder) return tl::unexpected(holder.error());
    if (!*holder || (!(*holder)->has(Role::requester, device.programme) &&
                     !(*holder)->has(Role::expert, device.programme))) {
      return fail(ErrorCode::invalid_field,
                  "'holder' must be a doctor of the device's programme: enrol him first.");
    }
  }
  LentDevice next = device;
  next.version = *stored ? (*stored)->version : 0;
  const Change change{ports_.clock.now(), by.id(), replaces.value_or(next.version)};
  if (auto put = ports_.repository.put_device(next, change); !put) {
    return tl::unexpected(put.error());
  }
  ++next.version;
  return next;
}

Result<LentDevice> Registry::change_device(const RegistryActor& by, const std::string& id,
                                           const Replaces& replaces, const DeviceMutation& mutate) {
  auto device = stored_device(id);
  if (!device) return tl::unexpected(device.error());
  if (!coordinates(by, device->programme)) return not_yours("lends its devices");
  const auto programme = found(ports_.repository.programme(device->programme), "programme");
  if (!programme) return tl::unexpected(programme.error());
  const auto local = local_time(ports_.clock.now(), programme->time_zone);
  if (!local) return tl::unexpected(local.error());
  const std::int64_t version = device->version;
  if (auto changed = mutate(*device, local->date); !changed) {
    return tl::unexpected(changed.error());
  }
  return put_device_checked(by, *device, replaces.value_or(version));
}

Result<LentDevice> Registry::lend_device(const RegistryActor& by, const std::string& id,
                                         const UserId& holder, const std::string& due_back_on,
                                         Replaces replaces) {
  return audited(by.id(), "lend_device",
                 change_device(by, id, replaces, [&](LentDevice& device, const std::string& today) {
                   if (device.is_lent()) {
                     return Result<void>(fail(ErrorCode::state_conflict,
                                              "This device is lent: record its return first."));
                   }
                   device.holder = holder;
                   device.lent_on = today;
                   device.due_back_on = due_back_on;
                   device.returned_on.clear();
                   return Result<void>();
                 }));
}

Result<LentDevice> Registry::return_device(const RegistryActor& by, const std::string& id,
                                           const std::string& consumables, Replaces replaces) {
  return audited(
      by.id(), "return_device",
      change_device(by, id, replaces, [&](LentDevice& device, const std::string& today) {
        if (!device.is_lent()) {
          return Result<void>(fail(ErrorCode::state_conflict, "This device is not lent."));
        }
        device.returned_on = today;
        if (!consumables.empty()) device.consumables = consumables;
        return Result<void>();
      }));
}

// ---- programmes ---------------------------------------------------------------------------------

Result<Programme> Registry::put_programme(const RegistryActor& by, const Programme& programme) {
  const auto put = [&]() -> Result<Programme> {
    if (!administers(by)) {
      return fail(ErrorCode::forbidden,
                  "Only an administrator changes a programme: it is what patients were promised.");
    }
    if (!is_record_id(programme.id.value)) {
      return fail(ErrorCode::configuration_invalid,
                  "'id' must have 1 to 64 of a-z, 0-9, '-', '_' and '.'.");
    }
    auto stored = ports_.repository.put_programme(
        programme, {ports_.clock.now(), by.id(), programme.version - 1});
    if (!stored) return tl::unexpected(stored.error());
    return programme;
  };
  return audited(by.id(), "put_programme", put());
}

// ---- reading ------------------------------------------------------------------------------------

Result<std::vector<User>> Registry::people(const RegistryActor& by) {
  if (auto written = record_read(by, "people", ""); !written) {
    return tl::unexpected(written.error());
  }
  return only_those(ports_.repository.users(), [&](const User& user) { return may_see(by, user); });
}

Result<PersonRecord> Registry::person(const RegistryActor& by, const UserId& id) {
  const auto show = [&]() -> Result<PersonRecord> {
    auto user = stored_person(id);
    if (!user) return tl::unexpected(user.error());
    if (!may_see(by, *user)) return not_found("person");
    const auto programmes = programmes_of(*user);
    if (!programmes) return tl::unexpected(programmes.error());
    const auto today = today_of(*user);
    if (!today) return tl::unexpected(today.error());
    if (auto written = record_read(by, "person", id.value); !written) {
      return tl::unexpected(written.error());
    }
    auto warnings = person_warnings(*user, *today);
    auto obstacles = obstacles_to_activity(*user, *programmes, *today);
    return PersonRecord{std::move(*user), std::move(warnings), std::move(obstacles)};
  };
  return audited(by.id(), "show_person", show());
}

Result<std::vector<GroupPractice>> Registry::groups(const RegistryActor& by) {
  const auto all = programmes(by);
  if (!all) return tl::unexpected(all.error());
  std::vector<GroupPractice> list;
  for (const Programme& programme : *all) {
    auto groups = ports_.repository.groups(programme.id);
    if (!groups) return tl::unexpected(groups.error());
    std::move(groups->begin(), groups->end(), std::back_inserter(list));
  }
  return list;
}

Result<GroupPractice> Registry::group(const RegistryActor& by, const std::string& id) {
  return audited(by.id(), "show_group", visible_group(by, id));
}

Result<GroupPractice> Registry::visible_group(const RegistryActor& by, const std::string& id) {
  auto group = found(ports_.repository.group(id), "group practice");
  if (group && !may_see(by, group->programme)) return not_found("group practice");
  return group;
}

Result<std::vector<LentDevice>> Registry::devices(const RegistryActor& by) {
  if (auto written = record_read(by, "devices", ""); !written) {
    return tl::unexpected(written.error());
  }
  return only_those(ports_.repository.lent_devices(),
                    [&](const LentDevice& device) { return may_see(by, device.programme); });
}

Result<LentDevice> Registry::device(const RegistryActor& by, const std::string& id) {
  return audited(by.id(), "show_device", visible_device(by, id));
}

Result<std::vector<LentDevice>> Registry::devices_of(const User& reader) {
  return only_those(ports_.repository.lent_devices(), [&](const LentDevice& device) {
    return device.is_lent() && device.holder == reader.id;
  });
}

Result<LentDevice> Registry::visible_device(const RegistryActor& by, const std::string& id) {
  auto device = stored_device(id);
  if (device && !may_see(by, device->programme)) return not_found("device");
  return device;
}

Result<std::vector<Programme>> Registry::programmes(const RegistryActor& by) {
  return only_those(ports_.repository.programmes(),
                    [&](const Programme& programme) { return may_see(by, programme.id); });
}

Result<Programme> Registry::programme(const RegistryActor& by, const ProgrammeId& id) {
  return audited(by.id(), "show_programme", visible_programme(by, id));
}

Result<Programme> Registry::visible_programme(const RegistryActor& by, const ProgrammeId& id) {
  auto programme = found(ports_.repository.programme(id), "programme");
  if (programme && !may_see(by, id)) return not_found("programme");
  return programme;
}

Result<void> Registry::check_may_see(const RegistryActor& by, const std::string& kind,
                                     const std::string& id) {
  const auto void_of = [](const auto& result) {
    return result ? Result<void>() : Result<void>(tl::unexpected(result.error()));
  };
  if (kind == "person") {
    const auto user = stored_person(UserId(id));
    // Former versions tell of decisions: they are for those who take them.
    if (user && !may_change(by, *user, PersonRight::steward)) return not_found(kind);
    return void_of(user);
  }
  if (kind == "programme") return void_of(visible_programme(by, ProgrammeId(id)));
  if (kind == "group") return void_of(visible_group(by, id));
  if (kind == "device") return void_of(visible_device(by, id));
  return not_found("kind of record");
}

Result<std::vector<Revision>> Registry::history(const RegistryActor& by, const std::string& kind,
                                                const std::string& id) {
  const auto read = [&]() -> Result<std::vector<Revision>> {
    if (auto seen = check_may_see(by, kind, id); !seen) return tl::unexpected(seen.error());
    if (auto written = record_read(by, "history", id); !written) {
      return tl::unexpected(written.error());
    }
    return ports_.repository.revisions(kind, id);
  };
  return audited(by.id(), "history", read());
}

// ---- directory ----------------------------------------------------------------------------------

Result<std::vector<DirectoryEntry>> Registry::directory(const User& reader, const ProgrammeId& id) {
  return audited(reader.id.value, "directory", directory_checked(reader, id));
}

Result<std::vector<DirectoryEntry>> Registry::directory_checked(const User& reader,
                                                                const ProgrammeId& id) {
  const auto programme = ports_.repository.programme(id);
  if (!programme) return tl::unexpected(programme.error());
  const bool takes_part = reader.has(Role::requester, id) || reader.has(Role::expert, id) ||
                          reader.has(Role::coordinator, id);
  if (!*programme || !takes_part) {
    return fail(ErrorCode::forbidden,
                "You are no requester, expert or coordinator of this programme.");
  }
  auto experts = ports_.repository.members(id, Role::expert);
  if (!experts) return tl::unexpected(experts.error());
  auto groups = ports_.repository.groups(id);
  if (!groups) return tl::unexpected(groups.error());
  const Instant now = ports_.clock.now();
  std::vector<DirectoryEntry> entries;
  std::set<UserId> active;
  for (const User& expert : *experts) {
    if (expert.status != PersonStatus::active) continue;
    active.insert(expert.id);
    const Timetable& own = expert.terms.availability;
    const Timetable hours = own.time_zone.empty() ? daytime((*programme)->time_zone) : own;
    DirectoryEntry entry{expert.id.value,     false,        expert.display_name(),
                         expert.speciality,   expert.place, expert.territory,
                         expert.office_phone, std::nullopt};
    if (expert.available) entry.next_open_at = next_open(hours, now);
    entries.push_back(std::move(entry));
  }
  for (const GroupPractice& group : *groups) {
    const bool anybody = std::any_of(group.members.begin(), group.members.end(),
                                     [&](const UserId& member) { return active.contains(member); });
    if (!anybody) continue;
    entries.push_back({group.id, true, group.name, (*programme)->speciality, "", "", group.phone,
                       next_open(daytime((*programme)->time_zone), now)});
  }
  return entries;
}

}  // namespace telavis
