// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/core/ports.h"

namespace telavis {

/// The machine's wall clock; the only place of the project that reads it.
class SystemClock : public Clock {
 public:
  Instant now() override;
};

}  // namespace telavis
