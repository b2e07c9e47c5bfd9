// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/eligibility.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

namespace telavis {
namespace {

const TariffTable& tables() {
  static const TariffTable table = TariffTable::embedded().value();
  return table;
}

Instant instant(const char* text) {
  return parse_instant(text).value();
}

ActFacts answered(ActRole role = ActRole::expert) {
  ActFacts facts;
  facts.case_id = CaseId("now");
  facts.role = role;
  facts.programme = ProgrammeId("rythmologie-guadeloupe");
  facts.professional = UserId(role == ActRole::expert ? "e" : "r");
  facts.other = UserId(role == ActRole::expert ? "r" : "e");
  facts.profession = "medecin";
  facts.territory = "22";
  facts.programme_zone = "METRO";
  facts.programme_date = "2026-05-04";
  facts.signed_at = instant("2026-05-04T12:00:00Z");
  facts.hospitalised = false;
  facts.qualified_ins = true;
  return facts;
}

PatientAct earlier(const char* id, const char* date, ActRole role = ActRole::expert,
                   PatientAct::Match match = PatientAct::Match::ins) {
  PatientAct known;
  known.act.case_id = CaseId(id);
  known.act.role = role;
  known.act.code = role == ActRole::expert ? "TE2" : "RQD";
  known.act.professional = UserId(role == ActRole::expert ? "e" : "r");
  known.act.care_date = date;
  known.act.amount_cents = 2300;
  known.match = match;
  return known;
}

const AppliedRule* rule(const Eligibility& decided, std::string_view name) {
  for (const AppliedRule& one : decided.rules) {
    if (one.rule == name) return &one;
  }
  return nullptr;
}

RuleVerdict verdict(const Eligibility& decided, std::string_view name) {
  const AppliedRule* found = rule(decided, name);
  EXPECT_NE(found, nullptr) << name;
  return found == nullptr ? RuleVerdict::met : found->verdict;
}

TEST(Eligibility, IsGivenWithEveryRule) {
  const Eligibility decided = eligibility(tables(), answered());
  EXPECT_TRUE(decided.billable) << decided.refusal;
  EXPECT_EQ(decided.code, "TE2");
  EXPECT_EQ(decided.cents, 2300);
  EXPECT_EQ(decided.tariff_id, "TE2-2026-METRO");
  EXPECT_EQ(decided.payer, kNationalInsurance);
  std::vector<std::string> names;
  for (const AppliedRule& one : decided.rules) {
    EXPECT_EQ(one.verdict, RuleVerdict::met) << one.rule;
    names.push_back(one.rule);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"outcome", "self", "consent", "report", "duplicate",
                                             "hospitalised", "profession", "tariff", "payer", "cap",
                                             "same_day", "identity"}));
}

TEST(Eligibility, NamesEachReason) {
  const std::map<std::string, std::function<void(ActFacts&)>> reasons = {
      {"INSUFFICIENT_DATA", [](ActFacts& f) { f.outcome = CareOutcome::insufficient_data; }},
      {"UNANSWERED", [](ActFacts& f) { f.outcome = CareOutcome::unanswered; }},
      {"REDIRECTED", [](ActFacts& f) { f.outcome = CareOutcome::redirected; }},
      {"CANCELLED", [](ActFacts& f) { f.outcome = CareOutcome::cancelled; }},
      {"SELF_EXPERTISE", [](ActFacts& f) { f.other = f.professional; }},
      {"NO_CONSENT", [](ActFacts& f) { f.consent = false; }},
      {"NO_REPORT", [](ActFacts& f) { f.report = false; }},
      {"DUPLICATE", [](ActFacts& f) { f.has_act = true; }},
      {"HOSPITALISED", [](ActFacts& f) { f.hospitalised = true; }},
      {"NOT_ENTITLED", [](ActFacts& f) { f.profession = "infirmier"; }},
      {"LOCUM_DATES",
       [](ActFacts& f) {
         f.replaces = "Dr Fictif";
         f.replaces_during = {"2026-05-05", "2026-05-20"};
       }},
      {"NO_TARIFF",
       [](ActFacts& f) {
         f.territory.clear();
         f.programme_zone = "MARS";
       }},
      {"PAID_BY_PROGRAMME",
       [](ActFacts& f) {
         f.programme = ProgrammeId("dermatologie-hauts-de-france");
         f.signed_at = instant("2022-12-31T12:00:00Z");
       }},
      {"YEARLY_FORFAIT",
       [](ActFacts& f) {
         f.role = ActRole::requester;
         f.signed_at = instant("2022-03-31T12:00:00Z");
       }},
      {"CAP_REACHED",
       [](ActFacts& f) {
         for (const char* id : {"a", "b", "c", "d"}) f.known.push_back(earlier(id, "2026-02-03"));
       }},
  };
  for (const auto& [reason, change] : reasons) {
    ActFacts facts = answered();
    change(facts);
    const Eligibility decided = eligibility(tables(), facts);
    EXPECT_FALSE(decided.billable) << reason;
    EXPECT_EQ(decided.refusal, reason);
    EXPECT_EQ(decided.cents, 0) << reason;
    EXPECT_TRUE(has_message("web.refusal." + reason)) << reason;
  }
}

TEST(Eligibility, SaysEveryRuleInBothLanguages) {
  std::vector<AppliedRule> seen;
  const auto collect = [&](const ActFacts& facts) {
    for (const AppliedRule& one : eligibility(tables(), facts).rules) seen.push_back(one);
  };
  collect(answered());
  ActFacts odd = answered(ActRole::requester);
  odd.hospitalised.reset();
  odd.profession = "orthophoniste";
  odd.late = true;
  odd.qualified_ins = false;
  odd.speciality = odd.other_speciality = "médecine générale";
  odd.replaces = "Dr Fictif";
  odd.replaces_during = {"2026-05-01", "2026-05-31"};
  odd.declared_same_day = true;
  collect(odd);
  ActFacts doubtful = answered();
  doubtful.known.push_back(
      earlier("a", "2026-05-04", ActRole::expert, PatientAct::Match::doubtful));
  doubtful.known.push_back(earlier("b", "2026-05-04", ActRole::expert, PatientAct::Match::traits));
  doubtful.profession = "chirurgien-dentiste";
  collect(doubtful);
  for (const AppliedRule& one : seen) {
    for (const Language language : {Language::french, Language::english}) {
      const std::string sentence = rule_sentence(language, one);
      EXPECT_NE(sentence, one.rule);
      EXPECT_EQ(sentence.find('{'), std::string::npos) << sentence;
      EXPECT_EQ(sentence.find("()"), std::string::npos) << sentence;
    }
  }
  EXPECT_EQ(parse_rules(rules_text(seen)).value(), seen);
  EXPECT_FALSE(parse_rules("cap\tperhaps\n"));
  EXPECT_FALSE(parse_rules("cap\tmet\tmost\n"));
  EXPECT_EQ(rule_sentence(Language::french,
                          {"cap",
                           RuleVerdict::met,
                           {{"known", "2"}, {"declared", "0"}, {"most", "4"}, {"year", "2026"}}})
                .substr(0, 54),
            "Plafond de l’année civile 2026 : 2/4 connus de Tela");
}

TEST(Eligibility, CountsTheCivilYearOfThisPairAndPatient) {
  ActFacts facts = answered();
  for (const char* id : {"a", "b", "c"}) facts.known.push_back(earlier(id, "2026-01-01"));
  facts.known.push_back(earlier("d", "2025-12-31"));                      // another year
  facts.known.push_back(earlier("e", "2026-02-01", ActRole::requester));  // another role
  facts.known.push_back(earlier("f", "2026-02-01"));
  facts.known.back().act.professional = UserId("other");
  facts.known.push_back(earlier("g", "2026-02-01"));
  facts.known.back().act.billable = false;
  facts.known.push_back(earlier("h", "2026-02-01"));
  facts.known.back().act.payer = "FIR";
  facts.known.push_back(earlier("i", "2026-02-01", ActRole::expert, PatientAct::Match::doubtful));
  Eligibility decided = eligibility(tables(), facts);
  EXPECT_TRUE(decided.billable);
  EXPECT_EQ(rule(decided, "cap")->values[0].second, "3");
  EXPECT_EQ(verdict(decided, "doubtful_patient"), RuleVerdict::warned);
  facts.declared_acts = 1;
  decided = eligibility(tables(), facts);
  EXPECT_EQ(decided.refusal, "CAP_REACHED");
  facts.declared_acts = 0;
  facts.known.push_back(earlier("j", "2026-03-01", ActRole::expert, PatientAct::Match::traits));
  decided = eligibility(tables(), facts);
  EXPECT_EQ(decided.refusal, "CAP_REACHED");
  EXPECT_EQ(verdict(decided, "same_names"), RuleVerdict::warned);
  EXPECT_EQ(verdict(decided, "identity"), RuleVerdict::met);
}

TEST(Eligibility, AllowsColleaguesAndMarksWhatIsLateOrOfTheSameDay) {
  ActFacts facts = answered();
  facts.speciality = facts.other_speciality = "médecine générale";
  facts.late = true;
  facts.known.push_back(earlier("a", "2026-05-04"));
  const Eligibility decided = eligibility(tables(), facts);
  EXPECT_TRUE(decided.billable);
  EXPECT_EQ(verdict(decided, "same_speciality"), RuleVerdict::met);
  EXPECT_EQ(verdict(decided, "late"), RuleVerdict::warned);
  EXPECT_EQ(verdict(decided, "same_day"), RuleVerdict::warned);
}

Eligibility on(const char* at, const char* territory, ActRole role = ActRole::expert,
               std::int64_t level = 1) {
  ActFacts facts = answered(role);
  facts.signed_at = instant(at);
  facts.territory = territory;
  facts.level = level;
  return eligibility(tables(), facts);
}

TEST(Eligibility, TurnsAtLocalMidnight) {
  // 31 March / 1 April 2022: levels end, the requester's act begins.
  EXPECT_EQ(on("2022-03-31T21:59:59Z", "22").code, "TE1");
  EXPECT_EQ(on("2022-03-31T21:59:59Z", "22", ActRole::expert, 2).cents, 2000);
  EXPECT_EQ(on("2022-03-31T22:00:00Z", "22").code, "TE2");
  EXPECT_EQ(on("2022-03-31T22:00:00Z", "22").cents, 2000);
  EXPECT_EQ(on("2022-03-31T21:59:59Z", "22", ActRole::requester).refusal, "YEARLY_FORFAIT");
  EXPECT_EQ(on("2022-03-31T22:00:00Z", "22", ActRole::requester).cents, 1000);
  // 31 December 2025 / 1 January 2026, in Paris, in Guadeloupe, in La Réunion.
  EXPECT_EQ(on("2025-12-31T22:59:59Z", "22").cents, 2000);
  EXPECT_EQ(on("2025-12-31T23:00:00Z", "22").cents, 2300);
  EXPECT_EQ(on("2026-01-01T03:59:59Z", "971").cents, 2400);
  EXPECT_EQ(on("2026-01-01T03:59:59Z", "971").care_date, "2025-12-31");
  EXPECT_EQ(on("2026-01-01T04:00:00Z", "971").cents, 2760);
  EXPECT_EQ(on("2025-12-31T19:59:59Z", "974").cents, 2400);
  EXPECT_EQ(on("2025-12-31T20:00:00Z", "974").cents, 2760);
  // The day of the year's cap is local as well.
  ActFacts facts = answered();
  facts.territory = "971";
  facts.signed_at = instant("2026-01-01T03:00:00Z");
  for (const char* id : {"a", "b", "c", "d"}) facts.known.push_back(earlier(id, "2025-06-01"));
  EXPECT_EQ(eligibility(tables(), facts).refusal, "CAP_REACHED");
  facts.signed_at = instant("2026-01-01T04:00:00Z");
  EXPECT_TRUE(eligibility(tables(), facts).billable);
}

TEST(Eligibility, PaysTheShareOfBefore2022InOneSum) {
  std::vector<std::pair<std::string, std::int64_t>> levels(10, {"2021-05-03", 1});
  EXPECT_EQ(yearly_forfait(tables(), "medecin", levels).value(), 5'000);
  levels.resize(100, {"2021-05-03", 2});
  EXPECT_EQ(yearly_forfait(tables(), "medecin", levels).value(), 50'000);  // 950 EUR, capped
  EXPECT_FALSE(yearly_forfait(tables(), "medecin", {{"2018-01-01", 1}}));
}

/// A year of cases by two experts, two requesters and four patients.
struct RandomYear {
  struct Asked {
    ActFacts facts;
    int patient;
  };
  explicit RandomYear(unsigned int seed) : draw(seed) {
    for (int i = 0; i < 120; ++i) {
      const ActRole role = below(2) == 0 ? ActRole::expert : ActRole::requester;
      ActFacts facts = answered(role);
      facts.case_id = CaseId("case-" + std::to_string(i));
      facts.professional = UserId("p" + std::to_string(below(2)));
      facts.profession = facts.professional == UserId("p0") ? "medecin" : "sage-femme";
      facts.signed_at = instant("2026-01-01T12:00:00Z") + std::chrono::hours(24 * below(365));
      facts.consent = below(10) != 0;
      asked.push_back({facts, below(4)});
    }
  }
  int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(draw); }

  /// Billable acts by who, role and patient; every cap is looked at on the way.
  std::map<std::string, int> billed() const {
    std::map<int, std::vector<PatientAct>> known;
    std::map<std::string, int> count;
    for (Asked one : asked) {
      one.facts.known = known[one.patient];
      const Eligibility decided = eligibility(tables(), one.facts);
      BillableAct act;
      act.case_id = one.facts.case_id;
      act.role = one.facts.role;
      act.code = decided.code;
      act.professional = one.facts.professional;
      act.care_date = decided.care_date;
      act.billable = decided.billable;
      known[one.patient].push_back({act, PatientAct::Match::ins});
      if (decided.billable) {
        ++count[act.professional.value + std::string(act_role_name(act.role)) +
                std::to_string(one.patient)];
      }
    }
    return count;
  }

  std::mt19937 draw;
  std::vector<Asked> asked;
};

TEST(Eligibility, NeverPassesACapAndGivesAsManyInAnyOrder) {
  for (unsigned int seed = 1; seed <= 40; ++seed) {
    RandomYear year(seed);
    const auto counts = year.billed();
    for (const auto& [who, count] : counts) {
      const bool midwife_asks = who.starts_with("p1requester");
      EXPECT_LE(count, midwife_asks ? 2 : 4) << who << " seed " << seed;
    }
    std::shuffle(year.asked.begin(), year.asked.end(), year.draw);
    EXPECT_EQ(counts, year.billed()) << "as many, whichever came first; seed " << seed;
  }
}

}  // namespace
}  // namespace telavis
