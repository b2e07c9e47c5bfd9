// SPDX-License-Identifier: Apache-2.0
#include "engine/core/routing.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "engine/core/crypto.h"

namespace telavis {
namespace {

std::string exclusion(const Case& subject, const User& expert) {
  if (!expert.active) return "inactive";
  if (!expert.available) return "unavailable";
  if (expert.id == subject.requester) return "is_requester";
  const bool asked = std::any_of(subject.offers.begin(), subject.offers.end(),
                                 [&](const Offer& offer) { return offer.expert == expert.id; });
  return asked ? "asked_before" : "";
}

}  // namespace

Assignment route(const Case& subject, const std::vector<User>& pool,
                 const std::map<UserId, std::int64_t>& open_cases) {
  Assignment assignment;
  const auto rank = [&](const Considered& considered) {
    return std::tuple(considered.open_cases,
                      hash_hex(subject.id.value + "/" + considered.expert.value));
  };
  const Considered* best = nullptr;
  assignment.considered.reserve(pool.size());
  for (const User& expert : pool) {
    const auto load = open_cases.find(expert.id);
    assignment.considered.push_back(
        {expert.id, exclusion(subject, expert), load == open_cases.end() ? 0 : load->second});
    const Considered& candidate = assignment.considered.back();
    if (!candidate.excluded_because.empty()) continue;
    if (best == nullptr || rank(candidate) < rank(*best)) best = &candidate;
  }
  if (best != nullptr) assignment.expert = best->expert;
  return assignment;
}

}  // namespace telavis
