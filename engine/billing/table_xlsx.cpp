// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "engine/billing/bank_words.h"
#include "engine/billing/table_parts.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::uint32_t kMaxRows = 1'048'576;  // of a sheet, ISO/IEC 29500 limits of Excel
constexpr std::size_t kMaxSheetName = 31;

/// The day 1970-01-01 in a spreadsheet's count, which begins with 1899-12-30.
constexpr double kEpochDay = 25'569;
constexpr double kDayMs = 86'400'000;

double sheet_day(Instant shown) {
  return kEpochDay + static_cast<double>(to_epoch_ms(shown)) / kDayMs;
}

double sheet_day(std::string_view iso) {
  return sheet_day(Instant(iso_day(iso)));
}

/// What a sheet cannot hold, control characters and bytes that are no UTF-8, is read as a device's
/// text is.
std::string sheet_text(std::string_view text) {
  const bool clean = is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
                       return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
                     });
  return clean ? std::string(text) : text_from_device(as_bytes(text));
}

Error lxw_failure(lxw_error code) {
  const bool text = code == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED;
  return Error{text ? ErrorCode::invalid_field : ErrorCode::storage_failed,
               fmt::format("The spreadsheet cannot be written: {} Look at the space of the folder "
                           "for temporary files.",
                           lxw_strerror(code))};
}

class XlsxWriter final : public TableWriter {
 public:
  XlsxWriter(TableShape shape, ByteSink sink) : shape_(std::move(shape)), sink_(std::move(sink)) {}
  XlsxWriter(const XlsxWriter&) = delete;
  XlsxWriter& operator=(const XlsxWriter&) = delete;
  ~XlsxWriter() override {
    if (book_ != nullptr) lxw_workbook_free(book_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  Result<void> open() {
    std::error_code trouble;
    folder_ = std::filesystem::temp_directory_path(trouble).string();
    path_ = folder_ + "/telavis-table-XXXXXX";
    const int file = trouble ? -1 : ::mkstemp(path_.data());  // readable by its owner alone
    if (file < 0) {
      path_.clear();
      return tl::unexpected(lxw_failure(LXW_ERROR_CREATING_TMPFILE));
    }
    ::close(file);
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = folder_.data();
    book_ = workbook_new_opt(path_.c_str(), &options);
    if (book_ == nullptr) return tl::unexpected(lxw_failure(LXW_ERROR_MEMORY_MALLOC_FAILED));
    lxw_doc_properties properties{};
    properties.created = static_cast<time_t>(to_epoch_ms(shape_.made_at) / 1000);
    // Zero stands for the wall clock there.
    if (properties.created == 0) properties.created = 1;
    workbook_set_properties(book_, &properties);
    add_formats();
    return next_sheet();
  }

  Result<void> row(std::span<const TableCell> cells) override {
    if (auto checked = check_row(shape_, cells); !checked) return checked;
    if (next_row_ == kMaxRows) {
      if (auto added = next_sheet(); !added) return added;
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (auto written = write(i, cells[i]); !written) return written;
    }
    ++next_row_;
    return {};
  }

  Result<void> finish() override {
    lxw_workbook* const book = std::exchange(book_, nullptr);
    if (const lxw_error code = workbook_close(book); code != LXW_NO_ERROR) {
      return tl::unexpected(lxw_failure(code));
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path_.c_str(), "rb"),
                                                               &std::fclose);
    if (!file) return tl::unexpected(lxw_failure(LXW_ERROR_READING_TMPFILE));
    std::array<char, 64 * 1024> chunk;
    while (const std::size_t read = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
      if (auto taken = sink_({chunk.data(), read}); !taken) return taken;
    }
    if (std::ferror(file.get()) != 0) {
      return tl::unexpected(lxw_failure(LXW_ERROR_READING_TMPFILE));
    }
    return {};
  }

 private:
  void add_formats() {
    for (const Column& column : shape_.columns) {
      lxw_format* format = workbook_add_format(book_);
      const std::string places =
          column.decimals == 0 ? "0"
                               : "0." + std::string(static_cast<std::size_t>(column.decimals), '0');
      switch (column.type) {
        case ColumnType::text:
          format_set_num_format(format, "@");
          break;
        case ColumnType::integer:
          format_set_num_format(format, "0");
          break;
        case ColumnType::cents:
          format_set_num_format(format, "#,##0.00");
          break;
        case ColumnType::decimal:
          format_set_num_format(format, places.c_str());
          break;
        case ColumnType::percent:
          format_set_num_format(format, (places + "%").c_str());
          break;
        case ColumnType::date:
          format_set_num_format(format, "dd/mm/yyyy");
          break;
        case ColumnType::instant:
          format_set_num_format(format, "dd/mm/yyyy hh:mm");
          break;
      }
      formats_.push_back(format);
    }
    heading_ = workbook_add_format(book_);
    format_set_bold(heading_);
    format_set_text_wrap(heading_);
  }

  Result<void> next_sheet() {
    ++sheets_;
    const std::string suffix = sheets_ == 1 ? "" : fmt::format(" {}", sheets_);
    const std::string name = shape_.name + suffix;
    if (name.size() > kMaxSheetName ||
        workbook_validate_sheet_name(book_, name.c_str()) != LXW_NO_ERROR) {
      return fail(ErrorCode::invalid_field, "A sheet cannot have the name '" + name +
                                                "': at most 31 characters, no []:*?/\\.");
    }
    sheet_ = workbook_add_worksheet(book_, name.c_str());
    if (sheet_ == nullptr) return tl::unexpected(lxw_failure(LXW_ERROR_CREATING_TMPFILE));
    worksheet_freeze_panes(sheet_, 1, 0);
    constexpr double kWidth = 16;  // characters: an instant fits
    worksheet_set_column(sheet_, 0, static_cast<lxw_col_t>(shape_.columns.size() - 1), kWidth,
                         nullptr);
    for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
      const lxw_error code =
          worksheet_write_string(sheet_, 0, static_cast<lxw_col_t>(i),
                                 sheet_text(shape_.columns[i].title).c_str(), heading_);
      if (code != LXW_NO_ERROR) return tl::unexpected(lxw_failure(code));
    }
    next_row_ = 1;
    return {};
  }

  Result<void> write(std::size_t index, const TableCell& cell) {
    const auto column = static_cast<lxw_col_t>(index);
    lxw_format* const format = formats_[index];
    const ColumnType type = shape_.columns[index].type;
    lxw_error code = LXW_NO_ERROR;
    const auto number = [&](double value) {
      code = worksheet_write_number(sheet_, next_row_, column, value, format);
    };
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
      if (type == ColumnType::date) {
        number(sheet_day(*text));
      } else if (!text->empty()) {
        code = worksheet_write_string(sheet_, next_row_, column, sheet_text(*text).c_str(), format);
      }
    } else if (const auto* count = std::get_if<std::int64_t>(&cell)) {
      number(type == ColumnType::cents ? static_cast<double>(*count) / 100
                                       : static_cast<double>(*count));
    } else if (const auto* value = std::get_if<double>(&cell)) {
      number(*value);
    } else if (const auto* instant = std::get_if<ZonedInstant>(&cell)) {
      const auto shown = clocks_.shown(*instant);
      if (!shown) return tl::unexpected(shown.error());
      number(sheet_day(*shown));
    }
    return code == LXW_NO_ERROR ? Result<void>() : tl::unexpected(lxw_failure(code));
  }

  TableShape shape_;
  ByteSink sink_;
  WallClocks clocks_;
  std::string folder_, path_;
  lxw_workbook* book_ = nullptr;
  lxw_worksheet* sheet_ = nullptr;
  lxw_format* heading_ = nullptr;
  std::vector<lxw_format*> formats_;
  std::uint32_t next_row_ = 0;
  int sheets_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableWriter>> open_xlsx(TableShape shape, ByteSink sink) {
  auto writer = std::make_unique<XlsxWriter>(std::move(shape), std::move(sink));
  if (const auto opened = writer->open(); !opened) return tl::unexpected(opened.error());
  return writer;
}

}  // namespace telavis
