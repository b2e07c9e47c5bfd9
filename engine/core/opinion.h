// SPDX-License-Identifier: Apache-2.0
// The expert's answer: validated, canonical, hashed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

/// A consultation in presence that the expert asks for.
struct InPerson {
  bool needed = false;
  std::string with;               // "requis" (the expert himself), "other", or empty
  std::optional<int> delay_days;  // within so many days, 0..kMaxInPersonDays; given when needed
};
inline constexpr int kMaxInPersonDays = 730;  // two years: yearly checks, and a missed one

/// An appointment of the expert's own that the opinion offers, as it was when he signed.
struct OfferedSlot {
  std::string id;
  Instant starts_at;
  std::string place;
  std::string booking;  // how to book it
};
inline constexpr std::size_t kMaxOfferedSlots = 10;  // a choice; more is a diary

/// What the expert wrote. Codes are those of the answer form; an optional one is empty when it was
/// not answered.
struct OpinionText {
  std::string conclusion;   // mandatory, unless the data are insufficient
  std::string conduct;      // what to do
  std::string orientation;  // mandatory: "gp_management", "in_person", "emergency_15",
                            // "other_specialty", "repeat_recording"
  bool data_sufficient = true;
  std::string pedagogy;       // for the requester
  std::string media_quality;  // optional: "good", "usable", "unusable"
  std::string to_redo;        // what to record or photograph again; mandatory when insufficient
  std::string suspicion;      // optional: "none", "benign", "premalignant", "malignant_suspected"
  std::string tracing;        // optional, of an ECG: "normal", "doubtful", "abnormal"
  std::string confidence;     // optional: "high", "medium", "low"
  InPerson in_person;         // needed with the orientation "in_person", possible with any
  std::vector<OfferedSlot> slots;  // only with an in-person need; a body names the ids alone
  std::string agreement_with_own_reading;  // optional: "full", "partial", "none", "not_given"
  // What CSP R6316-4 wants in the record beside; empty: there was none.
  std::string prescriptions;
  std::string technical_incidents;  // what the expert met; the engine adds what it knows
  /// Of an opinion that came by mail: what he wrote, whole. Then no code is asked for: the
  /// orientation may be empty.
  std::string own_words;
};

/// Errors: malformed_request, missing_field, invalid_field. Beside the shape: a conclusion, or
/// insufficient data and what to do again; a delay when the patient is to be seen.
Result<OpinionText> parse_opinion(std::string_view json);
/// Canonical JSON: what is sealed and hashed.
std::string opinion_json(const OpinionText& opinion);
/// Hex BLAKE2b-256 over case id, expert id, instant of signature and canonical JSON: the same words
/// signed by another person or for another case have another hash.
std::string opinion_hash(const CaseId& case_id, const UserId& expert, Instant signed_at,
                         std::string_view canonical_json);

/// What the engine follows up, from the expert's own codes; no text is read. Urgent: the
/// orientation "emergency_15". An appointment: seen in person, or a suspected malignancy.
OpinionMarks marks_of(const OpinionText& opinion);

}  // namespace telavis
