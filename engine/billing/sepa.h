// SPDX-License-Identifier: Apache-2.0
// Payment files for the bank: SEPA credit transfers (pain.001) and direct debits (pain.008), ISO
// 20022. Written as a stream; checked for what the schemas do not see.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/billing/table.h"
#include "engine/billing/walk.h"

namespace telavis {

/// Since November 2026 banks refuse addresses of lines alone: town and country are given, or
/// nothing (EPC guidelines as reported by libraries' maintainers: medium certainty).
struct PostalAddress {
  std::array<std::string, 2> street_lines;  // need town and country beside them
  std::string post_code, town, country;     // "FR"
  bool empty() const {
    return town.empty() && country.empty() && post_code.empty() && street_lines[0].empty() &&
           street_lines[1].empty();
  }
};

struct BankParty {
  std::string name;  // any words; written in the SEPA character set, at most 70 characters
  std::string iban;
  std::string bic;  // may be empty
  PostalAddress address = {};
};

struct CreditTransfer {
  std::string end_to_end_id;  // at most 35 of the SEPA character set
  BankParty creditor;
  std::int64_t cents = 0;
  std::string remittance;  // any words, at most 140
};

enum class MandateState {
  first,      // nothing was ever collected under it: FRST
  recurrent,  // RCUR
  last,       // FNAL
  one_off,    // OOFF
};

struct DirectDebit {
  std::string end_to_end_id;
  BankParty debtor;
  std::int64_t cents = 0;
  std::string remittance;
  std::string mandate_id;         // unique for the creditor, at most 35
  std::string mandate_signed_on;  // ISO date
  MandateState mandate = MandateState::recurrent;
  std::string last_collected_on;  // empty: never. A mandate lapses after 36 months without one
  std::string notified_on;        // the debtor was told of amount and day
  int notice_days = 14;           // fewer when that was agreed with him
};

enum class SepaVersion {
  current,  // pain.001.001.09, pain.008.001.08
  legacy,   // pain.001.001.03, pain.008.001.02: replaced from November 2025 on
};

struct SepaBatch {
  std::string id;  // MsgId and PmtInfId, at most 30 of the SEPA character set
  Instant made_at{};
  BankParty owner;          // the association
  std::string creditor_id;  // of direct debits (ICS)
  std::string date;         // of execution or collection, ISO
  SepaVersion version = SepaVersion::current;
};

struct SepaTotals {
  std::int64_t count = 0;
  std::int64_t cents = 0;
  bool operator==(const SepaTotals&) const = default;
};

/// Goes through the payments twice: to check and add up, then to write; a walk that is not the same
/// both times is refused. Errors: invalid_field, naming the payment by its id; those of walk and
/// sink. After an error what the sink has is no file.
Result<SepaTotals> write_credit_transfers(const SepaBatch& batch, const Walk<CreditTransfer>& walk,
                                          const ByteSink& sink);
/// Likewise, with a block a mandate state. Checks beside: the notice of 14 days (or what was
/// agreed), a mandate signed before its collection and not lapsed, a first collection called first.
Result<SepaTotals> write_direct_debits(const SepaBatch& batch, const Walk<DirectDebit>& walk,
                                       const ByteSink& sink);

}  // namespace telavis
