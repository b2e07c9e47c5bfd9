// SPDX-License-Identifier: Apache-2.0
// The parts of the copy that a patient is given. Used by the patient_copy*.cpp files only.
#pragma once

#include <string>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/patient_rights.h"
#include "engine/core/request_words.h"
#include "formats/result.h"

namespace telavis {

enum class DocumentKind { report, original, normalised, drawing, samples };

/// A file of the archive: `of` is the place of its opinion (a report) or of its exam.
struct CopiedDocument {
  DocumentKind kind;
  std::size_t of;
  std::string name;
};
struct CaseDocuments {
  std::vector<CopiedDocument> list;
  std::vector<std::size_t> not_drawn;  // exams
};

/// HTML without scripts, references to other places, or style beyond its own few lines.
/// `documents`: one a case. Errors: configuration_invalid (time zone).
Result<std::string> patient_copy_page(const PatientCopy& copy,
                                      const std::vector<CaseDocuments>& documents,
                                      Language language);
/// One JSON object (docs/patient-rights.md describes it).
std::string patient_copy_json(const PatientCopy& copy, const std::vector<CaseDocuments>& documents,
                              Language language);

}  // namespace telavis
