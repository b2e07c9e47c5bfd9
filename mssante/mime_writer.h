// SPDX-License-Identifier: Apache-2.0
// The form of every mail that leaves (RFC 5322, 2045, 2047, 2231), whatever its rules: headers,
// parts, words. For mime.cpp, mss_message.cpp and mdn.cpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/time.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

enum class PartEncoding {
  quoted_printable,
  base64,
  as_it_is,  // ASCII in lines of at most 998 bytes; of what may not be encoded (RFC 2046, 5.2.1)
};

struct MimePart {
  std::string media_type;  // text/plain without a file name is UTF-8
  ByteView bytes;          // must outlive the part; of text: LF
  PartEncoding encoding = PartEncoding::base64;
  std::string file_name = {};  // empty: no attachment
};

struct MimeMail {
  std::string message_id;  // without brackets
  Instant date;
  /// In this order, before Date and Message-ID. Values are ASCII as they are written, encoded where
  /// they must be; a fold is "\n ".
  std::vector<std::pair<std::string, std::string>> headers;
  std::string report_type = {};  // of multipart/report (RFC 6522); empty: multipart/mixed
  std::vector<MimePart> parts;   // one without report_type is the body itself
};

/// The refusal of a `member` of what is to be written.
tl::unexpected<Error> invalid_mail(std::string_view member, std::string_view what);

/// CRLF line ends, at most 998 bytes a line, ASCII only. The same mail gives the same bytes.
/// Thread-safe. Errors: invalid_field (names the member), mail_failed (what came out would not be
/// valid: a header or a part written as it is was not).
Result<Bytes> write_mime(const MimeMail& mail);

/// A line break in a header would let its author write headers of his own. Errors: invalid_field.
Result<void> check_header_text(std::string_view member, std::string_view text,
                               std::size_t max_bytes);
/// Errors: invalid_field (no UTF-8, a NUL, over 1 MiB).
Result<void> check_body_text(std::string_view text);
/// ASCII without NUL, CRLF line ends, at most 998 bytes a line: what every server takes and no
/// reader misreads.
bool fits_the_wire(ByteView mime);
/// dot-atom "@" dot-atom, at most 250 bytes.
bool is_message_id(std::string_view id);
/// The boundary of a mail's parts: "=_" can stand neither in base64 nor in quoted-printable.
std::string mime_boundary(std::string_view message_id);
/// Line ends as a text part wants them: LF, one at the end.
std::string canonical_text(std::string_view text);
/// The value of a Subject header.
std::string subject_words(std::string_view subject);
/// The value of a From header: label, if there is one, and address.
std::string mailbox_words(std::string_view label, const std::string& address);

/// Without accents, ligatures spelled out ("œ": "oe"); "?" for what has no such form. `text` is
/// UTF-8.
std::string plain_ascii(std::string_view text);

}  // namespace telavis
