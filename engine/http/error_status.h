// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/core/catalogue.h"
#include "engine/core/http_message.h"
#include "formats/result.h"

namespace telavis {

/// The HTTP status of a refusal (RFC 9110, section 15).
int http_status(ErrorCode code);

/// {"error":{"code","text"}} with the status of the code; `text` in the reader's language.
HttpResponse error_response(const Error& error, Language language);

}  // namespace telavis
