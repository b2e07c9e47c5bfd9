// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace telavis {
namespace {

tl::unexpected<Error> failed() {
  if (errno == ENOSPC || errno == EDQUOT) {
    return fail(ErrorCode::storage_full, "The disk is full: free space, then send it again.");
  }
  return fail(ErrorCode::storage_failed, "What arrives cannot be written: look at the disk.");
}

}  // namespace

DicomSpool::~DicomSpool() {
  if (file_ >= 0) ::close(file_);
}

Result<void> DicomSpool::begin(const std::filesystem::path& folder) {
  if (file_ < 0) {
    std::string name = folder / "dicom-XXXXXX";
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0 || ::unlink(name.c_str()) != 0) return failed();
  } else if (size_ > 0 && (::ftruncate(file_, 0) != 0 || ::lseek(file_, 0, SEEK_SET) != 0)) {
    return failed();
  }
  size_ = 0;
  return {};
}

Result<void> DicomSpool::append(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_ += static_cast<std::size_t>(written);
  }
  return {};
}

Result<Bytes> DicomSpool::load() const {
  Bytes bytes(size_);
  std::size_t done = 0;
  while (done < size_) {
    const ssize_t count =
        ::pread(file_, bytes.data() + done, size_ - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed();
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace telavis
