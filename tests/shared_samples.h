// SPDX-License-Identifier: Apache-2.0
// Real files that may stand beside the checkout (../shared/samples, or $TELAVIS_SHARED/samples).
// They are never part of this project; tests that need them say plainly that they were skipped.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "formats/bytes.h"

// The build says where the sources are; a reader of single files (clang-tidy) may not know it.
#ifndef TELAVIS_SOURCE_DIR
#define TELAVIS_SOURCE_DIR "."
#endif

namespace telavis::test {

inline std::filesystem::path shared_folder() {
  const char* from_environment = std::getenv("TELAVIS_SHARED");  // NOLINT(concurrency-mt-unsafe)
  if (from_environment != nullptr) return from_environment;
  return std::filesystem::path(TELAVIS_SOURCE_DIR).parent_path() / "shared";
}

inline Bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace telavis::test

#define TELAVIS_NEED_SHARED(relative)                                                          \
  if (!std::filesystem::exists(telavis::test::shared_folder() / (relative))) {                 \
    GTEST_SKIP() << "skipped: the shared samples are not beside the checkout: " << (relative); \
  }
