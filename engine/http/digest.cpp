// SPDX-License-Identifier: Apache-2.0
#include "engine/http/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>

#include "formats/base64.h"

namespace telavis {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Empty when OpenSSL cannot do it here: no declared sum equals that.
Bytes digest(const EVP_MD* algorithm, ByteView bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr) != 1) return {};
  return {out.begin(), out.begin() + size};
}

}  // namespace

Result<void> check_digest_field(std::string_view value, ByteView bytes) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    const auto member = trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    const auto equals = member.find('=');
    if (equals == std::string_view::npos || member.substr(0, equals) != "sha-256") continue;
    const auto item = member.substr(equals + 1);
    const bool is_bytes = item.size() >= 2 && item.front() == ':' && item.back() == ':';
    const auto declared =
        is_bytes ? base64_decoded(item.substr(1, item.size() - 2)) : std::optional<Bytes>();
    if (declared && *declared == digest(EVP_sha256(), bytes)) return {};
    return fail(ErrorCode::malformed_request,
                "What arrived is not what its SHA-256 says: send it again.");
  }
  return {};
}

ChecksumOutcome check_upload_checksum(std::string_view value, ByteView bytes) {
  const auto space = std::min(value.find(' '), value.size());
  const auto name = value.substr(0, space);
  const EVP_MD* const algorithm = name == "sha1"     ? EVP_sha1()
                                  : name == "sha256" ? EVP_sha256()
                                                     : nullptr;
  if (algorithm == nullptr) return ChecksumOutcome::unknown_algorithm;
  const auto declared = base64_decoded(trimmed(value.substr(space)));
  if (!declared) return ChecksumOutcome::unreadable;
  return !declared->empty() && *declared == digest(algorithm, bytes) ? ChecksumOutcome::right
                                                                     : ChecksumOutcome::wrong;
}

}  // namespace telavis
