// SPDX-License-Identifier: Apache-2.0
// Records that are gone through one after the other, as often as a writer needs: a million of them
// need not stand in memory.
#pragma once

#include <functional>
#include <span>

#include "formats/result.h"

namespace telavis {

/// Calls `take` with each record, in the same order every time; gives back the first error.
template <typename Record>
using Walk = std::function<Result<void>(const std::function<Result<void>(const Record&)>& take)>;

/// `records` must outlive what is given.
template <typename Record>
Walk<Record> walk_of(std::span<const Record> records) {
  return [records](const auto& take) -> Result<void> {
    for (const Record& record : records) {
      if (auto taken = take(record); !taken) return taken;
    }
    return {};
  };
}

}  // namespace telavis
