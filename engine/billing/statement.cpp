// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/statement.h"

#include <fmt/format.h>

#include "engine/billing/bank_words.h"
#include "engine/billing/eligibility.h"
#include "engine/core/audit.h"

namespace telavis {
namespace {

std::string day_in(Language language, const std::string& iso) {
  if (language == Language::english) return iso;
  return iso.substr(8, 2) + "/" + iso.substr(5, 2) + "/" + iso.substr(0, 4);
}

std::string euros_in(Language language, std::int64_t cents) {
  return amount_text(cents, language == Language::french ? ',' : '.') + " €";
}

/// Doctors by name and number, as a form of the insurance asks for them.
std::string doctor_words(const User& user) {
  return user.display_name() + (user.rpps.empty() ? "" : " (RPPS " + user.rpps + ")");
}

std::string refusal_words(Language language, const std::string& refusal) {
  const std::string id = "web.refusal." + refusal;
  return has_message(id) ? message(language, id) : refusal;
}

/// What a person should look at before he bills: the warnings among the rules.
std::string warnings_of(const BillableAct& act, Language language) {
  const auto rules = parse_rules(act.rules);
  std::string words;
  if (!rules) return words;
  for (const AppliedRule& rule : *rules) {
    // The source of a tariff is for the treasurer, that nobody was asked about a stay in hospital
    // is said once for all acts.
    const bool told = rule.rule != "tariff" && rule.rule != "hospitalised";
    if (rule.verdict == RuleVerdict::warned && told) {
      words += "\n" + rule_sentence(language, rule);
    }
  }
  return words;
}

class StatementWriter {
 public:
  StatementWriter(const Statement& statement, Language language)
      : statement_(statement), language_(language) {}

  ReportContent content(const StatementNumber& number) {
    ReportContent content;
    content.title = text("billing.statement.title");
    content.subtitle =
        message(language_, "billing.statement.subtitle",
                {{"number", std::to_string(number.number)},
                 {"programme", statement_.programme.name(language_ == Language::french)}});
    content.sections.push_back(
        {text("billing.statement.about"),
         {{text("billing.statement.doctor"), doctor_words(statement_.professional)},
          {text("billing.statement.period"),
           day_in(language_, statement_.from) + " – " + day_in(language_, statement_.to)},
          {text("billing.statement.made"),
           day_in(language_, format_utc(number.at).substr(0, 10))}}});
    sort_acts();
    add(content, "billing.statement.billable", billable_);
    add(content, "billing.statement.refused", refused_);
    ReportSection totals{text("billing.statement.totals"), {}};
    for (const auto& [payer, cents] : by_payer_) {
      totals.lines.emplace_back(payer, euros_in(language_, cents));
    }
    if (totals.lines.empty()) totals.lines.emplace_back("", euros_in(language_, 0));
    content.sections.push_back(std::move(totals));
    ReportSection sheet{text("billing.statement.sheet"), {}};
    for (const char* item : {"software", "third_party", "exemption", "prescriber", "paper",
                             "salaried", "hospital", "known"}) {
      sheet.lines.emplace_back("", text(std::string("billing.sheet.") + item));
    }
    content.sections.push_back(std::move(sheet));
    content.footer = text("billing.statement.footer");
    return content;
  }

 private:
  using Lines = std::vector<std::pair<std::string, std::string>>;

  std::string text(std::string_view id) const { return message(language_, id); }

  static void add_to(Lines& lines, std::string label, std::string words) {
    lines.emplace_back(std::move(label), std::move(words));
  }
  void add(ReportContent& content, std::string_view heading, Lines& lines) const {
    if (lines.empty()) lines.emplace_back("", text("billing.statement.none"));
    content.sections.push_back({text(heading), std::move(lines)});
  }

  void sort_acts() {
    for (const ActRow& row : statement_.rows) {
      const BillableAct& act = row.act;
      std::string label = day_in(language_, act.care_date) + " " + act.code;
      if (!act.billable) {
        add_to(refused_, std::move(label),
               row.case_number + ": " + refusal_words(language_, act.refusal));
        continue;
      }
      by_payer_[act.payer] += act.amount_cents;
      std::string words = fmt::format("{}, {}, {}", euros_in(language_, act.amount_cents),
                                      row.case_number, act.payer);
      const auto requester = statement_.requesters.find(row.case_number);
      if (act.role == ActRole::expert && requester != statement_.requesters.end()) {
        words += "\n" + message(language_, "billing.statement.prescriber",
                                {{"doctor", doctor_words(requester->second)}});
      }
      add_to(billable_, std::move(label), words + warnings_of(act, language_));
    }
  }

  const Statement& statement_;
  Language language_;
  Lines billable_, refused_;
  std::map<std::string, std::int64_t> by_payer_;
};

}  // namespace

std::string statement_hash(const Statement& statement) {
  std::vector<std::string> fields{statement.programme.id.value,
                                  statement.professional.id.value,
                                  statement.professional.rpps,
                                  statement.professional.display_name(),
                                  statement.from,
                                  statement.to};
  for (const ActRow& row : statement.rows) {
    const BillableAct& act = row.act;
    fields.insert(fields.end(), {row.case_number, std::string(act_role_name(act.role)), act.code,
                                 act.care_date, std::to_string(act.amount_cents), act.payer,
                                 act.billable ? "1" : "0", act.refusal, act.rules});
    const auto requester = statement.requesters.find(row.case_number);
    fields.push_back(requester == statement.requesters.end() ? ""
                                                             : doctor_words(requester->second));
  }
  return hash_of_fields(fields);
}

ReportContent statement_content(const Statement& statement, const StatementNumber& number,
                                Language language) {
  return StatementWriter(statement, language).content(number);
}

}  // namespace telavis
