// SPDX-License-Identifier: Apache-2.0
// A mail as another reader sees it: Python's email module, which shares no code with gmime.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "formats/bytes.h"
#include "tests/temp_folder.h"

namespace telavis::test {

inline std::string unhex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return out;
}

/// What tests/mssante/read_mail.py prints about the bytes, by key.
inline std::map<std::string, std::string> read_by_python(const Bytes& mime) {
  const TempFolder folder;
  const auto file = folder.path() / "mail.eml";
  std::ofstream(file, std::ios::binary) << as_text(mime);
  const std::string command =
      "python3 " TELAVIS_SOURCE_DIR "/tests/mssante/read_mail.py " + file.string();
  std::map<std::string, std::string> found;
  FILE* output = ::popen(command.c_str(), "r");
  if (output == nullptr) return found;
  std::string text;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, output))
    text.append(buffer, count);
  EXPECT_EQ(::pclose(output), 0);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t tab = text.find('\t', at);
    const std::size_t end = text.find('\n', tab);
    found[text.substr(at, tab - at)] = unhex(std::string_view(text).substr(tab + 1, end - tab - 1));
    at = end + 1;
  }
  return found;
}

inline bool have_python() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread runs the tests
  return std::system("python3 -c 'import email.policy' 2>/dev/null") == 0;
}

}  // namespace telavis::test

#define TELAVIS_NEED_PYTHON \
  if (!telavis::test::have_python()) GTEST_SKIP() << "skipped: python3 is not installed"
