// SPDX-License-Identifier: Apache-2.0
// Tamper-evident chains: hash_n = BLAKE2b-256(hash_{n-1} || entry). Ids and codes only, no names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/time.h"

namespace telavis {

/// Head of a chain. An empty chain has length 0 and hash "".
struct AuditHead {
  std::int64_t length = 0;
  std::string hash;  // hex
};

/// What happened, before it has a place in a chain.
struct AuditDraft {
  Instant at;
  std::string actor;   // user id, or "engine"
  std::string action;  // event name or refusal, e.g. "accept", "refused:forbidden"
  std::string detail;  // ids and codes, never a name or clinical text
};

struct AuditEntry {
  std::string chain;          // case id, or "node"
  std::int64_t sequence = 0;  // 1-based
  AuditDraft what;
  std::string hash;  // hex
};

/// Hex BLAKE2b-256 over fields, each preceded by its length: no two lists have the same bytes.
std::string hash_of_fields(const std::vector<std::string>& fields);

/// True when `entry` is the one that comes after `head` in the chain: place and hash.
bool follows(const AuditHead& head, const AuditEntry& entry);

/// Appends `draft` to the chain and moves `head` on.
AuditEntry append_audit(const std::string& chain, AuditHead& head, AuditDraft draft);

/// Index (1-based) of the first entry that does not fit, 0 when the chain is whole and ends in
/// `head`.
std::int64_t verify_chain(const std::vector<AuditEntry>& entries, const AuditHead& head);

}  // namespace telavis
