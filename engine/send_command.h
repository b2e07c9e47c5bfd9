// SPDX-License-Identifier: Apache-2.0
// `telavis send`: the same binary on a practice's computer.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds the subcommand; what was chosen is put into `chosen`.
void add_send_command(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
