// SPDX-License-Identifier: Apache-2.0
// The accounts of an association: double entry, append-only, and the batches in which acts leave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

struct Account {
  std::string number;                                // "411000"
  std::string auxiliary;                             // whose: "GP0042"; empty: nobody's
  auto operator<=>(const Account&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14
};

/// Money that moves from one account to another: no line stands alone, so what is written balances.
struct Movement {
  Account debit, credit;
  std::int64_t cents = 0;  // above zero
  bool operator==(const Movement&) const = default;
};

struct LedgerEntry {
  std::string book;         // whose accounts: a programme's id
  std::int64_t number = 0;  // given by the book: 1, 2, 3 ... without a gap
  std::string journal;      // "VE", "BQ", "OD", "AC"
  std::string date;         // ISO
  std::string piece;        // what it rests on; posted once in its book and journal
  std::string label;
  std::int64_t reverses = 0;  // the entry that this one takes back; 0: none
  Instant at{};               // of writing
  std::string actor;
  std::vector<Movement> movements;
  bool operator==(const LedgerEntry&) const = default;
};

/// What takes an entry back: the same movements the other way round, on `date`.
LedgerEntry reversal_of(const LedgerEntry& entry, std::string date, Instant at, std::string actor);

struct BatchedAct {
  CaseId case_id;
  ActRole role = ActRole::expert;
  bool operator==(const BatchedAct&) const = default;
};

/// A file that left with acts in it. Never erased.
struct ExportBatch {
  std::string id;
  std::string book;
  std::string kind;          // "sepa", "statement"
  std::string from, to;      // ISO dates, included
  std::string content_hash;  // hex BLAKE2b-256 of the file's bytes
  Instant made_at{};
  std::string made_by;
  std::optional<Instant> cancelled_at;  // its acts are free again
  std::string cancelled_by;
  std::string cancel_reason;  // a code or the treasurer's words, no patient's
};

/// A statement's number, of a series without gaps a book.
struct StatementNumber {
  std::string book;
  std::int64_t number = 0;
  UserId professional;
  std::string from, to;
  std::string content_hash;  // of the lines, without the number
  Instant at{};
  std::string actor;
};

/// Whatever is written is an entry of the node's audit chain, in the same transaction, with a hash
/// over it. Errors of all: storage_failed, storage_full. Thread-safe.
class AccountBook {
 public:
  virtual ~AccountBook() = default;

  /// Gives the number. Errors also: invalid_field (nothing moves, an amount not above zero, an
  /// account on both sides, a date), state_conflict (the month is closed, the piece is posted, the
  /// entry to be reversed is not there or was reversed).
  virtual Result<std::int64_t> post(const LedgerEntry& entry) = 0;
  /// In the order of their numbers; empty dates are open ends.
  virtual Result<std::vector<LedgerEntry>> entries(const std::string& book, const std::string& from,
                                                   const std::string& to) = 0;
  /// Nothing is posted into "2026-03" or a month before it any more; for good. Errors also:
  /// invalid_field.
  virtual Result<void> close_month(const std::string& book, const std::string& month, Instant at,
                                   const std::string& actor) = 0;
  /// The last closed month; empty: none.
  virtual Result<std::string> closed_until(const std::string& book) = 0;

  /// Errors also: state_conflict (an act is in another batch that was not cancelled, or the id is
  /// taken), not_found (there is no such act).
  virtual Result<void> put_batch(const ExportBatch& batch, const std::vector<BatchedAct>& acts) = 0;
  /// Frees the acts; which ones they were stays on record. Errors also: state_conflict (there is no
  /// such batch, or it was cancelled before).
  virtual Result<void> cancel_batch(const std::string& id, Instant at, const std::string& actor,
                                    const std::string& reason) = 0;
  virtual Result<std::vector<ExportBatch>> batches(const std::string& book) = 0;  // newest first
  virtual Result<std::vector<BatchedAct>> acts_in(const std::string& batch) = 0;
  /// Acts of the book that are in a batch which was not cancelled.
  virtual Result<std::vector<BatchedAct>> batched_acts(const std::string& book) = 0;

  /// The number of a statement: the one that the same content had before, otherwise the next.
  virtual Result<StatementNumber> number_statement(const StatementNumber& statement) = 0;
};

/// Errors: invalid_field.
Result<void> check_entry(const LedgerEntry& entry);

}  // namespace telavis
