// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/eligibility.h"

#include <algorithm>

#include "engine/core/time.h"

namespace telavis {
namespace {

constexpr std::size_t kYearDigits = 4;

/// Looks at one rule after the other. Every rule is looked at, also behind one that refuses.
class ActJudge {
 public:
  ActJudge(const TariffTable& tables, const ActFacts& facts) : tables_(tables), facts_(facts) {
    result_.code = is_expert() ? "TE2" : "RQD";
    result_.payer = kNationalInsurance;
    place();
  }

  Eligibility judge() {
    outcome();
    either("self", facts_.professional != facts_.other, "SELF_EXPERTISE");
    either("consent", facts_.consent, "NO_CONSENT");
    either("report", facts_.report, "NO_REPORT");
    either("duplicate", !facts_.has_act, "DUPLICATE");
    hospital();
    profession();
    colleagues();
    locum();
    tariff();
    payer();
    cap();
    same_day();
    if (facts_.late) note("late", RuleVerdict::warned);
    identity();
    result_.billable = result_.refusal.empty();
    if (!result_.billable) result_.cents = 0;
    return std::move(result_);
  }

 private:
  bool is_expert() const { return facts_.role == ActRole::expert; }

  void note(std::string rule, RuleVerdict verdict,
            std::vector<std::pair<std::string, std::string>> values = {}) {
    result_.rules.push_back({std::move(rule), verdict, std::move(values)});
  }
  /// The first reason is the one that is said.
  void refuse(std::string rule, std::string_view reason,
              std::vector<std::pair<std::string, std::string>> values = {}) {
    note(std::move(rule), RuleVerdict::refused, std::move(values));
    if (result_.refusal.empty()) result_.refusal = reason;
  }
  void either(std::string rule, bool met, std::string_view reason) {
    met ? note(std::move(rule), RuleVerdict::met) : refuse(std::move(rule), reason);
  }

  bool allowed(std::string_view rule) const {
    const Policy* policy = tables_.policy(rule, result_.care_date);
    return policy != nullptr && policy->billable;
  }

  /// The professional's own zone and day: midnight overseas is not that of Paris.
  void place() {
    result_.tariff_zone = facts_.programme_zone;
    result_.care_date = facts_.programme_date;
    if (facts_.territory.empty()) return;
    const auto zone = tables_.zone_of(facts_.territory);
    result_.tariff_zone = zone ? zone->zone : std::string(kMetropolitanZone);
    const auto local =
        local_time(facts_.signed_at, zone ? zone->time_zone : std::string(kMetropolitanTime));
    // Zones are looked at when the tables are read: what the system has lost since counts as the
    // programme's day.
    if (local) result_.care_date = local->date;
  }

  void outcome() {
    switch (facts_.outcome) {
      case CareOutcome::answered:
        return note("outcome", RuleVerdict::met);
      case CareOutcome::insufficient_data:
        return allowed("insufficient_data") ? note("insufficient_data", RuleVerdict::warned)
                                            : refuse("insufficient_data", "INSUFFICIENT_DATA");
      case CareOutcome::unanswered:
        return refuse("unanswered", "UNANSWERED");
      case CareOutcome::redirected:
        return refuse("redirected", "REDIRECTED");
      case CareOutcome::cancelled:
        return refuse("cancelled", "CANCELLED");
    }
  }

  void hospital() {
    if (!facts_.hospitalised) return note("hospitalised", RuleVerdict::warned);
    either("hospitalised", !*facts_.hospitalised || allowed("hospitalised"), "HOSPITALISED");
  }

  void profession() {
    either("profession", tables_.is_entitled(facts_.role, facts_.profession, result_.care_date),
           "NOT_ENTITLED");
    if (facts_.profession == "chirurgien-dentiste") note("limited_profession", RuleVerdict::warned);
  }

  void colleagues() {
    const bool same = !facts_.speciality.empty() && facts_.speciality == facts_.other_speciality;
    if (same) note("same_speciality", RuleVerdict::met);
  }

  void locum() {
    if (facts_.replaces.empty()) return;
    if (facts_.replaces_during.covers(result_.care_date)) {
      note("locum", RuleVerdict::met, {{"doctor", facts_.replaces}});
    } else {
      refuse("locum", "LOCUM_DATES",
             {{"from", facts_.replaces_during.from}, {"to", facts_.replaces_during.to}});
    }
  }

  void tariff() {
    const auto found = tables_.find(facts_.role, facts_.profession, result_.tariff_zone,
                                    result_.care_date, facts_.level);
    if (!found) {
      refuse("tariff", "NO_TARIFF", {{"zone", result_.tariff_zone}, {"date", result_.care_date}});
      return;
    }
    result_.code = found->code;
    result_.cents = found->cents;
    result_.tariff_id = found->id;
    note("tariff", found->evidence.certainty == "high" ? RuleVerdict::met : RuleVerdict::warned,
         {{"tariff", found->id}, {"source", found->evidence.source}});
    if (found->yearly_forfait) refuse("forfait", "YEARLY_FORFAIT");
  }

  void payer() {
    const Funding* fund = tables_.funding(facts_.programme, result_.care_date);
    if (fund == nullptr) return note("payer", RuleVerdict::met);
    result_.payer = fund->funder;
    if (fund->pays == Funding::Pays::elsewhere) {
      refuse("funded_elsewhere", "PAID_BY_PROGRAMME", {{"funder", fund->funder}});
      return;
    }
    if (const auto cents = tables_.funded_cents(*fund, result_.care_date)) {
      result_.cents = *cents;
      note("funded", RuleVerdict::met, {{"funder", fund->funder}});
    } else {
      refuse("letter_key", "NO_TARIFF", {{"key", fund->key}, {"date", result_.care_date}});
    }
  }

  /// Billed to the insurance for this patient by this professional in this civil year.
  bool counts(const PatientAct& known, const Cap& cap) const {
    const BillableAct& act = known.act;
    return act.billable && act.payer == kNationalInsurance && act.role == facts_.role &&
           act.case_id != facts_.case_id && act.professional == facts_.professional &&
           act.care_date.substr(0, kYearDigits) == result_.care_date.substr(0, kYearDigits) &&
           std::find(cap.codes.begin(), cap.codes.end(), act.code) != cap.codes.end();
  }

  void cap() {
    if (result_.payer != kNationalInsurance || result_.tariff_id.empty()) return;
    const Cap* cap = tables_.cap(result_.code, facts_.profession, result_.care_date);
    if (cap == nullptr || cap->most == 0) return note("no_cap", RuleVerdict::warned);
    std::int64_t known = 0;
    std::int64_t doubtful = 0;
    for (const PatientAct& one : facts_.known) {
      if (!counts(one, *cap)) continue;
      one.match == PatientAct::Match::doubtful ? ++doubtful : ++known;
      by_traits_ += one.match == PatientAct::Match::traits ? 1 : 0;
    }
    const std::int64_t used = known + facts_.declared_acts;
    const std::vector<std::pair<std::string, std::string>> values = {
        {"known", std::to_string(known)},
        {"declared", std::to_string(facts_.declared_acts)},
        {"most", std::to_string(cap->most)},
        {"year", result_.care_date.substr(0, kYearDigits)}};
    used < cap->most ? note("cap", RuleVerdict::met, values) : refuse("cap", "CAP_REACHED", values);
    if (doubtful > 0) {
      note("doubtful_patient", RuleVerdict::warned, {{"count", std::to_string(doubtful)}});
    }
  }

  void same_day() {
    const bool known =
        std::any_of(facts_.known.begin(), facts_.known.end(), [&](const PatientAct& one) {
          return one.act.billable && one.act.professional == facts_.professional &&
                 one.act.case_id != facts_.case_id && one.act.care_date == result_.care_date &&
                 one.match != PatientAct::Match::doubtful;
        });
    note("same_day", known || facts_.declared_same_day ? RuleVerdict::warned : RuleVerdict::met);
  }

  void identity() {
    note("identity", facts_.qualified_ins ? RuleVerdict::met : RuleVerdict::warned);
    if (by_traits_ == 0) return;
    note("same_names", RuleVerdict::warned, {{"count", std::to_string(by_traits_)}});
  }

  const TariffTable& tables_;
  const ActFacts& facts_;
  Eligibility result_;
  std::int64_t by_traits_ = 0;
};

CareOutcome care_outcome(const Case& subject) {
  switch (subject.state) {
    case CaseState::redirected:
      return CareOutcome::redirected;
    case CaseState::cancelled:
      return subject.answered_at ? CareOutcome::answered : CareOutcome::cancelled;
    case CaseState::answered:
    case CaseState::delivered:
      return CareOutcome::answered;
    case CaseState::closed:
      return subject.answered_at ? CareOutcome::answered : CareOutcome::unanswered;
    case CaseState::incomplete:
    case CaseState::queued:
    case CaseState::offered:
    case CaseState::accepted:
    case CaseState::waiting:
      return subject.pending_opinion ? CareOutcome::answered : CareOutcome::unanswered;
  }
  return CareOutcome::unanswered;
}

}  // namespace

ActFacts facts_of(const ActContext& context, ActRole role) {
  const bool expert = role == ActRole::expert;
  const User& professional = expert ? context.expert : context.requester;
  const User& other = expert ? context.requester : context.expert;
  ActFacts facts;
  facts.case_id = context.subject.id;
  facts.role = role;
  facts.programme = context.programme.id;
  facts.outcome = care_outcome(context.subject);
  if (facts.outcome == CareOutcome::answered && !context.data_sufficient)
    facts.outcome = CareOutcome::insufficient_data;
  facts.professional = professional.id;
  facts.other = other.id;
  facts.profession = professional.profession;
  facts.speciality = professional.speciality;
  facts.other_speciality = other.speciality;
  facts.territory = professional.territory;
  facts.programme_zone = context.programme.tariff_zone;
  facts.programme_date = context.care_date;
  facts.signed_at = context.signed_at;
  facts.late = context.subject.promise && context.signed_at > context.subject.promise->breach_at;
  facts.qualified_ins = context.qualified_ins;
  facts.replaces = professional.enrolment.replaces;
  facts.replaces_during = professional.enrolment.replaces_during;
  facts.known = context.known;
  facts.has_act = std::any_of(context.known.begin(), context.known.end(), [&](const auto& one) {
    return one.act.case_id == facts.case_id && one.act.role == role;
  });
  return facts;
}

std::string_view rule_verdict_name(RuleVerdict verdict) {
  switch (verdict) {
    case RuleVerdict::met:
      return "met";
    case RuleVerdict::warned:
      return "warned";
    case RuleVerdict::refused:
      return "refused";
  }
  return "";
}

Eligibility eligibility(const TariffTable& tables, const ActFacts& facts) {
  return ActJudge(tables, facts).judge();
}

std::string rules_text(const std::vector<AppliedRule>& rules) {
  std::string text;
  for (const AppliedRule& rule : rules) {
    text += rule.rule;
    text += '\t';
    text += rule_verdict_name(rule.verdict);
    for (const auto& [name, value] : rule.values) {
      text += '\t' + name + '=';
      // Sources are words of a file: what ends a field or a line cannot stand in them.
      for (const char c : value) text += c == '\t' || c == '\n' ? ' ' : c;
    }
    text += '\n';
  }
  return text;
}

Result<std::vector<AppliedRule>> parse_rules(std::string_view text) {
  const auto damaged = [] {
    return fail(ErrorCode::malformed_request, "The rules of an act cannot be read.");
  };
  const auto next = [](std::string_view& rest, char end) {
    const std::size_t length = std::min(rest.find(end), rest.size());
    const std::string_view part = rest.substr(0, length);
    rest.remove_prefix(std::min(length + 1, rest.size()));
    return part;
  };
  std::vector<AppliedRule> rules;
  while (!text.empty()) {
    std::string_view line = next(text, '\n');
    AppliedRule rule;
    rule.rule = next(line, '\t');
    const std::string_view verdict = next(line, '\t');
    bool known = false;
    for (const RuleVerdict one : {RuleVerdict::met, RuleVerdict::warned, RuleVerdict::refused}) {
      if (rule_verdict_name(one) != verdict) continue;
      rule.verdict = one;
      known = true;
    }
    if (!known || rule.rule.empty()) return damaged();
    while (!line.empty()) {
      std::string_view field = next(line, '\t');
      const std::size_t equals = field.find('=');
      if (equals == std::string_view::npos) return damaged();
      rule.values.emplace_back(field.substr(0, equals), field.substr(equals + 1));
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::string rule_sentence(Language language, const AppliedRule& rule) {
  const std::string id =
      "billing.rule." + rule.rule + "." + std::string(rule_verdict_name(rule.verdict));
  // A rule of another version of the program is named as it stands.
  if (!has_message(id)) return rule.rule;
  const auto value = [&](std::string_view name) -> std::string_view {
    for (const auto& [known, text] : rule.values) {
      if (known == name) return text;
    }
    return "";
  };
  return message(language, id,
                 {{"known", value("known")},
                  {"declared", value("declared")},
                  {"most", value("most")},
                  {"year", value("year")},
                  {"count", value("count")},
                  {"doctor", value("doctor")},
                  {"from", value("from")},
                  {"to", value("to")},
                  {"zone", value("zone")},
                  {"date", value("date")},
                  {"tariff", value("tariff")},
                  {"source", value("source")},
                  {"funder", value("funder")},
                  {"key", value("key")}});
}

Result<std::int64_t> yearly_forfait(
    const TariffTable& tables, std::string_view profession,
    const std::vector<std::pair<std::string, std::int64_t>>& levels) {
  std::int64_t sum = 0;
  std::int64_t most = 0;
  for (const auto& [date, level] : levels) {
    const auto share = tables.find(ActRole::requester, profession, kMetropolitanZone, date, level);
    if (!share) return tl::unexpected(share.error());
    if (!share->yearly_forfait) continue;
    sum += share->cents;
    if (const Cap* cap = tables.cap(share->code, profession, date)) most = cap->most_cents;
  }
  return most == 0 ? sum : std::min(sum, most);
}

}  // namespace telavis
