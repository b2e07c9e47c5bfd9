// SPDX-License-Identifier: Apache-2.0
// What an association's staff is shown, as JSON: the shapes of /api/v1/openapi.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/billing/figures.h"
#include "engine/core/programme_preview.h"
#include "engine/http/case_views.h"

namespace telavis {

/// FiguresAnswer. What is masked has null in place of its numbers.
std::string figures_view(const FigureReport& report);

/// An expert in one programme, at present.
struct ExpertLoad {
  ProgrammeId programme;
  User expert;
  PoolLoad load;
  std::optional<Instant> next_open_at;  // none: takes no cases
};
/// {"experts":[ExpertLoad]}
std::string expert_loads_view(const std::vector<ExpertLoad>& loads);

/// {"before","after","changed"}. Errors: those of storage.
Result<std::string> previews_json(const Reader& reader,
                                  const std::optional<ProgrammePreview>& before,
                                  const ProgrammePreview& after,
                                  const std::vector<std::string>& changed);

}  // namespace telavis
