// SPDX-License-Identifier: Apache-2.0
// What is sent back when a sender asked what became of his mail: a message disposition
// notification (RFC 8098) in the profile of the ANS volume "Transmission d'un document CDA-R2 par
// courriel MSSanté" (copy of 2026). ECO.3.1.6.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/service_ports.h"
#include "formats/bytes.h"
#include "formats/result.h"
#include "mssante/mss_profile.h"

namespace telavis {

enum class MdnPermission {
  not_asked,       // nobody asked: none may be sent; a failure is told in a plain mail
  automatic,       // asked by who sent the mail
  needs_approval,  // asked for somebody else than the return path (RFC 8098, 2.1): a person decides
};
/// `asked_by`: Disposition-Notification-To, bare; `return_path`: empty when it is "<>" or absent.
MdnPermission mdn_permission(std::string_view asked_by, std::string_view return_path);

struct MdnFailure {
  std::string code;   // "902"
  std::string label;  // "Identifiant de patient inconnu"
};

struct ReadReceipt {
  std::string message_id;  // of the notification
  Instant date;
  std::string from, from_label;  // the mailbox that received
  // What is answered, as it was read:
  std::string asked_by, return_path;
  std::string original_message_id;  // empty: it had none
  std::string original_subject;
  std::string original_recipient;                  // empty: `from`
  ByteView original;                               // the bytes that arrived
  std::vector<MailDraft::Attachment> attachments;  // given back beside it
  std::optional<MdnFailure> failure;               // nullopt: processed
  bool approved = false;                           // a person has agreed to an answer
};

/// Goes to `asked_by`, with an empty return path (RFC 8098, 3). The original is given back whole,
/// or its header alone when it cannot stand in a mail as it is or the mail would be too large; then
/// attachments are given back as far as they fit. Errors: forbidden (mdn_permission),
/// invalid_field, limit_exceeded, mail_failed.
Result<Bytes> write_mdn(const ReadReceipt& receipt, const MssProfile& profile);

}  // namespace telavis
