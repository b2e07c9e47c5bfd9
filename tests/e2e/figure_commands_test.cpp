// SPDX-License-Identifier: Apache-2.0
// `telavis export figures` and `export activity` as an association's office types them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "tests/e2e/binary.h"
#include "tests/temp_folder.h"

namespace telavis::figure_commands_test {
namespace {

using test::run_telavis;
using testing::HasSubstr;
using testing::StartsWith;

class FigureCommands : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = run_telavis(folder_.path(), "init --demonstration --data-dir data");
    ASSERT_EQ(made.status, 0) << made.output;
  }
  std::string file(const std::string& name) const {
    std::ifstream in(folder_.path() / name, std::ios::binary);
    EXPECT_TRUE(in.good()) << name;
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  test::Ran exported(const std::string& arguments) const {
    return run_telavis(folder_.path(), "export " + arguments + " --data-dir data");
  }

  test::TempFolder folder_;
};

TEST_F(FigureCommands, WriteEachFormat) {
  const std::string period =
      "figures --programme rythmologie-guadeloupe --from 2026-01-01 --to 2026-12-31 ";
  const std::map<std::string, std::string> begin = {
      {"csv-fr", "\xEF\xBB\xBFPartie;"}, {"csv", "Partie,"}, {"xlsx", "PK"}, {"pdf", "%PDF-1.4"}};
  for (const auto& [format, bytes] : begin) {
    const auto done = exported(period + "--format " + format + " --out f-" + format);
    EXPECT_EQ(done.status, 0) << done.output;
    EXPECT_THAT(file("f-" + format), StartsWith(bytes));
  }
  EXPECT_THAT(file("f-csv"), HasSubstr("Ensemble,,Demandes,0,"));
  EXPECT_THAT(exported("figures --from 2026-13-01 --to 2026-12-31 --out x").output,
              HasSubstr("invalid_field"));
  EXPECT_THAT(exported("figures --programme none --from 2026-01-01 --to 2026-12-31 --out x").output,
              HasSubstr("not_found"));
}

TEST_F(FigureCommands, WriteTheYearlyReportInOneGo) {
  const auto done = exported("activity --year 2026 --out rapport");
  EXPECT_EQ(done.status, 0) << done.output;
  EXPECT_THAT(file("rapport.pdf"), StartsWith("%PDF-1.4"));
  EXPECT_THAT(file("rapport.xlsx"), StartsWith("PK"));
}

}  // namespace
}  // namespace telavis::figure_commands_test
