// SPDX-License-Identifier: Apache-2.0
// Processor time to read a tracing, ours and BioSig's, in one run:
//   compare_biosig FILE...
// Each measurement runs in a child process: BioSig dies of many files.
#include <biosig.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "formats/exam.h"

namespace {

constexpr int kRuns = 50;
constexpr rlim_t kMaxSeconds = 20;

double cpu_ms() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

/// Milliseconds a run, or why there is no figure.
std::string measured(const std::function<bool()>& read_once) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  static_cast<void>(std::fflush(stdout));  // or the child would print it again
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{kMaxSeconds, kMaxSeconds};
    setrlimit(RLIMIT_CPU, &limit);
    if (freopen("/dev/null", "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr)
      _exit(2);
    if (!read_once()) _exit(1);
    const double before = cpu_ms();
    for (int i = 0; i < kRuns; ++i) read_once();
    const std::string text = fmt::format("{:.3f}", (cpu_ms() - before) / kRuns);
    _exit(write(ends[1], text.data(), text.size()) > 0 ? 0 : 2);
  }
  close(ends[1]);
  char text[64] = {};
  const ssize_t size = read(ends[0], text, sizeof text - 1);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return fmt::format("died of signal {}", WTERMSIG(status));
  return size > 0 ? std::string(text) : std::string("refused");
}

bool read_with_biosig(const char* path) {
  HDRTYPE* header = sopen(path, "r", nullptr);
  const bool good = header != nullptr && serror2(header) == 0 && header->NS > 0;
  if (good) sread(nullptr, 0, static_cast<size_t>(header->NRec), header);
  if (header != nullptr) {
    sclose(header);
    destructHDR(header);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  fmt::print("{:<44} {:>9} {:>12} {:>20}\n", "file", "bytes", "ours, ms", "BioSig, ms");
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    const telavis::Bytes bytes{std::istreambuf_iterator<char>(in),
                               std::istreambuf_iterator<char>()};
    const std::string ours = measured([&] { return telavis::decode_exam(bytes).has_value(); });
    const std::string theirs = measured([&] { return read_with_biosig(argv[i]); });
    std::string name = argv[i];
    name = name.substr(name.rfind('/') + 1);
    if (name.size() > 44) name.resize(44);
    fmt::print("{:<44} {:>9} {:>12} {:>20}\n", name, bytes.size(), ours, theirs);
  }
  return 0;
}
