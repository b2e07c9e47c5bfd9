// SPDX-License-Identifier: Apache-2.0
// From the files that came with a request to exams ready to be sealed.
#pragma once

#include <string>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/exam_archive.h"
#include "engine/core/request.h"
#include "engine/core/service_ports.h"

namespace telavis {

/// What a device sent: the one value every adapter makes.
struct UploadedFile {
  std::string source;  // "web", "dicom:AE", ...
  std::string name;    // as the sender called it; never trusted, never logged
  Bytes bytes;
};

/// Among Case::missing: the request waits for its exam.
inline constexpr std::string_view kMissingExam = "exam";

/// Files of a mail: signatures and logos come with them, and nothing is asked twice for a file that
/// cannot be read while another can.
struct LenientIntake {
  std::size_t left_out = 0;  // files that were no exam, or could not be read
};

/// Decodes and checks the files of a request, each with the role that the request gives it. Files
/// that make one recording together (a WFDB header and its signals) become one exam. Where the
/// request names no patient, the first tracing that does completes it; where both do and disagree,
/// the exam says so (finding `identity_differs`). A photo sent twice, and a role that the programme
/// wants and no photo has, are findings too. Errors: limit_exceeded (over 20 files),
/// missing_field (nobody is named), invalid_field (roles), those of normalise. With `lenient` only
/// limit_exceeded and invalid_field: what cannot be read, and pictures too small for a photo of a
/// lesion, are left out and counted, and nobody may be named.
Result<std::vector<ArchivedExam>> take_in(CaseRequest& request, const Programme& programme,
                                          const std::vector<UploadedFile>& files,
                                          const ServicePorts& ports,
                                          LenientIntake* lenient = nullptr);

std::vector<Finding>& findings_of(Exam& exam);
const std::vector<Finding>& findings_of(const Exam& exam);

/// Takes away what the clinical tools remarked while they were on (docs/regulation.md): asked of
/// whatever is shown while they are off. What is stored stays as it was made.
void leave_out_clinical_hints(Case& subject);
void leave_out_clinical_hints(std::vector<ArchivedExam>& exams);

ExamSummary summary_of(const Exam& exam);

}  // namespace telavis
