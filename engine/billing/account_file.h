// SPDX-License-Identifier: Apache-2.0
// What a treasurer keeps beside the engine: the association's bank account, its members with their
// mandates, terms, meetings. A file of his own (docs/billing.md), never in the database.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/billing/accounting.h"

namespace telavis {

struct AccountHolder {
  BankParty party;
  std::string mandate_id, mandate_signed_on;  // empty: nothing is collected from him
};

struct AccountFile {
  std::string book;  // the programme's id
  std::string siren;
  std::string creditor_id;  // empty: no direct debits
  BankParty owner;
  Chart chart;
  std::optional<MonthlyTerms> dues, subscription;
  std::string supplier;  // auxiliary of whom the subscription is paid to
  std::vector<Subscriber> members, experts;
  std::map<std::string, AccountHolder> holders;  // by auxiliary, of everybody
  MeetingTerms meeting_terms;
  std::vector<Meeting> meetings;
  FecNames names;  // French defaults, and the holders
};

/// Strict; bank numbers are checked. Errors: those of JsonReader, invalid_field.
Result<AccountFile> parse_account_file(std::string_view json);

/// Dues, subscriptions and confirmed meetings of these months, oldest first.
Result<std::vector<LedgerEntry>> entries_of_months(const AccountFile& file,
                                                   const TariffTable& tables,
                                                   const std::string& from_month,
                                                   const std::string& to_month);

enum class PaymentKind { collection, transfer };

/// Entries of the bank's journal for what is open on `date`, one a person: members with a mandate,
/// or doctors who are owed; none for who is not. Their pieces begin with payment_id(). Errors:
/// not_found (a doctor without bank account).
Result<std::vector<LedgerEntry>> payment_entries(const AccountFile& file, PaymentKind kind,
                                                 const std::vector<LedgerEntry>& ledger,
                                                 const std::string& date);
/// "SDD-20260420", "SCT-20260420".
std::string payment_id(PaymentKind kind, std::string_view date);

/// The bank's file of the entries that payment_entries() made and the ledger holds: the same again
/// gives the same bytes. `notified_on`: when the members were told. Errors: invalid_field (see
/// sepa.h), not_found (no such entry).
Result<std::string> payment_file(const AccountFile& file, PaymentKind kind,
                                 const std::vector<LedgerEntry>& ledger, const std::string& date,
                                 const std::string& notified_on);

}  // namespace telavis
