// SPDX-License-Identifier: Apache-2.0
// Every finding that a codec or a check can make has its French and its English sentence.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "engine/core/catalogue.h"

namespace telavis::test {
namespace {

std::set<std::string> finding_codes() {
  const std::regex made(R"re("([a-z0-9]+(_[a-z0-9]+)+)",\s*Severity::)re");
  const std::regex noted(R"re(\b(note|remark|tell|warn)\([^";]*"([a-z0-9]+(_[a-z0-9]+)+)")re");
  std::set<std::string> codes;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(TELAVIS_SOURCE_DIR) / "formats")) {
    if (entry.path().extension() != ".cpp") continue;
    std::ifstream in(entry.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), made), end; at != end; ++at) {
      codes.insert((*at)[1]);
    }
    for (std::sregex_iterator at(text.begin(), text.end(), noted), end; at != end; ++at) {
      codes.insert((*at)[2]);
    }
  }
  return codes;
}

TEST(FindingSentences, EveryFindingHasBoth) {
  const auto codes = finding_codes();
  EXPECT_GT(codes.size(), 70U);
  for (const std::string& code : codes) {
    ASSERT_TRUE(has_message("finding." + code)) << code;
    const std::string french = message(Language::french, "finding." + code);
    EXPECT_FALSE(french.empty()) << code;
    EXPECT_NE(french, message(Language::english, "finding." + code)) << code;
  }
}

}  // namespace
}  // namespace telavis::test
