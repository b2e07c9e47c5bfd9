// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/core/time.h"

namespace telavis {

/// "Tue, 06 Jan 2026 12:00:00 GMT": IMF-fixdate (RFC 9110, 5.6.7).
std::string http_date(Instant at);

}  // namespace telavis
