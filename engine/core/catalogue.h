// SPDX-License-Identifier: Apache-2.0
// Every sentence that a doctor reads stands in engine/messages.json, French first; the web pages
// are built from the same file.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "formats/result.h"

namespace telavis {

enum class Language { french, english };

/// From an Accept-Language header: English only when it is preferred to French (RFC 9110, 12.5.4).
Language language_from_header(std::string_view accept_language);

/// The sentence of `id` with its {placeholders} filled. An unknown id is a defect: it stops the
/// program (a test reads every use).
std::string message(
    Language language, std::string_view id,
    std::initializer_list<std::pair<std::string_view, std::string_view>> values = {});
bool has_message(std::string_view id);

/// The sentence for a refusal: French from the catalogue ("error.<code>"), English as it is.
std::string error_sentence(Language language, const Error& error);

}  // namespace telavis
