// SPDX-License-Identifier: Apache-2.0
#include "engine/core/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/core/descriptor.h"

namespace telavis {
namespace {

// A leading dot keeps the file out of every listing that matters: blob names have no dot, and mail
// programs pass over such names in a Maildir.
constexpr std::string_view kScratchPrefix = ".scratch-";
constexpr mode_t kFolderMode = 0700;

std::string_view advice(int error) {
  switch (error) {
    case ENOSPC:
      return "free space on this disk";
    case EDQUOT:
      return "free space on this disk, or raise the quota of this user";
    case EFBIG:
      return "free space on this disk, or raise the limit of a file's size";
    case EROFS:
      return "the disk is read-only, as the system makes it after an error: read its log (dmesg), "
             "then mount it for writing again";
    case EIO:
      return "the disk fails: read the system's log (dmesg); if it goes on, replace the disk and "
             "restore the last backup";
    case EMFILE:
    case ENFILE:
      return "too many files are open: raise the limit (ulimit -n)";
    default:
      return "check this disk and its rights";
  }
}

tl::unexpected<Error> from_errno(std::string_view doing, int error) {
  return tl::unexpected(disk_error(doing, error));
}

Result<void> write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return from_errno("writing a file", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return from_errno("opening a folder", errno);
  if (::fsync(opened.get()) != 0) return from_errno("syncing a folder", errno);
  return {};
}

Result<WriteOutcome> give_name(const std::string& scratch_file, const std::filesystem::path& target,
                               IfPresent if_present) {
  if (if_present == IfPresent::replace) {
    if (::rename(scratch_file.c_str(), target.c_str()) != 0)
      return from_errno("naming a file", errno);
    return WriteOutcome::written;
  }
  const int linked = ::link(scratch_file.c_str(), target.c_str());
  const int error = errno;
  ::unlink(scratch_file.c_str());
  if (linked == 0) return WriteOutcome::written;
  if (error == EEXIST) return WriteOutcome::kept;
  return from_errno("naming a file", error);
}

}  // namespace

Error disk_error(std::string_view doing, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
  return {full ? ErrorCode::storage_full : ErrorCode::storage_failed,
          std::string(doing) + " failed: " + std::system_category().message(error_number) + "; " +
              std::string(advice(error_number))};
}

Result<WriteOutcome> write_durably(const std::filesystem::path& scratch,
                                   const std::filesystem::path& target, ByteView bytes,
                                   IfPresent if_present) {
  std::string name = scratch / (std::string(kScratchPrefix) + "XXXXXX");
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));  // O_EXCL, mode 0600
  if (!file.is_open()) return from_errno("creating a file", errno);
  if (auto written = write_all(file.get(), bytes); !written) {
    ::unlink(name.c_str());
    return tl::unexpected(written.error());
  }
  if (::fsync(file.get()) != 0) {
    const int error = errno;
    ::unlink(name.c_str());
    return from_errno("syncing a file", error);
  }
  auto named = give_name(name, target, if_present);
  if (!named) {
    ::unlink(name.c_str());
    return named;
  }
  // Also when the name was there: whoever gave it may have died before this line.
  if (auto synced = sync_folder(target.parent_path()); !synced)
    return tl::unexpected(synced.error());
  return named;
}

Result<void> write_unsynced(const std::filesystem::path& target, ByteView bytes) {
  const Descriptor file(
      ::open(target.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) return from_errno("creating a file", errno);
  return write_all(file.get(), bytes);
}

Result<void> append_unsynced(const std::filesystem::path& target, ByteView bytes) {
  const Descriptor file(::open(target.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!file.is_open()) return from_errno("opening a file", errno);
  return write_all(file.get(), bytes);
}

Result<void> append_line_durably(const std::filesystem::path& file, std::string_view line) {
  const Descriptor opened(
      ::open(file.c_str(), O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!opened.is_open()) return from_errno("opening a file", errno);
  const off_t size = ::lseek(opened.get(), 0, SEEK_END);
  off_t end = size;
  for (char last = 0; end > 0; --end) {
    if (::pread(opened.get(), &last, 1, end - 1) != 1) return from_errno("reading a file", errno);
    if (last == '\n') break;
  }
  if (size < 0 || (end < size && ::ftruncate(opened.get(), end) != 0) ||
      ::lseek(opened.get(), end, SEEK_SET) < 0)
    return from_errno("writing a file", errno);
  if (auto written = write_all(opened.get(), as_bytes(line)); !written) return written;
  if (::fsync(opened.get()) != 0) return from_errno("syncing a file", errno);
  return sync_folder(file.parent_path());
}

Result<void> sync_file_system(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return from_errno("opening a folder", errno);
  if (::syncfs(opened.get()) != 0) return from_errno("syncing a disk", errno);
  return {};
}

Result<Bytes> read_whole(const std::filesystem::path& file, std::size_t limit) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!opened.is_open()) {
    if (errno == ENOENT) return fail(ErrorCode::not_found, "there is no file of that name");
    return from_errno("opening a file", errno);
  }
  struct stat status {};
  if (::fstat(opened.get(), &status) != 0) return from_errno("reading a file", errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::storage_failed, "this is not a plain file");
  if (static_cast<std::uint64_t>(status.st_size) > limit)
    return fail(ErrorCode::storage_failed, "the file is larger than any that is written here");
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::read(opened.get(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0) {
      if (errno == EINTR) continue;
      return from_errno("reading a file", errno);
    }
    if (count == 0) return fail(ErrorCode::storage_failed, "the file became shorter while read");
    filled += static_cast<std::size_t>(count);
  }
  return bytes;
}

Result<void> remove_durably(const std::filesystem::path& file) {
  if (::unlink(file.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return from_errno("removing a file", errno);
  }
  return sync_folder(file.parent_path());
}

Result<void> make_folder_durably(const std::filesystem::path& folder) {
  const auto parent = folder.parent_path();
  if (folder.empty() || folder == parent) return {};
  if (!folder.has_filename()) return make_folder_durably(parent);  // "a/b/" is "a/b"
  if (::mkdir(folder.c_str(), kFolderMode) == 0) return sync_folder(parent);
  if (errno == ENOENT) {
    if (auto made = make_folder_durably(parent); !made) return made;
    if (::mkdir(folder.c_str(), kFolderMode) == 0) return sync_folder(parent);
  }
  if (errno != EEXIST) return from_errno("making a folder", errno);
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error))
    return fail(ErrorCode::storage_failed, "a file stands where a folder is needed; move it away");
  return sync_folder(parent);
}

bool is_scratch_name(const std::filesystem::path& file) {
  return file.filename().native().starts_with(kScratchPrefix);
}

}  // namespace telavis
