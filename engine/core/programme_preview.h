// SPDX-License-Identifier: Apache-2.0
// What a programme's settings would do to a case asked now: for whoever changes them.
#pragma once

#include <string>
#include <vector>

#include "engine/core/ports.h"

namespace telavis {

/// A case that nobody has asked.
struct PreviewedCase {
  std::string reason;     // code of the request form
  std::string exam_kind;  // "ecg", "photo" or "document"
  std::string territory;  // of its requester; may be empty
  Instant at;             // when it is complete
};

struct ProgrammePreview {
  Plan plan;  // policy, line and promise that it would take
  Promise promise;
  Assignment assignment;  // who would be asked first, and why others would not
};

/// `programme` need not be stored: its experts and their load are those on file under its id.
/// Errors: invalid_field (a reason that is not of the programme), those of storage.
Result<ProgrammePreview> preview_of(Repository& repository, const Programme& programme,
                                    const PreviewedCase& asked);

/// Names of the members of the definition in which the two differ, but `version`.
std::vector<std::string> changed_members(const Programme& before, const Programme& after);

}  // namespace telavis
