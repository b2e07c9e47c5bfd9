// SPDX-License-Identifier: Apache-2.0
#include "engine/http/security_headers.h"

#include <algorithm>

namespace telavis {

void add_security_headers(HttpResponse& response) {
  const auto unless_set = [&](std::string_view name, std::string_view value) {
    const bool is_set = std::any_of(response.headers.begin(), response.headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    if (!is_set) response.headers.emplace_back(name, value);
  };
  unless_set("Strict-Transport-Security", "max-age=31536000");
  unless_set("X-Content-Type-Options", "nosniff");
  unless_set("Referrer-Policy", "no-referrer");
  unless_set("X-Frame-Options", "DENY");
  unless_set("Cross-Origin-Opener-Policy", "same-origin");
  unless_set("Cross-Origin-Resource-Policy", "same-origin");
  unless_set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  unless_set("Cache-Control", "no-store");
}

}  // namespace telavis
