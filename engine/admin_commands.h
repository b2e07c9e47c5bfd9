// SPDX-License-Identifier: Apache-2.0
// `telavis programme`, `person`, `group` and `device`: what an association keeps on file, by the
// operator at the command line; `telavis case`: numbers, delays and people. They may run beside a
// server.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds these commands to `app`; parsing one of them puts what it does into `chosen`, which
/// prints to standard output. Errors of `chosen`: those of Registry and Node::open_beside; what was
/// done before is said.
void add_admin_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
