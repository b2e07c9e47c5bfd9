// SPDX-License-Identifier: Apache-2.0
// `telavis simulate`: cases in virtual time, without a database (docs/simulation.md).
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds the command to `app`; parsing it puts what it does into `chosen`, which prints the figures
/// and, in the last line, the time it took. Errors of `chosen`: unknown_programme; internal (an
/// invariant failed: the text has the case's chain and the command that replays it).
void add_simulate_command(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
