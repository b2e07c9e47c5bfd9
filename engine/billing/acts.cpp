// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/acts.h"

#include <fmt/format.h>

#include <map>

namespace telavis {
namespace {

BillableAct price(const TariffTable& tariffs, const ActContext& context, ActRole role,
                  const User& professional) {
  BillableAct act;
  act.case_id = context.subject.id;
  act.role = role;
  act.code = role == ActRole::expert ? "TE2" : "RQD";
  act.professional = professional.id;
  act.care_date = context.care_date;
  act.tariff_zone = context.programme.tariff_zone;
  const auto tariff = tariffs.find(role, professional.profession, act.tariff_zone, act.care_date);
  if (tariff) {
    act.code = tariff->code;
    act.amount_cents = tariff->cents;
  } else {
    act.refusal = "NO_TARIFF";
  }
  if (context.expert.id == context.requester.id) act.refusal = "SELF_EXPERTISE";
  act.billable = act.refusal.empty();
  if (!act.billable) act.amount_cents = 0;
  return act;
}

/// A cell of the CSV: quoted when it must be, and never a formula (CSV injection).
std::string cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(";\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string french_decimal(std::int64_t hundredths) {
  return fmt::format("{},{:02}", hundredths / 100, hundredths % 100);
}

Result<std::string> local_minute(const Programme& programme, Instant instant) {
  const auto local = local_time(instant, programme.time_zone);
  if (!local) return tl::unexpected(local.error());
  const std::string& date = local->date;
  return fmt::format("{}/{}/{} {}", date.substr(8, 2), date.substr(5, 2), date.substr(0, 4),
                     local->time.substr(0, 5));
}

Result<std::string> line(const ActRow& row, const Programme& programme, const User& professional) {
  const auto asked = local_minute(programme, row.submitted_at);
  if (!asked) return tl::unexpected(asked.error());
  const auto answered = local_minute(programme, row.signed_at);
  if (!answered) return tl::unexpected(answered.error());
  constexpr std::int64_t kMsPerHundredthHour = 36'000;
  const std::int64_t delay = (row.signed_at - row.submitted_at).count() / kMsPerHundredthHour;
  return fmt::format("{};{};{};{};{};{};{};{};{};{};{};{};{}\r\n", cell(row.case_number), *asked,
                     *answered, french_decimal(delay), cell(row.act.code),
                     row.act.role == ActRole::expert ? "requis" : "requérant",
                     cell(professional.rpps), cell(professional.display_name()),
                     cell(programme.name_fr), cell(row.act.tariff_zone),
                     french_decimal(row.act.amount_cents), row.act.billable ? "OUI" : "NON",
                     cell(row.act.refusal));
}

}  // namespace

std::vector<BillableAct> price_acts(const TariffTable& tariffs, const ActContext& context) {
  return {price(tariffs, context, ActRole::expert, context.expert),
          price(tariffs, context, ActRole::requester, context.requester)};
}

Result<std::string> billing_csv(const std::vector<ActRow>& rows, Repository& repository) {
  std::string csv =
      "\xEF\xBB\xBFid_acte;date_demande;date_reponse;delai_heures;code_acte;role;rpps_ps;nom_ps;"
      "filiere;zone_tarif;tarif_eur;facturable;motif_non_facturable\r\n";
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
    auto text = line(row, programmes[row.programme], people[row.act.professional]);
    if (!text) return tl::unexpected(text.error());
    csv += *text;
  }
  return csv;
}

}  // namespace telavis
