// SPDX-License-Identifier: Apache-2.0
// The two documents beside the report: the letter that leaves with a patient when a red flag leads
// out of the programme, and the notice that a patient is given before a request. Both PDF/A-1b,
// drawn by formats/render.
#pragma once

#include <string>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/declaration.h"
#include "engine/core/exam_archive.h"
#include "engine/core/ids.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"
#include "formats/bytes.h"
#include "formats/render.h"
#include "formats/result.h"

namespace telavis {

struct LetterInput {
  const Programme& programme;
  const User& requester;
  const CaseRequest& request;
  const std::vector<ArchivedExam>& exams;
  std::string case_number;
  std::string exit;  // "15_now": to the SAMU or the emergency department; "in_person_today"
  Instant written_at;
  Language language = Language::french;
};

/// A letter from what is already typed: why the patient is sent, who sends him and how to call
/// back, identity, clinical items, the requester's own reading, tracings and photos. Two pages for
/// a request of ordinary length with one tracing or two photos; nothing is cut from a longer one.
/// It reads nothing into text or signal, and is never billed. Errors: invalid_field (exit),
/// configuration_invalid (time zone), those of render_report_pdf.
Result<Bytes> transfer_letter_pdf(const LetterInput& input);
/// What the letter says. Errors: invalid_field, configuration_invalid.
Result<ReportContent> transfer_letter_content(const LetterInput& input);

/// One page for the patient, two where a declaration and a long policy do not fit on one: what
/// teleexpertise is, that the engine makes no diagnosis, who sees which data before and after an
/// expert accepts (by the programme's policy), who answers for them as far as it is declared,
/// rights and oppositions, whom to complain to. Its version is kNoticeVersion: a change of its
/// words takes a new one. Errors: those of render_report_pdf.
Result<Bytes> patient_notice_pdf(const Programme& programme, const Declaration& declaration,
                                 Language language);
/// What the notice says.
ReportContent patient_notice_content(const Programme& programme, const Declaration& declaration,
                                     Language language);

}  // namespace telavis
