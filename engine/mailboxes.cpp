// SPDX-License-Identifier: Apache-2.0
#include "engine/mailboxes.h"

#include <utility>

#include "engine/core/mail_address.h"
#include "mssante/imap_mailbox.h"
#include "mssante/maildir_mailbox.h"

namespace telavis {
namespace {

constexpr std::chrono::minutes kUpkeepPause(1);  // an alert after two hours is a minute late

/// A connection of its own each time, with a token asked for it.
std::unique_ptr<Mailbox> imap_mailbox(const MailboxConfig& mailbox, Clock& clock) {
  return std::make_unique<ImapMailbox>(
      [account = *mailbox.imap, tokens = tokens_of(mailbox)] {
        return connect_mail(MailProtocol::imap, account, tokens.get());
      },
      clock);
}

}  // namespace

Mailboxes::Mailboxes(const Config& config, Service& service, Clock& clock)
    : config_(config), service_(service), clock_(clock) {
  for (const MailboxConfig& mailbox : config.mail.mailboxes) {
    if (mailbox.imap) add(mailbox.submission.address, imap_mailbox(mailbox, clock));
  }
}

void Mailboxes::add(const std::string& address, std::unique_ptr<Mailbox> mailbox) {
  auto duty = std::make_unique<MailDuty>(service_, address, *mailbox);
  const std::lock_guard lock(mutex_);
  boxes_.emplace(address, Box{std::move(mailbox), std::move(duty)});
}

Result<void> Mailboxes::add_new_folders() {
  const auto programmes = service_.repository().programmes();
  if (!programmes) return tl::unexpected(programmes.error());
  for (const Programme& programme : *programmes) {
    // By one thread: nobody else changes the map meanwhile.
    if (!is_address(programme.mailbox) || boxes_.contains(programme.mailbox)) continue;
    add(programme.mailbox,
        std::make_unique<MaildirMailbox>(config_.maildir / programme.mailbox, clock_));
  }
  return {};
}

Result<int> Mailboxes::read_folders() {
  if (auto added = add_new_folders(); !added) return tl::unexpected(added.error());
  int taken = 0;
  std::optional<Error> first_error;
  for (auto& [address, box] : boxes_) {
    const auto round = box.duty->round();
    if (round) taken += *round;
    if (!round && !first_error) first_error = round.error();
  }
  if (first_error) return tl::unexpected(*first_error);
  return taken;
}

std::vector<Duty> Mailboxes::duties() {
  std::vector<Duty> duties{{"mail_upkeep", kUpkeepPause, [this] {
                              return mail_upkeep(service_, config_.mail.of_no_case_kept);
                            }}};
  if (config_.mail.mailboxes.empty()) {
    duties.push_back({"maildir", config_.mail.poll, [this] { return read_folders(); }});
    return duties;
  }
  for (auto& [address, box] : boxes_) {
    duties.push_back({"mailbox " + address, config_.mail.poll,
                      [duty = box.duty.get()] { return duty->round(); }});
  }
  return duties;
}

std::map<std::string, std::optional<Instant>> Mailboxes::last_looks() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::optional<Instant>> looks;
  for (const auto& [address, box] : boxes_) looks[address] = box.duty->last_look();
  return looks;
}

}  // namespace telavis
