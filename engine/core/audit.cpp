// SPDX-License-Identifier: Apache-2.0
#include "engine/core/audit.h"

#include <utility>

#include "engine/core/crypto.h"
#include "formats/bytes.h"

namespace telavis {
namespace {

constexpr std::string_view kExpiry = "expire_traces";

std::string trace_hash(const AuditDraft& what) {
  return hash_of_fields({what.actor, what.detail, what.salt});
}

std::string entry_hash(const std::string& previous, const AuditEntry& entry) {
  return hash_of_fields({previous, entry.chain, std::to_string(entry.sequence),
                         std::to_string(to_epoch_ms(entry.what.at)), entry.what.action,
                         entry.expired.empty() ? trace_hash(entry.what) : entry.expired});
}

bool is_sound(const AuditEntry& entry) {
  const AuditDraft& what = entry.what;
  return entry.expired.empty() || (is_access_trace(what.action) && what.actor.empty() &&
                                   what.detail.empty() && what.salt.empty());
}

}  // namespace

std::string hash_of_fields(const std::vector<std::string>& fields) {
  Bytes message;
  ByteWriter writer(message);
  for (const std::string& field : fields) {
    writer.u32le(static_cast<std::uint32_t>(field.size()));
    writer.text(field);
  }
  return hash_hex(message);
}

bool is_access_trace(std::string_view action) {
  return action == "content_read" || action == "login" || action.starts_with("read:") ||
         action.starts_with("refused:");
}

AuditDraft expiry_note(Instant before, Instant now, std::int64_t count) {
  return {now, "engine", std::string(kExpiry),
          format_utc(before) + ": " + std::to_string(count) + " access traces", ""};
}

std::optional<Instant> expiry_of(const AuditDraft& what) {
  if (what.action != kExpiry) return std::nullopt;
  const auto before = parse_instant(what.detail.substr(0, what.detail.find(": ")));
  return before ? std::optional(*before) : std::nullopt;
}

AuditEntry without_trace(AuditEntry entry) {
  entry.expired = trace_hash(entry.what);
  entry.what.actor.clear();
  entry.what.detail.clear();
  entry.what.salt.clear();
  return entry;
}

bool follows(const AuditHead& head, const AuditEntry& entry) {
  return is_sound(entry) && entry.sequence == head.length + 1 &&
         entry.hash == entry_hash(head.hash, entry);
}

AuditEntry append_audit(const std::string& chain, AuditHead& head, AuditDraft draft) {
  AuditEntry entry{chain, head.length + 1, std::move(draft), {}};
  entry.hash = entry_hash(head.hash, entry);
  head = {entry.sequence, entry.hash};
  return entry;
}

std::int64_t verify_chain(const std::vector<AuditEntry>& entries, const AuditHead& head) {
  AuditHead expected;
  for (const AuditEntry& entry : entries) {
    if (!follows(expected, entry) || entry.chain != entries.front().chain)
      return expected.length + 1;
    expected = {entry.sequence, entry.hash};
  }
  if (expected.length != head.length || expected.hash != head.hash) return expected.length + 1;
  return 0;
}

}  // namespace telavis
