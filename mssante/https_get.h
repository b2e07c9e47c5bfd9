// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

struct HttpsGet {
  std::string url;                // https only; redirections are not followed, no proxy is used
  std::filesystem::path ca_file;  // PEM: the only trust anchors
  std::size_t limit = 0;          // most bytes of an answer
  std::chrono::seconds timeout{60};
};

/// The body of a 200. TLS 1.2 at least, host name and dates of the certificate checked. Errors:
/// unavailable (no connection, no trust, time over, another status: the text says which),
/// limit_exceeded.
Result<Bytes> https_get(const HttpsGet& request);

}  // namespace telavis
