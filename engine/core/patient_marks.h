// SPDX-License-Identifier: Apache-2.0
// How a patient's cases are found without his identity being stored in the clear: keyed hashes,
// under a subkey of each civil year, so that the marks of two years cannot be told to be of one
// person without the lookup key.
#pragma once

#include <string>
#include <vector>

#include "engine/core/crypto.h"
#include "engine/core/ins.h"
#include "engine/core/time.h"
#include "formats/recording.h"

namespace telavis {

/// No mark is of an earlier year: the engine's first.
inline constexpr int kFirstMarkYear = 2026;

/// The civil year (UTC) whose marks a case or an opposition of this instant gets.
int mark_year(Instant now);

/// "2026:<32 hexadecimal digits>", BLAKE2b under the year's subkey of `lookup`: one by the INS
/// (matricule and OID) when there is one, one by family name, first word of the given name, birth
/// date and sex when name and birth date are known. Letters are folded: case, accents, hyphens,
/// apostrophes and spaces make no difference. Twins whose given names begin with the same word
/// ("Marie-Anne", "Marie-Claire") share the second mark: whoever finds by it looks at the identity.
std::vector<std::string> patient_marks(const Key& lookup, int year, const PatientIdentity& patient,
                                       const InsIdentity& ins);
/// The marks of every year from `from_year` to `to_year`, both included.
std::vector<std::string> patient_marks_of_years(const Key& lookup, int from_year, int to_year,
                                                const PatientIdentity& patient,
                                                const InsIdentity& ins);

}  // namespace telavis
