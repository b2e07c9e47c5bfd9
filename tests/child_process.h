// SPDX-License-Identifier: Apache-2.0
// Bodies that run in a process of their own: to be killed, or to live with a limit.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace telavis::test {

/// Runs `body` in a child and gives its answer (0..255), or -1 when it died of a signal. The child
/// ends without running destructors, so the parent's open files and threads are left alone.
inline int run_in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace telavis::test
