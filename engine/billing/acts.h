// SPDX-License-Identifier: Apache-2.0
// From an opinion to the billable records of both professionals.
#pragma once

#include <string>
#include <vector>

#include "engine/billing/tariff.h"
#include "engine/core/ports.h"
#include "engine/core/service_ports.h"

namespace telavis {

/// Two records, expert first: TE2 and RQD priced by the day of the opinion, or not billable with
/// the reason: NO_TARIFF, SELF_EXPERTISE (requester and expert are one person).
std::vector<BillableAct> price_acts(const TariffTable& tariffs, const ActContext& context);

/// The treasurer's CSV for a French spreadsheet: UTF-8 with BOM, ";", decimal comma, CRLF, dates
/// dd/mm/yyyy, identifiers as text; cells that a spreadsheet would compute are neutralised. No
/// patient appears in it.
/// Columns: id_acte;date_demande;date_reponse;delai_heures;code_acte;role;rpps_ps;nom_ps;filiere;
/// zone_tarif;tarif_eur;facturable;motif_non_facturable
Result<std::string> billing_csv(const std::vector<ActRow>& rows, Repository& repository);

}  // namespace telavis
