// SPDX-License-Identifier: Apache-2.0
// make_xdm_seeds FOLDER: writes FOLDER/{xdm,xdm_metadata} anew, submissions of fictive people,
// named by the SHA-256 of their bytes.
#include <cstdio>
#include <filesystem>

#include "tests/fuzz/seed_file.h"
#include "tests/mssante/made_submissions.h"

int main(int argc, char** argv) {
  using namespace telavis;
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_xdm_seeds FOLDER\n", stderr));
    return 2;
  }
  const std::filesystem::path out = argv[1];
  std::vector<Bytes> archives, metadata;
  for (const unsigned seed : {0U, 1U, 2U, 3U, 4U}) {
    XdmSubmission submission = seed == 0 ? test::plain_submission() : test::random_submission(seed);
    const auto described = xdm_metadata(submission);
    const auto archive = write_xdm(submission);
    if (!described || !archive) return 1;
    archives.push_back(*archive);
    metadata.push_back(write_xdm_metadata(*described).value_or(Bytes()));
  }
  return test::write_seeds(out / "xdm", archives) &&
                 test::write_seeds(out / "xdm_metadata", metadata)
             ? 0
             : 1;
}
