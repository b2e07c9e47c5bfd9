// SPDX-License-Identifier: Apache-2.0
// What experts keep to work with, and how much they take.
#include <algorithm>
#include <iterator>

#include "engine/simulation/memory_repository.h"

namespace telavis {

Result<std::map<UserId, std::int64_t>> MemoryRepository::taken_since(Instant since) {
  std::map<UserId, std::int64_t> counts;
  for (const auto& [expert, instants] : taken_) {
    const auto count = std::distance(instants.lower_bound(since), instants.end());
    if (count > 0) counts[expert] = count;
  }
  return counts;
}

Result<std::optional<SealedTexts>> MemoryRepository::personal_texts(const UserId& user) {
  const auto found = texts_.find(user);
  if (found == texts_.end()) return std::nullopt;
  return found->second;
}

Result<bool> MemoryRepository::put_personal_texts(const SealedTexts& texts) {
  if (!users_.contains(texts.user)) return fail(ErrorCode::storage_failed, "texts of nobody");
  const auto found = texts_.find(texts.user);
  if (texts.version != (found == texts_.end() ? 0 : found->second.version) + 1) return false;
  texts_[texts.user] = texts;
  return true;
}

bool MemoryRepository::may_offer(const Commit& commit) const {
  if (!commit.slots) return true;
  return std::ranges::all_of(*commit.slots, [&](const std::string& id) {
    const auto found = slots_.find(id);
    if (found == slots_.end()) return false;
    const CaseId& offered_in = found->second.offered_in;
    return (offered_in.empty() || offered_in == commit.next.id) &&
           std::ranges::count(*commit.slots, id) == 1;
  });
}

void MemoryRepository::offer(const Commit& commit) {
  if (!commit.slots) return;
  for (auto& [id, slot] : slots_) {
    if (slot.offered_in == commit.next.id) slot.offered_in = CaseId();
  }
  for (const std::string& id : *commit.slots) slots_.at(id).offered_in = commit.next.id;
}

Result<bool> MemoryRepository::put_slot(const Slot& slot) {
  if (!users_.contains(slot.expert)) return fail(ErrorCode::storage_failed, "a slot of nobody");
  const bool there = std::ranges::any_of(slots_, [&](const auto& one) {
    return one.first == slot.id ||
           (one.second.expert == slot.expert && one.second.starts_at == slot.starts_at);
  });
  if (there) return false;
  Slot& stored = slots_[slot.id] = slot;
  stored.offered_in = CaseId();
  return true;
}

Result<std::vector<Slot>> MemoryRepository::slots(const UserId& expert, Instant from) {
  std::vector<Slot> found;
  for (const auto& [id, slot] : slots_) {
    if (slot.expert == expert && slot.starts_at >= from) found.push_back(slot);
  }
  std::ranges::sort(found, {}, &Slot::starts_at);
  return found;
}

Result<bool> MemoryRepository::erase_slot(const UserId& expert, const std::string& id) {
  const auto found = slots_.find(id);
  const bool free =
      found != slots_.end() && found->second.expert == expert && found->second.offered_in.empty();
  if (free) slots_.erase(found);
  return free;
}

}  // namespace telavis
