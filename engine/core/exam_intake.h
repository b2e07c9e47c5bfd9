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

/// Decodes and checks the files of a request, each with the role that the request gives it. Files
/// that make one recording together (a WFDB header and its signals) become one exam. Where the
/// request names no patient, the first tracing that does completes it; where both do and disagree,
/// the exam says so (finding `identity_differs`). A photo sent twice, and a role that the programme
/// wants and no photo has, are findings too. Errors: no_exam, limit_exceeded (over 20 files),
/// missing_field (nobody is named), invalid_field (roles), those of normalise.
Result<std::vector<ArchivedExam>> take_in(CaseRequest& request, const Programme& programme,
                                          const std::vector<UploadedFile>& files,
                                          const ServicePorts& ports);

std::vector<Finding>& findings_of(Exam& exam);
const std::vector<Finding>& findings_of(const Exam& exam);

/// Takes away what the clinical tools remarked while they were on (docs/regulation.md): asked of
/// whatever is shown while they are off. What is stored stays as it was made.
void leave_out_clinical_hints(Case& subject);
void leave_out_clinical_hints(std::vector<ArchivedExam>& exams);

ExamSummary summary_of(const Exam& exam);

}  // namespace telavis
