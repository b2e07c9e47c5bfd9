// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/clock_watch.h"
#include "engine/core/ports.h"

namespace telavis {

/// The machine's wall clock; the only place of the project that reads it.
class SystemClock : public Clock {
 public:
  Instant now() override;
};

/// Both clocks of this machine.
ClockLook look_at_clocks();
/// Since the machine started, suspended time included.
Duration uptime();

}  // namespace telavis
