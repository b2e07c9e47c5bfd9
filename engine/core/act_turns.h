// SPDX-License-Identifier: Apache-2.0
// Whose acts are being counted: one opinion a patient at a time, from counting to the commit.
#pragma once

#include <array>
#include <mutex>
#include <vector>

#include "engine/core/crypto.h"
#include "engine/core/request.h"

namespace telavis {

/// Thread-safe. Patients that share a place wait for each other.
class ActTurns {
 public:
  /// Waits until nobody else has a turn of a patient with the same INS, or the same names and
  /// birth; the turn lasts as long as what is given.
  std::vector<std::unique_lock<std::recursive_mutex>> take(const CaseRequest& request,
                                                           const Key& lookup);

 private:
  std::array<std::recursive_mutex, 64> places_;
};

}  // namespace telavis
