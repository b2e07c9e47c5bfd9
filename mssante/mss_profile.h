// SPDX-License-Identifier: Apache-2.0
// How this node presents itself in MSSanté: what holds for every mail that leaves, whatever it is.
// Rules are named as in the "Référentiel socle MSSanté #2" 1.0.1 (January 2024; read in a
// transcription, not in the original).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/service_ports.h"
#include "formats/result.h"
#include "mssante/mime_writer.h"

namespace telavis {

enum class MailboxType {
  personal,      // PER
  organisation,  // ORG
  application,   // APP
  practice,      // CAB
};

/// "mss_profile" of telavis.conf.json; the reasons stand there.
struct MssProfile {
  std::string nil;  // X-MSS-NIL; empty: none (there is no operator)
  MailboxType mailbox_type = MailboxType::organisation;
  std::string reply_to;                       // empty: an application mailbox answers for itself
  std::size_t size_limit_bytes = 10'000'000;  // of a whole mail; 0: none
  std::string citizen_domain = "patient.mssante.fr";
  std::size_t citizen_size_limit_bytes = 25'000'000;
  bool test_identities = false;
};

/// Errors: configuration_invalid (names the member).
Result<void> check_profile(const MssProfile& profile);

/// X-MSS-NIL (ECO.2.4.3: on every message) and Reply-To (ECO.2.2.5).
std::vector<std::pair<std::string, std::string>> profile_headers(const MssProfile& profile,
                                                                 const std::string& from);

/// In-Reply-To and References (ECO.2.2.1, 2.2.2; RFC 5322, 3.6.4); of a long thread the first and
/// the newest. Errors: invalid_field (an id is not local@domain).
Result<std::vector<std::pair<std::string, std::string>>> thread_headers(
    const std::string& in_reply_to, const std::vector<std::string>& references);

/// Attachments as parts of a mail of `limit` bytes (0: any) beside `text_bytes` of text.
/// Dispensable ones that do not fit any more are left out; the others stay whatever their size. The
/// parts view the attachments' bytes.
struct FittedParts {
  std::vector<MimePart> parts;
  std::string left_out;  // names, for the reader; empty: all are there
};
FittedParts fitted_parts(std::span<const MailDraft::Attachment> attachments, std::size_t text_bytes,
                         std::size_t limit);

/// Errors: limit_exceeded.
Result<void> check_mail_size(std::size_t bytes, std::size_t limit);

}  // namespace telavis
