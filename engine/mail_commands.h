// SPDX-License-Identifier: Apache-2.0
// `telavis mail`: mails that nobody could file, for the medical referent at the terminal.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds the commands; the one that was given is put into `chosen`.
void add_mail_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
