// SPDX-License-Identifier: Apache-2.0
#include "engine/core/rights.h"

#include <algorithm>

namespace telavis {
namespace {

bool holds_opening(const UserId& referent, const Case& subject, Instant now) {
  return std::any_of(subject.referent_access.begin(), subject.referent_access.end(),
                     [&](const ReferentAccess& access) {
                       return access.referent == referent && now < access.until;
                     });
}

/// What the last offer to an expert leaves him.
CaseAccess access_by_offer(const Case& subject, const UserId& expert) {
  const auto offer = std::find_if(subject.offers.rbegin(), subject.offers.rend(),
                                  [&](const Offer& made) { return made.expert == expert; });
  if (offer == subject.offers.rend()) return CaseAccess::none;
  switch (offer->outcome) {
    case OfferOutcome::pending:
      return subject.plan.policy == OfferPolicy::open && !offer->expires_at ? CaseAccess::coded
                                                                            : CaseAccess::content;
    case OfferOutcome::accepted:
      return CaseAccess::content;
    case OfferOutcome::expired:
    case OfferOutcome::taken_back:
      return is_open(subject.state) ? CaseAccess::content : CaseAccess::none;
    case OfferOutcome::withdrawn:
      return subject.state == CaseState::cancelled ? CaseAccess::figures : CaseAccess::none;
    case OfferOutcome::declined:
    case OfferOutcome::given_back:
      return CaseAccess::none;
  }
  return CaseAccess::none;
}

CaseAccess access_as_expert(const Case& subject, const UserId& expert) {
  const bool in_charge = subject.expert == expert;
  const bool author = subject.pending_opinion && subject.pending_opinion->expert == expert;
  if (!in_charge && !author) return access_by_offer(subject, expert);
  return subject.state == CaseState::cancelled ? CaseAccess::figures : CaseAccess::content;
}

bool reads_for_requester(const UserId& person, const Case& subject) {
  return subject.requester == person || subject.requester_delegate == person;
}

}  // namespace

std::optional<Role> role_in_case(const User& actor, const Case& subject) {
  if (reads_for_requester(actor.id, subject)) return Role::requester;
  if (access_as_expert(subject, actor.id) != CaseAccess::none) return Role::expert;
  for (const Role role : {Role::medical_referent, Role::coordinator, Role::treasurer}) {
    if (actor.has(role, subject.programme)) return role;
  }
  return std::nullopt;
}

CaseAccess access_to(const User& actor, const Case& subject, Instant now) {
  const auto role = role_in_case(actor, subject);
  CaseAccess access = role ? CaseAccess::figures : CaseAccess::none;
  if (role == Role::requester) access = CaseAccess::content;
  if (role == Role::expert) access = access_as_expert(subject, actor.id);
  if (subject.restricted_at) access = std::min(access, CaseAccess::figures);
  const bool opened =
      actor.has(Role::medical_referent, subject.programme) && holds_opening(actor.id, subject, now);
  if (opened) access = CaseAccess::content;
  return subject.wrapped_key.empty() ? std::min(access, CaseAccess::figures) : access;
}

bool looks_after(const User& actor, const Case& subject) {
  return actor.has(Role::coordinator, subject.programme) ||
         actor.has(Role::medical_referent, subject.programme);
}

}  // namespace telavis
