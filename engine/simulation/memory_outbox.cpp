// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/memory_outbox.h"

#include <algorithm>

namespace telavis {

const OutboxMessage* MemoryOutbox::find(const OutboxId& id) const {
  const auto found = rows_.find(id.value);
  return found == rows_.end() ? nullptr : &found->second.message;
}

void MemoryOutbox::file(const Row& row) {
  const std::string& id = row.message.id.value;
  if (row.claimed_until_ms != 0) {
    held_.emplace(row.claimed_until_ms, id);
  } else if (row.next_attempt_at <= ready_until_) {
    ready_.emplace(row.message.created_at, id);
  } else {
    waiting_.emplace(row.next_attempt_at, id);
  }
}

void MemoryOutbox::unfile(const Row& row) {
  const std::string& id = row.message.id.value;
  held_.erase({row.claimed_until_ms, id});
  ready_.erase({row.message.created_at, id});
  waiting_.erase({row.next_attempt_at, id});
}

void MemoryOutbox::insert(const OutboxMessage& message) {
  Row& row = rows_[message.id.value];
  row.message = message;
  row.next_attempt_at = std::max(message.created_at, message.not_before);
  file(row);
}

void MemoryOutbox::move_due(Instant now, Duration lease, std::int64_t lease_now_ms) {
  if (now < ready_until_) {  // the clock went back: what was ready may have to wait again
    ByInstant before;
    before.swap(ready_);
    ready_until_ = now;
    for (const auto& [created_at, id] : before) file(rows_.at(id));
  }
  ready_until_ = now;
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    const Row& row = rows_.at(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    ready_.emplace(row.message.created_at, row.message.id.value);
  }
  // A lease that is over leaves the message to whoever asks next; its token stays good until then.
  const auto give_back = [&](decltype(held_)::const_iterator held) {
    const Row& row = rows_.at(held->second);
    held_.erase(held);
    ByInstant& place = row.next_attempt_at <= now ? ready_ : waiting_;
    place.emplace(&place == &ready_ ? row.message.created_at : row.next_attempt_at,
                  row.message.id.value);
  };
  while (!held_.empty() && held_.begin()->first < lease_now_ms) give_back(held_.begin());
  // One that ends a lease later than any taken now was taken before the database's clock was set
  // back.
  while (!held_.empty() && std::prev(held_.end())->first > lease_now_ms + 2 * lease.count()) {
    give_back(std::prev(held_.end()));
  }
}

std::optional<OutboxClaim> MemoryOutbox::claim(Instant now, Duration lease,
                                               std::int64_t lease_now_ms) {
  move_due(now, lease, lease_now_ms);
  if (ready_.empty()) return std::nullopt;
  Row& row = rows_.at(ready_.begin()->second);
  ready_.erase(ready_.begin());
  row.claims += 1;
  row.claimed_until_ms = lease_now_ms + lease.count();
  file(row);
  return OutboxClaim{row.message, std::to_string(row.claims)};
}

bool MemoryOutbox::is_held(const OutboxId& id, const std::string& lease_token) const {
  const auto found = rows_.find(id.value);
  if (found == rows_.end()) return false;
  const Row& row = found->second;
  return row.state == OutboxState::pending && row.claimed_until_ms > 0 &&
         lease_token == std::to_string(row.claims);
}

void MemoryOutbox::complete(const OutboxCompletion& completion) {
  Row& row = rows_.at(completion.id.value);
  unfile(row);
  row.state = completion.state;
  row.claimed_until_ms = 0;
  row.message.sealed_mime = {};  // nobody can claim it any more
  (completion.state == OutboxState::sent ? sent_ : dead_) += 1;
}

void MemoryOutbox::postpone(const OutboxId& id, Instant next_attempt_at) {
  Row& row = rows_.at(id.value);
  unfile(row);
  row.claimed_until_ms = 0;
  row.message.attempts += 1;
  row.next_attempt_at = next_attempt_at;
  file(row);
}

void MemoryOutbox::release_leases() {
  // The token of a lease that is over is still good: its message stands among the others.
  for (const OutboxId& id : pending()) {
    Row& row = rows_.at(id.value);
    if (row.claimed_until_ms == 0) continue;
    unfile(row);
    row.claimed_until_ms = 0;
    file(row);
  }
}

std::map<std::string, std::int64_t> MemoryOutbox::counts() const {
  const auto all = static_cast<std::int64_t>(rows_.size());
  return {{std::string(outbox_state_name(OutboxState::pending)), all - sent_ - dead_},
          {std::string(outbox_state_name(OutboxState::sent)), sent_},
          {std::string(outbox_state_name(OutboxState::dead)), dead_}};
}

std::optional<Instant> MemoryOutbox::next_attempt() const {
  std::optional<Instant> next;
  if (!waiting_.empty()) next = waiting_.begin()->first;
  if (!ready_.empty()) next = std::min(next.value_or(ready_until_), ready_until_);
  return next;
}

std::vector<OutboxId> MemoryOutbox::pending() const {
  std::vector<OutboxId> ids;
  for (const auto& [at, id] : waiting_) ids.emplace_back(id);
  for (const auto& [at, id] : ready_) ids.emplace_back(id);
  for (const auto& [until, id] : held_) ids.emplace_back(id);
  std::ranges::sort(ids);
  return ids;
}

}  // namespace telavis
