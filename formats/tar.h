// SPDX-License-Identifier: Apache-2.0
// The archive that carries a recording of several files as one: POSIX ustar (IEEE 1003.1, pax).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

struct NamedFile {
  std::string name;
  ByteView bytes;
};

/// A recording has a header and a few signal files; an archive with more is refused.
inline constexpr std::size_t kMaxArchivedFiles = 1024;

bool looks_like_tar(ByteView file);

/// The regular files of an archive, as views into it, named without their folders. Errors:
/// malformed_file, truncated_file, limit_exceeded.
Result<std::vector<NamedFile>> read_tar(ByteView archive);

/// The same files give the same bytes: no owner, no date. Names of up to 100 bytes; a longer one is
/// cut.
Bytes write_tar(std::span<const NamedFile> files);

}  // namespace telavis
