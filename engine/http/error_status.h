// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "engine/core/catalogue.h"
#include "engine/core/http_message.h"
#include "formats/result.h"

namespace telavis {

/// The HTTP status of a refusal (RFC 9110, section 15).
int http_status(ErrorCode code);

/// The member of a request that a refusal quotes first: "'patient.birth_date' is no date ..." gives
/// "patient.birth_date". Empty when it is about none.
std::string_view refused_member(const Error& error);

/// {"error":{"code","text","field"}} with the status of the code; `text` in the reader's language,
/// `field` as refused_member() gives it or absent.
HttpResponse error_response(const Error& error, Language language);

}  // namespace telavis
