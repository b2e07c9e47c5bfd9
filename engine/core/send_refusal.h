// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace telavis {

/// The code of messages.json (send_refusal.*) for what a server says of a mail that it does not
/// take: an enhanced status of RFC 3463 ("5.1.1").
std::string_view refusal_code(std::string_view status);

}  // namespace telavis
