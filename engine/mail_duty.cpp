// SPDX-License-Identifier: Apache-2.0
#include "engine/mail_duty.h"

#include <utility>
#include <vector>

namespace telavis {
namespace {

// Bounds what is in memory: mails of up to some 30 MB each.
constexpr std::size_t kMailsAtATime = 10;
constexpr std::size_t kHandledAtATime = 100;

}  // namespace

Result<int> MailDuty::take_in() {
  Repository& repository = service_.repository();
  const auto cursor = repository.mailbox_cursor(account_);
  if (!cursor) return tl::unexpected(cursor.error());
  const auto fetched = mailbox_.fetch_after(*cursor, kMailsAtATime);
  if (!fetched) {
    if (const auto told = tell_of_silence(); !told) return tl::unexpected(told.error());
    return tl::unexpected(fetched.error());
  }
  note_look();
  if (fetched->empty()) return 0;
  std::vector<ReceivedMail> mails;
  mails.reserve(fetched->size());
  for (const FetchedMail& mail : *fetched) mails.push_back(service_.taken_in(account_, mail));
  const auto put = repository.put_received(mails, account_, fetched->back().cursor);
  if (!put) return tl::unexpected(put.error());
  return static_cast<int>(mails.size());
}

void MailDuty::note_look() {
  readable_until_ = service_.clock().now();
  const std::lock_guard lock(mutex_);
  last_look_ = readable_until_;
}

std::optional<Instant> MailDuty::last_look() const {
  const std::lock_guard lock(mutex_);
  return last_look_;
}

Result<void> MailDuty::tell_of_silence() {
  const Instant now = service_.clock().now();
  if (now - readable_until_ < kSilentMailbox) return {};
  return service_.alert_silent_mailbox(account_, readable_until_, now);
}

Result<int> MailDuty::round() {
  auto taken = take_in();
  auto handled = service_.handle_mails(kHandledAtATime);
  if (!taken) return taken;
  if (!handled) return handled;
  return taken;
}

Result<int> mail_upkeep(Service& service, Duration of_no_case_kept) {
  auto handled = service.handle_mails(kHandledAtATime);
  if (!handled) return handled;
  auto alerted = service.alert_kept_mails();
  if (!alerted) return alerted;
  const auto forgotten =
      service.repository().forget_received(service.clock().now() - of_no_case_kept);
  if (!forgotten) return tl::unexpected(forgotten.error());
  return 0;
}

}  // namespace telavis
