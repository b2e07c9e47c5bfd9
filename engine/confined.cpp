// SPDX-License-Identifier: Apache-2.0
#include "engine/confined.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
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

/// The wait status of the child, when it has ended.
std::optional<int> ended(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  return status;
}

/// What the child answered that ended with `status`.
Result<Bytes> answer_from(int status, int out) {
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

/// Starts `program serve-decoding` with `socket` as its standard input, and no other descriptor,
/// environment or blocked signal, and outputs that nobody reads.
Result<pid_t> start(const std::filesystem::path& program, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  // Some decoders print what they think of a damaged file; it belongs in no log.
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string name = "telavis";
  std::string subcommand = kServeDecoding;
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

// What goes to a helper: one byte, with the file to read and the file to answer into.
constexpr std::size_t kPassed = 2;

struct PassedFiles {
  explicit PassedFiles(std::array<int, kPassed> files = {}) {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof files);
    std::memcpy(CMSG_DATA(head), files.data(), sizeof files);
  }
  PassedFiles(const PassedFiles&) = delete;
  PassedFiles& operator=(const PassedFiles&) = delete;

  std::uint8_t byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kPassed * sizeof(int))> room{};
  msghdr message{};
};

bool pass(int socket, std::array<int, kPassed> files) {
  PassedFiles passed(files);
  ssize_t sent = 0;
  do {
    sent = sendmsg(socket, &passed.message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == 1;
}

/// nullopt: the other side is gone, or sent something else.
std::optional<std::array<int, kPassed>> passed_files(int socket) {
  PassedFiles passed;
  ssize_t got = 0;
  do {
    got = recvmsg(socket, &passed.message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  const cmsghdr* const head = got == 1 ? CMSG_FIRSTHDR(&passed.message) : nullptr;
  std::array<int, kPassed> files{};
  if (head == nullptr || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof files))
    return std::nullopt;
  std::memcpy(files.data(), CMSG_DATA(head), sizeof files);
  return files;
}

constexpr int kNoProcess = -1;  // instead of a wait status

/// Decodes one file in a child of its own; its wait status.
int decode_in_child(int in, int out) {
  const pid_t child = fork();
  if (child < 0) return kNoProcess;
  if (child > 0) return ended(child).value_or(kNoProcess);
  close(STDIN_FILENO);  // what a file makes of a decoder must not speak for the helper
  const auto work = [in]() -> Result<Bytes> {
    const auto file = read_whole(in);
    if (!file) return fail(ErrorCode::internal, "The file to read was not passed on.");
    const auto exam = normalise_exam(*file);
    if (!exam) return tl::unexpected(exam.error());
    return pack_normalised(*exam);
  };
  answer(work, out, {});
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
  const auto status = ended(child);
  if (!status) return fail(ErrorCode::unavailable, "The decoding process was lost.");
  return answer_from(*status, out->get());
}

class Decoders::Helper {
 public:
  static Result<Helper> start_of(const std::filesystem::path& program) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      return fail(ErrorCode::unavailable, "The machine gives no socket: try again later.");
    }
    Descriptor ours(ends[0]);
    const Descriptor theirs(ends[1]);
    const auto child = start(program, theirs.get());
    if (!child) return tl::unexpected(child.error());
    return Helper(std::move(ours), *child);
  }
  ~Helper() {
    if (!socket_.is_open()) return;
    ::shutdown(socket_.get(), SHUT_RDWR);
    static_cast<void>(ended(child_));
  }
  Helper(Helper&&) noexcept = default;
  Helper& operator=(Helper&&) = delete;

  /// The wait status of the process that decoded; nullopt: the helper is gone.
  std::optional<int> decode(int in, int out) {
    if (!pass(socket_.get(), {in, out})) return std::nullopt;
    int status = 0;
    ssize_t got = 0;
    do {
      got = recv(socket_.get(), &status, sizeof status, 0);
    } while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(sizeof status)) return std::nullopt;
    return status;
  }

 private:
  Helper(Descriptor socket, pid_t child) : socket_(std::move(socket)), child_(child) {}
  Descriptor socket_;
  pid_t child_;
};

Decoders::Decoders(std::filesystem::path program) : program_(std::move(program)) {}
Decoders::~Decoders() = default;

std::optional<Decoders::Helper> Decoders::take_idle() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::nullopt;
  std::optional<Helper> helper(std::move(idle_.back()));
  idle_.pop_back();
  return helper;
}

void Decoders::give_back(Helper helper) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(helper));
}

Result<NormalisedExam> Decoders::normalise(ByteView file) {
  const auto in = memory_file();
  if (!in) return tl::unexpected(in.error());
  if (!write_all(in->get(), file)) {
    return fail(ErrorCode::unavailable, "The machine is short of memory: try again later.");
  }
  for (bool kept = true; kept;) {
    const auto out = memory_file();
    if (!out) return tl::unexpected(out.error());
    auto helper = take_idle();
    kept = helper.has_value();
    if (!kept) {
      auto started = Helper::start_of(program_);
      if (!started) return tl::unexpected(started.error());
      helper.emplace(std::move(*started));
    }
    const auto status = helper->decode(in->get(), out->get());
    if (!status) continue;  // the machine has ended one that was kept: a new one then does it
    give_back(std::move(*helper));
    if (*status == kNoProcess) break;
    const auto packed = answer_from(*status, out->get());
    if (!packed) return tl::unexpected(packed.error());
    return unpack_normalised(*packed);
  }
  return fail(ErrorCode::unavailable,
              "The machine starts no process to read the file: try again later.");
}

void serve_decoding() {
  // Signals to the server's group are the server's: it ends its helpers by closing the socket.
  static_cast<void>(std::signal(SIGINT, SIG_IGN));
  static_cast<void>(std::signal(SIGTERM, SIG_IGN));
  while (const auto files = passed_files(STDIN_FILENO)) {
    const Descriptor in((*files)[0]);
    const Descriptor out((*files)[1]);
    const int status = decode_in_child(in.get(), out.get());
    if (send(STDIN_FILENO, &status, sizeof status, MSG_NOSIGNAL) < 0) break;
  }
  _exit(EXIT_SUCCESS);
}

}  // namespace telavis
