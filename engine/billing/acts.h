// SPDX-License-Identifier: Apache-2.0
// From an opinion to the billable records of both professionals.
#pragma once

#include <string>
#include <vector>

#include "engine/billing/table.h"
#include "engine/billing/tariff.h"
#include "engine/core/ports.h"
#include "engine/core/service_ports.h"

namespace telavis {

/// Two records, expert first: what each may bill, or why not, with every rule that was applied
/// (engine/billing/eligibility.h).
std::vector<BillableAct> price_acts(const TariffTable& tariffs, const ActContext& context);

/// The treasurer's table of acts. No patient appears in it. Columns: id_acte, date_demande,
/// date_reponse, delai_heures, code_acte, role, rpps_ps, nom_ps, filiere, zone_tarif, date_soins,
/// tarif_eur, facturable, motif_non_facturable, payeur, id_tarif.
TableShape billing_columns();
/// Writes a row an act, and finishes the table. Errors: those of the repository and the table.
Result<void> write_billing(const std::vector<ActRow>& rows, Repository& repository,
                           TableWriter& table);
/// The whole file in memory: what a person looks at, not a year of a region.
Result<std::string> billing_file(TableFormat format, const std::vector<ActRow>& rows,
                                 Repository& repository);

}  // namespace telavis
