// SPDX-License-Identifier: Apache-2.0
// Whether an act may be billed, and every rule that was looked at. Pure: the case, the acts that
// are known, the dated tables.
//
// The order of a cap: acts count as they were made, that is as their opinions left. Whoever comes
// when the cap is full is refused, whatever the dates of care; what was made before never changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/billing/tariff.h"
#include "engine/core/catalogue.h"
#include "engine/core/service_ports.h"
#include "formats/result.h"

namespace telavis {

/// How the care ended. Telavis makes acts for `answered` alone, at the moment the opinion leaves;
/// the others are there to be explained.
enum class CareOutcome { answered, insufficient_data, unanswered, redirected, cancelled };

struct ActFacts {
  CaseId case_id;
  ActRole role = ActRole::expert;
  ProgrammeId programme;
  CareOutcome outcome = CareOutcome::answered;
  UserId professional, other;  // the other one of expert and requester
  std::string profession;
  std::string speciality, other_speciality;
  std::string territory;       // of his practice; empty: that of the programme
  std::string programme_zone;  // tariff zone, for want of a territory
  std::string programme_date;  // local date of the opinion, likewise
  Instant signed_at{};
  std::int64_t level = 1;  // matters before 2022-04-01
  bool consent = true;
  bool report = true;                // it leaves with the act
  bool late = false;                 // signed after the promised instant
  bool has_act = false;              // this role has its act for this case
  std::optional<bool> hospitalised;  // none: nobody was asked
  bool qualified_ins = false;
  std::string replaces;  // name of the doctor he stands for, with the dates
  DateRange replaces_during;
  /// Of this patient, whoever billed them.
  std::vector<PatientAct> known;
  /// What the doctor says he billed for this patient this year outside, and on the same day.
  std::int64_t declared_acts = 0;
  bool declared_same_day = false;
};
/// Of a case in any state; who answered it, or would have, is its expert.
ActFacts facts_of(const ActContext& context, ActRole role);

enum class RuleVerdict { met, warned, refused };
std::string_view rule_verdict_name(RuleVerdict verdict);

/// One rule that was looked at. Its sentence is "billing.rule.<rule>.<verdict>" of messages.json,
/// with `values` in its places.
struct AppliedRule {
  std::string rule;
  RuleVerdict verdict = RuleVerdict::met;
  std::vector<std::pair<std::string, std::string>> values;
  bool operator==(const AppliedRule&) const = default;
};

struct Eligibility {
  bool billable = false;
  std::string code;
  std::int64_t cents = 0;          // 0 when not billable
  std::string tariff_id;           // empty without a tariff
  std::string payer;               // kNationalInsurance, or a fund
  std::string tariff_zone;         // of the professional's practice
  std::string care_date;           // in its hours
  std::string refusal;             // of the first rule that refuses, in capitals: "CAP_REACHED"
  std::vector<AppliedRule> rules;  // all of them, in the order of the code
};

Eligibility eligibility(const TariffTable& tables, const ActFacts& facts);

/// As it is stored with the act: a rule a line, tabs between rule, verdict and name=value.
std::string rules_text(const std::vector<AppliedRule>& rules);
/// Errors: malformed_request.
Result<std::vector<AppliedRule>> parse_rules(std::string_view text);
std::string rule_sentence(Language language, const AppliedRule& rule);

/// What a requester got in one sum before 2022-04-01: 5 or 10 EUR an opinion, up to the yearly cap.
/// `levels`: of the opinions of one civil year, with their dates. Errors: no_tariff.
Result<std::int64_t> yearly_forfait(
    const TariffTable& tables, std::string_view profession,
    const std::vector<std::pair<std::string, std::int64_t>>& levels);

}  // namespace telavis
