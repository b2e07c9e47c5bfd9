// SPDX-License-Identifier: Apache-2.0
// Acts as other systems take them: JSON lines (the whole of what is known, for leaving) and FHIR
// R4. No patient appears: a case's number stands for him.
#pragma once

#include <string>

#include "engine/billing/table.h"
#include "engine/billing/walk.h"
#include "engine/core/people.h"
#include "engine/core/ports.h"
#include "engine/core/programme.h"

namespace telavis {

struct ActRecord {
  const ActRow& row;
  const User& professional;
  const Programme& programme;
};

/// One JSON object and a line feed. Amounts in cents, instants in UTC, every rule with its verdict.
/// Errors: malformed_request (stored rules that cannot be read).
Result<std::string> act_json_line(const ActRecord& record);

/// A Bundle (collection) with a ChargeItem an act, and a Claim for each that the national insurance
/// pays. Codes of the NGAP stand under the placeholder `urn:example:ngap`, as no published code
/// system is known (low certainty); RPPS numbers under urn:oid:1.2.250.1.71.4.2.1.
Result<void> write_fhir_bundle(const Walk<ActRecord>& walk, Instant made_at, const ByteSink& sink);

}  // namespace telavis
