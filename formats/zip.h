// SPDX-License-Identifier: Apache-2.0
// Writes and reads ZIP archives (PKWARE APPNOTE 6.3), by libzip.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

struct ZipEntry {
  std::string name;  // relative, '/' between folders, UTF-8
  Bytes bytes;
};

/// The same entries in the same order give the same bytes: every file is dated 1980-01-01, the
/// first day that the format knows. Errors: malformed_request (no entry, an empty, repeated or
/// absolute name, one with a backslash or that leaves the archive), render_failed (libzip).
Result<Bytes> write_zip(const std::vector<ZipEntry>& entries);

/// True when these bytes start as an archive with a file in it does, or as an empty one.
bool looks_like_zip(ByteView file);

/// What an archive says about one of its entries.
struct ZipMember {
  std::string name;        // UTF-8, else as it was written
  std::uint64_t size = 0;  // unpacked
  bool folder = false;
  bool encrypted = false;
  bool special = false;  // a symbolic link, a device: nothing that holds bytes
};

/// An archive opened for reading. Nothing is unpacked before it is asked for, so whoever reads has
/// seen all names and sizes before; what to refuse is his rule.
class ZipReader {
 public:
  /// `archive` must outlive the reader. Entries whose local header contradicts the directory are
  /// refused, as two programs would read two archives. Errors: malformed_file, limit_exceeded (more
  /// than `max_members` entries).
  static Result<ZipReader> open(ByteView archive, std::size_t max_members);
  ZipReader(ZipReader&&) noexcept;
  ZipReader& operator=(ZipReader&&) noexcept;
  ~ZipReader();

  const std::vector<ZipMember>& members() const { return members_; }
  /// The bytes of members()[index], which takes as much memory as it says it has. Errors:
  /// malformed_file (damaged, or longer or shorter than it says), unsupported_encoding (encrypted,
  /// or packed otherwise than by deflate).
  Result<Bytes> read(std::size_t index) const;

 private:
  struct Archive;
  explicit ZipReader(std::unique_ptr<Archive> archive);

  std::unique_ptr<Archive> archive_;
  std::vector<ZipMember> members_;
};

}  // namespace telavis
