// SPDX-License-Identifier: Apache-2.0
// The two documents beside the report: the letter that leaves with a patient when a red flag leads
// out of the programme, and the notice that a patient is given before a request. Both PDF/A-1b,
// drawn by formats/render.
#pragma once

#include <string>
#include <string_view>
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

inline constexpr std::string_view kQuestionExit = "question";
/// What the requester adds to a question that the expert has.
inline constexpr std::string_view kInformationExit = "information";

struct LetterInput {
  const Programme& programme;
  const User& requester;
  const CaseRequest& request;
  const std::vector<ArchivedExam>& exams;
  std::string case_number;
  std::string exit;  // "15_now": to the SAMU or the emergency department; "in_person_today";
                     // kQuestionExit, kInformationExit: to the expert
  Instant written_at;
  Language language = Language::french;
  std::string added = {};  // to the question, in the requester's words
};

/// A letter from what is already typed: why the patient is sent, who sends him and how to call
/// back, identity, clinical items, the requester's own reading, tracings and photos. Two pages for
/// a request of ordinary length with one tracing or two photos; nothing is cut from a longer one.
/// It reads nothing into text or signal, and is never billed. Errors: invalid_field (exit),
/// configuration_invalid (time zone), those of render_report_pdf.
Result<Bytes> transfer_letter_pdf(const LetterInput& input);
/// What the letter says. Errors: invalid_field, configuration_invalid.
Result<ReportContent> transfer_letter_content(const LetterInput& input);

/// The question, or what is added to it, as an expert gets it by mail: the same content, addressed
/// to him. `exams` may be a part of the case's. Errors: as transfer_letter_content.
Result<ReportContent> question_content(const LetterInput& input);

/// Of a withdrawal without a reason of the list, whose code is that of a decline.
inline constexpr std::string_view kWithdrawnReason = "withdrawn";

/// Somebody who gave no opinion, or the requester who wants none any more.
struct Refusal {
  User who;
  Instant at;
  std::string reason;      // code of a decline or a withdrawal; kWithdrawnReason
  std::string words = {};  // his own, where he wrote them
};
struct RefusalInput {
  const Programme& programme;
  const User& requester;
  const CaseRequest& request;
  std::string case_number;
  std::vector<Refusal> refusals;  // oldest first
  Instant written_at;
  Language language = Language::french;
};
/// That a question has no opinion, for the patient's record (HAS, good practice of teleexpertise,
/// 2019: whoever is asked decides whether to answer, and the decision is recorded): number,
/// patient, what was asked, and who declined when and why. No exam stands in it. Errors:
/// configuration_invalid (time zone).
Result<ReportContent> refusal_content(const RefusalInput& input);

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
