// SPDX-License-Identifier: Apache-2.0
#include "engine/core/audit.h"

#include <string_view>
#include <utility>

#include "engine/core/crypto.h"
#include "formats/bytes.h"

namespace telavis {
namespace {

// Every field is preceded by its length, so that no two entries can have the same bytes.
void add_field(Bytes& out, std::string_view field) {
  ByteWriter writer(out);
  writer.u32le(static_cast<std::uint32_t>(field.size()));
  writer.text(field);
}

std::string entry_hash(const std::string& previous, const AuditEntry& entry) {
  Bytes message;
  add_field(message, previous);
  add_field(message, entry.chain);
  add_field(message, std::to_string(entry.sequence));
  add_field(message, std::to_string(to_epoch_ms(entry.what.at)));
  add_field(message, entry.what.actor);
  add_field(message, entry.what.action);
  add_field(message, entry.what.detail);
  return hash_hex(message);
}

}  // namespace

AuditEntry append_audit(const std::string& chain, AuditHead& head, AuditDraft draft) {
  AuditEntry entry{chain, head.length + 1, std::move(draft), {}};
  entry.hash = entry_hash(head.hash, entry);
  head = {entry.sequence, entry.hash};
  return entry;
}

std::int64_t verify_chain(const std::vector<AuditEntry>& entries, const AuditHead& head) {
  AuditHead expected;
  for (const AuditEntry& entry : entries) {
    const std::int64_t position = expected.length + 1;
    const bool fits = entry.sequence == position &&
                      entry.hash == entry_hash(expected.hash, entry) &&
                      entry.chain == entries.front().chain;
    if (!fits) return position;
    expected = {position, entry.hash};
  }
  if (expected.length != head.length || expected.hash != head.hash) return expected.length + 1;
  return 0;
}

}  // namespace telavis
