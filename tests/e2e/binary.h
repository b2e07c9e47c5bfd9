// SPDX-License-Identifier: Apache-2.0
// The program, and its commands as somebody types them.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

// The build says where the program is; a reader of single files (clang-tidy) does not know it.
#ifndef TELAVIS_BINARY
#define TELAVIS_BINARY "telavis"
#endif

namespace telavis::test {

struct Ran {
  int status = 0;      // 0: done
  std::string output;  // both streams
};

/// What a shell makes of it, with nobody at the keyboard.
inline Ran run_command(const std::string& command) {
  std::FILE* const pipe =
      ::popen(("{ " + command + " ; } 2>&1 </dev/null").c_str(), "re");  // NOLINT(cert-env33-c)
  EXPECT_NE(pipe, nullptr);
  if (pipe == nullptr) return {-1, ""};
  Ran ran;
  std::array<char, 4096> buffer{};
  while (const std::size_t read = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ran.output.append(buffer.data(), read);
  ran.status = ::pclose(pipe);
  return ran;
}

/// `arguments` as a shell reads them, in `folder`.
inline Ran run_telavis(const std::filesystem::path& folder, const std::string& arguments) {
  return run_command("cd '" + folder.string() + "' && '" TELAVIS_BINARY "' " + arguments);
}

}  // namespace telavis::test
