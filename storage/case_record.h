// SPDX-License-Identifier: Apache-2.0
// A case as it is stored: columns for what is looked up, one JSON text for the rest of its state
// (identity and clinical text only sealed), bytes for what is large and sealed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/case.h"
#include "storage/database.h"

namespace telavis {

/// The members of a case that `read_case` does not take from a column, as JSON. Members that are
/// empty are left out; sealed bytes are base64.
std::string case_body(const Case& subject);
/// Reads into the members that case_body writes. Errors: storage_failed (damaged).
Result<void> read_case_body(std::string_view body, Case& subject);

/// Columns in the order in which `read_case` takes them: `select <these> from cases`.
inline constexpr std::string_view kCaseColumns =
    "id, number, version, state, programme, requester, expert, submitted_at, audit_length, "
    "audit_hash, body, wrapped_key, sealed_request, sealed_opinion";
/// Errors: storage_failed (damaged).
Result<Case> read_case(const Row& row);

}  // namespace telavis
