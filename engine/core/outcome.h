// SPDX-License-Identifier: Apache-2.0
// What became of the patient, as the requester learns it weeks after the opinion: "bénin",
// "mélanome 0,4 mm". The codes are the project's own.
#pragma once

#include <string>
#include <string_view>

#include "formats/result.h"

namespace telavis {

inline constexpr std::size_t kMaxOutcomeText = 2'000;  // bytes; a histology report is a document

struct Outcome {
  std::string json;      // canonical
  bool is_known = true;  // false: "not_known_yet"
};

/// {"result": "benign" | "premalignant" | "carcinoma" | "melanoma" | "other_malignant" |
/// "confirmed" | "other_diagnosis" | "not_known_yet" | "lost_to_follow_up", "text": may be empty}.
/// Errors: malformed_request, missing_field, invalid_field.
Result<Outcome> parse_outcome(std::string_view json);

}  // namespace telavis
