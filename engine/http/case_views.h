// SPDX-License-Identifier: Apache-2.0
// Cases, people and acts as JSON: the shapes of /api/v1/openapi.json. The caller has asked the
// service for the right to the case; which figures of it this reader may see is decided by his
// access alone (engine/core/rights.h).
#pragma once

#include <string>
#include <vector>

#include "engine/core/access_desk.h"
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
/// {"case":CaseFigures,"coded":CodedRequest}
Result<std::string> case_coded_json(const Reader& reader, const CodedCase& opened);
/// {"case":CaseFigures,"content":CaseContent}
Result<std::string> case_content_json(const Reader& reader, const OpenCase& opened);
/// {"rounds":[RoutingRound]}
Result<std::string> staff_reasons_json(const Reader& reader,
                                       const std::vector<StaffReasonText>& reasons);
Result<std::string> routing_json(const Reader& reader, const std::vector<RoutingRound>& rounds);
/// The case that a receipt is about. Errors: internal (not a receipt).
Result<CaseId> case_of_receipt(const Receipt& receipt);

// ---- people_views.cpp
/// {"user":Me,"session":OwnSession}
Result<std::string> me_json(const Reader& reader, const Visit& visit, const AccessRules& rules,
                            bool has_factor);
/// {"programmes":[Programme]} of the actor's memberships, each once, with the request form.
Result<std::string> programmes_json(const Reader& reader);
/// {"acts":[...]}
Result<std::string> acts_json(const Reader& reader, const std::vector<ActRow>& rows);

// ---- exam_views.cpp
/// Leads with their samples, or the size of a photo.
std::string exam_json(const Exam& exam);

}  // namespace telavis
