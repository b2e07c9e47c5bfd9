// SPDX-License-Identifier: Apache-2.0
#include "engine/clock.h"

namespace telavis {

Instant SystemClock::now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace telavis
