// SPDX-License-Identifier: Apache-2.0
// Does a file speak of the patient that the request names?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/recording.h"

namespace telavis {

/// Words of a name in capitals without accents: "Élise D'Été-Œuf" gives ELISE, D, ETE, OEUF. Only
/// Latin letters are folded; other scripts are kept byte for byte.
std::vector<std::string> name_words(std::string_view name);

/// Finding `identity_differs` for each member that contradicts: "name", "birth_date", "sex", "id".
/// Names agree when all words of one stand in the other, in whichever of the two fields: devices
/// shorten names, swap them, or know the name of birth alone. An empty member contradicts nothing,
/// and identifiers are compared only where both are a French INS (15 digits): a device's own number
/// says nothing. The text names members, never their values.
std::vector<Finding> check_identity(const PatientIdentity& file, const PatientIdentity& request);

}  // namespace telavis
