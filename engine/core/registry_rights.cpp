// SPDX-License-Identifier: Apache-2.0
#include "engine/core/registry_rights.h"

#include <algorithm>

namespace telavis {

bool administers(const RegistryActor& actor) {
  return !actor.user || actor.user->has_anywhere(Role::admin);
}

bool coordinates(const RegistryActor& actor, const ProgrammeId& programme) {
  return administers(actor) || actor.user->has(Role::coordinator, programme);
}

bool may_change(const RegistryActor& actor, const User& person, PersonRight right) {
  if (administers(actor)) return true;
  const bool himself = actor.user->id == person.id;
  switch (right) {
    case PersonRight::own:
      if (himself) return true;
      break;
    case PersonRight::steward:
      break;
    case PersonRight::whole:
      return false;
  }
  return !himself && !person.memberships.empty() &&
         std::all_of(
             person.memberships.begin(), person.memberships.end(),
             [&](const Membership& membership) {
               return (membership.role == Role::requester || membership.role == Role::expert) &&
                      actor.user->has(Role::coordinator, membership.programme);
             });
}

bool may_see(const RegistryActor& actor, const User& person) {
  if (administers(actor) || actor.user->id == person.id) return true;
  return std::any_of(
      person.memberships.begin(), person.memberships.end(),
      [&](const Membership& membership) { return coordinates(actor, membership.programme); });
}

bool may_see(const RegistryActor& actor, const ProgrammeId& programme) {
  return coordinates(actor, programme);
}

}  // namespace telavis
