// SPDX-License-Identifier: Apache-2.0
// A disk of a few kilobytes: a tmpfs in a mount namespace of the calling (child) process.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <string>

namespace telavis::test {

/// What a child answers when the machine lets it mount nothing: the test then says it was skipped.
inline constexpr int kCannotMount = 77;

/// To be called in a child process only. False where this needs rights that we have not.
inline bool mount_small_disk(const std::filesystem::path& folder, std::size_t kilobytes) {
  const std::string size = "size=" + std::to_string(kilobytes) + "k";
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", folder.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

}  // namespace telavis::test
