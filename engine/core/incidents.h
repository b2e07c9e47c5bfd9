// SPDX-License-Identifier: Apache-2.0
// The technical incidents of an expertise that its record must name (CSP, art. R6316-4, 5°).
#pragma once

#include <string>
#include <vector>

#include "engine/core/audit.h"
#include "engine/core/case.h"
#include "engine/core/catalogue.h"
#include "engine/core/exam_archive.h"
#include "engine/core/time.h"

namespace telavis {

struct Incident {
  Instant at;
  std::string text;  // no identity, no clinical text
};

/// Why a message was refused, for coordinators and doctors: of SendResult::code, or of what a
/// server reported later ("5.1.1"): the general sentence.
std::string send_refusal_in_words(const std::string& code, Language language);

/// The entry of a case's chain about a clinical document that was taken with remarks (`codes`).
AuditDraft document_flagged(Instant at, const UserId& sender,
                            const std::vector<std::string>& codes);
/// The sentence for one of them.
std::string document_flag_in_words(const std::string& code, Language language);

/// What the engine itself met in a case, oldest first: remarks on a document of another system that
/// the case came as, files that came later and were refused, time
/// spent waiting for information, the promised instant passed, a report that left after failed
/// attempts, messages that could not be delivered. `chain` is the case's audit chain. Files refused
/// with a request that was never taken belong to no case: they stand in the node's chain.
std::vector<Incident> technical_incidents(const Case& subject, const std::vector<AuditEntry>& chain,
                                          Instant now, Language language);

/// "12 x 10.0 s: mains noise": remarks of severity warning or error on the exams, an exam a text.
std::vector<std::string> hindering_findings(const std::vector<ArchivedExam>& exams,
                                            Language language);

}  // namespace telavis
