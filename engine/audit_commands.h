// SPDX-License-Identifier: Apache-2.0
// `telavis audit root`, `verify` and `export`. They may run beside a server.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds these commands to `app`; parsing one of them puts what it does into `chosen`, which prints
/// to standard output. Errors of `chosen`: those of Node::open_beside, of storage and of the sinks;
/// state_conflict when the verification found something.
void add_audit_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
