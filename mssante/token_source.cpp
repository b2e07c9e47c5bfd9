// SPDX-License-Identifier: Apache-2.0
#include "mssante/token_source.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace telavis {
namespace {

using MonotonicClock = std::chrono::steady_clock;

tl::unexpected<Error> no_token(const std::string& why) {
  return fail(ErrorCode::mail_refused, "There is no mail token: " + why);
}

std::string reason(int number) {
  return std::generic_category().message(number) + ".";
}

/// A program in a process group of its own, with a pipe from its standard output.
class Program {
 public:
  /// 0, or what the system said.
  int start(const std::vector<std::string>& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return errno;
    out_ = ends[0];
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    const int failed = ::posix_spawn(&id_, words[0], &files, &attributes, words.data(), ::environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    ::close(ends[1]);
    if (failed != 0) id_ = -1;
    return failed;
  }
  ~Program() {
    if (id_ > 0) {
      ::kill(-id_, SIGKILL);
      int status = 0;
      while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
      }
    }
    if (out_ >= 0) ::close(out_);
  }
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  int out() const { return out_; }
  /// Whether it has ended well, after its output has ended. Whoever closes his output and stays is
  /// killed: what he printed is whole.
  bool ended_well(MonotonicClock::time_point until) {
    int status = 0;
    for (;;) {
      const pid_t ended = ::waitpid(id_, &status, WNOHANG);
      if (ended == id_) {
        id_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
      }
      if ((ended < 0 && errno != EINTR) || MonotonicClock::now() >= until) return false;
      constexpr int kLookMs = 5;
      ::poll(nullptr, 0, kLookMs);
    }
  }

 private:
  pid_t id_ = -1;
  int out_ = -1;
};

}  // namespace

Result<Bytes> output_of(const std::vector<std::string>& command, std::chrono::seconds patience) {
  if (command.empty() || !command[0].starts_with('/'))
    return no_token("the command must begin with the full path of a program.");
  Program program;
  const auto until = MonotonicClock::now() + patience;
  if (const int failed = program.start(command); failed != 0)
    return no_token("the command does not start: " + reason(failed));
  Bytes printed(kMaxTokenBytes + 1);
  std::size_t size = 0;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - MonotonicClock::now())
            .count();
    if (left <= 0) return no_token("the command has not ended in time; run it by hand.");
    pollfd waited{program.out(), POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t count = ::read(program.out(), printed.data() + size, printed.size() - size);
    if (count < 0 && errno != EINTR) return no_token(reason(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    if (size > kMaxTokenBytes) return no_token("the command prints too much; run it by hand.");
  }
  if (!program.ended_well(until)) return no_token("the command failed; run it by hand.");
  printed.resize(size);
  return printed;
}

Result<std::string> ReadTokens::token() {
  const auto read = read_();
  if (!read) return fail(ErrorCode::mail_refused, read.error().text);
  std::string_view text = as_text(*read);
  constexpr std::string_view kAround = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kAround), text.size()));
  text = text.substr(0, text.find_last_not_of(kAround) + 1);
  if (text.empty()) return no_token("its source is empty; renew it.");
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!printable || text.size() > kMaxTokenBytes)
    return no_token("what its source gives is no token; renew it.");
  return std::string(text);
}

}  // namespace telavis
