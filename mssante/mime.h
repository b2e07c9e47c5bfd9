// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/core/service_ports.h"
#include "formats/bytes.h"
#include "formats/result.h"
#include "mssante/mss_profile.h"

namespace telavis {

/// A programme's mail ready for the wire (RFC 5322, 2045, 2047, 2231): CRLF line ends, at most 998
/// bytes a line, ASCII only. One text part; multipart/mixed with base64 parts when there are
/// attachments. A program wrote it (Auto-Submitted, RFC 3834): no absence answers it. The same
/// draft gives the same bytes. Thread-safe. Errors: invalid_field (a member that cannot stand in a
/// mail: names it), mail_failed.
Result<Bytes> compose_mime(const MailDraft& draft);

/// The same under a profile: its headers, and its size limit. Errors also: limit_exceeded (too
/// large without what is dispensable).
Result<Bytes> compose_mime_as(const MssProfile& profile, const MailDraft& draft);

}  // namespace telavis
