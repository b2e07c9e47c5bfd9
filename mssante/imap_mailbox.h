// SPDX-License-Identifier: Apache-2.0
// The mails of one IMAP account, read and left as they are.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "engine/core/ports.h"
#include "mssante/mail_connection.h"

namespace telavis {

struct ImapMailboxLimits {
  /// Above it only the header is read. Operators take 10 to 25 MB; twice that is no mail of theirs.
  std::size_t mail_bytes = std::size_t{50} << 20;
  /// No further mail is read once those of one call are as large together.
  std::size_t batch_bytes = std::size_t{64} << 20;
  /// For one call, however slowly the server goes on talking. What was read until then counts.
  Duration session = std::chrono::minutes(10);
};

/// INBOX, opened with EXAMINE and read with BODY.PEEK: nothing is deleted, moved or flagged. Each
/// call is one session; its mails end with `limit`, with the end of the mailbox or with a limit of
/// size: whoever wants all of them asks on until there are none. Thread-safe when `connect` is.
class ImapMailbox : public Mailbox {
 public:
  /// Gives a connection behind its login, e.g. by connect_mail().
  using Connect = std::function<Result<std::unique_ptr<MailConnection>>()>;

  ImapMailbox(Connect connect, Clock& clock, ImapMailboxLimits limits = {})
      : connect_(std::move(connect)), clock_(clock), limits_(limits) {}

  Result<std::vector<FetchedMail>> fetch_after(const MailboxCursor& cursor,
                                               std::size_t limit) override;

 private:
  Connect connect_;
  Clock& clock_;
  ImapMailboxLimits limits_;
};

}  // namespace telavis
