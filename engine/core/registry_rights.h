// SPDX-License-Identifier: Apache-2.0
// Who may change what is on file. Pure: the one statement of the rule.
#pragma once

#include <optional>
#include <string>

#include "engine/core/lent_device.h"
#include "engine/core/people.h"

namespace telavis {

/// Who acts on the files: somebody logged in, or the operator at the command line.
struct RegistryActor {
  std::optional<User> user;  // none: the operator

  /// For changes and the audit: the user's id, or "operator".
  std::string id() const { return user ? user->id.value : "operator"; }
};

enum class PersonRight {
  own,      // telephone numbers, hours, absences, delegate: also the person himself
  steward,  // enrolment, suspension, terms: a coordinator for the doctors of his programmes
  whole,    // anything on file: administrators alone
};

/// An administrator, or the operator: everything on file, and no case.
bool administers(const RegistryActor& actor);
bool coordinates(const RegistryActor& actor, const ProgrammeId& programme);

/// A coordinator is the steward of requesters and experts all of whose programmes he coordinates:
/// never of himself, of staff, or of a medical referent, so that no coordinator can give anybody a
/// right that he was not given himself.
bool may_change(const RegistryActor& actor, const User& person, PersonRight right);
/// Administrators, the person himself, coordinators of one of his programmes.
bool may_see(const RegistryActor& actor, const User& person);
bool may_see(const RegistryActor& actor, const ProgrammeId& programme);

}  // namespace telavis
