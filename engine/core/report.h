// SPDX-License-Identifier: Apache-2.0
// What the report says, made of request and opinion. The drawing is in formats/render.
#pragma once

#include <string>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/catalogue.h"
#include "engine/core/exam_archive.h"
#include "engine/core/opinion.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"
#include "engine/core/request_words.h"
#include "formats/render.h"

namespace telavis {

struct ReportInput {
  const Case& subject;  // with `opinion` or `pending_opinion`
  const Programme& programme;
  const User& requester;
  const User& expert;
  const CaseRequest& request;
  const OpinionText& opinion;
  const std::vector<ArchivedExam>& exams;
};

/// The report of the pending opinion, or of the opinion when none is pending. It says: who asked
/// what, with which information and consent; the clinical items; the exams and their technical
/// remarks; the opinion, which one it replaces, whether it came after the promised instant, its
/// limits, and who validated it when. The seal is the engine's, not a doctor's signature. Errors:
/// configuration_invalid (time zone), internal (no opinion).
Result<ReportContent> report_content(const ReportInput& input, Language language);

}  // namespace telavis
