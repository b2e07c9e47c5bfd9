// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/people.h"

namespace telavis {

/// Chooses the next expert of a case out of the pool: active, available, of the programme, not the
/// requester, not asked before; then the fewest open cases; ties are broken by a hash of case and
/// expert, so that the choice is fair and can be repeated. Explains itself in `considered`.
Assignment route(const Case& subject, const std::vector<User>& pool,
                 const std::map<UserId, std::int64_t>& open_cases);

}  // namespace telavis
