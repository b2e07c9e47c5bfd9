// SPDX-License-Identifier: Apache-2.0
// `telavis key`: another master key without a restart. Each case has a data key of its own, wrapped
// by the newest master key; the older ones open what they wrapped until the server has wrapped it
// anew.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds `key rotate`, `key status` and `key retire`. As add_admin_commands.
void add_key_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
