// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/billing/table.h"
#include "engine/core/http_message.h"

namespace telavis {

/// A table to be kept as a file called `name` and the format's suffix.
HttpResponse table_response(const std::string& table, TableFormat format, const std::string& name);

}  // namespace telavis
