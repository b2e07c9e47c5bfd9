// SPDX-License-Identifier: Apache-2.0
// Mails dropped into Maildir folders: what stands in for an operator's server where there is none.
#pragma once

#include <filesystem>

#include "engine/core/ports.h"

namespace telavis {

/// Writes to root/<address>/{tmp,new,cur}, one file a message, named by the envelope's message_key:
/// a message sent again finds its file and is accepted, so it is there exactly once. A message that
/// a reader has moved to cur/ under its name (with ":2,<flags>" behind it) counts; one that he has
/// deleted does not, and would come again. Thread-safe, and safe between processes.
class MaildirMailer : public Mailer {
 public:
  explicit MaildirMailer(std::filesystem::path root) : root_(std::move(root)) {}

  /// refused: an address or message key that can name no folder or file. retry: everything that the
  /// disk refuses. Reasons carry no address.
  SendResult send(const Envelope& envelope, ByteView mime) override;

 private:
  std::filesystem::path root_;
};

}  // namespace telavis
