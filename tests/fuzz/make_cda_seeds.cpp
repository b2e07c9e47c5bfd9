// SPDX-License-Identifier: Apache-2.0
// make_cda_seeds FOLDER: writes FOLDER/cda anew, documents of random cases, each named by the
// SHA-256 of its bytes.
#include <cstdio>
#include <filesystem>

#include "tests/fuzz/seed_file.h"
#include "tests/mssante/made_documents.h"

int main(int argc, char** argv) {
  using namespace telavis;
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_cda_seeds FOLDER\n", stderr));
    return 2;
  }
  std::vector<Bytes> seeds;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const test::MadeCase made = test::made_case(seed);
    const auto document = request_document(made.input());
    if (document) seeds.push_back(write_cda(*document).value());
  }
  test::MadeCase made = test::made_case(1);
  made.report = test::made_report(0);
  seeds.push_back(write_cda(report_document(made.input()).value()).value());
  return test::write_seeds(std::filesystem::path(argv[1]) / "cda", seeds) ? 0 : 1;
}
