// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/act_records.h"

#include <boost/json.hpp>

#include "engine/billing/eligibility.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::string_view kRppsSystem = "urn:oid:1.2.250.1.71.4.2.1";
constexpr std::string_view kNgapSystem = "urn:example:ngap";
constexpr std::string_view kCaseSystem = "urn:telavis:case";

json::object coding(std::string_view system, std::string_view code) {
  return {{"coding", json::array{json::object{{"system", system}, {"code", code}}}}};
}

json::object identified(std::string_view system, std::string_view value) {
  return {{"identifier", json::object{{"system", system}, {"value", value}}}};
}

json::object euros(std::int64_t cents) {
  // A decimal of the format; cents of this size are exact in it.
  return {{"value", static_cast<double>(cents) / 100}, {"currency", "EUR"}};
}

std::string act_id(const ActRow& row) {
  return row.case_number + "-" + std::string(act_role_name(row.act.role));
}

json::object resource_entry(std::string_view type, const ActRow& row,
                            const json::object& resource) {
  const std::string id = act_id(row) + (type == "Claim" ? "-claim" : "");
  json::object whole{{"resourceType", type}, {"id", id}};
  for (const auto& [name, value] : resource) whole.emplace(name, value);
  return {{"fullUrl", "urn:telavis:" + id}, {"resource", std::move(whole)}};
}

json::object charge_item(const ActRecord& record) {
  const BillableAct& act = record.row.act;
  json::object item{
      {"status", act.billable ? "billable" : "not-billable"},
      {"code", coding(kNgapSystem, act.code)},
      {"subject", identified(kCaseSystem, record.row.case_number)},
      {"occurrenceDateTime", act.care_date},
      {"performer",
       json::array{json::object{{"actor", identified(kRppsSystem, record.professional.rpps)}}}},
      {"enteredDate", format_utc(record.row.signed_at)}};
  if (act.billable) {
    item["priceOverride"] = euros(act.amount_cents);
  } else {
    item["overrideReason"] = act.refusal;
  }
  return item;
}

json::object claim(const ActRecord& record) {
  const BillableAct& act = record.row.act;
  const json::object price = euros(act.amount_cents);
  return {
      {"status", "draft"},  // the doctor's own certified software sends it
      {"type", coding("http://terminology.hl7.org/CodeSystem/claim-type", "professional")},
      {"use", "claim"},
      {"patient", identified(kCaseSystem, record.row.case_number)},
      {"created", format_utc(record.row.signed_at)},
      {"provider", identified(kRppsSystem, record.professional.rpps)},
      {"priority", coding("http://terminology.hl7.org/CodeSystem/processpriority", "normal")},
      {"insurance",
       json::array{json::object{
           {"sequence", 1}, {"focal", true}, {"coverage", json::object{{"display", act.payer}}}}}},
      {"item", json::array{json::object{{"sequence", 1},
                                        {"productOrService", coding(kNgapSystem, act.code)},
                                        {"servicedDate", act.care_date},
                                        {"unitPrice", price},
                                        {"net", price}}}},
      {"total", price}};
}

}  // namespace

Result<std::string> act_json_line(const ActRecord& record) {
  const BillableAct& act = record.row.act;
  const auto rules = parse_rules(act.rules);
  if (!rules) return tl::unexpected(rules.error());
  json::array applied;
  for (const AppliedRule& rule : *rules) {
    json::object values;
    for (const auto& [name, value] : rule.values) values[name] = value;
    applied.push_back(json::object{{"rule", rule.rule},
                                   {"verdict", rule_verdict_name(rule.verdict)},
                                   {"values", std::move(values)}});
  }
  return json::serialize(json::object{{"case_number", record.row.case_number},
                                      {"programme", record.row.programme.value},
                                      {"role", act_role_name(act.role)},
                                      {"professional", act.professional.value},
                                      {"rpps", record.professional.rpps},
                                      {"name", record.professional.display_name()},
                                      {"code", act.code},
                                      {"care_date", act.care_date},
                                      {"tariff_zone", act.tariff_zone},
                                      {"tariff_id", act.tariff_id},
                                      {"amount_cents", act.amount_cents},
                                      {"payer", act.payer},
                                      {"billable", act.billable},
                                      {"refusal", act.refusal},
                                      {"submitted_at", format_utc(record.row.submitted_at)},
                                      {"signed_at", format_utc(record.row.signed_at)},
                                      {"rules", std::move(applied)}}) +
         '\n';
}

Result<void> write_fhir_bundle(const Walk<ActRecord>& walk, Instant made_at, const ByteSink& sink) {
  auto opened = sink(R"({"resourceType":"Bundle","type":"collection","timestamp":")" +
                     format_utc(made_at) + R"(","entry":[)");
  if (!opened) return opened;
  bool first = true;
  auto gone = walk([&](const ActRecord& record) -> Result<void> {
    const BillableAct& act = record.row.act;
    std::string entries = first ? "\n" : ",\n";
    first = false;
    entries += json::serialize(resource_entry("ChargeItem", record.row, charge_item(record)));
    if (act.billable && act.payer == kNationalInsurance) {
      entries += ",\n" + json::serialize(resource_entry("Claim", record.row, claim(record)));
    }
    return sink(entries);
  });
  if (!gone) return gone;
  return sink("\n]}\n");
}

}  // namespace telavis
