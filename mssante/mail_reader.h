// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/core/incoming_mail.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// The largest mail that is read: operators take 10 to 25 MB (ECO rules; 64 MiB leaves room).
inline constexpr std::size_t kMaxMailBytes = std::size_t{64} << 20;
/// Of text, as it is read: a long letter is 8,000 bytes, a thread of quotations 100,000.
inline constexpr std::size_t kMaxMailTextBytes = std::size_t{512} << 10;
inline constexpr std::size_t kMaxMailParts = 500;
inline constexpr std::size_t kMaxMailAttachments = 200;
inline constexpr int kMaxMailDepth = 20;  // a mail forwarded five times nests some fifteen parts

/// A mail from the wire (RFC 5322, 2045 to 2049, 2231, 3676), with everything that mail programs
/// get wrong about it: 8-bit headers, wrong or missing charsets, line ends, boundaries and
/// encodings. What cannot be read is noted in `doubts`; nothing is executed, fetched or written.
/// Thread-safe. Errors: empty_file, limit_exceeded (over kMaxMailBytes, thousands of parts),
/// malformed_file (no header field).
Result<IncomingMail> read_mail(ByteView bytes);

}  // namespace telavis
