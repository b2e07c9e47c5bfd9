// SPDX-License-Identifier: Apache-2.0
// One writer of tables for everything that leaves as rows: a row at a time, in constant memory, the
// same rows give the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

/// Takes the next bytes of a file. What it refuses ends the writing and is given back.
using ByteSink = std::function<Result<void>(std::string_view)>;
/// Appends to `target`, which must outlive it.
ByteSink append_to(std::string& target);

enum class TableFormat {
  /// For French spreadsheets: UTF-8 with BOM, ";", decimal comma, CRLF, dd/mm/yyyy, local minutes,
  /// percentages as "31,9%"; text that a spreadsheet would take for a number or a formula is quoted
  /// or neutralised with an apostrophe.
  csv_french,
  /// For machines: RFC 4180, UTF-8 without BOM, ",", decimal point, ISO dates, UTC instants (RFC
  /// 3339), percentages as fractions, text as it is.
  csv,
  /// Office Open XML (ISO/IEC 29500), header row frozen; a sheet is followed by another one at the
  /// format's 1,048,576 rows.
  xlsx,
};
/// "csv-fr", "csv", "xlsx"; as file names end: ".csv", ".csv", ".xlsx".
std::string_view table_format_name(TableFormat format);
std::string_view table_suffix(TableFormat format);
/// Errors: invalid_field, with the names there are.
Result<TableFormat> table_format(std::string_view name);

enum class ColumnType {
  text,     // UTF-8; identifiers (RPPS, SIREN, numbers of cases) too
  integer,  // std::int64_t
  cents,    // std::int64_t, euro cents; shown as euros with two decimals
  decimal,  // double, finite; shown with `Column::decimals` places
  percent,  // double, finite, a fraction: 0.319 is 31,9 %; places of the percentage
  date,     // ISO date "2026-01-06"
  instant,  // ZonedInstant
};

struct Column {
  std::string title;
  ColumnType type = ColumnType::text;
  int decimals = 2;  // of decimal and percent, 0..6
};

/// An instant, and the IANA zone in whose hours a reader sees it (empty: UTC).
struct ZonedInstant {
  Instant at;
  std::string_view zone;
};

/// Of the type that its column names; monostate: an empty cell of any column. Texts need to live
/// only as long as the call.
using TableCell =
    std::variant<std::monostate, std::string_view, std::int64_t, double, ZonedInstant>;

struct TableShape {
  std::string name;  // of the sheet: at most 31 characters, none of []:*?/\ .
  std::vector<Column> columns;
  /// Stands in an XLSX file as the day of its making, so that the same table gives the same bytes.
  Instant made_at{};
};

class TableWriter {
 public:
  virtual ~TableWriter() = default;
  /// One cell a column. Errors: invalid_field (number or type of the cells, a date that does not
  /// exist, a number that is not finite, text over 32,767 characters in XLSX),
  /// configuration_invalid (unknown zone), those of the sink. After an error nothing more may be
  /// written.
  virtual Result<void> row(std::span<const TableCell> cells) = 0;
  /// Once, at the end: only then all bytes are in the sink.
  virtual Result<void> finish() = 0;
};

/// Writes the header row at once. `sink` is called in chunks of some ten kilobytes; XLSX gathers
/// its bytes in temporary files and gives them at finish. Errors: invalid_field (no columns, a name
/// that a sheet may not have), storage_failed (temporary files), those of the sink.
Result<std::unique_ptr<TableWriter>> open_table(TableFormat format, TableShape shape,
                                                ByteSink sink);

}  // namespace telavis
