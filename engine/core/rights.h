// SPDX-License-Identifier: Apache-2.0
// What a person may see of a case and do with it. Pure: the one statement of the rule, used by the
// service to refuse and by the HTTP views to show what is possible.
#pragma once

#include <optional>

#include "engine/core/case.h"
#include "engine/core/people.h"
#include "engine/core/time.h"

namespace telavis {

/// How much of a case a person may see.
enum class CaseAccess {
  none,
  figures,  // pseudonymous number, delays, doctors, acts: coordinator, treasurer
  content,  // identity and content: requester, the expert, the medical referent after a reason
};

/// The role in which a person looks at a case; the closest to the patient when he holds several.
/// nullopt: the person may not know that the case exists. Never `admin`.
std::optional<Role> role_in_case(const User& actor, const Case& subject);

/// Requester: content. The expert who is offered the case or has it: content, until it is cancelled
/// (then figures: he must see that it was withdrawn, and has no need of the patient any more). An
/// expert who declined or let the offer pass: none. Medical referent of the programme: figures, and
/// content while an opening of his lasts. Coordinator and treasurer of the programme: figures.
CaseAccess access_to(const User& actor, const Case& subject, Instant now);

struct PermittedActions {
  bool accept = false;
  bool decline = false;
  bool answer = false;
  bool cancel = false;
  bool open = false;  // as medical referent, with a reason
  bool read_content = false;
  bool read_report = false;

  bool operator==(const PermittedActions&) const = default;
};

/// What `actor` may do with the case as it stands at `now`.
PermittedActions permitted_actions(const User& actor, const Case& subject, Instant now);

}  // namespace telavis
