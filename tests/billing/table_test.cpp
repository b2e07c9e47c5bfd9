// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/table.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "formats/zip.h"

namespace telavis {
namespace {

constexpr Instant kMidnightParis =
    Instant(std::chrono::milliseconds(1'767'222'000'000));  // 2026-01-01

TableShape every_type() {
  return {"Actes",
          {{"Numéro", ColumnType::text},
           {"Nombre", ColumnType::integer},
           {"Montant", ColumnType::cents},
           {"Délai", ColumnType::decimal, 1},
           {"Part", ColumnType::percent, 1},
           {"Jour", ColumnType::date},
           {"Heure", ColumnType::instant}},
          kMidnightParis};
}

using Row = std::array<TableCell, 7>;

const std::vector<Row>& sample_rows() {
  static const std::vector<Row> rows = {
      {std::string_view("010007654329"), std::int64_t{-3}, std::int64_t{2760}, 62.333, 0.319,
       std::string_view("2026-01-06"), ZonedInstant{kMidnightParis, "America/Guadeloupe"}},
      {std::string_view("=2+3;\"x\""), std::int64_t{0}, std::int64_t{-5}, -0.01, 1.0,
       std::string_view("2024-02-29"), ZonedInstant{kMidnightParis, "Europe/Paris"}},
      {std::string_view("D’Été\r\nÉlise, Dr"), {}, {}, {}, {}, {}, {}},
  };
  return rows;
}

std::string written(TableFormat format) {
  std::string bytes;
  auto table = open_table(format, every_type(), append_to(bytes));
  EXPECT_TRUE(table);
  for (const Row& row : sample_rows()) EXPECT_TRUE((*table)->row(row));
  EXPECT_TRUE((*table)->finish());
  return bytes;
}

TEST(Table, IsACsvForFrenchSpreadsheets) {
  EXPECT_EQ(written(TableFormat::csv_french),
            "\xEF\xBB\xBFNuméro;Nombre;Montant;Délai;Part;Jour;Heure\r\n"
            "\"010007654329\";-3;27,60;62,3;31,9%;06/01/2026;31/12/2025 19:00\r\n"
            "\"'=2+3;\"\"x\"\"\";0;-0,05;0,0;100,0%;29/02/2024;01/01/2026 00:00\r\n"
            "\"D’Été\r\nÉlise, Dr\";;;;;;\r\n");
}

TEST(Table, IsACsvForMachines) {
  EXPECT_EQ(written(TableFormat::csv),
            "Numéro,Nombre,Montant,Délai,Part,Jour,Heure\r\n"
            "010007654329,-3,27.60,62.3,0.319,2026-01-06,2025-12-31T23:00:00Z\r\n"
            "\"=2+3;\"\"x\"\"\",0,-0.05,0.0,1.000,2024-02-29,2025-12-31T23:00:00Z\r\n"
            "\"D’Été\r\nÉlise, Dr\",,,,,,\r\n");
}

TEST(Table, NeutralisesWhatASpreadsheetWouldCompute) {
  for (const std::string_view formula : {"=1", "+1", "-1", "@A1", "\t=1", "\r=1"}) {
    std::string bytes;
    auto table =
        open_table(TableFormat::csv_french, {"t", {{"x", ColumnType::text}}}, append_to(bytes));
    const TableCell cell = formula;
    ASSERT_TRUE((*table)->row({&cell, 1}));
    ASSERT_TRUE((*table)->finish());
    const char first = bytes[6] == '"' ? bytes[7] : bytes[6];  // after BOM, title and line end
    EXPECT_EQ(first, '\'') << formula;
  }
}

std::string sheet_of(const std::string& book, std::string_view name) {
  const auto archive = ZipReader::open(as_bytes(book), 100);
  EXPECT_TRUE(archive);
  for (std::size_t i = 0; i < archive->members().size(); ++i) {
    if (archive->members()[i].name == name) return std::string(as_text(archive->read(i).value()));
  }
  return "";
}

TEST(Table, IsASpreadsheetWithTypedCells) {
  const std::string book = written(TableFormat::xlsx);
  const std::string sheet = sheet_of(book, "xl/worksheets/sheet1.xml");
  const auto has = [&](const char* cell) { return sheet.find(cell) != std::string::npos; };
  EXPECT_TRUE(has("<t>010007654329</t>")) << sheet;
  EXPECT_TRUE(has("<t>=2+3;\"x\"</t>"));  // text, never computed: no <f>
  EXPECT_FALSE(has("<f>"));
  EXPECT_TRUE(has("<v>27.6</v>"));
  EXPECT_TRUE(has("<v>-0.05</v>"));
  EXPECT_TRUE(has("<v>0.319</v>"));
  EXPECT_TRUE(has("<v>46028</v>"));              // 2026-01-06
  EXPECT_TRUE(has("<v>46022.79166666667</v>"));  // 2025-12-31 19:00
  EXPECT_TRUE(has("<v>46023</v>"));              // 2026-01-01 00:00
  EXPECT_TRUE(has("state=\"frozen\""));
  EXPECT_EQ(book, written(TableFormat::xlsx)) << "the same table gives the same bytes";
}

TEST(Table, RefusesCellsThatAreNotOfTheirColumn) {
  const auto refused = [](ColumnType type, const TableCell& cell) {
    std::string bytes;
    auto table = open_table(TableFormat::csv, {"t", {{"x", type}}}, append_to(bytes)).value();
    const auto row = table->row({&cell, 1});
    return !row && row.error().code == ErrorCode::invalid_field;
  };
  EXPECT_TRUE(refused(ColumnType::text, 1.0));
  EXPECT_TRUE(refused(ColumnType::cents, 1.0));
  EXPECT_TRUE(refused(ColumnType::integer, std::string_view("1")));
  EXPECT_TRUE(refused(ColumnType::date, std::string_view("2026-02-30")));
  EXPECT_TRUE(refused(ColumnType::decimal, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_TRUE(refused(ColumnType::percent, std::int64_t{1}));
  EXPECT_TRUE(refused(ColumnType::instant, std::string_view("2026-01-01T00:00:00Z")));
  EXPECT_FALSE(refused(ColumnType::instant, std::monostate()));
  std::string bytes;
  EXPECT_FALSE(open_table(TableFormat::csv, {"t", {}}, append_to(bytes)));
  EXPECT_FALSE(open_table(TableFormat::xlsx, {"a/b", {{"x"}}}, append_to(bytes)));
  auto two = open_table(TableFormat::csv, {"t", {{"x"}, {"y"}}}, append_to(bytes)).value();
  const TableCell one = std::string_view("1");
  EXPECT_FALSE(two->row({&one, 1}));
}

TEST(Table, SaysWhatItsSinkRefuses) {
  const ByteSink full = [](std::string_view) -> Result<void> {
    return fail(ErrorCode::storage_full, "Make room.");
  };
  for (const TableFormat format : {TableFormat::csv, TableFormat::xlsx}) {
    auto table = open_table(format, {"t", {{"x"}}}, full).value();
    const auto finished = table->finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, ErrorCode::storage_full);
  }
}

TEST(Table, HasNamesForItsFormats) {
  EXPECT_EQ(table_format("csv-fr").value(), TableFormat::csv_french);
  EXPECT_EQ(table_format("xlsx").value(), TableFormat::xlsx);
  EXPECT_FALSE(table_format("ods"));
  EXPECT_EQ(table_suffix(TableFormat::csv), ".csv");
}

}  // namespace
}  // namespace telavis
