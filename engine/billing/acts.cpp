// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/acts.h"

#include <array>
#include <map>

#include "engine/billing/eligibility.h"

namespace telavis {
namespace {

BillableAct price(const TariffTable& tariffs, const ActContext& context, ActRole role) {
  const Eligibility decided = eligibility(tariffs, facts_of(context, role));
  BillableAct act;
  act.case_id = context.subject.id;
  act.role = role;
  act.code = decided.code;
  act.professional = role == ActRole::expert ? context.expert.id : context.requester.id;
  act.care_date = decided.care_date;
  act.tariff_zone = decided.tariff_zone;
  act.amount_cents = decided.cents;
  act.billable = decided.billable;
  act.refusal = decided.refusal;
  act.tariff_id = decided.tariff_id;
  act.payer = decided.payer;
  act.rules = rules_text(decided.rules);
  return act;
}

double hours_between(Instant from, Instant to) {
  return std::chrono::duration<double, std::ratio<3600>>(to - from).count();
}

}  // namespace

std::vector<BillableAct> price_acts(const TariffTable& tariffs, const ActContext& context) {
  return {price(tariffs, context, ActRole::expert), price(tariffs, context, ActRole::requester)};
}

TableShape billing_columns() {
  return {"Actes",
          {{"id_acte"},
           {"date_demande", ColumnType::instant},
           {"date_reponse", ColumnType::instant},
           {"delai_heures", ColumnType::decimal},
           {"code_acte"},
           {"role"},
           {"rpps_ps"},
           {"nom_ps"},
           {"filiere"},
           {"zone_tarif"},
           {"date_soins", ColumnType::date},
           {"tarif_eur", ColumnType::cents},
           {"facturable"},
           {"motif_non_facturable"},
           {"payeur"},
           {"id_tarif"}}};
}

Result<void> write_billing(const std::vector<ActRow>& rows, Repository& repository,
                           TableWriter& table) {
  std::map<ProgrammeId, Programme> programmes;
  std::map<UserId, User> people;
  for (const ActRow& row : rows) {
    if (!programmes.contains(row.programme)) {
      auto programme = repository.programme(row.programme);
      if (!programme) return tl::unexpected(programme.error());
      programmes[row.programme] = programme->value_or(Programme{});
    }
    if (!people.contains(row.act.professional)) {
      auto user = repository.user(row.act.professional);
      if (!user) return tl::unexpected(user.error());
      people[row.act.professional] = user->value_or(User{});
    }
    const Programme& programme = programmes[row.programme];
    const User& professional = people[row.act.professional];
    const std::string name = professional.display_name();
    const BillableAct& act = row.act;
    const std::array<TableCell, 16> cells = {
        std::string_view(row.case_number),
        ZonedInstant{row.submitted_at, programme.time_zone},
        ZonedInstant{row.signed_at, programme.time_zone},
        hours_between(row.submitted_at, row.signed_at),
        std::string_view(act.code),
        std::string_view(act.role == ActRole::expert ? "requis" : "requérant"),
        std::string_view(professional.rpps),
        std::string_view(name),
        std::string_view(programme.name_fr),
        std::string_view(act.tariff_zone),
        std::string_view(act.care_date),
        act.amount_cents,
        std::string_view(act.billable ? "OUI" : "NON"),
        std::string_view(act.refusal),
        std::string_view(act.payer),
        std::string_view(act.tariff_id)};
    if (auto written = table.row(cells); !written) return written;
  }
  return table.finish();
}

Result<std::string> billing_file(TableFormat format, const std::vector<ActRow>& rows,
                                 Repository& repository) {
  std::string file;
  const auto table = open_table(format, billing_columns(), append_to(file));
  if (!table) return tl::unexpected(table.error());
  if (const auto written = write_billing(rows, repository, **table); !written) {
    return tl::unexpected(written.error());
  }
  return file;
}

}  // namespace telavis
