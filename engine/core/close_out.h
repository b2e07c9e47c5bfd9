// SPDX-License-Identifier: Apache-2.0
// The requester's five answers at the end of a case: what became of the opinion. The shape is that
// of the close-out survey of the Champlain BASE eConsult service (doi 10.1186/s12888-018-1701-3);
// the words are the project's own.
#pragma once

#include <string>
#include <string_view>

#include "formats/result.h"

namespace telavis {

inline constexpr std::size_t kMaxCloseOutComment = 2'000;  // bytes; a remark, no second letter

/// Validated and canonical; one tap gives `outcome`, the others may be left out: {"outcome":
/// "confirmed" | "new_advice" | "not_useful" | "none_of_these", "referral": "avoided" |
/// "still_needed" | "still_not_needed" | "newly_needed" | "no_benefit" | "other",
/// "value_for_patient": 1..5, "value_for_requester": 1..5, "comment": text, may be empty}. Errors:
/// malformed_request, missing_field, invalid_field.
Result<std::string> parse_close_out(std::string_view json);

}  // namespace telavis
