// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "engine/core/ports.h"
#include "engine/core/routing.h"

namespace telavis {

/// What the experts of a programme have on their hands at `now`. Errors: storage.
Result<std::map<UserId, PoolLoad>> load_of(Repository& repository, const ProgrammeId& programme,
                                           const std::vector<User>& pool, Instant now);

}  // namespace telavis
