// SPDX-License-Identifier: Apache-2.0
// All exams of a case as one byte string, to be sealed as one file.
#pragma once

#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/exam.h"
#include "formats/result.h"

namespace telavis {

/// One exam: what came, untouched, and what was made of it when it came, so that no decoder runs
/// again and a later version shows the same.
struct ArchivedExam {
  std::string source;
  std::string name;
  Bytes original;
  NormalisedExam normalised;
};

/// Layout: "TLVEXAM2", u32 count, then six length-prefixed (u32, little endian) fields an exam.
Bytes pack_exams(const std::vector<ArchivedExam>& exams);
/// Errors: storage_failed (not such an archive).
Result<std::vector<ArchivedExam>> unpack_exams(ByteView archive);

}  // namespace telavis
