// SPDX-License-Identifier: Apache-2.0
// What stands below a mail: closing words, names, addresses, notices of confidentiality.
#pragma once

#include <string_view>

#include "engine/core/mail_lines.h"

namespace telavis {

/// Moves the signatures of `text.own` to `text.signature` and notes its doubts (see own_text).
void cut_signatures(OwnText& text, std::string_view sender);

/// "Cordialement", "Bien confraternellement", "Merci", ... and nothing else but names on the line.
bool is_sign_off(std::string_view line, std::string_view sender);
/// "Bonjour", "Cher confrère", ... and nothing else but names or titles on the line.
bool is_greeting(std::string_view line);

}  // namespace telavis
