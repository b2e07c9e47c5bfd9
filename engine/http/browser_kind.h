// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace telavis {

/// What a User-Agent header says, so coarsely that it tells two machines of one person apart and
/// follows nobody: "firefox/linux". Browsers: firefox, edge, chrome, safari, other; systems:
/// windows, macos, ios, android, linux, other.
std::string browser_kind(std::string_view user_agent);

}  // namespace telavis
