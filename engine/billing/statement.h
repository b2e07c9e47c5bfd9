// SPDX-License-Identifier: Apache-2.0
// A doctor's statement of a period: what he may bill and enters into his own certified software,
// what is not billable and why. No patient appears in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/core/account_book.h"
#include "engine/core/catalogue.h"
#include "engine/core/people.h"
#include "engine/core/ports.h"
#include "engine/core/programme.h"
#include "formats/render.h"

namespace telavis {

struct Statement {
  const Programme& programme;
  const User& professional;
  std::string from, to;      // care dates, included
  std::vector<ActRow> rows;  // his, in the order of the repository
  /// Who asked, by case number: the prescriber of an expert's act.
  std::map<std::string, User> requesters;
};

/// Hex BLAKE2b-256 of what the statement says, without its number and instant: the same acts have
/// the same number again.
std::string statement_hash(const Statement& statement);

/// For render_report_pdf(), which makes PDF/A-1b of it.
ReportContent statement_content(const Statement& statement, const StatementNumber& number,
                                Language language);

}  // namespace telavis
