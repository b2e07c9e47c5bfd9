// SPDX-License-Identifier: Apache-2.0
// What comes back from the bank: payment status reports (pain.002), notices of movements (camt.054,
// ISO 20022) and the CSV of a bank's web site.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// What became of one payment, or of its whole file.
struct PaymentStatus {
  std::string end_to_end_id;  // empty: of the whole file
  std::string status;         // "RJCT", "ACSC", "PART", ...
  std::string reason;         // "AC04", "AM04", "MD01", ... (ISO external codes), or empty
};
struct StatusReport {
  std::string original_batch;  // OrgnlMsgId
  std::vector<PaymentStatus> payments;
};
/// Any version of pain.002. Errors: those of the XML reader; malformed_file (another document).
Result<StatusReport> read_pain_002(ByteView file);

struct BankMovement {
  std::string date;        // of booking, ISO
  std::int64_t cents = 0;  // what came in; negative: what went out
  std::string end_to_end_id;
  std::string mandate_id;
  std::string label;      // what the bank says of it
  bool returned = false;  // a payment of before came back
  std::string reason;     // then: why, an ISO code
};
/// Any version of camt.054; a movement a transaction, or an entry without details. Errors: as
/// above; malformed_file also for an amount, currency or date that cannot be read.
Result<std::vector<BankMovement>> read_camt_054(ByteView file);

/// Names of columns, as the first line that has them says them; case and accents do not matter.
struct BankCsvColumns {
  std::string date = "date";
  std::string label = "libelle";
  std::string amount = "montant";  // signed; empty: debit and credit are columns of their own
  std::string debit = "debit";
  std::string credit = "credit";
};
/// UTF-8 or Windows-1252; ";", "," or tab, whichever the header holds; dates dd/mm/yyyy or ISO;
/// comma or point. Lines before the header are passed over, and lines whose cells are all empty.
/// Errors: malformed_file, with the number of the line.
Result<std::vector<BankMovement>> read_bank_csv(ByteView file, const BankCsvColumns& columns);

}  // namespace telavis
