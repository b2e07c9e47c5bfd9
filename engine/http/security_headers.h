// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/core/http_message.h"

namespace telavis {

/// What every answer carries, also a refusal of the server itself. An answer that says nothing
/// about caching or content policy gets the strictest: `no-store`, and a policy that loads nothing.
void add_security_headers(HttpResponse& response);

/// The policy of the pages: nothing from elsewhere, nothing inline, in nobody's frame, and no text
/// that becomes markup but through Lit's own templates (Trusted Types).
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; manifest-src 'self'; require-trusted-types-for 'script'; "
    "trusted-types lit-html";

}  // namespace telavis
