// SPDX-License-Identifier: Apache-2.0
// The request target of HTTP (RFC 9112, 3.2) taken apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace telavis {

struct Target {
  std::string path;   // decoded, begins with "/"
  std::string query;  // raw, without "?"
};

/// Origin form ("/a?b") and absolute form ("https://host/a?b"). nullopt: anything else, a broken
/// percent-escape in either part, or a control character (also a decoded one) in the path.
std::optional<Target> parse_target(std::string_view target);

/// Decodes percent-escapes; "+" stays a plus. nullopt when an escape is broken.
std::optional<std::string> percent_decode(std::string_view text);

/// The decoded value of the first `name` in a query; nullopt when absent or broken.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace telavis
