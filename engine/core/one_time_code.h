// SPDX-License-Identifier: Apache-2.0
// One-time codes as people read and type them: Crockford's base32 in groups of four.
#pragma once

#include <string>
#include <string_view>

namespace telavis {

/// "k7q29m4x" becomes "k7q2-9m4x".
std::string grouped_code(std::string_view code);
/// As it was made, however it was typed: lower case, without dashes and spaces, and with the digits
/// that o, i and l were meant to be.
std::string code_as_made(std::string_view typed);

}  // namespace telavis
