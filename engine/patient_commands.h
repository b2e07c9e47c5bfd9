// SPDX-License-Identifier: Apache-2.0
// `telavis patient`: what a patient may ask for, answered by a medical referent at the command
// line. May run beside a server.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// As add_admin_commands. The identity is read from a file or from standard input and never from
/// options, which the history of a shell and the list of processes show.
void add_patient_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
