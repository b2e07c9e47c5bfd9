// SPDX-License-Identifier: Apache-2.0
// Who acts at the command line when a case is looked into or erased: a person with a password,
// never "the operator".
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/access_desk.h"
#include "formats/result.h"

namespace CLI {
class App;
}

namespace telavis {

/// What the options say.
struct OperatorLogin {
  std::string login;
  std::string password_file;  // empty: asked for on the terminal
  std::string reason_file;
};

/// Adds --as, --password-file and --reason-file. `possible`: neither --as nor the reason is
/// demanded.
enum class Reason { needed, possible, none };
void add_login_options(CLI::App& command, OperatorLogin& login, Reason reason);

/// The password comes from a file that only its owner reads, or from the terminal, where it is not
/// shown; it is never an option. The login is audited like one in the browser. It says who acts,
/// and no second factor is asked for: whoever runs this has the keys of the machine already
/// (docs/decisions/017-second-factor.md). Errors: those of AccessDesk::identify;
/// configuration_invalid (others read the file, there is no terminal).
Result<User> log_in(AccessDesk& access, const OperatorLogin& login);

/// The text of a file without the line break at its end. Errors: not_found, limit_exceeded.
Result<std::string> reason_in(const OperatorLogin& login);

}  // namespace telavis
