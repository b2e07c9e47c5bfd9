// SPDX-License-Identifier: Apache-2.0
// Tamper-evident chains: hash_n = BLAKE2b-256(hash_{n-1} || entry). Ids and codes only, no names.
// Who did it stands in the hash by a hash of its own: an access trace whose time is over loses it,
// and the chain still verifies to the last bit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  std::string salt;    // of an access trace: random, so that nobody guesses back what expired
};

/// Traces of who looked at what, logged in or was refused: "content_read", "read:...", "login",
/// "refused:...". They alone expire (the configuration's access_trace_months); what
/// was done stays for as long as its chain.
bool is_access_trace(std::string_view action);

struct AuditEntry {
  std::string chain;          // case id, or "node"
  std::int64_t sequence = 0;  // 1-based
  AuditDraft what;
  std::string hash;  // hex
  /// Hex, of the actor, detail and salt that an expired trace has no more; otherwise empty.
  std::string expired = {};
};

/// The entry of the node chain that says which traces expired: those before this instant.
AuditDraft expiry_note(Instant before, Instant now, std::int64_t count);
/// The instant that such an entry names; none: it is another one.
std::optional<Instant> expiry_of(const AuditDraft& what);

/// What is left of a trace: place, instant, action and hashes.
AuditEntry without_trace(AuditEntry entry);

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
