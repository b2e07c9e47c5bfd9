// SPDX-License-Identifier: Apache-2.0
// All exams of a case as one byte string, to be sealed as one file.
#pragma once

#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// One exam: what came, untouched, and what was made of it.
struct ArchivedExam {
  std::string source;
  std::string name;
  std::string media_type;
  Bytes original;
  Bytes normalised;
  Bytes preview;
};

/// Layout: "TLVEXAM1", u32 count, then six length-prefixed (u32, little endian) fields an exam.
Bytes pack_exams(const std::vector<ArchivedExam>& exams);
/// Errors: storage_failed (not such an archive).
Result<std::vector<ArchivedExam>> unpack_exams(ByteView archive);

}  // namespace telavis
