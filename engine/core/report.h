// SPDX-License-Identifier: Apache-2.0
// What the report says, made of request and opinion. The drawing is in formats/render.
#pragma once

#include <vector>

#include "engine/core/case.h"
#include "engine/core/catalogue.h"
#include "engine/core/exam_archive.h"
#include "engine/core/opinion.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"
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

/// The words of a drawing in the reader's language.
RenderLabels render_labels(Language language);

/// Errors: configuration_invalid.
Result<ReportContent> report_content(const ReportInput& input, Language language);

/// "06/01/2026 à 04:02 (America/Guadeloupe)" in the programme's zone.
Result<std::string> programme_time(const Programme& programme, Instant instant, Language language);

/// "1 tracé ECG (12 dérivations...), 2 photos" in short, without identity.
std::string exams_in_words(const Case& subject, Language language);

}  // namespace telavis
