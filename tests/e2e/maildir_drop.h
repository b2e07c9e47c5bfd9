// SPDX-License-Identifier: Apache-2.0
// Mail without an operator: files in the Maildirs of a demonstration.
#pragma once

#include <chrono>
#include <thread>

#include "tests/e2e/server_process.h"

namespace telavis::test {

inline const std::string kBox = "rythmologie@guadeloupe.telavis.test";

inline std::vector<std::string> mails(const Demonstration& demo, const std::string& address) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(demo.data / "maildir" / address / "new", none)) {
    found.push_back(slurp(entry.path()));
  }
  return found;
}

inline std::vector<std::string> wait_mails(const Demonstration& demo, const std::string& address) {
  for (int i = 0; i < 600 && mails(demo, address).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return mails(demo, address);
}

inline void drop(const Demonstration& demo, const std::string& name, const std::string& mail) {
  const std::filesystem::path box = demo.data / "maildir" / kBox;
  std::filesystem::create_directories(box / "new");
  std::ofstream(demo.folder / name) << mail;
  std::filesystem::rename(demo.folder / name, box / "new" / name);  // whole or not at all
}

}  // namespace telavis::test
