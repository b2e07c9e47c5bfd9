// SPDX-License-Identifier: Apache-2.0
// `telavis accounts`: an association's ledger, from its file of members and terms to the bank and
// the accountant (docs/billing.md). The commands may run beside a server.
#pragma once

#include <functional>

#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// Adds these commands to `app`; parsing one of them puts what it does into `chosen`. Errors of
/// `chosen`: those of parse_account_file, of the account book, of the writers and of the files.
void add_account_commands(CLI::App& app, std::function<Result<void>()>& chosen);

}  // namespace telavis
