// SPDX-License-Identifier: Apache-2.0
// Fichier des écritures comptables: the accountant's and the tax office's exchange file (LPF
// article A47 A-1; field names of the DGFiP's own tester).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/billing/table.h"
#include "engine/billing/walk.h"

namespace telavis {

/// One line of an entry. Dates are ISO.
struct FecLine {
  std::string journal, journal_name;
  std::int64_t entry = 0;  // 1, 2, 3 ... over the whole file
  std::string entry_date;
  std::string account, account_name;  // an account starts with three digits
  std::string auxiliary, auxiliary_name;
  std::string piece, piece_date;
  std::string label;
  std::int64_t debit_cents = 0, credit_cents = 0;  // one of them is 0, none is negative
  std::string lettering, lettered_on;              // both or neither
  std::string validated_on;
};

struct FecTotals {
  std::int64_t lines = 0;
  std::int64_t entries = 0;
  std::int64_t debit_cents = 0;  // as much as the credit
};

/// "732829320FEC20261231.txt". Errors: invalid_field (SIREN, date).
Result<std::string> fec_name(std::string_view siren, std::string_view closing_date);

/// 18 columns between tabs, CRLF, ISO-8859-15, decimal comma. Lines come by entry, entries by the
/// day of validation. Errors: invalid_field, with the number of the entry (a gap in the numbers, an
/// entry that does not balance, a missing or wrong field, dates out of order); those of walk and
/// sink.
Result<FecTotals> write_fec(const Walk<FecLine>& walk, const ByteSink& sink);

}  // namespace telavis
