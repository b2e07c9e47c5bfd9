// SPDX-License-Identifier: Apache-2.0
// Sums that a sender declares of what it sends.
#pragma once

#include <string_view>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// A field value of Repr-Digest or Content-Digest (RFC 9530, 2 and 3), e.g. "sha-256=:<base64>:",
/// held against the bytes; SHA-256 counts, other algorithms are passed over. Errors:
/// malformed_request (not the bytes that were declared, or no digest that can be read).
Result<void> check_digest_field(std::string_view value, ByteView bytes);

enum class ChecksumOutcome { right, wrong, unknown_algorithm, unreadable };
/// tus 1.0, "Upload-Checksum": "sha1 <base64>" or "sha256 <base64>".
ChecksumOutcome check_upload_checksum(std::string_view value, ByteView bytes);

}  // namespace telavis
