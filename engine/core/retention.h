// SPDX-License-Identifier: Apache-2.0
// For how long a case is kept: engine/core/retention.json, dated, and the programme's own years.
#pragma once

#include <string_view>

#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

/// Years for which the law asks that a case be kept.
int least_retention_years();
/// The age until which the case of a child is kept at least.
int least_retention_age();

/// How long an access trace is kept at least, and unless the configuration says otherwise, months.
int least_trace_months();
int usual_trace_months();
/// Traces before this instant have expired: a first instant of a day (UTC), `months` back.
Instant traces_kept_from(Instant now, int months);

/// The end of the civil year `years` after `now`, or of the one in which who was born on
/// `birth_date` ("1953-05-08", or not a date: unknown) has the birthday of that age: whichever
/// comes later.
Instant kept_until(Instant now, int years, std::string_view birth_date);

}  // namespace telavis
