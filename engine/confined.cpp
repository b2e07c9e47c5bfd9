// SPDX-License-Identifier: Apache-2.0
#include "engine/confined.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <new>
#include <optional>
#include <utility>

#include "engine/core/descriptor.h"
#include "formats/exam_record.h"
#include "formats/sanitized.h"

namespace telavis {
namespace {

constexpr int kOutOfMemory = 3;  // exit status of a child whose allocation failed
constexpr rlim_t kMaxOpenFiles = 64;

Result<Descriptor> memory_file() {
  Descriptor file(memfd_create("telavis", MFD_CLOEXEC));
  if (file.get() < 0) {
    return fail(ErrorCode::unavailable, "The machine gives no memory file: try again later.");
  }
  return file;
}

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t done = write(descriptor, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

std::optional<Bytes> read_whole(int descriptor) {
  struct stat about {};
  if (fstat(descriptor, &about) != 0 || about.st_size < 0) return std::nullopt;
  Bytes bytes(static_cast<std::size_t>(about.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        pread(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

// An answer: 1 and the bytes, or 0, the code and the text.
Bytes answer_of(const Result<Bytes>& result) {
  Bytes out;
  ByteWriter writer(out);
  writer.u8(result ? 1 : 0);
  if (result) {
    writer.bytes(*result);
  } else {
    writer.u32le(static_cast<std::uint32_t>(result.error().code));
    writer.text(result.error().text);
  }
  return out;
}

std::optional<Result<Bytes>> result_of(ByteView answer) {
  ByteReader reader(answer);
  const auto good = reader.u8();
  if (!good) return std::nullopt;
  if (*good == 1) return Bytes(answer.begin() + 1, answer.end());
  const auto code = reader.u32le();
  if (!code || *code > static_cast<std::uint32_t>(ErrorCode::internal)) return std::nullopt;
  const auto text = reader.take(reader.remaining());
  return fail(static_cast<ErrorCode>(*code), std::string(as_text(*text)));
}

void limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  // A limit that cannot be set is a machine that must not decode hostile bytes.
  if (setrlimit(static_cast<__rlimit_resource>(resource), &both) != 0) std::abort();
}

void confine(const ConfinedLimits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit(RLIMIT_CORE, 0);  // a core file would hold the patient's data
  limit(RLIMIT_NOFILE, kMaxOpenFiles);
  limit(RLIMIT_FSIZE, limits.file_bytes);
  const rlimit cpu{limits.cpu_seconds, limits.cpu_seconds + 1};
  if (setrlimit(RLIMIT_CPU, &cpu) != 0) std::abort();
  // The sanitizer's shadow alone is larger.
  if (!kAddressSanitizer) limit(RLIMIT_DATA, limits.memory_bytes);
}

/// Never returns: what `work` gives goes to `out`.
[[noreturn]] void answer(const std::function<Result<Bytes>()>& work, int out,
                         const ConfinedLimits& limits) {
  confine(limits);
  int status = EXIT_FAILURE;
  try {
    if (write_all(out, answer_of(work()))) status = EXIT_SUCCESS;
  } catch (const std::bad_alloc&) {
    status = kOutOfMemory;
  }
  _exit(status);
}

/// Waits for the child and reads what it answered.
Result<Bytes> answer_from(pid_t child, int out) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fail(ErrorCode::unavailable, "The decoding process was lost.");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
    const auto bytes = read_whole(out);
    if (auto result = bytes ? result_of(*bytes) : std::nullopt) return std::move(*result);
  }
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (signal == SIGXCPU || signal == SIGKILL) {
    return fail(ErrorCode::limit_exceeded,
                "Reading the file takes too long. Send a shorter recording or a smaller picture.");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory) {
    return fail(ErrorCode::limit_exceeded,
                "Reading the file takes too much memory. Send a shorter recording or a smaller "
                "picture.");
  }
  return fail(ErrorCode::malformed_file,
              "The file cannot be read: it is damaged in a way that stops the decoder. Export it "
              "again from the device.");
}

Bytes pack_normalised(const NormalisedExam& exam) {
  Bytes out;
  ByteWriter writer(out);
  for (const Bytes& part : {pack_exam(exam.exam), exam.document, exam.preview}) {
    writer.u32le(static_cast<std::uint32_t>(part.size()));
    writer.bytes(part);
  }
  return out;
}

Result<NormalisedExam> unpack_normalised(ByteView bytes) {
  ByteReader reader(bytes);
  std::array<ByteView, 3> parts;
  for (ByteView& part : parts) {
    const auto size = reader.u32le();
    const auto view = size ? reader.take(*size) : std::nullopt;
    if (!view) return fail(ErrorCode::internal, "The decoding process gave half an answer.");
    part = *view;
  }
  auto exam = unpack_exam(parts[0]);
  if (!exam) return tl::unexpected(exam.error());
  return NormalisedExam{std::move(*exam), Bytes(parts[1].begin(), parts[1].end()),
                        Bytes(parts[2].begin(), parts[2].end())};
}

/// Starts `program answer-normalise` with these two as its standard input and output, and no other
/// descriptor, environment or blocked signal, and a standard error that nobody reads.
Result<pid_t> start(const std::filesystem::path& program, int in, int out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  // Some decoders print what they think of a damaged file; it belongs in no log.
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string name = "telavis";
  std::string subcommand = kAnswerNormalise;
  std::array<char*, 3> arguments = {name.data(), subcommand.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  pid_t child = 0;
  const int failed = posix_spawn(&child, program.c_str(), &actions, &attributes, arguments.data(),
                                 environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return fail(ErrorCode::unavailable,
                "The machine starts no process to read the file: try again later.");
  }
  return child;
}

}  // namespace

Result<Bytes> run_confined(const std::function<Result<Bytes>()>& work,
                           const ConfinedLimits& limits) {
  auto out = memory_file();
  if (!out) return tl::unexpected(out.error());
  const pid_t child = fork();
  if (child < 0) {
    return fail(ErrorCode::unavailable, "The machine starts no process to read the file.");
  }
  if (child == 0) answer(work, out->get(), limits);
  return answer_from(child, out->get());
}

Result<NormalisedExam> normalise_in_child(const std::filesystem::path& program, ByteView file) {
  const auto in = memory_file();
  if (!in) return tl::unexpected(in.error());
  const auto out = memory_file();
  if (!out) return tl::unexpected(out.error());
  if (!write_all(in->get(), file)) {
    return fail(ErrorCode::unavailable, "The machine is short of memory: try again later.");
  }
  const auto child = start(program, in->get(), out->get());
  if (!child) return tl::unexpected(child.error());
  const auto packed = answer_from(*child, out->get());
  if (!packed) return tl::unexpected(packed.error());
  return unpack_normalised(*packed);
}

void answer_normalise() {
  const auto work = []() -> Result<Bytes> {
    const auto file = read_whole(STDIN_FILENO);
    if (!file) return fail(ErrorCode::internal, "The file to read is not on standard input.");
    const auto exam = normalise_exam(*file);
    if (!exam) return tl::unexpected(exam.error());
    return pack_normalised(*exam);
  };
  answer(work, STDOUT_FILENO, {});
}

}  // namespace telavis
