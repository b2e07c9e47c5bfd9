// SPDX-License-Identifier: Apache-2.0
// A request in words, for the report, the transfer letter and the messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/catalogue.h"
#include "engine/core/exam_archive.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"
#include "formats/render.h"

namespace telavis {

/// The catalogue's words for a code ("orientation", "in_person"), or the code itself.
std::string coded(Language language, std::string_view family, std::string_view code);
/// "02/03/1961" in French; an ISO month gives "03/1961". English: as it is.
std::string display_date(std::string_view iso, Language language);
/// "Dr Élise D'Été (RPPS 10001234565)".
std::string person_in_words(const User& user);
/// "06/01/2026 à 04:02" in the programme's zone. Errors: configuration_invalid.
Result<std::string> programme_time(const Programme& programme, Instant instant, Language language);

/// The value of an item: "132 mmHg", "4,1 mmol/l", "oui", "bisoprolol, apixaban".
std::string value_in_words(const ClinicalItem& item, Language language);
/// Labels of what missing_items() names, for the message to the sender: "Fréquence cardiaque ;
/// ...".
std::string missing_in_words(const std::vector<std::string>& missing, Language language);
/// Labels of the red flags answered yes, or that there is none; empty when none was answered.
std::string red_flags_in_words(const CaseRequest& request, Language language);

/// Identity, with the age on `local_date`, and protection. The INS stands here only when it is
/// qualified.
ReportSection patient_section(const CaseRequest& request, std::string_view local_date,
                              Language language);
/// Every item that was answered, in few lines: measures, dates and codes, then what was answered
/// yes, what no, then the texts. May have no line.
ReportSection clinical_section(const CaseRequest& request, Language language);
/// "Tracé ECG (12 x 10.0 s) ; Photo (1600 x 1200 px)": no identity.
std::string exams_in_words(const std::vector<ExamSummary>& exams, Language language);
inline std::string exams_in_words(const Case& subject, Language language) {
  return exams_in_words(subject.exams, language);
}
/// What each exam is, with its technical remarks.
ReportSection exams_section(const std::vector<ExamSummary>& exams, Language language);
/// The patient of the request as a drawing names him: the INS only when it is qualified.
PatientIdentity printed_patient(const CaseRequest& request);
/// Tracings and photos, each under the patient of the request; a document is not drawn again.
void add_exams(ReportContent& content, const CaseRequest& request,
               const std::vector<ArchivedExam>& exams);
/// The words of a drawing in the reader's language.
RenderLabels render_labels(Language language);

}  // namespace telavis
