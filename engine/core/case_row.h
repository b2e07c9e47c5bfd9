// SPDX-License-Identifier: Apache-2.0
// What of a case is counted in figures (docs/figures.md): instants, codes and who took part;
// nothing of the patient, and nothing that is sealed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/case.h"

namespace telavis {

struct CaseRow {
  CaseId id;
  ProgrammeId programme;
  UserId requester;
  CaseState state = CaseState::queued;
  Instant submitted_at;
  std::optional<Instant> completed_at;  // none before the request is complete
  std::optional<Instant> breach_at;     // the promised instant
  std::optional<Instant> answered_at;   // the first opinion left
  std::optional<UserId> answered_by;
  bool redirected = false;  // a red flag led elsewhere, and the doctor did not resume
  bool has_ecg = false;
  bool has_photo = false;
  std::int64_t offers = 0;            // to one expert each
  std::vector<std::string> declines;  // reasons of those that were declined or given back
  bool urgent = false;                // of the opinion in force; also `codes`
  std::optional<OpinionCodes> codes;  // none without an opinion, or of before they were kept

  bool operator==(const CaseRow&) const = default;
};

CaseRow case_row(const Case& subject);

/// Cases of one programme, newest first.
struct CaseRowQuery {
  ProgrammeId programme;
  Instant from;  // submitted; included
  Instant to;    // excluded
  /// The last row of the page before; none: from the first one on.
  std::optional<std::pair<Instant, CaseId>> after = std::nullopt;
  std::size_t limit = 1'000;
};

}  // namespace telavis
