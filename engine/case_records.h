// SPDX-License-Identifier: Apache-2.0
// Cases for the operator at the command line: numbers, delays and people, nothing of the patient.
#pragma once

#include <string>
#include <vector>

#include "engine/core/ports.h"

namespace telavis {

/// A case by its id, or by its number ("TE-2026-7K3M9Q2A").
/// Errors: not_found.
Result<Case> case_named(Repository& repository, const std::string& id_or_number);

/// Rows for `list`, the heading first, newest first; of one programme when it is named.
Result<std::vector<std::vector<std::string>>> case_listing(Repository& repository,
                                                           const std::string& programme,
                                                           bool open_only, Instant now);

/// One line of JSON: state, promise, next timer, offers and their outcome.
std::string case_figures_line(const Case& subject);

/// The audit chain, one JSON object a line, as it stands in the database.
Result<std::vector<std::string>> case_chain_lines(Repository& repository, const CaseId& id);

}  // namespace telavis
