// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/fec.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/billing/bank_words.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::string_view kHeader =
    "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\t"
    "CompAuxLib\tPieceRef\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\t"
    "Montantdevise\tIdevise\r\n";

bool starts_with_digits(const std::string& account) {
  return account.size() >= 3 &&
         std::all_of(account.begin(), account.begin() + 3, [](char c) { return is_digit(c); });
}

/// Reads line by line, and knows what an entry that is not over yet still lacks.
class FecFile {
 public:
  explicit FecFile(const ByteSink& sink) : sink_(sink), buffer_(kHeader) {}

  Result<void> add(const FecLine& line) {
    if (line.entry != entry_) {
      if (auto ended = end_entry(); !ended) return ended;
      if (line.entry != entry_ + 1) return wrong(line, "entries are numbered without a gap");
      if (line.validated_on < validated_on_) {
        return wrong(line, "entries stand in the order of their validation");
      }
      entry_ = line.entry;
      validated_on_ = line.validated_on;
      ++totals_.entries;
    }
    if (auto checked = check(line); !checked) return checked;
    balance_ += line.debit_cents - line.credit_cents;
    totals_.debit_cents += line.debit_cents;
    ++totals_.lines;
    write(line);
    constexpr std::size_t kChunk = 64 * 1024;
    return buffer_.size() < kChunk ? Result<void>() : flush();
  }

  Result<FecTotals> finish() {
    if (auto ended = end_entry(); !ended) return tl::unexpected(ended.error());
    if (auto flushed = flush(); !flushed) return tl::unexpected(flushed.error());
    return totals_;
  }

 private:
  static Result<void> wrong(const FecLine& line, std::string_view what) {
    return fail(ErrorCode::invalid_field, fmt::format("Entry {}: {}.", line.entry, what));
  }

  Result<void> end_entry() const {
    if (balance_ == 0) return {};
    return fail(ErrorCode::invalid_field,
                fmt::format("Entry {} does not balance: {} EUR.", entry_, amount_text(balance_)));
  }

  Result<void> check(const FecLine& line) const {
    for (const auto& [field, name] :
         {std::pair(&line.journal, "JournalCode"), std::pair(&line.journal_name, "JournalLib"),
          std::pair(&line.account_name, "CompteLib"), std::pair(&line.piece, "PieceRef"),
          std::pair(&line.label, "EcritureLib")}) {
      if (field->empty()) return wrong(line, fmt::format("{} is missing", name));
    }
    for (const auto& [field, name] :
         {std::pair(&line.entry_date, "EcritureDate"), std::pair(&line.piece_date, "PieceDate"),
          std::pair(&line.validated_on, "ValidDate")}) {
      if (!is_iso_date(*field)) return wrong(line, fmt::format("{} is no date", name));
    }
    if (line.validated_on != validated_on_) return wrong(line, "it is validated on one day");
    if (!starts_with_digits(line.account)) {
      return wrong(line, "an account starts with three digits");
    }
    if (line.auxiliary.empty() != line.auxiliary_name.empty()) {
      return wrong(line, "an auxiliary account has a number and a name");
    }
    const bool lettered = !line.lettering.empty();
    if (lettered != is_iso_date(line.lettered_on) || lettered == line.lettered_on.empty()) {
      return wrong(line, "a lettering has its date");
    }
    const bool one_side = (line.debit_cents == 0) != (line.credit_cents == 0);
    if (!one_side || line.debit_cents < 0 || line.credit_cents < 0) {
      return wrong(line, "a line has a debit or a credit above zero");
    }
    return {};
  }

  void text(std::string_view words) {
    for (const char c : latin9(words)) {
      // What would be another column or line.
      buffer_ += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    buffer_ += '\t';
  }
  void date(const std::string& iso) { text(iso.empty() ? "" : compact_date(iso)); }

  void write(const FecLine& line) {
    text(line.journal);
    text(line.journal_name);
    text(std::to_string(line.entry));
    date(line.entry_date);
    text(line.account);
    text(line.account_name);
    text(line.auxiliary);
    text(line.auxiliary_name);
    text(line.piece);
    date(line.piece_date);
    text(line.label);
    text(amount_text(line.debit_cents, ','));
    text(amount_text(line.credit_cents, ','));
    text(line.lettering);
    date(line.lettered_on);
    date(line.validated_on);
    buffer_ += "\t\r\n";  // no foreign currency
  }

  Result<void> flush() {
    auto taken = sink_(buffer_);
    buffer_.clear();
    return taken;
  }

  const ByteSink& sink_;
  std::string buffer_;
  std::int64_t entry_ = 0;
  std::string validated_on_;
  std::int64_t balance_ = 0;
  FecTotals totals_;
};

}  // namespace

Result<std::string> fec_name(std::string_view siren, std::string_view closing_date) {
  if (const auto checked = check_siren(siren); !checked) return tl::unexpected(checked.error());
  if (!is_iso_date(closing_date)) {
    return fail(ErrorCode::invalid_field, "The closing date must be one like 2026-12-31.");
  }
  return std::string(siren) + "FEC" + compact_date(closing_date) + ".txt";
}

Result<FecTotals> write_fec(const Walk<FecLine>& walk, const ByteSink& sink) {
  FecFile file(sink);
  const auto gone = walk([&](const FecLine& line) { return file.add(line); });
  if (!gone) return tl::unexpected(gone.error());
  return file.finish();
}

}  // namespace telavis
