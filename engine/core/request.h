// SPDX-License-Identifier: Apache-2.0
// What a requester asks: the JSON part of an upload.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

inline constexpr std::size_t kMaxTextBytes = 20'000;  // one clinical text; a long letter is 8,000

/// Who was told what, and who said yes. A bare `true` is not a consent.
struct Consent {
  std::string given_by;     // "patient" or "representative"
  std::string information;  // how the information was given: "oral" or "written"
};

struct CaseRequest {
  ProgrammeId programme;
  PatientIdentity patient;  // `id` is the INS matricule when known
  std::string reason;       // coded, e.g. "rhythm_disorder", "suspicious_lesion"
  std::string question;     // mandatory
  std::string context;      // history, treatments, findings
  std::string own_reading;  // the requester's own reading
  Consent consent;
  /// What each file shows, in their order; empty, or one a file. A tracing's is `unstated`.
  std::vector<PhotoRole> file_roles;
};

/// Errors: malformed_request (not JSON, unknown member), missing_field / invalid_field (names the
/// member), consent_missing.
Result<CaseRequest> parse_case_request(std::string_view json);
/// Canonical: members in a fixed order, so that equal requests have equal bytes.
std::string case_request_json(const CaseRequest& request);

}  // namespace telavis
