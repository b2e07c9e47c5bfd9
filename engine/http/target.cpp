// SPDX-License-Identifier: Apache-2.0
#include "engine/http/target.h"

#include <algorithm>
#include <charconv>

namespace telavis {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// "https://host/a" -> "/a"; RFC 9112, 3.2.2 asks every server to take it.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!target.starts_with(scheme)) continue;
    const auto path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  return target;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    unsigned int value = 0;
    const char* const end = text.data() + i + 3;
    const auto [parsed, error] = std::from_chars(text.data() + i + 1, end, value, 16);
    if (error != std::errc() || parsed != end) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

std::optional<Target> parse_target(std::string_view target) {
  target = without_authority(target);
  if (!target.starts_with('/')) return std::nullopt;
  const auto question = target.find('?');
  auto path = percent_decode(target.substr(0, question));
  if (!path || std::any_of(path->begin(), path->end(), is_control)) return std::nullopt;
  Target out{std::move(*path), ""};
  if (question != std::string_view::npos) out.query = target.substr(question + 1);
  if (!percent_decode(out.query)) return std::nullopt;  // so that no value of it is lost silently
  return out;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name) {
      return equals == std::string_view::npos ? std::string()
                                              : percent_decode(pair.substr(equals + 1));
    }
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }
  return std::nullopt;
}

}  // namespace telavis
