// SPDX-License-Identifier: Apache-2.0
// What the report says, made of request and opinion. The drawing is in formats/render.
#pragma once

#include <string>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/catalogue.h"
#include "engine/core/exam_archive.h"
#include "engine/core/incidents.h"
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
  const std::vector<BillableAct>& acts;    // of both; of a correction: those that stand
  const std::vector<Incident>& incidents;  // technical_incidents() until now
  Instant made_at;                         // it leaves
};

/// The report of the pending opinion, or of the opinion when none is pending. It says: who asked
/// what, with which information and consent; the clinical items; the exams and their technical
/// remarks; the opinion, which one it replaces, whether it came after the promised instant, its
/// limits, and who validated it when. The seal is the engine's, not a doctor's signature. One
/// section has the five items that both doctors owe their patient's record (CSP, art. R6316-4): the
/// report, acts and prescriptions, both identities, dates and hours with their offset from UTC,
/// technical incidents. An amount is none of them. Errors: configuration_invalid (time zone),
/// internal (no opinion).
Result<ReportContent> report_content(const ReportInput& input, Language language);

/// What was asked, with information, consent and oppositions; `expert` and `opinion` are not looked
/// at. Errors: configuration_invalid.
Result<ReportSection> request_section(const ReportInput& input, Language language);
/// One opinion of the case, released or kept; `opinion` of the input is its text. Errors:
/// configuration_invalid.
Result<ReportSection> opinion_section(const ReportInput& input, const Opinion& made,
                                      Language language);

}  // namespace telavis
