// SPDX-License-Identifier: Apache-2.0
#include "engine/core/case_row.h"

#include <algorithm>

namespace telavis {

CaseRow case_row(const Case& subject) {
  const auto has = [&](std::string_view kind) {
    return std::any_of(subject.exams.begin(), subject.exams.end(),
                       [&](const ExamSummary& exam) { return exam.kind == kind; });
  };
  CaseRow row;
  row.id = subject.id;
  row.programme = subject.programme;
  row.requester = subject.requester;
  row.state = subject.state;
  row.submitted_at = subject.submitted_at;
  if (subject.promise) {
    row.completed_at = subject.promise->completed_at;
    row.breach_at = subject.promise->breach_at;
  }
  row.redirected = !subject.promise && !subject.redirect_exit.empty();
  row.answered_at = subject.answered_at;
  row.has_ecg = has("ecg");
  row.has_photo = has("photo");
  row.offers = static_cast<std::int64_t>(subject.offers.size());
  for (const Offer& offer : subject.offers) {
    if (offer.outcome == OfferOutcome::declined || offer.outcome == OfferOutcome::given_back)
      row.declines.push_back(offer.reason);
  }
  if (subject.opinion) {
    row.answered_by = subject.opinion->expert;
    row.urgent = subject.opinion->marks.urgent;
    row.codes = subject.opinion->marks.codes;
  }
  return row;
}

}  // namespace telavis
