// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server, makes its machine fail when a test says so. The file named by
// TELAVIS_FAILING_MACHINE holds one line: "fsync <errno>", "write <errno>" (also opening for
// writing), or "clock <seconds>" (the wall clock is off by so much). Empty: all is well.
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int real_open(const char* path, int flags, mode_t mode) {
  return real<int (*)(const char*, int, ...)>("open")(path, flags, mode);
}

/// What the test wants of this kind of operation; 0: nothing.
long wanted(std::string_view kind) {
  const char* plan = std::getenv("TELAVIS_FAILING_MACHINE");  // NOLINT(concurrency-mt-unsafe)
  if (plan == nullptr) return 0;
  const int saved = errno;
  const int file = real_open(plan, O_RDONLY | O_CLOEXEC, 0);
  char line[64];
  const ssize_t size = file < 0 ? 0 : ::read(file, line, sizeof line);
  if (file >= 0) ::close(file);
  errno = saved;
  const std::string_view text(line, size < 0 ? 0 : static_cast<std::size_t>(size));
  if (!text.starts_with(kind) || text.size() <= kind.size() + 1) return 0;
  long value = 0;
  std::from_chars(text.data() + kind.size() + 1, text.data() + text.size(), value);
  return value;
}

/// Regular files alone: sockets, pipes and logs go on.
bool is_file(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && descriptor > STDERR_FILENO;
}

bool fails(std::string_view kind) {
  const long error = wanted(kind);
  if (error == 0) return false;
  errno = static_cast<int>(error);
  return true;
}

int open_or_fail(const char* name, const char* path, int flags, mode_t mode) {
  const bool to_write = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
  if (to_write && fails("write")) return -1;
  return real<int (*)(const char*, int, ...)>(name)(path, flags, mode);
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_or_fail("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_or_fail("open64", path, flags, mode);
}
int mkostemp(char* name, int flags) {
  if (fails("write")) return -1;
  return real<int (*)(char*, int)>("mkostemp")(name, flags);
}
ssize_t write(int descriptor, const void* data, size_t size) {
  if (is_file(descriptor) && fails("write")) return -1;
  return real<ssize_t (*)(int, const void*, size_t)>("write")(descriptor, data, size);
}
ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (is_file(descriptor) && fails("write")) return -1;
  return real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(descriptor, data, size,
                                                                      offset);
}
ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
  if (is_file(descriptor) && fails("write")) return -1;
  return real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(descriptor, data, size,
                                                                          offset);
}
int fsync(int descriptor) {
  if (fails("fsync")) return -1;
  return real<int (*)(int)>("fsync")(descriptor);
}
int fdatasync(int descriptor) {
  if (fails("fsync")) return -1;
  return real<int (*)(int)>("fdatasync")(descriptor);
}
int unlink(const char* path) noexcept {
  if (wanted("write") == EROFS) {
    errno = EROFS;
    return -1;
  }
  return real<int (*)(const char*)>("unlink")(path);
}
int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const int done = real<int (*)(clockid_t, timespec*)>("clock_gettime")(clock, now);
  if (done == 0 && clock == CLOCK_REALTIME) now->tv_sec += wanted("clock");
  return done;
}
int gettimeofday(timeval* now, void* zone) noexcept {
  const int done = real<int (*)(timeval*, void*)>("gettimeofday")(now, zone);
  if (done == 0) now->tv_sec += wanted("clock");
  return done;
}

}  // extern "C"
