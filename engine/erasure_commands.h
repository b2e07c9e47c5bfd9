// SPDX-License-Identifier: Apache-2.0
// `telavis case erase`, `hold`, `restrict` and their like: what the staff of a programme decides
// about a case as a file that is kept, by a person with a password. May run beside a server.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds to the subcommand `case`, which add_admin_commands has made. As add_admin_commands.
void add_erasure_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
