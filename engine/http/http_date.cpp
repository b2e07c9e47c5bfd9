// SPDX-License-Identifier: Apache-2.0
#include "engine/http/http_date.h"

#include <fmt/chrono.h>

namespace telavis {

std::string http_date(Instant at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(seconds));
}

}  // namespace telavis
