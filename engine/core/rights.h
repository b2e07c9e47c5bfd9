// SPDX-License-Identifier: Apache-2.0
// What a person may see of a case. Pure: the one statement of the rule, used by the service to
// refuse and by the HTTP views to show. What he may do is asked of decide() itself
// (engine/core/case_commands.h).
#pragma once

#include <optional>

#include "engine/core/case.h"
#include "engine/core/people.h"
#include "engine/core/time.h"

namespace telavis {

/// How much of a case a person may see; each includes what stands before it.
enum class CaseAccess {
  none,
  figures,  // pseudonymous number, delays, doctors, acts: coordinator, treasurer
  coded,    // age band, sex, coded reason, technical quality: the pool that is asked openly
  content,  // identity and content: requester, the expert, the medical referent after a reason
};

/// The role in which a person looks at a case; the closest to the patient when he holds several.
/// nullopt: the person may not know that the case exists. Never `admin`.
std::optional<Role> role_in_case(const User& actor, const Case& subject);

/// Requester, and his delegate once he was asked to read an opinion left unopened: content.
/// The expert who holds or answered the case, the author of an opinion about to leave, and one who
/// is offered it by name: content; one of a pool that is asked openly: coded, until he accepts.
/// An expert who was silent (his window passed, or the case was taken back): content while the case
/// is open, because his opinion still counts when it is the first; nothing afterwards. One who
/// declined or gave it back: nothing. After a cancellation those who had it or were asked see
/// figures: that it was withdrawn. Medical referent of the programme: figures, and content while an
/// opening of his lasts. Coordinator and treasurer of the programme: figures. An erased case:
/// figures at most; so a restricted one, but for a medical referent who opened it.
CaseAccess access_to(const User& actor, const Case& subject, Instant now);

/// The coordinator and the medical referent of the programme: they see how experts compared, by
/// name, and decide about the case as a file (hold, restriction, erasure).
bool looks_after(const User& actor, const Case& subject);

}  // namespace telavis
