// SPDX-License-Identifier: Apache-2.0
// What a requester may expect of a programme before he asks, from what it has done.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/core/ports.h"
#include "engine/core/programme.h"
#include "formats/result.h"

namespace telavis {

struct UsualWait {
  /// Median of the elapsed time from a complete request to the first opinion, over the answered
  /// cases of the last 90 days among the programme's 200 newest; none below five of them.
  std::optional<Duration> median;
  std::int64_t experts_present = 0;  // active, taking cases, and within their hours now
};

/// Errors: those of storage.
Result<UsualWait> usual_wait(Repository& repository, const Programme& programme, Instant now);

}  // namespace telavis
