// SPDX-License-Identifier: Apache-2.0
// Sessions and second factors as JSON.
#pragma once

#include <string>
#include <vector>

#include "engine/core/access_desk.h"
#include "formats/result.h"

namespace telavis {

/// ProposedFactorAnswer. Errors: those of qr_svg().
Result<std::string> proposed_factor_json(const ProposedFactor& proposed);
/// RecoveryCodesAnswer
std::string recovery_codes_json(const std::vector<std::string>& codes);
/// SessionsAnswer
std::string sessions_json(const std::vector<SessionSummary>& sessions);

}  // namespace telavis
