// SPDX-License-Identifier: Apache-2.0
// What an association earns and owes, as entries of its ledger. Pure. Whatever the national health
// insurance pays goes straight to the doctor and never through these accounts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/billing/bank_returns.h"
#include "engine/billing/fec.h"
#include "engine/billing/sepa.h"
#include "engine/billing/tariff.h"
#include "engine/core/account_book.h"
#include "engine/core/ports.h"

namespace telavis {

/// Numbers of the chart of accounts. Those that are set are usual for French associations (plan
/// comptable, low certainty): an accountant may want others.
struct Chart {
  std::string members = "411000";        // what members owe
  std::string dues = "756100";           // income of dues
  std::string subscriptions = "628100";  // what the tool costs
  std::string suppliers = "401000";
  std::string indemnities = "622600";  // what programmes pay to doctors
  std::string doctors = "467100";      // what doctors are owed
  std::string bank = "512000";
};

/// Somebody who pays dues, or for whom a subscription is paid. Months are "2026-01", included.
struct Subscriber {
  std::string auxiliary;  // "GP0042"
  std::string from_month;
  std::string to_month;             // empty: goes on
  std::vector<std::string> waived;  // months without a due
};

struct MonthlyTerms {
  std::string book;   // programme
  std::string piece;  // "COT": pieces are "COT-2026-01", one a month
  std::string label;
  std::int64_t cents = 0;  // each a month
};

/// An entry a month in which somebody owes; dated its first day. Errors: invalid_field (months,
/// an amount below one cent).
Result<std::vector<LedgerEntry>> dues(const Chart& chart, const MonthlyTerms& terms,
                                      const std::vector<Subscriber>& members,
                                      const std::string& from_month, const std::string& to_month);
/// What the association pays for its experts, who pay nothing: likewise.
Result<std::vector<LedgerEntry>> subscriptions(const Chart& chart, const MonthlyTerms& terms,
                                               const std::vector<Subscriber>& experts,
                                               const std::string& supplier,
                                               const std::string& from_month,
                                               const std::string& to_month);

/// Two doctors talked about patients, with or without one of them there.
struct Meeting {
  std::string id;
  std::string date;  // ISO
  std::int64_t minutes = 0;
  std::pair<std::string, std::string> doctors;  // auxiliaries
  std::pair<bool, bool> confirmed;              // payable when both have
  bool with_patient = false;
};
/// What each of the two gets: quarters of a letter key, 8 being 2C.
struct MeetingTerms {
  std::string book;
  std::string key = "C";
  std::int64_t quarters = 8;
};
/// An entry a meeting that both confirmed. Errors: no_tariff, invalid_field (date, minutes below
/// one, one doctor twice).
Result<std::vector<LedgerEntry>> meeting_indemnities(const Chart& chart, const TariffTable& tables,
                                                     const MeetingTerms& terms,
                                                     const std::vector<Meeting>& meetings);

/// What a fund owes for acts: an entry an act. `auxiliary` names the doctors' accounts. Errors:
/// state_conflict (an act that the national insurance pays, or that is not billable: it would be
/// paid twice or wrongly), not_found (a doctor without an account).
Result<std::vector<LedgerEntry>> act_indemnities(const Chart& chart,
                                                 const std::vector<ActRow>& acts,
                                                 const std::map<UserId, std::string>& auxiliary);

/// Sums of debits less credits by account.
using Balances = std::map<Account, std::int64_t>;
Balances balances(const std::vector<LedgerEntry>& entries);
/// What each auxiliary of a liability is owed, above zero.
std::map<std::string, std::int64_t> owed(const Balances& sums, const std::string& account);
/// What each auxiliary of a claim still owes, above zero, and since which entry's date: the oldest
/// that its payments, first in first out, do not cover.
struct OpenDue {
  std::string auxiliary;
  std::int64_t cents = 0;
  std::string since;
};
std::vector<OpenDue> open_dues(const std::vector<LedgerEntry>& entries, const std::string& account);

/// A payment of dues that came back: takes back the entry whose piece is the payment's end-to-end
/// id. Errors: not_found (no such entry, or it was taken back before), state_conflict (the amount
/// differs).
Result<LedgerEntry> returned_payment(const std::vector<LedgerEntry>& entries,
                                     const BankMovement& movement, Instant at,
                                     const std::string& actor);

/// Names of accounts and of auxiliaries as the FEC writes them; of journals too.
struct FecNames {
  std::map<std::string, std::string> accounts, auxiliaries, journals;
};
/// Lines of the FEC, debits and credits of one account in an entry added up. Entries of every year
/// begin with number 1. Errors: not_found (an account, auxiliary or journal without a name).
Result<std::vector<FecLine>> fec_lines(const std::vector<LedgerEntry>& entries,
                                       const FecNames& names);

}  // namespace telavis
