// SPDX-License-Identifier: Apache-2.0
// Patients by their marks, the keys of their cases, audit roots. What no simulated hour asks for is
// searched, not indexed.
#include <algorithm>
#include <utility>

#include "engine/core/crypto.h"
#include "engine/simulation/memory_repository.h"

namespace telavis {
namespace {

const std::string kNodeChain = "node";
constexpr std::size_t kWrappingKeyBytes = 8;

std::string wrapping_key(const Bytes& wrapped) {
  return to_hex(ByteView(wrapped).first(std::min(wrapped.size(), kWrappingKeyBytes)));
}

template <typename T>
void keep_first(std::vector<T>& list, std::size_t limit) {
  if (list.size() > limit)
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(limit), list.end());
}

}  // namespace

/// Without its key a case has none.
void MemoryRepository::mark(Row& row, const std::vector<std::string>& marks) {
  const std::string& id = row.value.id.value;
  for (const std::string& old : row.patient_marks) cases_of_mark_[old].erase(id);
  row.patient_marks = row.value.wrapped_key.empty() ? std::vector<std::string>{} : marks;
  for (const std::string& one : row.patient_marks) cases_of_mark_[one].insert(id);
}

Result<std::optional<Case>> MemoryRepository::case_by_number(const std::string& number) {
  const auto found = numbers_.find(number);
  if (found == numbers_.end()) return std::nullopt;
  return load_case(found->second);
}

Result<std::vector<CaseId>> MemoryRepository::case_ids(const CaseId& after, std::size_t limit) {
  std::vector<CaseId> ids;
  for (const Row* row : order_) {
    if (after < row->value.id) ids.push_back(row->value.id);
  }
  std::ranges::sort(ids);
  keep_first(ids, limit);
  return ids;
}

Result<std::vector<CaseId>> MemoryRepository::cases_of_patient(
    const std::vector<std::string>& marks) {
  std::set<std::pair<Instant, std::string>> places;
  for (const std::string& one : marks) {
    const auto found = cases_of_mark_.find(one);
    if (found == cases_of_mark_.end()) continue;
    for (const std::string& id : found->second) places.emplace(rows_.at(id).value.submitted_at, id);
  }
  std::vector<CaseId> ids;
  for (const auto& [at, id] : places) ids.emplace_back(id);
  return ids;
}

Result<void> MemoryRepository::put_opposition(const Opposition& opposition) {
  oppositions_[opposition.mark] = opposition;
  return {};
}

Result<std::optional<Opposition>> MemoryRepository::opposition(
    const std::vector<std::string>& marks) {
  std::optional<Opposition> oldest;
  for (const std::string& one : marks) {
    const auto found = oppositions_.find(one);
    if (found == oppositions_.end()) continue;
    const Opposition& candidate = found->second;
    if (!oldest || std::pair(candidate.at, candidate.mark) < std::pair(oldest->at, oldest->mark))
      oldest = candidate;
  }
  return oldest;
}

Result<void> MemoryRepository::erase_opposition(const std::vector<std::string>& marks) {
  for (const std::string& one : marks) oppositions_.erase(one);
  return {};
}

Result<std::vector<CaseId>> MemoryRepository::cases_not_wrapped_by(const std::string& key_id,
                                                                   std::size_t limit) {
  std::set<std::pair<std::string, CaseId>> others;
  for (const Row* row : order_) {
    const std::string key = wrapping_key(row->value.wrapped_key);
    if (!key.empty() && key != key_id) others.emplace(key, row->value.id);
  }
  std::vector<CaseId> ids;
  for (const auto& [key, id] : others) ids.push_back(id);
  keep_first(ids, limit);
  return ids;
}

Result<bool> MemoryRepository::rewrap(const CaseId& id, ByteView before, ByteView after) {
  const auto found = rows_.find(id.value);
  if (before.empty() || found == rows_.end() ||
      !std::ranges::equal(found->second.value.wrapped_key, before))
    return false;
  found->second.value.wrapped_key.assign(after.begin(), after.end());
  return true;
}

// ---- audit roots --------------------------------------------------------------------------------

Result<std::vector<ChainHead>> MemoryRepository::unrooted_heads(std::size_t limit) {
  std::vector<ChainHead> heads;
  for (const Row* row : order_) {
    if (row->value.audit.length > row->rooted_length)
      heads.push_back({row->value.id.value, row->value.audit});
  }
  std::ranges::sort(heads, {}, &ChainHead::chain);
  if (node_head_.length > node_rooted_length_)
    heads.insert(heads.begin(), {kNodeChain, node_head_});
  keep_first(heads, limit);
  return heads;
}

Result<void> MemoryRepository::put_audit_root(const AuditRoot& root,
                                              const std::vector<ChainHead>& heads) {
  const auto next = static_cast<std::int64_t>(roots_.size()) + 1;
  if (root.number != next)
    return fail(ErrorCode::version_conflict,
                "the next audit root has number " + std::to_string(next));
  roots_.push_back(root);
  for (const ChainHead& one : heads) {
    const auto found = rows_.find(one.chain);
    if (found == rows_.end() && one.chain != kNodeChain) continue;
    std::int64_t& rooted =
        one.chain == kNodeChain ? node_rooted_length_ : found->second.rooted_length;
    rooted = std::max(rooted, one.head.length);
  }
  return {};
}

Result<void> MemoryRepository::mark_root_exported(std::int64_t number, Instant at) {
  if (number < 1 || number > static_cast<std::int64_t>(roots_.size()))
    return fail(ErrorCode::not_found, "there is no audit root of this number");
  AuditRoot& root = roots_[static_cast<std::size_t>(number - 1)];
  if (!root.exported_at) root.exported_at = at;
  root.document.clear();
  return {};
}

Result<std::vector<AuditRoot>> MemoryRepository::audit_roots(std::int64_t after,
                                                             std::size_t limit) {
  std::vector<AuditRoot> found;
  for (const AuditRoot& root : roots_) {
    if (root.number > after && found.size() < limit) found.push_back(root);
  }
  return found;
}

}  // namespace telavis
