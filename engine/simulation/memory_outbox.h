// SPDX-License-Identifier: Apache-2.0
// The outbox of the in-memory repository: the oldest due message is found without a scan.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/core/ports.h"

namespace telavis {

/// For one thread. Lease instants are those of the clock that leases run on, in ms.
class MemoryOutbox {
 public:
  bool has(const OutboxId& id) const { return rows_.contains(id.value); }
  /// nullptr when there is none. Stays good while the outbox lives.
  const OutboxMessage* find(const OutboxId& id) const;
  void insert(const OutboxMessage& message);

  std::optional<OutboxClaim> claim(Instant now, Duration lease, std::int64_t lease_now_ms);
  /// The message is pending and this was its last claim.
  bool is_held(const OutboxId& id, const std::string& lease_token) const;
  void complete(const OutboxCompletion& completion);  // of a held message
  void postpone(const OutboxId& id, Instant next_attempt_at);
  void release_leases();

  std::map<std::string, std::int64_t> counts() const;
  /// When the next attempt of a message that nobody holds is due.
  std::optional<Instant> next_attempt() const;
  std::vector<OutboxId> pending() const;

 private:
  struct Row {
    OutboxMessage message;
    OutboxState state = OutboxState::pending;
    std::int64_t claims = 0;
    std::int64_t claimed_until_ms = 0;  // 0: nobody holds it
    Instant next_attempt_at;
  };
  /// Where a pending message stands; each is in exactly one of the three sets.
  using ByInstant = std::set<std::pair<Instant, std::string>>;
  void file(const Row& row);
  void unfile(const Row& row);
  void move_due(Instant now, Duration lease, std::int64_t lease_now_ms);

  std::unordered_map<std::string, Row> rows_;
  ByInstant waiting_;  // by next attempt
  ByInstant ready_;    // by creation, next attempt not after `ready_until_`
  std::set<std::pair<std::int64_t, std::string>> held_;  // by end of the lease
  Instant ready_until_{};
  std::int64_t sent_ = 0;
  std::int64_t dead_ = 0;
};

}  // namespace telavis
