// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace telavis {

/// True for local-part@domain as RFC 5321 (4.1.2) has it, restricted to what MSSanté uses: a
/// dot-atom, never a quoted string, "/" left out (an address names a folder), ASCII only; a domain
/// of LDH labels; at most 254 characters, the local part at most 64 (4.5.3.1).
bool is_address(std::string_view address);

/// ASCII letters count alike in both cases: no operator tells two mailboxes apart by them.
bool same_address(std::string_view left, std::string_view right);

/// True for dot-atom-text (RFC 5322, 3.2.3): ASCII atoms joined by single dots.
bool is_dot_atom(std::string_view text);

}  // namespace telavis
