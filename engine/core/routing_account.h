// SPDX-License-Identifier: Apache-2.0
// How the choice of an expert stands in the audit chain of its case, and how it is read again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "formats/result.h"

namespace telavis {

/// One round: who was chosen, and how everybody of the pool compared.
struct RoutingRound {
  Instant at;
  std::vector<UserId> chosen;  // empty: nobody was eligible
  std::vector<Considered> considered;
};

/// The detail of a "route" entry: ids, codes and figures.
std::string routing_detail(const Assignment& assignment);
/// The rounds of a case, oldest first; other entries are passed over. Errors: internal (an entry
/// that routing_detail() did not write).
Result<std::vector<RoutingRound>> routing_rounds(const std::vector<AuditEntry>& chain);

}  // namespace telavis
