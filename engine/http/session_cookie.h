// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace telavis {

/// `__Host-`: a browser takes it only over TLS, from this host, for the whole path (RFC 6265bis).
inline constexpr std::string_view kSessionCookie = "__Host-telavis";

/// The session in a Cookie header; empty when there is none.
std::string_view session_in(std::string_view cookie_header);
/// Set-Cookie values.
std::string set_session(std::string_view value);
std::string clear_session();

}  // namespace telavis
