// SPDX-License-Identifier: Apache-2.0
// The functions of libc through which files change, defined once more: the ones of the executable
// come first for every library that it loads. Each calls the real one and notes what it did.
#undef _FORTIFY_SOURCE  // its inline forms of these functions would be in the way
#include "tests/power/recorded_disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <utility>

namespace telavis::test {
namespace {

namespace fs = std::filesystem;
using Kind = FileOperation::Kind;

constexpr std::size_t kSector = 512;  // the least that a disk writes whole

/// The recording; a plain global, since libc's callers know no objects of ours.
struct Recording {
  std::mutex mutex;
  fs::path root;  // empty: nobody records
  std::vector<FileOperation> operations;
  std::map<fs::path, int> names;    // of files, as the running process sees them
  std::map<int, int> open_files;    // descriptor -> file
  std::map<int, fs::path> folders;  // descriptor -> folder
  int files = 0;

  bool covers(const fs::path& path) const {
    if (root.empty() || path.native().ends_with("-shm")) return false;
    return path.native().starts_with(root.native() + "/") || path == root;
  }
  void note(FileOperation operation) { operations.push_back(std::move(operation)); }
};
Recording& recording() {
  static Recording instance;
  return instance;
}

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

void opened(int descriptor, const fs::path& path, int flags) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  if (descriptor < 0 || !r.covers(path)) return;
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return;
  if (S_ISDIR(status.st_mode)) {
    r.folders[descriptor] = path;
    return;
  }
  auto named = r.names.find(path);
  if (named == r.names.end()) {
    named = r.names.emplace(path, ++r.files).first;
    r.note({.kind = Kind::name, .path = path, .file = named->second});
  } else if ((flags & O_TRUNC) != 0) {
    r.note({.kind = Kind::truncate, .file = named->second});
  }
  r.open_files[descriptor] = named->second;
}

void written(int descriptor, const void* data, ssize_t count, off_t offset) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  const auto file = r.open_files.find(descriptor);
  if (count <= 0 || file == r.open_files.end()) return;
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  r.note({.kind = Kind::write,
          .file = file->second,
          .offset = static_cast<std::size_t>(offset),
          .bytes = Bytes(bytes, bytes + count)});
}

void truncated(int descriptor, off_t size) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  const auto file = r.open_files.find(descriptor);
  if (file == r.open_files.end()) return;
  r.note({.kind = Kind::truncate, .file = file->second, .offset = static_cast<std::size_t>(size)});
}

void synced(int descriptor) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  if (const auto file = r.open_files.find(descriptor); file != r.open_files.end())
    r.note({.kind = Kind::sync_file, .file = file->second});
  if (const auto folder = r.folders.find(descriptor); folder != r.folders.end())
    r.note({.kind = Kind::sync_folder, .path = folder->second});
}

void closed(int descriptor) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  r.open_files.erase(descriptor);
  r.folders.erase(descriptor);
}

void named_too(const fs::path& from, const fs::path& to) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  const auto file = r.names.find(from);
  if (file == r.names.end() || !r.covers(to)) return;
  r.names[to] = file->second;
  r.note({.kind = Kind::name, .path = to, .file = file->second});
}

void unnamed(const fs::path& path) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  if (r.names.erase(path) > 0) r.note({.kind = Kind::unname, .path = path});
}

void renamed(const fs::path& from, const fs::path& to) {
  if (from.parent_path() != to.parent_path()) {
    named_too(from, to);
    unnamed(from);
    return;
  }
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  const auto file = r.names.find(from);
  if (file == r.names.end()) return;
  const int number = file->second;
  r.names.erase(file);
  r.names[to] = number;
  r.note({.kind = Kind::rename, .path = to, .file = number, .from = from});
}

void folder_made(const fs::path& path) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  if (r.covers(path)) r.note({.kind = Kind::make_folder, .path = path});
}

/// What is on the disk: names and contents.
struct DiskState {
  std::set<fs::path> folders;
  std::map<fs::path, int> names;
  std::map<int, Bytes> contents;
};

void apply_name(DiskState& disk, const FileOperation& operation) {
  switch (operation.kind) {
    case Kind::make_folder:
      disk.folders.insert(operation.path);
      return;
    case Kind::rename:
      disk.names.erase(operation.from);
      disk.names[operation.path] = operation.file;
      return;
    case Kind::name:
      disk.names[operation.path] = operation.file;
      return;
    case Kind::unname:
      disk.names.erase(operation.path);
      return;
    case Kind::write:
    case Kind::truncate:
    case Kind::sync_file:
    case Kind::sync_folder:
      return;
  }
}

/// Sectors begin where the file's do.
template <typename Keep>
void apply_write(Bytes& content, const FileOperation& operation, Keep keep) {
  std::size_t done = 0;
  while (done < operation.bytes.size()) {
    const std::size_t at = operation.offset + done;
    const std::size_t count = std::min(kSector - at % kSector, operation.bytes.size() - done);
    if (keep()) {
      if (content.size() < at + count) content.resize(at + count);
      std::copy_n(operation.bytes.begin() + static_cast<std::ptrdiff_t>(done), count,
                  content.begin() + static_cast<std::ptrdiff_t>(at));
    }
    done += count;
  }
}

fs::path folder_changed_by(const FileOperation& operation) {
  return operation.path.parent_path();
}

/// For each operation whether it was synced before the cut.
std::vector<bool> durable_ones(const std::vector<FileOperation>& operations, std::size_t cut) {
  std::vector<bool> durable(cut, false);
  std::set<int> files;
  std::set<fs::path> folders;
  for (std::size_t i = cut; i-- > 0;) {
    const FileOperation& operation = operations[i];
    switch (operation.kind) {
      case Kind::sync_file:
        files.insert(operation.file);
        break;
      case Kind::sync_folder:
        folders.insert(operation.path);
        break;
      case Kind::write:
      case Kind::truncate:
        durable[i] = files.contains(operation.file);
        break;
      case Kind::make_folder:
      case Kind::name:
      case Kind::unname:
      case Kind::rename:
        durable[i] = folders.contains(folder_changed_by(operation));
        break;
    }
  }
  return durable;
}

void materialise(const DiskState& disk, const fs::path& root, const fs::path& into) {
  const auto reachable = [&](const fs::path& folder) {
    for (fs::path above = folder; above != root; above = above.parent_path()) {
      if (!disk.folders.contains(above)) return false;
    }
    return true;
  };
  for (const fs::path& folder : disk.folders) {  // sorted: those above come first
    if (reachable(folder)) fs::create_directory(into / folder.lexically_relative(root));
  }
  for (const auto& [path, file] : disk.names) {
    if (!reachable(path.parent_path())) continue;
    std::ofstream out(into / path.lexically_relative(root), std::ios::binary);
    const auto content = disk.contents.find(file);
    if (content == disk.contents.end()) continue;
    out.write(reinterpret_cast<const char*>(content->second.data()),
              static_cast<std::streamsize>(content->second.size()));
  }
}

}  // namespace

RecordedDisk::RecordedDisk(fs::path root) {
  Recording& r = recording();
  const std::lock_guard lock(r.mutex);
  r.operations.clear();
  r.names.clear();
  r.open_files.clear();
  r.folders.clear();
  r.root = std::move(root);
}

RecordedDisk::~RecordedDisk() {
  const std::lock_guard lock(recording().mutex);
  recording().root.clear();
}

std::size_t RecordedDisk::operations() const {
  const std::lock_guard lock(recording().mutex);
  return recording().operations.size();
}

std::string RecordedDisk::describe(std::size_t operation) const {
  constexpr const char* kNames[] = {"make_folder", "name",     "unname",    "rename",
                                    "write",       "truncate", "sync_file", "sync_folder"};
  const FileOperation& done = recording().operations.at(operation);
  return std::string(kNames[static_cast<int>(done.kind)]) + " " + done.path.native() + " file " +
         std::to_string(done.file) + " at " + std::to_string(done.offset) + " +" +
         std::to_string(done.bytes.size());
}

void RecordedDisk::rebuild(std::size_t cut, Unsynced unsynced, std::uint64_t seed,
                           const fs::path& into) const {
  const Recording& r = recording();
  const std::vector<bool> durable = durable_ones(r.operations, cut);
  std::mt19937_64 random(seed);
  const auto reaches = [&] {
    return unsynced == Unsynced::kept || (unsynced == Unsynced::torn && (random() & 1U) != 0);
  };
  DiskState disk;
  for (std::size_t i = 0; i < cut; ++i) {
    const FileOperation& operation = r.operations[i];
    if (operation.kind == Kind::write) {
      apply_write(disk.contents[operation.file], operation,
                  [&] { return durable[i] || reaches(); });
    } else if (operation.kind == Kind::truncate) {
      if (durable[i] || reaches()) disk.contents[operation.file].resize(operation.offset);
    } else if (durable[i] || reaches()) {
      apply_name(disk, operation);
    }
  }
  materialise(disk, r.root, into);
}

}  // namespace telavis::test

// ---- libc's own

using telavis::test::closed;
using telavis::test::folder_made;
using telavis::test::named_too;
using telavis::test::opened;
using telavis::test::real;
using telavis::test::renamed;
using telavis::test::synced;
using telavis::test::truncated;
using telavis::test::unnamed;
using telavis::test::written;

namespace {

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open_noted(const char* function, const char* path, int flags, mode_t mode) {
  const int descriptor = real<int (*)(const char*, int, ...)>(function)(path, flags, mode);
  const int error = errno;
  opened(descriptor, path, flags);
  errno = error;
  return descriptor;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_noted("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_noted("open64", path, flags, mode);
}
int mkostemp(char* name, int flags) {
  const int descriptor = real<int (*)(char*, int)>("mkostemp")(name, flags);
  opened(descriptor, name, flags | O_CREAT);
  return descriptor;
}
ssize_t write(int descriptor, const void* data, size_t size) {
  const ssize_t count =
      real<ssize_t (*)(int, const void*, size_t)>("write")(descriptor, data, size);
  if (count > 0) written(descriptor, data, count, ::lseek(descriptor, 0, SEEK_CUR) - count);
  return count;
}
ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  const ssize_t count =
      real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(descriptor, data, size, offset);
  written(descriptor, data, count, offset);
  return count;
}
ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
  const ssize_t count = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(
      descriptor, data, size, offset);
  written(descriptor, data, count, offset);
  return count;
}
int ftruncate(int descriptor, off_t size) noexcept {
  const int done = real<int (*)(int, off_t)>("ftruncate")(descriptor, size);
  if (done == 0) truncated(descriptor, size);
  return done;
}
int ftruncate64(int descriptor, off64_t size) noexcept {
  const int done = real<int (*)(int, off64_t)>("ftruncate64")(descriptor, size);
  if (done == 0) truncated(descriptor, size);
  return done;
}
int fsync(int descriptor) {
  const int done = real<int (*)(int)>("fsync")(descriptor);
  if (done == 0) synced(descriptor);
  return done;
}
int fdatasync(int descriptor) {
  const int done = real<int (*)(int)>("fdatasync")(descriptor);
  if (done == 0) synced(descriptor);
  return done;
}
int close(int descriptor) {
  closed(descriptor);
  return real<int (*)(int)>("close")(descriptor);
}
int rename(const char* from, const char* to) noexcept {
  const int done = real<int (*)(const char*, const char*)>("rename")(from, to);
  if (done == 0) renamed(from, to);
  return done;
}
int link(const char* from, const char* to) noexcept {
  const int done = real<int (*)(const char*, const char*)>("link")(from, to);
  const int error = errno;
  if (done == 0) named_too(from, to);
  errno = error;
  return done;
}
int unlink(const char* path) noexcept {
  const int done = real<int (*)(const char*)>("unlink")(path);
  const int error = errno;
  if (done == 0) unnamed(path);
  errno = error;
  return done;
}
int remove(const char* path) noexcept {
  const int done = real<int (*)(const char*)>("remove")(path);
  if (done == 0) unnamed(path);
  return done;
}
int mkdir(const char* path, mode_t mode) noexcept {
  const int done = real<int (*)(const char*, mode_t)>("mkdir")(path, mode);
  const int error = errno;
  if (done == 0) folder_made(path);
  errno = error;
  return done;
}

}  // extern "C"
