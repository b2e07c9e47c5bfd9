// SPDX-License-Identifier: Apache-2.0
// The mailboxes that a node reads: those of its operators, or the Maildir folders of its
// programmes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/config.h"
#include "engine/mail_duty.h"
#include "engine/workers.h"

namespace telavis {

class Mailboxes {
 public:
  /// All three must outlive it.
  Mailboxes(const Config& config, Service& service, Clock& clock);

  /// One for each mailbox of an operator, so that a slow one holds up no other; one for all Maildir
  /// folders; and mail_upkeep.
  std::vector<Duty> duties();
  /// When each was last read, by its address; none: not since the start.
  std::map<std::string, std::optional<Instant>> last_looks() const;

 private:
  struct Box {
    std::unique_ptr<Mailbox> mailbox;
    std::unique_ptr<MailDuty> duty;
  };
  void add(const std::string& address, std::unique_ptr<Mailbox> mailbox);
  /// Programmes come and go while the node runs.
  Result<void> add_new_folders();
  Result<int> read_folders();

  const Config& config_;
  Service& service_;
  Clock& clock_;
  mutable std::mutex mutex_;          // of the map; what it holds stays once it is there
  std::map<std::string, Box> boxes_;  // by address
};

}  // namespace telavis
