// SPDX-License-Identifier: Apache-2.0
// `telavis export billing` and `statements`. They may run beside a server.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds these commands to `app`; parsing one of them puts what it does into `chosen`. Errors of
/// `chosen`: not_found (no database, no such programme), invalid_field (dates, format), those of
/// storage, of the renderer and of the files.
void add_export_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
