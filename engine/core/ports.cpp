// SPDX-License-Identifier: Apache-2.0
#include "engine/core/ports.h"

namespace telavis {

std::string_view outbox_state_name(OutboxState state) {
  switch (state) {
    case OutboxState::pending:
      return "pending";
    case OutboxState::sent:
      return "sent";
    case OutboxState::dead:
      return "dead";
  }
  return "dead";
}

}  // namespace telavis
