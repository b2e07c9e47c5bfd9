// SPDX-License-Identifier: Apache-2.0
// Figures as they leave: tables for spreadsheets and a document (PDF/A-1b). What is masked stays
// so; nothing names a person.
#pragma once

#include <string>

#include "engine/billing/figures.h"
#include "engine/billing/table.h"
#include "formats/bytes.h"
#include "formats/render.h"

namespace telavis {

/// One row a figure of each part, with its definition: part, item, figure, number, of, percentage,
/// median, P90, unit, remark, definition. Errors: those of TableWriter.
Result<std::string> figures_table(const FigureReport& report, TableFormat format);

/// The figures with their definitions, and the same by month, territory and programme.
Result<Bytes> figures_pdf(const FigureReport& report);

/// The report of a civil year, the year before beside it; `made_on` is an ISO date.
struct ActivityReport {
  FigureReport year;
  FigureReport year_before;
  std::string made_on;
};
ReportContent activity_content(const ActivityReport& report);
/// Errors: those of render_report_pdf.
Result<Bytes> activity_pdf(const ActivityReport& report);

/// "31,9 % (306 / 959)", "médiane 9,0 heures, P90 31,0 heures (959)": a figure in words.
std::string figure_words(const Figure& figure, Language language);

}  // namespace telavis
