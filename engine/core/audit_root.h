// SPDX-License-Identifier: Apache-2.0
// The signed root of all audit chains: what is kept away from this machine, so that who can write
// to the database cannot change, remove, insert or cut short an entry unseen.
//
// A root document is JSON lines: a header; one line for each chain that has grown since it was last
// rooted; a last line with the hash of all lines above and the engine's Ed25519 signature on it.
//   {"root":2,"at":"2026-11-21T02:00:00Z","previous":"<hash of root 1>",
//    "previous_exported_at":"2026-11-20T02:00:04Z","public_key":"<hex>","engine":"0.1.0"}
//   {"chain":"0k3...","length":12,"head":"<hex>"}
//   {"hash":"<hex BLAKE2b-256>","signature":"<hex>"}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/crypto.h"

namespace telavis {

/// In one document: 3 MB, which still goes by mail. What is over comes in the next root.
inline constexpr std::size_t kMaxRootHeads = 20'000;

struct AuditRootContent {
  std::int64_t number = 0;  // 1, 2, ...
  Instant at;               // whole seconds
  std::string previous;     // hash of the root before; empty for the first
  /// When the root before was exported, whole seconds; none for the first.
  std::optional<Instant> previous_exported_at;
  std::string public_key;        // hex, of the seal key
  std::string engine;            // version of the engine
  std::vector<ChainHead> heads;  // by chain name, each chain once, length at least 1
};

struct SignedRoot {
  AuditRootContent content;
  std::string hash;  // of all lines but the last; the next root names it
  std::string signature;
};

/// Signs it: `content.public_key` is that of `key`, whatever it said before. The same content and
/// key give the same document.
SignedRoot sign_root(AuditRootContent content, const SealKey& key);
std::string root_document(const SignedRoot& root);

/// Reads a document as root_document() writes it, to the byte, and checks hash and signature with
/// the public key that it names: the caller compares that one. Errors: malformed_request,
/// invalid_field, missing_field, limit_exceeded, crypto_failed (hash or signature).
Result<SignedRoot> parse_root(std::string_view document);

/// "audit-root-000002.jsonl": the name never changes, so that no second copy is made.
std::string root_file_name(std::int64_t number);

/// Once a day of this zone, at this time of the day.
struct RootSchedule {
  Duration at = std::chrono::hours(2);  // 0..24 h, by the wall clock; nobody works then
  std::string time_zone = "UTC";
};
/// True when no root was made since the last such time, or when the last one is of the future (a
/// clock that was put right). Errors: configuration_invalid (unknown zone).
Result<bool> root_is_due(const RootSchedule& schedule, std::optional<Instant> last, Instant now);

}  // namespace telavis
