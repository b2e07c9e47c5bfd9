// SPDX-License-Identifier: Apache-2.0
// Writes a ZIP archive (PKWARE APPNOTE 6.3), by libzip.
#pragma once

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

}  // namespace telavis
