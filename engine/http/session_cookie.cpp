// SPDX-License-Identifier: Apache-2.0
#include "engine/http/session_cookie.h"

namespace telavis {
namespace {

constexpr std::string_view kAttributes = "; Path=/; Secure; HttpOnly; SameSite=Strict";

}  // namespace

std::string_view session_in(std::string_view cookie_header) {
  while (!cookie_header.empty()) {
    const auto end = cookie_header.find(';');
    auto pair = cookie_header.substr(0, end);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == kSessionCookie) {
      return pair.substr(equals + 1);
    }
    cookie_header =
        end == std::string_view::npos ? std::string_view() : cookie_header.substr(end + 1);
  }
  return {};
}

std::string set_session(std::string_view value) {
  return std::string(kSessionCookie) + "=" + std::string(value) + std::string(kAttributes);
}

std::string clear_session() {
  return set_session("") + "; Max-Age=0";
}

}  // namespace telavis
