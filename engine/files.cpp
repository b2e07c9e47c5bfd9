// SPDX-License-Identifier: Apache-2.0
#include "engine/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/core/durable_file.h"

namespace telavis {
namespace {

tl::unexpected<Error> system_failure(const std::string& what, const std::filesystem::path& path) {
  const int number = errno;
  const std::string reason = std::generic_category().message(number);
  const ErrorCode code = number == ENOENT   ? ErrorCode::not_found
                         : number == ENOSPC ? ErrorCode::storage_full
                                            : ErrorCode::storage_failed;
  return fail(code, what + " " + path.string() + ": " + reason + ".");
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

Result<Bytes> read_open(int descriptor, const std::filesystem::path& path, std::size_t max_bytes) {
  Bytes bytes;
  constexpr std::size_t kStep = 64 * 1024;
  struct stat status {};
  // Growing step by step would need three times the memory of a large file.
  if (::fstat(descriptor, &status) == 0 && status.st_size > 0) {
    bytes.reserve(std::min(static_cast<std::size_t>(status.st_size), max_bytes) + kStep);
  }
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kStep);
    const ssize_t count = ::read(descriptor, bytes.data() + before, kStep);
    if (count < 0 && errno != EINTR) return system_failure("Cannot read", path);
    bytes.resize(before + static_cast<std::size_t>(count < 0 ? 0 : count));
    if (bytes.size() > max_bytes) {
      return fail(ErrorCode::limit_exceeded,
                  path.string() + " is larger than " + std::to_string(max_bytes) + " bytes.");
    }
    if (count == 0) return bytes;
  }
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_failure("Cannot open", path);
  return read_open(file.get(), path, max_bytes);
}

Result<Bytes> read_secret_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_failure("Cannot open", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_failure("Cannot examine", path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::configuration_invalid, "Others may read or write " + path.string() +
                                                      ": run chmod 600 on it, and consider "
                                                      "that its content may be known.");
  }
  return read_open(file.get(), path, max_bytes);
}

Result<void> write_file(const std::filesystem::path& path, ByteView bytes, FileMode mode) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const auto written = write_durably(folder, path, bytes, IfPresent::replace);
  if (!written) {
    return fail(written.error().code,
                "Cannot write " + path.string() + ": " + written.error().text);
  }
  if (mode == FileMode::plain && ::chmod(path.c_str(), 0644) != 0) {
    return system_failure("Cannot open to readers", path);
  }
  return {};
}

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_failure("Cannot open", path);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const bool held = errno == EWOULDBLOCK;
    auto failure = system_failure("Cannot lock", path);
    ::close(descriptor);
    if (!held) return failure;
    return fail(ErrorCode::configuration_invalid,
                "Another Telavis runs on " + folder.string() +
                    ": stop it first, or give this one another data_dir.");
  }
  return FolderLock(descriptor);
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace telavis
