// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"

namespace telavis {

/// How far back offers count for fairness.
inline constexpr Duration kFairnessWindow = std::chrono::hours(30 * 24);

/// What the choice looks at besides the case and the people.
struct PoolLoad {
  std::int64_t open_cases = 0;     // offered to him by name, or held by him
  std::int64_t recent_offers = 0;  // named offers of the last 30 days in the programme
  std::int64_t week_cases = 0;     // his of the last seven days, in whichever programme; of an
                                   // expert with a weekly quota alone
};

struct RoutingInput {
  const Case& subject;
  const Programme& programme;
  const std::vector<User>& pool;  // experts of the programme
  const std::map<UserId, PoolLoad>& load;
  const std::map<UserId, std::int64_t>& previous_contacts;  // with this requester
  const std::string& requester_territory;
  Instant now;
};

/// Who is asked next, until when, and why.
///
/// `direct`: whom the requester named, one expert or all of a group practice, as long as none of
/// them was asked in this case; then the pool like `rotation`: the one with the best score. `open`:
/// everybody eligible, without an end. Who can still answer before the breach comes first, then who
/// was asked least in this case, then a sum of open cases, offers of 30 days, territory and
/// previous contacts. Ties are broken by a hash of case and expert, so that the choice is fair and
/// can be repeated.
///
/// Offer windows run in the expert's hours; a fast line under 4 h asks at once and counts elapsed
/// time. `Considered::excluded_because` is "inactive", "unavailable", "absent", "is_requester",
/// "conflict_of_interest", "territory", "exam_kind", "full", "quota", "not_trained",
/// "not_insured", "declined" (he declined, gave back or had the case taken back), "pending" (it is
/// offered to him or his), "asked_lately" (silent, less than 12 h ago) or "not_in_pool" (named, but
/// no expert of the programme).
Assignment route(const RoutingInput& input);

}  // namespace telavis
