// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/billing/table_parts.h"
#include "formats/text.h"

namespace telavis {

ByteSink append_to(std::string& target) {
  return [&target](std::string_view bytes) -> Result<void> {
    target += bytes;
    return {};
  };
}

std::string_view table_format_name(TableFormat format) {
  switch (format) {
    case TableFormat::csv_french:
      return "csv-fr";
    case TableFormat::csv:
      return "csv";
    case TableFormat::xlsx:
      return "xlsx";
  }
  return "";
}

std::string_view table_suffix(TableFormat format) {
  return format == TableFormat::xlsx ? ".xlsx" : ".csv";
}

Result<TableFormat> table_format(std::string_view name) {
  for (const TableFormat format : {TableFormat::csv_french, TableFormat::csv, TableFormat::xlsx}) {
    if (table_format_name(format) == name) return format;
  }
  return fail(ErrorCode::invalid_field, "A table leaves as csv-fr, csv or xlsx: choose one.");
}

Result<Instant> WallClocks::shown(const ZonedInstant& instant) {
  if (instant.zone.empty()) return instant.at;
  auto known = offsets_.find(instant.zone);
  if (known == offsets_.end() || instant.at < known->second.from ||
      instant.at >= known->second.until) {
    const auto offset = utc_offset(instant.at, instant.zone);
    if (!offset) return tl::unexpected(offset.error());
    known = offsets_.insert_or_assign(std::string(instant.zone), *offset).first;
  }
  return instant.at + known->second.ahead;
}

namespace {

bool fits(const Column& column, const TableCell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return true;
  switch (column.type) {
    case ColumnType::text:
      return std::holds_alternative<std::string_view>(cell);
    case ColumnType::integer:
    case ColumnType::cents:
      return std::holds_alternative<std::int64_t>(cell);
    case ColumnType::decimal:
    case ColumnType::percent: {
      const double* number = std::get_if<double>(&cell);
      return number != nullptr && std::isfinite(*number);
    }
    case ColumnType::date: {
      const auto* day = std::get_if<std::string_view>(&cell);
      return day != nullptr && is_iso_date(*day);
    }
    case ColumnType::instant:
      return std::holds_alternative<ZonedInstant>(cell);
  }
  return false;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

class CsvWriter final : public TableWriter {
 public:
  CsvWriter(bool french, TableShape shape, ByteSink sink)
      : french_(french), shape_(std::move(shape)), sink_(std::move(sink)) {
    if (french_) buffer_ = "\xEF\xBB\xBF";
    for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
      if (i > 0) buffer_ += separator();
      append_text(shape_.columns[i].title);
    }
    buffer_ += "\r\n";
  }

  Result<void> row(std::span<const TableCell> cells) override {
    if (auto checked = check_row(shape_, cells); !checked) return checked;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) buffer_ += separator();
      if (auto written = append(shape_.columns[i], cells[i]); !written) return written;
    }
    buffer_ += "\r\n";
    constexpr std::size_t kChunk = 64 * 1024;  // one call of the sink for some hundred rows
    return buffer_.size() < kChunk ? Result<void>() : flush();
  }
  Result<void> finish() override { return flush(); }

 private:
  char separator() const { return french_ ? ';' : ','; }

  Result<void> flush() {
    if (buffer_.empty()) return {};
    auto taken = sink_(buffer_);
    buffer_.clear();
    return taken;
  }

  Result<void> append(const Column& column, const TableCell& cell) {
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
      column.type == ColumnType::date ? append_date(*text) : append_text(*text);
    } else if (const auto* count = std::get_if<std::int64_t>(&cell)) {
      column.type == ColumnType::cents
          ? append_cents(*count)
          : void(fmt::format_to(std::back_inserter(buffer_), "{}", *count));
    } else if (const auto* number = std::get_if<double>(&cell)) {
      append_decimal(column, *number);
    } else if (const auto* instant = std::get_if<ZonedInstant>(&cell)) {
      return append_instant(*instant);
    }
    return {};
  }

  void append_text(std::string_view text) {
    if (!french_) {
      text.find_first_of(",\"\r\n") == std::string_view::npos ? void(buffer_ += text)
                                                              : append_quoted(buffer_, text);
      return;
    }
    std::string neutral;
    if (!text.empty() &&
        std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
      neutral = fmt::format("'{}", text);
      text = neutral;
    }
    // Digits alone are an identifier: quoted, a spreadsheet can be told to keep them as text.
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
    digits || text.find_first_of(";\"\r\n") != std::string_view::npos ? append_quoted(buffer_, text)
                                                                      : void(buffer_ += text);
  }

  void append_cents(std::int64_t cents) {
    const std::uint64_t size =
        cents < 0 ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents);
    fmt::format_to(std::back_inserter(buffer_), "{}{}{}{:02}", cents < 0 ? "-" : "", size / 100,
                   french_ ? ',' : '.', size % 100);
  }

  void append_decimal(const Column& column, double number) {
    const bool percent = column.type == ColumnType::percent;
    // As a fraction a percentage has two places more.
    const int places = percent && !french_ ? column.decimals + 2 : column.decimals;
    std::string text = fmt::format("{:.{}f}", percent && french_ ? number * 100 : number, places);
    if (french_) std::replace(text.begin(), text.end(), '.', ',');
    if (text.find_first_of("123456789") == std::string::npos && text.front() == '-')
      text.erase(0, 1);
    buffer_ += text;
    if (percent && french_) buffer_ += '%';
  }

  void append_date(std::string_view iso) {
    french_ ? void(fmt::format_to(std::back_inserter(buffer_), "{}/{}/{}", iso.substr(8, 2),
                                  iso.substr(5, 2), iso.substr(0, 4)))
            : void(buffer_ += iso);
  }

  Result<void> append_instant(const ZonedInstant& instant) {
    if (!french_) {
      buffer_ += format_utc(instant.at);
      return {};
    }
    const auto shown = clocks_.shown(instant);
    if (!shown) return tl::unexpected(shown.error());
    const std::string text = format_utc(*shown);
    append_date(std::string_view(text).substr(0, 10));
    buffer_ += ' ';
    buffer_ += std::string_view(text).substr(11, 5);
    return {};
  }

  bool french_;
  TableShape shape_;
  ByteSink sink_;
  WallClocks clocks_;
  std::string buffer_;
};

}  // namespace

Result<void> check_row(const TableShape& shape, std::span<const TableCell> cells) {
  if (cells.size() != shape.columns.size()) {
    return fail(ErrorCode::invalid_field,
                fmt::format("A row of '{}' has {} cells, its columns are {}.", shape.name,
                            cells.size(), shape.columns.size()));
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!fits(shape.columns[i], cells[i])) {
      return fail(ErrorCode::invalid_field,
                  "A cell is not of the type of its column '" + shape.columns[i].title + "'.");
    }
  }
  return {};
}

Result<std::unique_ptr<TableWriter>> open_table(TableFormat format, TableShape shape,
                                                ByteSink sink) {
  constexpr int kMaxDecimals = 6;
  const bool decimals_right = std::all_of(
      shape.columns.begin(), shape.columns.end(),
      [](const Column& column) { return column.decimals >= 0 && column.decimals <= kMaxDecimals; });
  if (shape.columns.empty() || !decimals_right) {
    return fail(ErrorCode::invalid_field, "A table has columns, of 0 to 6 decimals.");
  }
  if (format == TableFormat::xlsx) return open_xlsx(std::move(shape), std::move(sink));
  return std::make_unique<CsvWriter>(format == TableFormat::csv_french, std::move(shape),
                                     std::move(sink));
}

}  // namespace telavis
