// SPDX-License-Identifier: Apache-2.0
#include "engine/core/account_book.h"

#include <algorithm>
#include <utility>

namespace telavis {

LedgerEntry reversal_of(const LedgerEntry& entry, std::string date, Instant at, std::string actor) {
  LedgerEntry back = entry;
  back.number = 0;
  back.reverses = entry.number;
  back.piece = entry.piece + "-ANNUL";
  back.date = std::move(date);
  back.at = at;
  back.actor = std::move(actor);
  for (Movement& movement : back.movements) std::swap(movement.debit, movement.credit);
  return back;
}

Result<void> check_entry(const LedgerEntry& entry) {
  const bool named = !entry.book.empty() && !entry.journal.empty() && !entry.piece.empty() &&
                     !entry.label.empty() && is_iso_date(entry.date);
  if (!named || entry.movements.empty()) {
    return fail(ErrorCode::invalid_field,
                "An entry has a book, a journal, a piece, a label, a date and a movement.");
  }
  const bool sound =
      std::all_of(entry.movements.begin(), entry.movements.end(), [](const Movement& movement) {
        return movement.cents > 0 && movement.debit != movement.credit &&
               !movement.debit.number.empty() && !movement.credit.number.empty();
      });
  if (sound) return {};
  return fail(ErrorCode::invalid_field,
              "A movement goes from one account to another and is above zero.");
}

}  // namespace telavis
