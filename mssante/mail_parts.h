// SPDX-License-Identifier: Apache-2.0
// The parts of a mail's body. Used by mail_reader.cpp alone, under hold_gmime().
#pragma once

#include <string>
#include <string_view>

#include "engine/core/incoming_mail.h"
#include "mssante/mail_reports.h"

// gmime's own name: its header stays in the .cpp files.
struct _GMimeMessage;  // NOLINT(bugprone-reserved-identifier)

namespace telavis {

/// UTF-8 on one line, without control characters.
std::string header_text(std::string_view value);

/// What the parts hold, beside what goes into the mail itself.
struct MailParts {
  bool calendar = false;         // an invitation, or the answer to one
  bool delivery_report = false;  // a part of that type is there
  bool read_report = false;
  std::string returned_message_id;  // of the message that a report gives back
};

/// Fills text, forwarded_text, attachments, deliveries, read_report and doubts of `mail`.
MailParts read_parts(_GMimeMessage* message, IncomingMail& mail);

}  // namespace telavis
