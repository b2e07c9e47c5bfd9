// SPDX-License-Identifier: Apache-2.0
// What arrives by mail. Searched, not indexed.
#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/simulation/keys_beside.h"
#include "engine/simulation/memory_repository.h"

namespace telavis {
namespace {

constexpr std::size_t kUnhandledBytes = std::size_t{64} << 20;

auto place_in_order(const ReceivedMail& mail) {
  return std::tuple(mail.received_at, mail.account, mail.at.uid_validity, mail.at.last_uid);
}

bool same_place(const ReceivedMail& a, const ReceivedMail& b) {
  return a.account == b.account && a.at == b.at;
}

void forget(ReceivedMail& mail) {
  mail.wrapped_key.clear();
  mail.sealed.clear();
}

/// Those that are wanted, oldest first.
template <typename Wanted>
std::vector<const ReceivedMail*> found_in(const std::map<std::string, ReceivedMail>& mails,
                                          Wanted wanted) {
  std::vector<const ReceivedMail*> found;
  for (const auto& [id, mail] : mails) {
    if (wanted(mail)) found.push_back(&mail);
  }
  std::ranges::sort(found, {}, [](const ReceivedMail* mail) { return place_in_order(*mail); });
  return found;
}

ReceivedMail listed(const ReceivedMail& mail) {
  ReceivedMail without_bytes = mail;
  forget(without_bytes);
  return without_bytes;
}

}  // namespace

void MemoryRepository::forget_mails_of(const CaseId& erased) {
  for (auto& [id, mail] : received_) {
    if (mail.case_id == erased) forget(mail);
  }
}

Result<MailboxCursor> MemoryRepository::mailbox_cursor(const std::string& account) {
  const auto found = mailboxes_.find(account);
  return found == mailboxes_.end() ? MailboxCursor{} : found->second;
}

Result<void> MemoryRepository::put_received(const std::vector<ReceivedMail>& mails,
                                            const std::string& account,
                                            const MailboxCursor& cursor) {
  std::map<std::string, ReceivedMail> after = received_;
  for (const ReceivedMail& mail : mails) {
    if (std::ranges::any_of(after, [&](const auto& one) { return same_place(one.second, mail); }))
      continue;
    if (!mail.case_id.empty() && peek(mail.case_id) == nullptr)
      return fail(ErrorCode::storage_failed, "a received mail names a case that is not there");
    if (!after.emplace(mail.id, mail).second)
      return fail(ErrorCode::storage_failed, "another received mail has this id");
  }
  received_ = std::move(after);
  MailboxCursor& stored = mailboxes_[account];
  if (stored.uid_validity != cursor.uid_validity || stored.last_uid < cursor.last_uid)
    stored = cursor;
  return {};
}

Result<std::vector<ReceivedMail>> MemoryRepository::unhandled_mails(std::size_t limit) {
  std::vector<ReceivedMail> mails;
  std::size_t bytes = 0;
  for (const ReceivedMail* mail :
       found_in(received_, [](const ReceivedMail& one) { return one.verdict.empty(); })) {
    bytes += mail->sealed.size();
    if (mails.size() >= limit || (!mails.empty() && bytes > kUnhandledBytes)) break;
    mails.push_back(*mail);
  }
  return mails;
}

Result<std::vector<ReceivedMail>> MemoryRepository::received_by_fingerprint(
    const std::string& fingerprint) {
  std::vector<ReceivedMail> mails;
  for (const ReceivedMail* mail :
       found_in(received_, [&](const ReceivedMail& one) { return one.fingerprint == fingerprint; }))
    mails.push_back(listed(*mail));
  return mails;
}

Result<std::vector<ReceivedMail>> MemoryRepository::received_mails(const ReceivedQuery& query) {
  auto found = found_in(received_, [&](const ReceivedMail& one) {
    return (query.verdict.empty() || one.verdict == query.verdict) &&
           (query.account.empty() || one.account == query.account);
  });
  std::ranges::reverse(found);
  std::vector<ReceivedMail> mails;
  for (const ReceivedMail* mail : found) {
    if (mails.size() < query.limit) mails.push_back(listed(*mail));
  }
  return mails;
}

Result<std::optional<ReceivedMail>> MemoryRepository::received_mail(const std::string& id) {
  const auto found = received_.find(id);
  if (found == received_.end()) return std::nullopt;
  return found->second;
}

Result<void> MemoryRepository::close_received(const std::string& id, const std::string& verdict,
                                              const CaseId& case_id, const std::string& detail) {
  const auto found = received_.find(id);
  if (found == received_.end())
    return fail(ErrorCode::not_found, "there is no received mail of this id");
  const Case* subject = case_id.empty() ? nullptr : peek(case_id);
  if (!case_id.empty() && subject == nullptr)
    return fail(ErrorCode::storage_failed, "a received mail names a case that is not there");
  ReceivedMail& mail = found->second;
  mail.verdict = verdict;
  mail.case_id = case_id;
  mail.detail = detail;
  if (subject != nullptr && subject->wrapped_key.empty()) forget(mail);
  return {};
}

Result<std::int64_t> MemoryRepository::forget_received(Instant received_before) {
  std::int64_t count = 0;
  for (auto& [id, mail] : received_) {
    if (mail.verdict.empty() || !mail.case_id.empty() || mail.received_at >= received_before ||
        mail.wrapped_key.empty())
      continue;
    forget(mail);
    ++count;
  }
  return count;
}

Result<std::map<std::string, std::int64_t>> MemoryRepository::received_counts() {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [id, mail] : received_) counts[mail.verdict] += 1;
  return counts;
}

Result<std::vector<ReceivedKey>> MemoryRepository::received_not_wrapped_by(
    const std::string& key_id, std::size_t limit) {
  return keys_beside(received_, key_id, limit);
}

Result<bool> MemoryRepository::rewrap_received(const std::string& id, ByteView before,
                                               ByteView after) {
  const auto found = received_.find(id);
  if (before.empty() || found == received_.end() ||
      !std::ranges::equal(found->second.wrapped_key, before))
    return false;
  found->second.wrapped_key.assign(after.begin(), after.end());
  return true;
}

}  // namespace telavis
