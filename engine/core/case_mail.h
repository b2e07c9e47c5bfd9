// SPDX-License-Identifier: Apache-2.0
// What a mail to the expert carries of a case: the question in words, the exams as files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/exam_archive.h"
#include "engine/core/request.h"
#include "engine/core/service_ports.h"

namespace telavis {

/// True unless the photos may go to a mailbox that several people read: those of somebody under 18,
/// of a genital, breast or perianal lesion, or of a site that is not said in ordinary words
/// (`lesion.site`). When in doubt they are sensitive: whoever accepts gets them in his own mailbox.
bool has_sensitive_photos(const CaseRequest& request, const Programme& programme,
                          std::string_view local_date);

/// The question without the patient's name: age and sex, what is asked, the clinical items, the
/// exams with their technical remarks. The identity stands in the PDF.
std::string question_in_words(const CaseRequest& request, const std::vector<ExamSummary>& exams,
                              std::string_view local_date, Language language);

/// Sections of a document as plain text.
std::string in_plain_text(const std::vector<ReportSection>& sections);

/// The exams as files named after the case ("TE-2026-7K3M9Q2A_trace_1.scp"): tracings as they came,
/// photos and documents without private metadata.
struct ExamFiles {
  std::vector<MailDraft::Attachment> files;
  std::vector<std::string> notes;  // ids of sentences: what was left out, and why
};
/// Within `budget` bytes as they are on the wire (base64): photos become previews, then what is
/// largest stays in the inbox. Without photos when these are withheld.
ExamFiles exam_files(const std::string& case_number, const std::vector<ArchivedExam>& exams,
                     bool withhold_photos, std::size_t budget);

/// Bytes of this many as base64 in lines of 76 (RFC 2045, 6.8).
std::size_t wire_bytes(std::size_t bytes);

}  // namespace telavis
