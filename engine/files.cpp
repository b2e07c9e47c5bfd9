// SPDX-License-Identifier: Apache-2.0
#include "engine/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/core/descriptor.h"
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

Result<void> write_new_file(const std::filesystem::path& path, ByteView bytes) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const auto written = write_durably(folder, path, bytes, IfPresent::keep);
  if (!written) {
    return fail(written.error().code,
                "Cannot write " + path.string() + ": " + written.error().text);
  }
  if (*written == WriteOutcome::written) return {};
  return fail(ErrorCode::state_conflict,
              "There is a file of that name already, and it is not replaced: name another.");
}

namespace {

constexpr const char* kLockName = "lock";

/// One byte where no file has any and SQLite locks none: its own locks begin at 1 GiB.
struct flock lock_byte() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = off_t{1} << 62U;
  lock.l_len = 1;
  return lock;
}

/// A lock of the descriptor, not of the process: SQLite closes other descriptors of the file, which
/// would take away the latter. Gives the descriptor.
Result<int> take_lock(const std::filesystem::path& file, const std::filesystem::path& folder) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_failure("Cannot open", file);
  struct flock lock = lock_byte();
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return descriptor;
  const bool held = errno == EAGAIN || errno == EACCES;
  auto failure = system_failure("Cannot lock", file);
  ::close(descriptor);
  if (!held) return failure;
  return fail(ErrorCode::configuration_invalid,
              "Another Telavis runs on " + folder.string() +
                  " or on its database by another path: stop it first, or give this one another "
                  "data_dir.");
}

Result<bool> is_locked(const std::filesystem::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() < 0) {
    if (errno == ENOENT) return false;
    return system_failure("Cannot open", file);
  }
  struct flock lock = lock_byte();
  if (::fcntl(opened.get(), F_OFD_GETLK, &lock) != 0) return system_failure("Cannot examine", file);
  return lock.l_type != F_UNLCK;
}

}  // namespace

Result<void> print(std::FILE* stream, const std::string& text) {
  if (std::fputs(text.c_str(), stream) >= 0 && std::fflush(stream) == 0) return {};
  return fail(ErrorCode::storage_failed, "The output took only a part of the answer.");
}

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder,
                                    const std::filesystem::path& database) {
  const auto of_folder = take_lock(folder / kLockName, folder);
  if (!of_folder) return tl::unexpected(of_folder.error());
  const auto of_database = take_lock(database, folder);
  if (!of_database) {
    ::close(*of_folder);
    return tl::unexpected(of_database.error());
  }
  return FolderLock(*of_folder, *of_database);
}

Result<FolderLock> FolderLock::take_file(const std::filesystem::path& file) {
  const auto taken = take_lock(file, file.parent_path());
  if (!taken) return tl::unexpected(taken.error());
  return FolderLock(*taken, -1);
}

Result<void> FolderLock::check_beside(const std::filesystem::path& folder,
                                      const std::filesystem::path& database) {
  const auto served = is_locked(database);
  if (!served) return tl::unexpected(served.error());
  const auto by_this_path = is_locked(folder / kLockName);
  if (!by_this_path) return tl::unexpected(by_this_path.error());
  if (!*served || *by_this_path) return {};
  return fail(ErrorCode::configuration_invalid,
              "A Telavis server holds the database of " + folder.string() +
                  " by another path: name the folder that the server was started with.");
}

FolderLock::~FolderLock() {
  if (database_ >= 0) ::close(database_);
  if (folder_ >= 0) ::close(folder_);
}
FolderLock::FolderLock(FolderLock&& other) noexcept
    : folder_(std::exchange(other.folder_, -1)), database_(std::exchange(other.database_, -1)) {}

}  // namespace telavis
