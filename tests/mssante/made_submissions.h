// SPDX-License-Identifier: Apache-2.0
// Submissions of fictive people, random but the same for one seed.
#pragma once

#include <string>

#include "mssante/xdm.h"

namespace telavis::test {

/// One TLM-DA of a patient with everything that may be said of him; its bytes are the smallest that
/// pass as a CDA.
XdmSubmission plain_submission();

/// One to three documents of one patient: kinds, times in any offset, names with every separator of
/// HL7 V2 and XML, absent optional items, later versions.
XdmSubmission random_submission(unsigned seed);

/// Matricule of the test domain with a right key.
std::string made_matricule(unsigned number);

}  // namespace telavis::test
