// SPDX-License-Identifier: Apache-2.0
// What the repository needs of a database engine. The SQL it hands over runs on every engine: `$1`
// placeholders, bigint, text and bytea columns. `telavis_now_ms()` gives the clock of the database.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/time.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// A value to bind; what it looks at must outlive the call it is given to.
using Value = std::variant<std::monostate, std::int64_t, std::string_view, ByteView>;
inline Value value(Instant instant) {
  return to_epoch_ms(instant);
}
inline Value value(bool flag) {
  return std::int64_t{flag ? 1 : 0};
}

using Cell = std::variant<std::monostate, std::int64_t, std::string, Bytes>;
using Row = std::vector<Cell>;
using Rows = std::vector<Row>;

/// One connection. Not thread-safe: who holds it, locks it.
class Database {
 public:
  virtual ~Database() = default;

  /// Runs one statement; values[n - 1] is bound to `$n`. Errors: storage_full, storage_failed.
  virtual Result<Rows> run(std::string_view sql, std::span<const Value> values) = 0;
  Result<Rows> run(std::string_view sql, std::initializer_list<Value> values = {}) {
    return run(sql, std::span<const Value>(values.begin(), values.size()));
  }
  /// Runs several statements without placeholders: a migration.
  virtual Result<void> run_script(std::string_view sql) = 0;
  virtual Result<bool> has_table(std::string_view name) = 0;

  /// Starts a transaction that writes: no other writer gets between it and its end.
  virtual Result<void> begin() = 0;
  /// Returns after the transaction is on the disk.
  virtual Result<void> commit() = 0;
  /// Does nothing when no transaction is open.
  virtual void rollback() = 0;
  /// In a transaction that destroys a key: what the engine keeps of the past, to repeat or undo it,
  /// is overwritten or emptied once the transaction is on the disk; while somebody still reads it,
  /// after a later one.
  virtual void forget_past() = 0;
};

/// Rolls back when it goes without having been committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database) {
    if (auto begun = database.begin(); !begun) return tl::unexpected(begun.error());
    return Transaction(database);
  }
  ~Transaction() {
    if (database_ != nullptr) database_->rollback();
  }
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Result<void> commit() {
    auto committed = database_->commit();
    if (committed) database_ = nullptr;
    return committed;
  }

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

/// Reads a row cell by cell, in order. A cell of another type than the one asked for gives an empty
/// value and is remembered: ask `sound` after the last one.
class RowReader {
 public:
  explicit RowReader(const Row& row) : row_(row) {}

  std::int64_t integer() { return take<std::int64_t>(); }
  std::string text() { return take<std::string>(); }
  Bytes bytes() { return take<Bytes>(); }
  Instant instant() { return from_epoch_ms(integer()); }
  bool flag() { return integer() != 0; }
  std::optional<std::string> optional_text() {
    if (next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_])) {
      ++next_;
      return std::nullopt;
    }
    return text();
  }
  /// True when every cell so far had its type and none is left.
  bool sound() const { return sound_ && next_ == row_.size(); }

 private:
  template <typename T>
  T take() {
    const T* held = next_ < row_.size() ? std::get_if<T>(&row_[next_]) : nullptr;
    ++next_;
    if (held == nullptr) sound_ = false;
    return held == nullptr ? T{} : *held;
  }

  const Row& row_;
  std::size_t next_ = 0;
  bool sound_ = true;
};

/// For a row that is there but cannot be what this program wrote.
inline tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::storage_failed, "the database holds a damaged " + std::string(what) +
                                             "; restore it from the last backup");
}

/// The value whose name is `name`, out of a closed list.
template <typename Enum>
std::optional<Enum> enum_from_name(std::string_view name, std::string_view (*name_of)(Enum),
                                   std::initializer_list<Enum> all) {
  for (const Enum candidate : all) {
    if (name_of(candidate) == name) return candidate;
  }
  return std::nullopt;
}

}  // namespace telavis
