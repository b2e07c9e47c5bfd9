// SPDX-License-Identifier: Apache-2.0
// What arrived in a mailbox, read: the one form in which the domain sees a mail.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/time.h"
#include "formats/bytes.h"

namespace telavis {

/// Who or what wrote it. Only a `message` may be answered; nothing else ever is, or two machines
/// would write to each other for ever.
enum class MailNature {
  message,
  auto_reply,       // RFC 3834, an absence, a robot without address
  mailing_list,     // RFC 2919, 2369, or Precedence: list, bulk, junk
  delivery_report,  // DSN (RFC 3464)
  read_report,      // MDN (RFC 8098)
  calendar,         // an invitation, or the answer to one
};
std::string_view mail_nature_name(MailNature nature);

/// A file that came with a mail. `name` is a bare file name, UTF-8, never empty, unique in its
/// mail; `media_type` is in lower case, without parameters.
struct MailAttachment {
  std::string name;
  std::string media_type;
  Bytes bytes;
  bool in_text = false;  // shown inside the text: a picture, or the logo of a signature
};

/// What a mail server says of one recipient of a message of ours (RFC 3464, 2.2 and 2.3). An
/// absent field is empty.
struct DeliveryReport {
  std::string envelope_id;          // Original-Envelope-Id: the ENVID of our submission
  std::string original_message_id;  // of the message or header given back, without brackets
  std::string recipient;            // Original-Recipient, else Final-Recipient, without its type
  std::string action;               // "delivered", "relayed", "expanded", "delayed", "failed"
  std::string status;               // RFC 3463: "5.1.1"
  std::string diagnostic;           // the server's words
};

/// What a reader's software says of a message of ours (RFC 8098, 3.2).
struct ReadReport {
  std::string original_message_id;  // without brackets
  std::string recipient;            // as in DeliveryReport
  std::string disposition;          // "displayed", "processed", "deleted", "failed", "denied", ...
  std::string error;                // "902^Identifiant de patient inconnu"
};

/// All texts are valid UTF-8 without control characters other than line feeds and tabs; addresses
/// are bare and in lower case.
struct IncomingMail {
  std::string message_id;                            // without brackets; empty: it has none
  std::vector<std::string> in_reply_to, references;  // likewise, in their order
  std::string from, from_label;
  std::string return_path;  // empty: absent, or the null path "<>"
  std::vector<std::string> to, cc;
  std::string subject;
  std::optional<Instant> date;  // what the sender's clock said
  MailNature nature = MailNature::message;
  std::string read_receipt_to;                     // Disposition-Notification-To
  std::map<std::string, std::string> mss_headers;  // "X-MSS-INS" -> "O"; names in upper case
  std::string text;                                // LF; from HTML when there is no plain text
  /// Of mails that are enclosed as such (message/rfc822), one after the other.
  std::string forwarded_text;
  /// Those of enclosed mails and of winmail.dat too, and pictures inside the text.
  /// None of a delivery or read report: it gives back our own.
  std::vector<MailAttachment> attachments;
  std::vector<DeliveryReport> deliveries;
  std::optional<ReadReport> read_report;
  /// Codes of what was cut or could not be read: "part_unreadable", "parts_left_out", "too_deep",
  /// "text_cut", "encrypted", "rich_text" (a winmail.dat whose text is only in RTF),
  /// "sender_unclear" (not exactly one From; `from` is empty then). A mail with one of them may
  /// hold more than is seen here.
  std::vector<std::string> doubts;
  std::string body_hash;  // hex BLAKE2b-256 of the bytes after the header
};

}  // namespace telavis
