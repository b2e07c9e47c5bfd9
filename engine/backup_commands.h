// SPDX-License-Identifier: Apache-2.0
// `telavis backup` and `telavis restore`.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds these commands to `app`; parsing one of them puts what it does into `chosen`, which prints
/// to standard output. Errors of `chosen`: those of make_backup and restore_backup, and of the key
/// files.
void add_backup_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
