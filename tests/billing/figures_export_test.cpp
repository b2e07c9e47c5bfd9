// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/figures_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/pdfa.h"

namespace telavis {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

FigureReport report_of(int requests, int in_person) {
  FigureTally tally;
  for (int i = 0; i < requests; ++i) {
    CaseRow row;
    row.requester = UserId("ZZREQUESTER-" + std::to_string(i % 9));
    row.submitted_at = Instant(hours(24 * i));
    row.completed_at = row.submitted_at;
    row.breach_at = row.submitted_at + hours(48);
    row.answered_at = row.submitted_at + hours(9) + std::chrono::minutes(30);
    row.answered_by = UserId("ZZEXPERT");
    row.codes.emplace();
    row.codes->orientation = i < in_person ? "in_person" : "gp_management";
    row.codes->data_sufficient = true;
    tally.add(row, Instant(hours(24 * 400)));
  }
  FigureReport report;
  report.question = {{ProgrammeId("p")}, "2026-01-01", "2026-12-31"};
  report.programme_names = {"Rythmologie"};
  report.figures = tally.figures(12);
  report.distributions = tally.distributions();
  report.months = {{"2026-01", "2026-01", tally.figures(1)}};
  report.territories = {{"", "", tally.figures(12)}};
  report.programmes = {{"p", "Rythmologie", tally.figures(12)}};
  return report;
}

TEST(FiguresExport, IsATableWithDenominatorsAndDefinitions) {
  const auto table = figures_table(report_of(40, 10), TableFormat::csv_french);
  ASSERT_TRUE(table);
  EXPECT_THAT(*table, HasSubstr("Ensemble;;Consultation en présence demandée;10;40;25,0%;;;;;"));
  EXPECT_THAT(*table, HasSubstr("Ensemble;;Délai de réponse;40;;;9,5;9,5;heures;;"));
  EXPECT_THAT(*table, HasSubstr("Par territoire;non renseigné;Demandes;40;"));
  EXPECT_THAT(*table, HasSubstr("Orientation;Consultation en présence;Orientation;10;40;25,0%"));
  EXPECT_THAT(*table, Not(HasSubstr("ZZ")));
  EXPECT_EQ(*table, *figures_table(report_of(40, 10), TableFormat::csv_french));
}

TEST(FiguresExport, GivesNoMaskedNumber) {
  const FigureReport outside = for_outside(report_of(40, 3));
  const auto table = figures_table(outside, TableFormat::csv);
  ASSERT_TRUE(table);
  EXPECT_THAT(*table, HasSubstr("Ensemble,,Consultation en présence demandée,,,,,,,"));
  EXPECT_EQ(figure_words(outside.figures[11], Language::french), "moins de 5, masqué");
  EXPECT_EQ(figure_words(report_of(40, 3).figures[11], Language::french), "7,5 % (3 / 40)");
  EXPECT_EQ(figure_words(report_of(40, 3).figures[11], Language::english), "7.5% (3 / 40)");
}

TEST(FiguresExport, IsAnArchivedDocumentAlwaysTheSame) {
  const auto pdf = figures_pdf(for_outside(report_of(40, 10)));
  ASSERT_TRUE(pdf) << pdf.error().text;
  EXPECT_TRUE(claims_pdfa_1(*pdf));
  EXPECT_EQ(*pdf, *figures_pdf(for_outside(report_of(40, 10))));
}

TEST(ActivityReport, HasTheYearBeforeBesideEachFigure) {
  const ActivityReport report{for_outside(report_of(40, 10)), for_outside(report_of(20, 10)),
                              "2027-01-15"};
  const ReportContent content = activity_content(report);
  EXPECT_EQ(content.title, "Rapport d’activité 2026");
  EXPECT_THAT(content.sections.front().lines.front().second, HasSubstr("15/01/2027"));
  EXPECT_EQ(content.sections[1].lines.front().second, "40\nAnnée précédente : 20");
  EXPECT_THAT(content.footer, HasSubstr("masqués"));
  const auto pdf = activity_pdf(report);
  ASSERT_TRUE(pdf) << pdf.error().text;
  EXPECT_TRUE(claims_pdfa_1(*pdf));
}

}  // namespace
}  // namespace telavis
