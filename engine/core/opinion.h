// SPDX-License-Identifier: Apache-2.0
// The expert's answer: validated, canonical, hashed.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

/// What the expert wrote. Codes are those of the answer form.
struct OpinionText {
  std::string conclusion;   // mandatory
  std::string conduct;      // what to do
  std::string orientation;  // mandatory: "gp_management", "in_person", "emergency_15",
                            // "other_specialty", "repeat_recording"
  bool data_sufficient = true;
  std::string pedagogy;  // for the requester
};

/// Errors: malformed_request, missing_field, invalid_field.
Result<OpinionText> parse_opinion(std::string_view json);
/// Canonical JSON: what is sealed and hashed.
std::string opinion_json(const OpinionText& opinion);
/// Hex BLAKE2b-256 over case id, expert id, instant of signature and canonical JSON: the same words
/// signed by another person or for another case have another hash.
std::string opinion_hash(const CaseId& case_id, const UserId& expert, Instant signed_at,
                         std::string_view canonical_json);

}  // namespace telavis
