// SPDX-License-Identifier: Apache-2.0
#include "engine/core/release_record.h"

#include <algorithm>

namespace telavis {
namespace {

constexpr std::string_view kBetween = "; ";

}  // namespace

std::string acts_digest(std::vector<BillableAct> acts, Instant signed_at) {
  std::sort(acts.begin(), acts.end(), [](const BillableAct& left, const BillableAct& right) {
    return left.role < right.role;
  });
  std::vector<std::string> fields{std::to_string(to_epoch_ms(signed_at))};
  for (const BillableAct& act : acts) {
    fields.insert(fields.end(),
                  {act.case_id.value, std::string(act_role_name(act.role)), act.code,
                   act.professional.value, act.care_date, act.tariff_zone,
                   std::to_string(act.amount_cents), act.billable ? "1" : "0", act.refusal});
    // Acts of before rules were recorded keep the digest that was written for them.
    if (act.rules.empty()) continue;
    fields.insert(fields.end(), {act.tariff_id, act.payer, act.rules});
  }
  return hash_of_fields(fields);
}

std::string release_words(const Opinion& opinion, const std::vector<BillableAct>& acts) {
  std::string words = "opinion " + opinion.hash + "; seal " + opinion.seal;
  if (opinion.corrects.empty()) words += "; acts " + acts_digest(acts, opinion.signed_at);
  return words;
}

std::optional<ReleaseRecord> release_record(std::string_view detail) {
  ReleaseRecord record;
  while (!detail.empty()) {
    const std::size_t end = std::min(detail.find(kBetween), detail.size());
    const std::string_view part = detail.substr(0, end);
    for (const auto& [name, value] :
         {std::pair<std::string_view, std::string*>{"opinion ", &record.opinion},
          {"seal ", &record.seal},
          {"acts ", &record.acts}}) {
      if (part.starts_with(name)) *value = part.substr(name.size());
    }
    detail.remove_prefix(std::min(end + kBetween.size(), detail.size()));
  }
  if (record.opinion.empty() || record.seal.empty()) return std::nullopt;
  return record;
}

}  // namespace telavis
