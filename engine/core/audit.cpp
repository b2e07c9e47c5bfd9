// SPDX-License-Identifier: Apache-2.0
#include "engine/core/audit.h"

#include <utility>

#include "engine/core/crypto.h"
#include "formats/bytes.h"

namespace telavis {
namespace {

std::string entry_hash(const std::string& previous, const AuditEntry& entry) {
  return hash_of_fields({previous, entry.chain, std::to_string(entry.sequence),
                         std::to_string(to_epoch_ms(entry.what.at)), entry.what.actor,
                         entry.what.action, entry.what.detail});
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

bool follows(const AuditHead& head, const AuditEntry& entry) {
  return entry.sequence == head.length + 1 && entry.hash == entry_hash(head.hash, entry);
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
