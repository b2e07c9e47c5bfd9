// SPDX-License-Identifier: Apache-2.0
// Who comes in: sessions, second factors, the ways back in, failed attempts.
#include <algorithm>
#include <utility>

#include "engine/simulation/keys_beside.h"
#include "engine/simulation/memory_repository.h"

namespace telavis {

Result<void> MemoryRepository::put_session(const Session& session) {
  if (!users_.contains(session.user)) return fail(ErrorCode::storage_failed, "a session of nobody");
  sessions_[session.token_hash] = session;
  return {};
}

Result<bool> MemoryRepository::change_session(const std::string& token_hash, const Session& next) {
  auto node = sessions_.extract(token_hash);
  if (node.empty()) return false;
  node.key() = next.token_hash;
  Session& stored = node.mapped();
  stored.token_hash = next.token_hash;
  stored.last_seen_at = next.last_seen_at;
  stored.expires_at = next.expires_at;
  stored.second_factor_at = next.second_factor_at;
  stored.proposed_factor = next.proposed_factor;
  sessions_.insert(std::move(node));
  return true;
}

Result<void> MemoryRepository::touch_session(const std::string& token_hash, Instant last_seen_at) {
  const auto found = sessions_.find(token_hash);
  if (found != sessions_.end()) found->second.last_seen_at = last_seen_at;
  return {};
}

Result<std::optional<Session>> MemoryRepository::session(const std::string& token_hash) {
  const auto found = sessions_.find(token_hash);
  if (found == sessions_.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<Session>> MemoryRepository::sessions_of(const UserId& user) {
  std::vector<Session> found;
  for (const auto& [hash, session] : sessions_) {
    if (session.user == user) found.push_back(session);
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, &Session::created_at);
  return found;
}

Result<void> MemoryRepository::erase_session(const std::string& token_hash) {
  sessions_.erase(token_hash);
  return {};
}

Result<void> MemoryRepository::erase_sessions_of(const UserId& user, const std::string& but) {
  std::erase_if(sessions_,
                [&](const auto& one) { return one.second.user == user && one.first != but; });
  return {};
}

Result<void> MemoryRepository::erase_expired_sessions(Instant now) {
  std::erase_if(sessions_, [&](const auto& one) { return one.second.expires_at <= now; });
  return {};
}

Result<std::optional<SecondFactor>> MemoryRepository::second_factor(const UserId& user) {
  const auto found = factors_.find(user.value);
  if (found == factors_.end()) return std::nullopt;
  return found->second;
}

Result<void> MemoryRepository::put_second_factor(const SecondFactor& factor,
                                                 const std::vector<std::string>& recovery_codes,
                                                 const std::optional<OutboxMessage>& tells) {
  if (!users_.contains(factor.user)) return fail(ErrorCode::storage_failed, "a factor of nobody");
  if (tells && outbox_.has(tells->id))
    return fail(ErrorCode::storage_failed, "the message is there already");
  factors_[factor.user.value] = factor;
  recovery_codes_[factor.user] = {recovery_codes.begin(), recovery_codes.end()};
  if (tells) outbox_.insert(*tells);
  return {};
}

Result<bool> MemoryRepository::take_factor_step(const UserId& user, std::int64_t step,
                                                std::int64_t newest) {
  const auto found = factors_.find(user.value);
  if (found == factors_.end()) return false;
  const std::int64_t last = found->second.last_step;
  if (last >= step && last <= newest) return false;
  found->second.last_step = step;
  return true;
}

Result<std::optional<std::int64_t>> MemoryRepository::take_recovery_code(
    const UserId& user, const std::string& code_hash) {
  auto& codes = recovery_codes_[user];
  if (codes.erase(code_hash) == 0) return std::nullopt;
  return static_cast<std::int64_t>(codes.size());
}

Result<std::int64_t> MemoryRepository::recovery_codes_left(const UserId& user) {
  const auto found = recovery_codes_.find(user);
  return found == recovery_codes_.end() ? 0 : static_cast<std::int64_t>(found->second.size());
}

Result<bool> MemoryRepository::erase_second_factor(const UserId& user, const OutboxMessage& tells) {
  if (!factors_.contains(user.value)) return false;
  if (outbox_.has(tells.id)) return fail(ErrorCode::storage_failed, "the message is there already");
  factors_.erase(user.value);
  recovery_codes_.erase(user);
  std::erase_if(sessions_, [&](const auto& one) { return one.second.user == user; });
  outbox_.insert(tells);
  return true;
}

Result<std::vector<ReceivedKey>> MemoryRepository::factors_not_wrapped_by(const std::string& key_id,
                                                                          std::size_t limit) {
  return keys_beside(factors_, key_id, limit);
}

Result<bool> MemoryRepository::rewrap_factor(const std::string& id, ByteView before,
                                             ByteView after) {
  const auto found = factors_.find(id);
  if (before.empty() || found == factors_.end() ||
      !std::ranges::equal(found->second.wrapped_key, before))
    return false;
  found->second.wrapped_key.assign(after.begin(), after.end());
  return true;
}

Result<void> MemoryRepository::put_access_code(const AccessCode& code,
                                               const OutboxMessage& message) {
  if (!users_.contains(code.user) || outbox_.has(message.id))
    return fail(ErrorCode::storage_failed, "no such user, or the message is there already");
  access_codes_[code.user] = code;
  outbox_.insert(message);
  return {};
}

Result<bool> MemoryRepository::take_access_code(const UserId& user, const std::string& code_hash,
                                                Instant now) {
  const auto found = access_codes_.find(user);
  if (found == access_codes_.end()) return false;
  AccessCode& code = found->second;
  const bool good = code.expires_at > now;
  const bool right = good && code.code_hash == code_hash;
  if (right || !good || --code.tries_left <= 0) access_codes_.erase(found);
  return right;
}

Result<bool> MemoryRepository::begin_attempt(const std::string& mark, Instant now,
                                             const AttemptLimit& limit) {
  auto& attempts = attempts_[mark];
  const auto counted =
      std::ranges::count_if(attempts, [&](const Instant& at) { return at > now - limit.window; });
  if (counted >= limit.most) return false;
  attempts.push_back(now);
  return true;
}

Result<void> MemoryRepository::forget_attempts(const std::string& mark) {
  attempts_.erase(mark);
  return {};
}

Result<void> MemoryRepository::erase_attempts_before(Instant before) {
  for (auto& [mark, attempts] : attempts_) {
    std::erase_if(attempts, [&](const Instant& at) { return at <= before; });
  }
  std::erase_if(attempts_, [](const auto& one) { return one.second.empty(); });
  return {};
}

}  // namespace telavis
