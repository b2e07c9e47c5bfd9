// SPDX-License-Identifier: Apache-2.0
// What a node does for each of its mailboxes: read what is new, keep it, act upon it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/service.h"

namespace telavis {

/// A mailbox that cannot be read for so long is its coordinators' business: a restart of an
/// operator's server takes minutes.
inline constexpr Duration kSilentMailbox = std::chrono::hours(1);

/// By one thread at a time, but for last_look(). `account` is the address of the mailbox.
class MailDuty {
 public:
  MailDuty(Service& service, std::string account, Mailbox& mailbox)
      : service_(service),
        account_(std::move(account)),
        mailbox_(mailbox),
        readable_until_(service.clock().now()) {}

  /// Keeps what is new, sealed and with the cursor in one transaction, then handles what is kept.
  /// Gives how many mails were taken in. What cannot be fetched does not hold up what is there;
  /// when it could not be fetched for kSilentMailbox, coordinators are told, every day again.
  /// Errors: mail_unreachable, mail_refused, those of the repository.
  Result<int> round();

  const std::string& account() const { return account_; }
  /// When the mailbox was last read, be it empty; none: not since the start.
  std::optional<Instant> last_look() const;

 private:
  Result<int> take_in();
  void note_look();
  Result<void> tell_of_silence();

  Service& service_;
  std::string account_;
  Mailbox& mailbox_;
  Instant readable_until_;  // the start, then the last look
  mutable std::mutex mutex_;
  std::optional<Instant> last_look_;
};

/// What follows from mails that are kept, of all mailboxes: handling what a failure left over,
/// telling medical referents what waits for them, and forgetting what concerned no case and is
/// older than `of_no_case_kept`.
Result<int> mail_upkeep(Service& service, Duration of_no_case_kept);

}  // namespace telavis
