// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/core/service_ports.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// A mail ready for the wire (RFC 5322, 2045, 2047, 2231): CRLF line ends, at most 998 bytes a
/// line, ASCII only. One text part; multipart/mixed with base64 parts when there are attachments.
/// The same draft gives the same bytes. Thread-safe. Errors: invalid_field (a member that cannot
/// stand in a mail: names it), mail_failed.
Result<Bytes> compose_mime(const MailDraft& draft);

}  // namespace telavis
