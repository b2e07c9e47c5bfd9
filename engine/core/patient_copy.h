// SPDX-License-Identifier: Apache-2.0
// The copy that a patient is given, as files: a page to read, everything as JSON, who looked at it,
// and the documents themselves. No name of a file holds an identity.
#pragma once

#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/patient_rights.h"
#include "formats/result.h"
#include "formats/zip.h"

namespace telavis {

/// "index.html", "donnees.json", "acces.csv"; then a folder a case, named by its number, with
/// "compte-rendu-1.pdf" (the answer; the replaced and unused ones after it) and the exams:
/// "examen-1-original.scp" as it was received, "examen-1-trace.pdf" and "examen-1-valeurs.csv" of a
/// tracing, "examen-1-normalise.jpg" of a photo. A tracing that cannot be drawn is said to be.
/// Errors: configuration_invalid (time zone).
Result<std::vector<ZipEntry>> patient_copy_files(const PatientCopy& copy, Language language);

}  // namespace telavis
