// SPDX-License-Identifier: Apache-2.0
// Who is logged in, what his programmes ask for, and what was billed.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "engine/billing/eligibility.h"
#include "engine/core/clinical_form.h"
#include "engine/core/request_words.h"
#include "engine/core/usual_wait.h"
#include "engine/http/case_views.h"
#include "engine/http/names.h"

namespace telavis {
namespace {

namespace json = boost::json;

/// [{"code","label"}] of a family of the catalogue.
template <typename Codes>
json::array labelled(Language language, std::string_view family, const Codes& codes) {
  json::array out;
  for (const auto& code : codes) {
    out.push_back(json::object{{"code", code}, {"label", coded(language, family, code)}});
  }
  return out;
}

std::int64_t answer_hours(const Sla& sla) {
  return std::chrono::duration_cast<std::chrono::hours>(sla.breach).count();
}

json::array lines_view(const Programme& programme) {
  json::array lines;
  for (const FastLine& line : programme.fast_lines) {
    lines.push_back(json::object{{"name", line.name},
                                 {"reasons", json::array(line.reasons.begin(), line.reasons.end())},
                                 {"answer_hours", answer_hours(line.sla)},
                                 {"open", line.is_open()}});
  }
  return lines;
}

json::object item_view(const FormItem& item, Language language) {
  json::object view{{"name", item.name},
                    {"label", coded(language, "form", item.name)},
                    {"mandatory", item.mandatory}};
  const ClinicalItemKind* const kind = clinical_item(item.name);
  if (kind == nullptr) return view;  // parse_programme lets none through
  const bool is_number =
      kind->type == ClinicalType::whole_number || kind->type == ClinicalType::decimal;
  view["type"] = clinical_type_name(kind->type);
  view["unit"] = kind->unit;
  view["least"] = is_number ? json::value(kind->least) : json::value(nullptr);
  view["most"] = is_number ? json::value(kind->most) : json::value(nullptr);
  view["choices"] = labelled(language, "form_value." + item.name, kind->choices);
  return view;
}

json::array form_view(const Programme& programme, Language language) {
  json::array form;
  for (const FormItem& item : programme.form) form.push_back(item_view(item, language));
  return form;
}

json::array red_flags_view(const Programme& programme, Language language) {
  json::array flags;
  for (const RedFlag& flag : programme.red_flags) {
    flags.push_back(json::object{{"code", flag.code},
                                 {"sentence", coded(language, "red_flag", flag.code)},
                                 {"exit", flag.exit}});
  }
  return flags;
}

json::object programme_view(const Programme& programme, const std::string& name,
                            Language language) {
  json::array photos;
  for (const PhotoRole role : programme.wanted_photos) photos.emplace_back(photo_role_name(role));
  return {{"id", programme.id.value},
          {"version", programme.version},
          {"name", name},
          {"speciality", programme.speciality},
          {"association", programme.association},
          {"territories", json::array(programme.territories.begin(), programme.territories.end())},
          {"time_zone", programme.time_zone},
          {"policy", offer_policy_name(programme.policy)},
          {"answer_hours", answer_hours(programme.sla)},
          {"working_hours", programme.sla.working_hours},
          {"lines", lines_view(programme)},
          {"reasons", labelled(language, "reason", programme.reasons)},
          {"form", form_view(programme, language)},
          {"red_flags", red_flags_view(programme, language)},
          {"wanted_photos", std::move(photos)},
          {"languages", json::array(programme.languages.begin(), programme.languages.end())},
          {"training_required", programme.training_required},
          {"notice_version", kNoticeVersion}};
}

}  // namespace

Result<std::string> me_json(const Reader& reader, const Visit& visit, const AccessRules& rules,
                            bool has_factor) {
  Names names(reader);
  json::array memberships;
  for (const Membership& membership : reader.actor.memberships) {
    const auto programme = names.programme(membership.programme);
    if (!programme) return tl::unexpected(programme.error());
    memberships.push_back(json::object{{"programme", membership.programme.value},
                                       {"programme_name", names.name_of(**programme)},
                                       {"role", role_name(membership.role)}});
  }
  const auto idle_lock = std::chrono::duration_cast<std::chrono::seconds>(rules.idle_lock);
  return json::serialize(json::object{
      {"user", json::object{{"id", reader.actor.id.value},
                            {"login", reader.actor.login},
                            {"display_name", reader.actor.display_name()},
                            {"rpps", reader.actor.rpps},
                            {"memberships", std::move(memberships)}}},
      {"session", json::object{{"stage", session_stage_name(visit.stage)},
                               {"second_factor", has_factor},
                               {"idle_lock_seconds", idle_lock.count()},
                               {"expires_at", format_utc(visit.session.expires_at)}}}});
}

Result<std::string> programmes_json(const Reader& reader) {
  Names names(reader);
  const Instant now = reader.service.clock().now();
  std::vector<ProgrammeId> seen;
  json::array list;
  for (const Membership& membership : reader.actor.memberships) {
    const ProgrammeId& id = membership.programme;
    if (id.empty() || std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
    seen.push_back(id);
    const auto programme = names.programme(id);
    if (!programme) return tl::unexpected(programme.error());
    const auto wait = usual_wait(reader.service.repository(), **programme, now);
    if (!wait) return tl::unexpected(wait.error());
    json::object view = programme_view(**programme, names.name_of(**programme), reader.language);
    view["usual_wait_minutes"] =
        wait->median ? json::value(std::chrono::floor<std::chrono::minutes>(*wait->median).count())
                     : json::value(nullptr);
    view["experts_present"] = wait->experts_present;
    list.push_back(std::move(view));
  }
  return json::serialize(json::object{{"programmes", std::move(list)}});
}

Result<std::string> acts_json(const Reader& reader, const std::vector<ActRow>& rows) {
  Names names(reader);
  json::array list;
  for (const ActRow& row : rows) {
    const auto professional = names.person(row.act.professional);
    if (!professional) return tl::unexpected(professional.error());
    const auto rules = parse_rules(row.act.rules);
    if (!rules) return tl::unexpected(rules.error());
    json::array applied;
    for (const AppliedRule& rule : *rules) {
      applied.push_back(json::object{{"rule", rule.rule},
                                     {"verdict", rule_verdict_name(rule.verdict)},
                                     {"text", rule_sentence(reader.language, rule)}});
    }
    list.push_back(json::object{{"case_number", row.case_number},
                                {"role", act_role_name(row.act.role)},
                                {"code", row.act.code},
                                {"professional", (*professional)->display_name()},
                                {"care_date", row.act.care_date},
                                {"tariff_zone", row.act.tariff_zone},
                                {"amount_cents", row.act.amount_cents},
                                {"billable", row.act.billable},
                                {"refusal", row.act.refusal},
                                {"payer", row.act.payer},
                                {"tariff_id", row.act.tariff_id},
                                {"rules", std::move(applied)}});
  }
  return json::serialize(json::object{{"acts", std::move(list)}});
}

}  // namespace telavis
