// SPDX-License-Identifier: Apache-2.0
// Who read or changed what in a patient's cases, for him to read.
#pragma once

#include <string>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/patient_rights.h"
#include "formats/result.h"

namespace telavis {

/// What an entry says, in words: "a lu le dossier"; the code itself where the catalogue has none.
std::string access_in_words(const AccessLine& line, Language language);
/// The professional's name, "le moteur", "l'exploitant", or the id of who is on file no more.
std::string actor_in_words(const AccessLine& line, Language language);

enum class LogFormat { text, csv, json };
/// One line an entry. Text: local time of the programme, case, who, what. CSV for spreadsheets in
/// French (semicolons, quotes, UTF-8 with its mark), JSON one object a line: both with UTC, codes
/// and ids as well. Errors: configuration_invalid (time zone).
Result<std::string> access_log_document(const std::vector<AccessLine>& lines, LogFormat format,
                                        Language language);

}  // namespace telavis
