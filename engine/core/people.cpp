// SPDX-License-Identifier: Apache-2.0
#include "engine/core/people.h"

#include <algorithm>

namespace telavis {

std::string_view role_name(Role role) {
  switch (role) {
    case Role::requester:
      return "requester";
    case Role::expert:
      return "expert";
    case Role::coordinator:
      return "coordinator";
    case Role::treasurer:
      return "treasurer";
    case Role::medical_referent:
      return "medical_referent";
    case Role::admin:
      return "admin";
  }
  return "admin";
}

std::optional<Role> role_from_name(std::string_view name) {
  for (const Role role : {Role::requester, Role::expert, Role::coordinator, Role::treasurer,
                          Role::medical_referent, Role::admin}) {
    if (role_name(role) == name) return role;
  }
  return std::nullopt;
}

bool User::has(Role role, const ProgrammeId& programme) const {
  return std::any_of(memberships.begin(), memberships.end(), [&](const Membership& membership) {
    return membership.role == role && membership.programme == programme;
  });
}

bool User::has_anywhere(Role role) const {
  return std::any_of(memberships.begin(), memberships.end(),
                     [&](const Membership& membership) { return membership.role == role; });
}

std::vector<ProgrammeId> User::programmes_as(Role role) const {
  std::vector<ProgrammeId> programmes;
  for (const Membership& membership : memberships) {
    if (membership.role == role) programmes.push_back(membership.programme);
  }
  return programmes;
}

std::string User::display_name() const {
  std::string name = title;
  for (const std::string& part : {given_name, family_name}) {
    if (!name.empty() && !part.empty()) name += ' ';
    name += part;
  }
  return name;
}

}  // namespace telavis
