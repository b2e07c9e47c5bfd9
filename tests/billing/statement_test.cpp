// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/statement.h"

#include <gtest/gtest.h>

namespace telavis {
namespace {

ActRow statement_row(const char* number, const char* date, std::int64_t cents,
                     const char* refusal = "") {
  ActRow row;
  row.case_number = number;
  row.act.code = "TE2";
  row.act.care_date = date;
  row.act.amount_cents = cents;
  row.act.refusal = refusal;
  row.act.billable = row.act.refusal.empty();
  row.act.rules = "late\twarned\n";
  return row;
}

struct StatementCase {
  StatementCase() {
    programme.name_fr = "Rythmologie";
    programme.name_en = "Rhythmology";
    doctor.title = "Dr";
    doctor.family_name = "Fictif";
    doctor.rpps = "10001234565";
    requester.title = "Dr";
    requester.family_name = "Requérant";
    number = {"p", 42, {}, "", "", "", parse_instant("2026-04-02T08:00:00Z").value(), ""};
  }
  Statement statement() const {
    return {programme,
            doctor,
            "2026-01-01",
            "2026-03-31",
            {statement_row("TE-1", "2026-01-06", 2760), statement_row("TE-2", "2026-02-06", 2760),
             statement_row("TE-3", "2026-03-06", 0, "CAP_REACHED")},
            {{"TE-1", requester}}};
  }
  Programme programme;
  User doctor, requester;
  StatementNumber number;
};

std::string words_of(const ReportContent& content) {
  std::string words = content.title + "\n" + content.subtitle + "\n";
  for (const ReportSection& section : content.sections) {
    words += section.heading + "\n";
    for (const auto& [label, text] : section.lines) words += label + " | " + text + "\n";
  }
  return words;
}

TEST(Statement, SaysWhatIsBillableAndWhatNot) {
  const StatementCase made;
  const std::string words =
      words_of(statement_content(made.statement(), made.number, Language::french));
  for (const char* part :
       {"Relevé n° 42", "Dr Fictif (RPPS 10001234565)", "01/01/2026 – 31/03/2026",
        "06/01/2026 TE2 | 27,60 €, TE-1, AMO", "Dr Requérant", "après le délai promis",
        "06/03/2026 TE2 | TE-3: plafond de l’année civile atteint", "AMO | 55,20 €",
        "tiers payant"}) {
    EXPECT_NE(words.find(part), std::string::npos) << part << " in\n" << words;
  }
  const std::string english =
      words_of(statement_content(made.statement(), made.number, Language::english));
  EXPECT_NE(english.find("AMO | 55.20 €"), std::string::npos);
}

TEST(Statement, HasTheHashOfWhatItSays) {
  const StatementCase made;
  const std::string hash = statement_hash(made.statement());
  EXPECT_EQ(hash, statement_hash(made.statement()));
  Statement other = made.statement();
  other.rows[0].act.amount_cents = 2761;
  EXPECT_NE(hash, statement_hash(other));
  Statement nobody_asked = made.statement();
  nobody_asked.requesters.clear();
  EXPECT_NE(hash, statement_hash(nobody_asked));
}

TEST(Statement, IsDrawnAsPdfA) {
  const StatementCase made;
  const auto content = statement_content(made.statement(), made.number, Language::french);
  const auto pdf = render_report_pdf(content);
  ASSERT_TRUE(pdf) << pdf.error().text;
  EXPECT_EQ(*pdf, render_report_pdf(content).value()) << "the same bytes again";
  EXPECT_NE(std::string(as_text(*pdf)).find("pdfaid:part"), std::string::npos);
}

}  // namespace
}  // namespace telavis
