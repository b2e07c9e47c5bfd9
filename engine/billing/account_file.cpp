// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/account_file.h"

#include <algorithm>
#include <span>

#include "engine/billing/bank_words.h"
#include "engine/core/json_reader.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxWords = 200;
constexpr std::size_t kMaxNumber = 40;
constexpr std::int64_t kMaxMonthly = 1'000'000;  // 10,000 EUR
constexpr std::int64_t kMaxMinutes = 24 * 60;
constexpr std::size_t kMonthPart = 7;

BankParty read_party(JsonReader& reader, bool account) {
  BankParty party;
  party.name = reader.text("name", kMaxWords);
  party.iban = account ? reader.text("iban", kMaxNumber) : reader.optional_text("iban", kMaxNumber);
  party.bic = reader.optional_text("bic", kMaxNumber);
  party.address.post_code = reader.optional_text("post_code", kMaxNumber);
  party.address.town = reader.optional_text("town", kMaxWords);
  party.address.country = reader.optional_text("country", 2);
  if (!party.iban.empty()) {
    if (const auto iban = check_iban(party.iban); !iban) reader.wrong("iban", iban.error().text);
  }
  if (!party.bic.empty()) {
    if (const auto bic = check_bic(party.bic); !bic) reader.wrong("bic", bic.error().text);
  }
  return party;
}

MonthlyTerms read_terms(JsonReader& reader, const std::string& book) {
  return {book, reader.text("piece", kMaxNumber), reader.text("label", kMaxWords),
          reader.number("cents", 1, kMaxMonthly)};
}

void read_holder(JsonReader& reader, AccountFile& file) {
  const std::string auxiliary = reader.text("auxiliary", kMaxNumber);
  const std::string kind = reader.choice("as", {"member", "expert", "supplier"});
  AccountHolder holder;
  holder.party = read_party(reader, false);
  holder.mandate_id = reader.optional_text("mandate", kMaxNumber);
  holder.mandate_signed_on = reader.optional_text("mandate_signed_on", kMaxNumber);
  Subscriber subscriber{auxiliary,
                        reader.optional_text("from_month", kMaxNumber),
                        reader.optional_text("to_month", kMaxNumber),
                        {}};
  if (reader.has("waived")) subscriber.waived = reader.texts("waived", kMaxNumber);
  if (holder.mandate_id.empty() != holder.mandate_signed_on.empty() ||
      (!holder.mandate_id.empty() && holder.party.iban.empty())) {
    reader.wrong("mandate", "has its day of signature and an IBAN");
  }
  file.names.auxiliaries[auxiliary] = holder.party.name;
  if (!file.holders.emplace(auxiliary, std::move(holder)).second) {
    reader.wrong("auxiliary", "stands in the file twice");
  }
  if (kind == "supplier") file.supplier = auxiliary;
  if (kind == "member") {
    file.members.push_back(std::move(subscriber));
  } else if (kind == "expert") {
    file.experts.push_back(std::move(subscriber));
  }
}

Meeting read_meeting(JsonReader& reader) {
  Meeting meeting;
  meeting.id = reader.text("id", kMaxNumber);
  meeting.date = reader.text("date", kMaxNumber);
  meeting.minutes = reader.number("minutes", 1, kMaxMinutes);
  meeting.with_patient = reader.boolean("with_patient", false);
  const auto doctors = reader.texts("doctors", kMaxNumber);
  const auto confirmed = reader.texts("confirmed_by", kMaxNumber);
  if (doctors.size() != 2) {
    reader.wrong("doctors", "are two");
    return meeting;
  }
  const auto has = [&](const std::string& doctor) {
    return std::find(confirmed.begin(), confirmed.end(), doctor) != confirmed.end();
  };
  meeting.doctors = {doctors[0], doctors[1]};
  meeting.confirmed = {has(doctors[0]), has(doctors[1])};
  return meeting;
}

FecNames french_names(const Chart& chart) {
  FecNames names;
  names.journals = {
      {"VE", "Cotisations"}, {"AC", "Achats"}, {"OD", "Opérations diverses"}, {"BQ", "Banque"}};
  names.accounts = {{chart.members, "Adhérents"},
                    {chart.dues, "Cotisations des adhérents"},
                    {chart.subscriptions, "Abonnements"},
                    {chart.suppliers, "Fournisseurs"},
                    {chart.indemnities, "Indemnités des médecins"},
                    {chart.doctors, "Médecins"},
                    {chart.bank, "Banque"}};
  return names;
}

/// Was taken back before `now` was written: what comes back later changes no file that has left.
bool is_reversed(const std::vector<LedgerEntry>& ledger, const LedgerEntry& entry,
                 const LedgerEntry& now) {
  return std::any_of(ledger.begin(), ledger.end(), [&](const LedgerEntry& other) {
    const bool before = now.number == 0 || other.number < now.number;
    return before && other.reverses != 0 && other.reverses == entry.number;
  });
}

std::string piece_of(PaymentKind kind, const std::string& date, const std::string& auxiliary) {
  return payment_id(kind, date) + "-" + auxiliary;
}

/// Bank entries of one payment file, without those that came back before anything left.
std::vector<const LedgerEntry*> paid_on(PaymentKind kind, const std::vector<LedgerEntry>& ledger,
                                        const std::string& date) {
  std::vector<const LedgerEntry*> found;
  const std::string prefix = payment_id(kind, date) + "-";
  for (const LedgerEntry& entry : ledger) {
    if (entry.reverses == 0 && entry.journal == "BQ" && entry.piece.starts_with(prefix)) {
      found.push_back(&entry);
    }
  }
  return found;
}

Result<const AccountHolder*> holder_of(const AccountFile& file, const std::string& auxiliary) {
  const auto found = file.holders.find(auxiliary);
  if (found == file.holders.end() || found->second.party.iban.empty()) {
    return fail(ErrorCode::not_found, "There is no bank account of " + auxiliary + " in the file.");
  }
  return &found->second;
}

/// The last collection of before that did not come back: without one the mandate is new.
std::string last_collection(const AccountFile& file, const std::vector<LedgerEntry>& ledger,
                            const LedgerEntry& now) {
  std::string last;
  for (const LedgerEntry& entry : ledger) {
    const bool collected = entry.journal == "BQ" && entry.reverses == 0 &&
                           entry.piece.starts_with("SDD-") && entry.date < now.date &&
                           entry.movements.front().credit == now.movements.front().credit &&
                           entry.movements.front().credit.number == file.chart.members;
    if (collected && !is_reversed(ledger, entry, now)) last = std::max(last, entry.date);
  }
  return last;
}

Result<DirectDebit> debit_of(const AccountFile& file, const std::vector<LedgerEntry>& ledger,
                             const LedgerEntry& entry, const std::string& notified_on) {
  const Movement& movement = entry.movements.front();
  const auto holder = holder_of(file, movement.credit.auxiliary);
  if (!holder) return tl::unexpected(holder.error());
  DirectDebit debit{entry.piece, (*holder)->party, movement.cents, entry.label};
  debit.mandate_id = (*holder)->mandate_id;
  debit.mandate_signed_on = (*holder)->mandate_signed_on;
  debit.notified_on = notified_on;
  debit.last_collected_on = last_collection(file, ledger, entry);
  debit.mandate = debit.last_collected_on.empty() ? MandateState::first : MandateState::recurrent;
  return debit;
}

}  // namespace

Result<AccountFile> parse_account_file(std::string_view json) {
  JsonReader reader(json, JsonReader::Comments::allowed);
  AccountFile file;
  file.book = reader.text("programme", kMaxWords);
  file.names = french_names(file.chart);
  file.meeting_terms.book = file.book;
  if (auto owner = reader.object("association", true)) {
    file.owner = read_party(*owner, true);
    file.siren = owner->text("siren", kMaxNumber);
    file.creditor_id = owner->optional_text("creditor_id", kMaxNumber);
    if (const auto siren = check_siren(file.siren); !siren) {
      owner->wrong("siren", siren.error().text);
    }
    if (const auto read = owner->finish(); !read) return tl::unexpected(read.error());
  }
  for (const auto& [name, terms] :
       {std::pair("dues", &file.dues), std::pair("subscription", &file.subscription)}) {
    if (auto object = reader.object(name, false)) {
      *terms = read_terms(*object, file.book);
      if (const auto read = object->finish(); !read) return tl::unexpected(read.error());
    }
  }
  for (JsonReader& one : reader.objects("people")) {
    read_holder(one, file);
    if (const auto read = one.finish(); !read) return tl::unexpected(read.error());
  }
  if (reader.has("meetings")) {
    for (JsonReader& one : reader.objects("meetings")) {
      file.meetings.push_back(read_meeting(one));
      if (const auto read = one.finish(); !read) return tl::unexpected(read.error());
    }
  }
  if (file.subscription && file.supplier.empty()) {
    reader.wrong("subscription", "needs a supplier among the people");
  }
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return file;
}

Result<std::vector<LedgerEntry>> entries_of_months(const AccountFile& file,
                                                   const TariffTable& tables,
                                                   const std::string& from_month,
                                                   const std::string& to_month) {
  std::vector<LedgerEntry> all;
  const auto take = [&](Result<std::vector<LedgerEntry>> some) -> Result<void> {
    if (!some) return tl::unexpected(some.error());
    all.insert(all.end(), some->begin(), some->end());
    return {};
  };
  if (file.dues) {
    auto done = take(dues(file.chart, *file.dues, file.members, from_month, to_month));
    if (!done) return tl::unexpected(done.error());
  }
  if (file.subscription) {
    auto done = take(subscriptions(file.chart, *file.subscription, file.experts, file.supplier,
                                   from_month, to_month));
    if (!done) return tl::unexpected(done.error());
  }
  std::vector<Meeting> held;
  for (const Meeting& meeting : file.meetings) {
    const std::string month = meeting.date.substr(0, kMonthPart);
    if (from_month <= month && month <= to_month) held.push_back(meeting);
  }
  auto done = take(meeting_indemnities(file.chart, tables, file.meeting_terms, held));
  if (!done) return tl::unexpected(done.error());
  std::stable_sort(all.begin(), all.end(), [](const LedgerEntry& left, const LedgerEntry& right) {
    return left.date < right.date;
  });
  return all;
}

std::string payment_id(PaymentKind kind, std::string_view date) {
  return (kind == PaymentKind::collection ? "SDD-" : "SCT-") + compact_date(date);
}

Result<std::vector<LedgerEntry>> payment_entries(const AccountFile& file, PaymentKind kind,
                                                 const std::vector<LedgerEntry>& ledger,
                                                 const std::string& date) {
  std::vector<LedgerEntry> entries;
  const auto add = [&](const std::string& auxiliary, Movement movement, const char* label) {
    LedgerEntry entry;
    entry.book = file.book;
    entry.journal = "BQ";
    entry.date = date;
    entry.piece = piece_of(kind, date, auxiliary);
    entry.label = label;
    entry.movements = {std::move(movement)};
    entries.push_back(std::move(entry));
  };
  if (kind == PaymentKind::collection) {
    for (const OpenDue& due : open_dues(ledger, file.chart.members)) {
      const auto holder = file.holders.find(due.auxiliary);
      if (holder == file.holders.end() || holder->second.mandate_id.empty()) continue;
      add(due.auxiliary, {{file.chart.bank, ""}, {file.chart.members, due.auxiliary}, due.cents},
          "Cotisations, prélèvement");
    }
    return entries;
  }
  for (const auto& [auxiliary, cents] : owed(balances(ledger), file.chart.doctors)) {
    if (const auto holder = holder_of(file, auxiliary); !holder) {
      return tl::unexpected(holder.error());
    }
    add(auxiliary, {{file.chart.doctors, auxiliary}, {file.chart.bank, ""}, cents},
        "Indemnités, virement");
  }
  return entries;
}

Result<std::string> payment_file(const AccountFile& file, PaymentKind kind,
                                 const std::vector<LedgerEntry>& ledger, const std::string& date,
                                 const std::string& notified_on) {
  const auto paid = paid_on(kind, ledger, date);
  if (paid.empty()) {
    return fail(ErrorCode::not_found, "Nothing is open that could be paid or collected.");
  }
  SepaBatch batch{payment_id(kind, date), paid.front()->at, file.owner, file.creditor_id, date};
  std::string xml;
  Result<SepaTotals> totals = SepaTotals();
  if (kind == PaymentKind::collection) {
    std::vector<DirectDebit> debits;
    for (const LedgerEntry* entry : paid) {
      auto debit = debit_of(file, ledger, *entry, notified_on);
      if (!debit) return tl::unexpected(debit.error());
      debits.push_back(std::move(*debit));
    }
    totals = write_direct_debits(batch, walk_of<DirectDebit>(debits), append_to(xml));
  } else {
    std::vector<CreditTransfer> transfers;
    for (const LedgerEntry* entry : paid) {
      const Movement& movement = entry->movements.front();
      const auto holder = holder_of(file, movement.debit.auxiliary);
      if (!holder) return tl::unexpected(holder.error());
      transfers.push_back({entry->piece, (*holder)->party, movement.cents, entry->label});
    }
    totals = write_credit_transfers(batch, walk_of<CreditTransfer>(transfers), append_to(xml));
  }
  if (!totals) return tl::unexpected(totals.error());
  return xml;
}

}  // namespace telavis
