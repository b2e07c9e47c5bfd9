// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/incoming_mail.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// Of one archive in a mail: a case takes 20 files, and an XDM zip has some ten entries.
inline constexpr std::size_t kMaxArchiveFiles = 200;
/// Unpacked, all together: more than two mails of the largest kind hold.
inline constexpr std::size_t kMaxArchiveBytes = std::size_t{64} << 20;

/// The files of a ZIP archive that came with a mail, under their bare names (one that is there
/// twice gets a number). Archives inside are files like others. Folders are left out. Errors:
/// malformed_file (damaged, or with links or devices), unsupported_encoding (encrypted),
/// limit_exceeded: one of them refuses the whole archive.
Result<std::vector<MailAttachment>> unpack_mail_archive(ByteView archive);

}  // namespace telavis
