// SPDX-License-Identifier: Apache-2.0
#include "engine/core/rights.h"

#include <algorithm>

namespace telavis {
namespace {

/// Offered, or accepted and not signed yet: the two states in which the next step is the expert's.
bool awaits_expert(const Case& subject) {
  switch (subject.state) {
    case CaseState::offered:
      return true;
    case CaseState::accepted:
      return !subject.pending_opinion;
    case CaseState::queued:
    case CaseState::answered:
    case CaseState::delivered:
    case CaseState::closed:
    case CaseState::cancelled:
      return false;
  }
  return false;
}

bool holds_opening(const UserId& referent, const Case& subject, Instant now) {
  return std::any_of(subject.referent_access.begin(), subject.referent_access.end(),
                     [&](const ReferentAccess& access) {
                       return access.referent == referent && now < access.until;
                     });
}

}  // namespace

std::optional<Role> role_in_case(const User& actor, const Case& subject) {
  if (subject.requester == actor.id) return Role::requester;
  if (subject.expert == actor.id) return Role::expert;
  for (const Role role : {Role::medical_referent, Role::coordinator, Role::treasurer}) {
    if (actor.has(role, subject.programme)) return role;
  }
  return std::nullopt;
}

CaseAccess access_to(const User& actor, const Case& subject, Instant now) {
  const bool expert_in_charge = subject.expert == actor.id && subject.state != CaseState::cancelled;
  const bool opened =
      actor.has(Role::medical_referent, subject.programme) && holds_opening(actor.id, subject, now);
  if (subject.requester == actor.id || expert_in_charge || opened) return CaseAccess::content;
  return role_in_case(actor, subject) ? CaseAccess::figures : CaseAccess::none;
}

PermittedActions permitted_actions(const User& actor, const Case& subject, Instant now) {
  const bool is_requester = subject.requester == actor.id;
  const bool is_expert = subject.expert == actor.id;
  const bool reads_content = access_to(actor, subject, now) == CaseAccess::content;
  PermittedActions may;
  may.accept = is_expert && subject.state == CaseState::offered;
  may.decline = may.accept;
  may.answer = is_expert && awaits_expert(subject);
  // Once an opinion is signed the requester is to read it, not to throw it away unread.
  may.cancel = is_requester && is_open(subject.state) && !subject.pending_opinion;
  may.open = !reads_content && actor.has(Role::medical_referent, subject.programme);
  may.read_content = reads_content;
  may.read_report = reads_content && !subject.report_blob.empty();
  return may;
}

}  // namespace telavis
