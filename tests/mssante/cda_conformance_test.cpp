// SPDX-License-Identifier: Apache-2.0
// Documents of random cases against the validators of the Agence du Numérique en Santé.
// TELAVIS_CDA_CASES=1000 is the long form (docs/testing.md); TELAVIS_CDA_SEED starts elsewhere.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "mssante/cda.h"
#include "tests/mssante/made_documents.h"
#include "tests/shared_samples.h"
#include "tests/temp_folder.h"

namespace telavis::cda_conformance_test {

using test::MadeCase;
using test::TempFolder;

std::uint64_t from_environment(const char* name, std::uint64_t standard) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  if (text == nullptr) return standard;
  const std::string_view view(text);
  std::from_chars(view.data(), view.data() + view.size(), standard);
  return standard;
}

/// Documents of `count` cases, a file each.
std::string write_all(const TempFolder& folder, CdaKind kind, std::uint64_t count) {
  std::string files;
  const std::uint64_t first = from_environment("TELAVIS_CDA_SEED", 1);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const MadeCase made = test::made_case(seed);
    const auto document =
        kind == CdaKind::tlm_da ? request_document(made.input()) : report_document(made.input());
    EXPECT_TRUE(document) << seed << ": " << (document ? "" : document.error().text);
    if (!document) continue;
    const auto bytes = write_cda(*document);
    EXPECT_TRUE(bytes) << seed << ": " << (bytes ? "" : bytes.error().text);
    if (!bytes) continue;
    const auto path = folder.path() / fmt::format("{}.xml", seed);
    std::ofstream(path, std::ios::binary) << as_text(*bytes);
    files += " " + path.string();
  }
  return files;
}

/// The lines that do not pass, and the verdict; empty when all is well.
std::string failures_of(const std::string& command) {
  std::string failures;
  FILE* output = ::popen(command.c_str(), "r");
  if (output == nullptr) return "the validator does not start";
  char line[4096];
  while (std::fgets(line, sizeof line, output) != nullptr) {
    if (!std::string_view(line).starts_with("PASS ") && failures.size() < 20'000) failures += line;
  }
  const int status = ::pclose(output);
  if (status != 0) failures += fmt::format("exit {}\n", status);
  return failures;
}

void validate(CdaKind kind, const char* name) {
  TELAVIS_NEED_SHARED("conformance/validate-cda");
  if (!std::filesystem::exists("/usr/share/java/Saxon-HE.jar")) {
    GTEST_SKIP() << "skipped: the validator needs libsaxonhe-java";
  }
  const TempFolder folder;
  const std::string files = write_all(folder, kind, from_environment("TELAVIS_CDA_CASES", 6));
  const auto validator = test::shared_folder() / "conformance/validate-cda";
  EXPECT_EQ(failures_of(validator.string() + " " + name + files + " 2>&1"), "");
}

TEST(CdaConformance, RequestsOfRandomCases) {
  validate(CdaKind::tlm_da, "TLM-DA");
}

TEST(CdaConformance, ReportsOfRandomCases) {
  validate(CdaKind::tlm_cr, "TLM-CR");
}

}  // namespace telavis::cda_conformance_test
