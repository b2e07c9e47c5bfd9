// SPDX-License-Identifier: Apache-2.0
// A mailbox that is a Maildir folder: what stands in for IMAP where there is no operator.
#pragma once

#include <filesystem>

#include "engine/core/ports.h"

namespace telavis {

/// Reads folder/new and folder/cur, in the order in which the mails were written. Names have no
/// order, so the number of each mail stands in folder/telavis-uids, a line a mail, written before
/// the mail is given. Nothing else in the folder changes. By one process at a time.
class MaildirMailbox : public Mailbox {
 public:
  MaildirMailbox(std::filesystem::path folder, Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  /// A folder that is not there yet is an empty mailbox. Errors: storage_failed, storage_full,
  /// malformed_file (telavis-uids was changed by somebody else).
  Result<std::vector<FetchedMail>> fetch_after(const MailboxCursor& cursor,
                                               std::size_t limit) override;

 private:
  std::filesystem::path folder_;
  Clock& clock_;
};

}  // namespace telavis
