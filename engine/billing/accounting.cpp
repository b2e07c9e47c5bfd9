// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/accounting.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "engine/billing/bank_words.h"

namespace telavis {
namespace {

constexpr std::int64_t kQuartersOfKey = 4;
constexpr std::size_t kMonthLength = 7;

bool is_month(const std::string& month) {
  return month.size() == kMonthLength && is_iso_date(month + "-01");
}

std::string next_month(const std::string& month) {
  const std::chrono::year_month_day first(iso_day(month + "-01"));
  return iso_date(std::chrono::sys_days(first + std::chrono::months(1))).substr(0, kMonthLength);
}

bool owes_in(const Subscriber& one, const std::string& month) {
  return one.from_month <= month && (one.to_month.empty() || month <= one.to_month) &&
         std::find(one.waived.begin(), one.waived.end(), month) == one.waived.end();
}

Result<void> check_terms(const MonthlyTerms& terms, const std::vector<Subscriber>& subscribers,
                         const std::string& from_month, const std::string& to_month) {
  bool sound = is_month(from_month) && is_month(to_month) && terms.cents > 0;
  std::set<std::string> seen;
  for (const Subscriber& one : subscribers) {
    sound = sound && !one.auxiliary.empty() && is_month(one.from_month) &&
            (one.to_month.empty() || is_month(one.to_month)) && seen.insert(one.auxiliary).second;
  }
  if (sound) return {};
  return fail(
      ErrorCode::invalid_field,
      "Months are written like 2026-01, an amount is above zero, and each subscriber stands "
      "once in the list with his account.");
}

/// `movement_of` gives the two accounts of a subscriber's month.
Result<std::vector<LedgerEntry>> monthly(const MonthlyTerms& terms, std::string_view journal,
                                         const std::vector<Subscriber>& subscribers,
                                         const std::string& from_month, const std::string& to_month,
                                         const auto& movement_of) {
  if (auto sound = check_terms(terms, subscribers, from_month, to_month); !sound) {
    return tl::unexpected(sound.error());
  }
  std::vector<LedgerEntry> entries;
  for (std::string month = from_month; month <= to_month; month = next_month(month)) {
    LedgerEntry entry;
    entry.book = terms.book;
    entry.journal = journal;
    entry.date = month + "-01";
    entry.piece = terms.piece + "-" + month;
    entry.label = terms.label + " " + month;
    for (const Subscriber& one : subscribers) {
      if (owes_in(one, month)) entry.movements.push_back(movement_of(one));
    }
    if (!entry.movements.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

LedgerEntry indemnity(const std::string& book, std::string date, std::string piece,
                      std::string label) {
  LedgerEntry entry;
  entry.book = book;
  entry.journal = "OD";
  entry.date = std::move(date);
  entry.piece = std::move(piece);
  entry.label = std::move(label);
  return entry;
}

Result<std::string> named(const std::map<std::string, std::string>& names, const std::string& key,
                          std::string_view what) {
  const auto found = names.find(key);
  if (found != names.end()) return found->second;
  return fail(ErrorCode::not_found, fmt::format("{} {} has no name: give it one.", what, key));
}

}  // namespace

Result<std::vector<LedgerEntry>> dues(const Chart& chart, const MonthlyTerms& terms,
                                      const std::vector<Subscriber>& members,
                                      const std::string& from_month, const std::string& to_month) {
  return monthly(terms, "VE", members, from_month, to_month, [&](const Subscriber& one) {
    return Movement{{chart.members, one.auxiliary}, {chart.dues, ""}, terms.cents};
  });
}

Result<std::vector<LedgerEntry>> subscriptions(const Chart& chart, const MonthlyTerms& terms,
                                               const std::vector<Subscriber>& experts,
                                               const std::string& supplier,
                                               const std::string& from_month,
                                               const std::string& to_month) {
  return monthly(terms, "AC", experts, from_month, to_month, [&](const Subscriber&) {
    return Movement{{chart.subscriptions, ""}, {chart.suppliers, supplier}, terms.cents};
  });
}

Result<std::vector<LedgerEntry>> meeting_indemnities(const Chart& chart, const TariffTable& tables,
                                                     const MeetingTerms& terms,
                                                     const std::vector<Meeting>& meetings) {
  std::vector<LedgerEntry> entries;
  for (const Meeting& one : meetings) {
    if (!is_iso_date(one.date) || one.minutes < 1 || one.doctors.first == one.doctors.second) {
      return fail(ErrorCode::invalid_field,
                  "Meeting " + one.id + ": a date, a minute at least, and two doctors.");
    }
    if (!one.confirmed.first || !one.confirmed.second) continue;
    const auto key = tables.letter_key(terms.key, one.date);
    if (!key) return tl::unexpected(key.error());
    const std::int64_t cents = *key * terms.quarters / kQuartersOfKey;
    LedgerEntry entry =
        indemnity(terms.book, one.date, "REUNION-" + one.id, "Réunion de téléexpertise " + one.id);
    for (const std::string& doctor : {one.doctors.first, one.doctors.second}) {
      entry.movements.push_back({{chart.indemnities, ""}, {chart.doctors, doctor}, cents});
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<LedgerEntry>> act_indemnities(const Chart& chart,
                                                 const std::vector<ActRow>& acts,
                                                 const std::map<UserId, std::string>& auxiliary) {
  std::vector<LedgerEntry> entries;
  for (const ActRow& row : acts) {
    const BillableAct& act = row.act;
    if (act.payer == kNationalInsurance || !act.billable) {
      return fail(ErrorCode::state_conflict,
                  "Act " + act.code + " of " + row.case_number +
                      " is paid by the national health insurance, or not at all: these accounts "
                      "never pay it.");
    }
    const auto account = auxiliary.find(act.professional);
    if (account == auxiliary.end()) {
      return fail(ErrorCode::not_found, "A doctor of case " + row.case_number + " has no account.");
    }
    LedgerEntry entry =
        indemnity(row.programme.value, act.care_date,
                  "ACTE-" + row.case_number + "-" + std::string(act_role_name(act.role)),
                  "Acte " + act.code + " " + row.case_number + " (" + act.payer + ")");
    entry.movements.push_back(
        {{chart.indemnities, ""}, {chart.doctors, account->second}, act.amount_cents});
    entries.push_back(std::move(entry));
  }
  return entries;
}

Balances balances(const std::vector<LedgerEntry>& entries) {
  Balances sums;
  for (const LedgerEntry& entry : entries) {
    for (const Movement& one : entry.movements) {
      sums[one.debit] += one.cents;
      sums[one.credit] -= one.cents;
    }
  }
  return sums;
}

std::map<std::string, std::int64_t> owed(const Balances& sums, const std::string& account) {
  std::map<std::string, std::int64_t> due;
  for (const auto& [of, cents] : sums) {
    if (of.number == account && cents < 0) due[of.auxiliary] = -cents;
  }
  return due;
}

std::vector<OpenDue> open_dues(const std::vector<LedgerEntry>& entries,
                               const std::string& account) {
  struct Open {
    std::deque<std::pair<std::string, std::int64_t>> claims;  // by date
    std::int64_t paid = 0;
  };
  std::map<std::string, Open> open;
  for (const LedgerEntry& entry : entries) {
    for (const Movement& one : entry.movements) {
      // A payment that came back was none: what it covered is open since its own day.
      if (one.debit.number == account && entry.reverses != 0) {
        open[one.debit.auxiliary].paid -= one.cents;
      } else if (one.debit.number == account) {
        open[one.debit.auxiliary].claims.emplace_back(entry.date, one.cents);
      }
      if (one.credit.number == account) open[one.credit.auxiliary].paid += one.cents;
    }
  }
  std::vector<OpenDue> found;
  for (auto& [auxiliary, one] : open) {
    std::stable_sort(one.claims.begin(), one.claims.end(),
                     [](const auto& left, const auto& right) { return left.first < right.first; });
    OpenDue due{auxiliary, 0, ""};
    for (const auto& [date, cents] : one.claims) {
      const std::int64_t covered = std::min(one.paid, cents);
      one.paid -= covered;
      if (covered == cents) continue;
      if (due.since.empty()) due.since = date;
      due.cents += cents - covered;
    }
    if (due.cents > 0) found.push_back(std::move(due));
  }
  return found;
}

Result<LedgerEntry> returned_payment(const std::vector<LedgerEntry>& entries,
                                     const BankMovement& movement, Instant at,
                                     const std::string& actor) {
  const auto paid = std::find_if(entries.begin(), entries.end(), [&](const LedgerEntry& entry) {
    return entry.piece == movement.end_to_end_id && entry.reverses == 0;
  });
  const bool again = paid != entries.end() &&
                     std::any_of(entries.begin(), entries.end(), [&](const LedgerEntry& entry) {
                       return entry.reverses == paid->number;
                     });
  if (paid == entries.end() || again) {
    return fail(ErrorCode::not_found, "No payment of these accounts has the id " +
                                          sepa_text(movement.end_to_end_id, 35) +
                                          ", or it came back before.");
  }
  std::int64_t sum = 0;
  for (const Movement& one : paid->movements) sum += one.cents;
  if (movement.cents != -sum) {
    return fail(ErrorCode::state_conflict,
                "What came back is not what was collected: look at the bank's notice.");
  }
  LedgerEntry back = reversal_of(*paid, movement.date, at, actor);
  if (!movement.reason.empty()) back.label += " (" + movement.reason + ")";
  return back;
}

Result<std::vector<FecLine>> fec_lines(const std::vector<LedgerEntry>& entries,
                                       const FecNames& names) {
  // The file is in the order of validation, which is that of writing; its numbers have no gap.
  std::vector<FecLine> lines;
  std::int64_t number = 0;
  for (const LedgerEntry& entry : entries) {
    ++number;
    const auto journal = named(names.journals, entry.journal, "Journal");
    if (!journal) return tl::unexpected(journal.error());
    std::map<std::pair<Account, bool>, std::int64_t> sums;  // by account and side, debits first
    for (const Movement& one : entry.movements) {
      sums[{one.debit, false}] += one.cents;
      sums[{one.credit, true}] += one.cents;
    }
    for (const auto& [key, cents] : sums) {
      const auto& [account, credit] = key;
      const auto title = named(names.accounts, account.number, "Account");
      if (!title) return tl::unexpected(title.error());
      Result<std::string> whose = std::string();
      if (!account.auxiliary.empty()) {
        whose = named(names.auxiliaries, account.auxiliary, "Auxiliary account");
      }
      if (!whose) return tl::unexpected(whose.error());
      FecLine line;
      line.journal = entry.journal;
      line.journal_name = *journal;
      line.entry = number;
      line.entry_date = line.piece_date = entry.date;
      line.account = account.number;
      line.account_name = *title;
      line.auxiliary = account.auxiliary;
      line.auxiliary_name = *whose;
      line.piece = entry.piece;
      line.label = entry.label;
      (credit ? line.credit_cents : line.debit_cents) = cents;
      line.validated_on = format_utc(entry.at).substr(0, 10);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

}  // namespace telavis
