// SPDX-License-Identifier: Apache-2.0
// Cases, people and acts as JSON: the shapes of docs and of /api/v1/openapi.json. Nothing here
// decides who may see what; the caller has asked the service for the right first.
#pragma once

#include <string>
#include <vector>

#include "engine/core/service.h"

namespace telavis {

/// For whom an answer is written.
struct Reader {
  Service& service;
  const User& actor;
  Language language;
};

/// {"cases":[CaseFigures]}. All functions that look up names: errors of storage.
Result<std::string> case_list_json(const Reader& reader, const std::vector<Case>& cases);
/// {"case":CaseFigures}
Result<std::string> case_figures_json(const Reader& reader, const Case& subject);
/// {"case":CaseFigures,"content":CaseContent}
Result<std::string> case_content_json(const Reader& reader, const OpenCase& opened);
/// The case that a receipt is about. Errors: internal (not a receipt).
Result<CaseId> case_of_receipt(const Receipt& receipt);

/// {"user":Me}
Result<std::string> me_json(const Reader& reader);
/// {"programmes":[...]} of the actor's memberships, each once.
Result<std::string> programmes_json(const Reader& reader);
/// {"acts":[...]}
Result<std::string> acts_json(const Reader& reader, const std::vector<ActRow>& rows);
/// Leads with their samples, or the size of a photo.
std::string exam_json(const Exam& exam);

}  // namespace telavis
