// SPDX-License-Identifier: Apache-2.0
// What an association keeps on file, the node's audit chain, the outbox and the figures.
#include <algorithm>
#include <utility>

#include "engine/core/person_json.h"
#include "engine/simulation/memory_repository.h"

namespace telavis {
namespace {

const std::string kNameOfNodeChain = "node";
constexpr std::int64_t kMsPerMinute = 60'000;

template <typename Map, typename Key>
auto copy_of(const Map& map, const Key& key) -> Result<std::optional<typename Map::mapped_type>> {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

template <typename Map>
auto values_of(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(map.size());
  for (const auto& [key, value] : map) values.push_back(value);
  return values;
}

tl::unexpected<Error> lease_lost() {
  return fail(ErrorCode::state_conflict,
              "this message is no longer held under this lease: leave it to who holds it");
}

std::string_view time_left(const Case& subject, std::int64_t now_minute) {
  if (!subject.promise) return "no_promise";
  const std::int64_t left =
      std::max<std::int64_t>(0, to_epoch_ms(subject.promise->breach_at) / kMsPerMinute) -
      now_minute;
  if (left <= 0) return "late";
  if (left < std::int64_t{4} * 60) return "under_4h";
  if (left < std::int64_t{12} * 60) return "under_12h";
  return left < std::int64_t{24} * 60 ? "under_24h" : "over_24h";
}

CaseFigures no_figures() {
  CaseFigures figures;
  for (int i = 0; i <= static_cast<int>(CaseState::cancelled); ++i)
    figures.by_state[std::string(case_state_name(static_cast<CaseState>(i)))] = 0;
  for (const char* name : {"no_promise", "late", "under_4h", "under_12h", "under_24h", "over_24h"})
    figures.open_by_time_left[name] = 0;
  for (const char* name : {"breaches", "offers", "declines", "waits"}) figures.events[name] = 0;
  return figures;
}

std::int64_t declines_of(const Case& subject) {
  return std::ranges::count(subject.offers, OfferOutcome::declined, &Offer::outcome);
}

}  // namespace

// ---- outbox -------------------------------------------------------------------------------------

Result<std::optional<OutboxMessage>> MemoryRepository::find_message(const OutboxId& id) {
  const OutboxMessage* found = outbox_.find(id);
  if (found == nullptr) return std::nullopt;
  OutboxMessage message = *found;
  message.sealed_mime.clear();
  return message;
}

Result<std::optional<OutboxClaim>> MemoryRepository::claim_outbox(Instant now, Duration lease) {
  return outbox_.claim(now, lease, lease_now_ms_());
}

Result<void> MemoryRepository::postpone_outbox(const OutboxId& id, const std::string& lease_token,
                                               Instant next_attempt_at, const std::string&) {
  if (!outbox_.is_held(id, lease_token)) return lease_lost();
  outbox_.postpone(id, next_attempt_at);
  return {};
}

Result<void> MemoryRepository::complete_outbox(const OutboxCompletion& completion) {
  if (!outbox_.is_held(completion.id, completion.lease_token)) return lease_lost();
  if (!outbox_.find(completion.id)->case_id.empty())
    return fail(ErrorCode::internal, "a message of a case ends with a commit of its case");
  outbox_.complete(completion);
  return {};
}

Result<void> MemoryRepository::release_leases() {
  outbox_.release_leases();
  return {};
}

Result<std::map<std::string, std::int64_t>> MemoryRepository::outbox_counts() {
  return outbox_.counts();
}

Result<std::int64_t> MemoryRepository::pending_of_no_case() {
  const auto pending = outbox_.pending();
  return std::count_if(pending.begin(), pending.end(),
                       [&](const OutboxId& id) { return outbox_.find(id)->case_id.empty(); });
}

// ---- audit of the node --------------------------------------------------------------------------

void MemoryRepository::add_node_audit(const AuditDraft& draft) {
  node_audit_.push_back(append_audit(kNameOfNodeChain, node_head_, draft));
}

Result<void> MemoryRepository::append_node_audit(const AuditDraft& draft) {
  add_node_audit(draft);
  return {};
}

Result<std::vector<AuditEntry>> MemoryRepository::audit_chain(const std::string& chain) {
  if (chain == kNameOfNodeChain) return node_audit_;
  const auto* entries = peek_chain(CaseId(chain));
  return entries == nullptr ? std::vector<AuditEntry>{} : *entries;
}

Result<std::vector<AuditEntry>> MemoryRepository::audit_entries(const std::string& chain,
                                                                std::int64_t after,
                                                                std::size_t limit) {
  const auto* all = chain == kNameOfNodeChain ? &node_audit_ : peek_chain(CaseId(chain));
  if (all == nullptr) return std::vector<AuditEntry>{};
  const std::size_t from = std::min(all->size(), static_cast<std::size_t>(after));
  const std::size_t to = from + std::min(limit, all->size() - from);
  return std::vector<AuditEntry>(all->begin() + static_cast<std::ptrdiff_t>(from),
                                 all->begin() + static_cast<std::ptrdiff_t>(to));
}

Result<std::int64_t> MemoryRepository::expire_traces(Instant before, Instant now,
                                                     std::size_t limit) {
  std::vector<AuditEntry*> old;
  const auto collect = [&](std::vector<AuditEntry>& chain) {
    for (AuditEntry& entry : chain) {
      if (!entry.what.salt.empty() && entry.what.at < before) old.push_back(&entry);
    }
  };
  collect(node_audit_);
  for (auto& [id, row] : rows_) collect(row.audit);
  std::ranges::sort(old, {}, [](const AuditEntry* entry) {
    return std::tie(entry->what.at, entry->chain, entry->sequence);
  });
  old.resize(std::min(old.size(), limit));
  for (AuditEntry* entry : old) *entry = without_trace(std::move(*entry));
  const auto expired = static_cast<std::int64_t>(old.size());
  if (expired > 0) add_node_audit(expiry_note(before, now, expired));
  return expired;
}

Result<AuditHead> MemoryRepository::node_audit_head() {
  return node_head_;
}

// ---- on file ------------------------------------------------------------------------------------

Result<std::int64_t> MemoryRepository::next_version(const std::string& kind, const std::string& id,
                                                    const Change& change) const {
  const auto found = revisions_.find({kind, id});
  const std::int64_t stored = found == revisions_.end() ? 0 : found->second.back().version;
  if (change.replaces && *change.replaces != stored)
    return fail(ErrorCode::version_conflict,
                "somebody else changed this in between: it has version " + std::to_string(stored) +
                    " now; load it again and repeat the change");
  return stored + 1;
}

void MemoryRepository::revise(Revision revision) {
  revision.change.replaces.reset();
  revision.change.tells.reset();
  add_node_audit({revision.change.at, revision.change.actor, "change:" + revision.kind,
                  revision_words(revision)});
  revisions_[{revision.kind, revision.id}].push_back(std::move(revision));
}

Result<std::vector<Revision>> MemoryRepository::revisions(const std::string& kind,
                                                          const std::string& id) {
  const auto found = revisions_.find({kind, id});
  return found == revisions_.end() ? std::vector<Revision>{} : found->second;
}

Result<void> MemoryRepository::put_programme(const Programme& programme, const Change& change) {
  const auto version = next_version("programme", programme.id.value, change);
  if (!version) return tl::unexpected(version.error());
  if (*version != programme.version)
    return fail(ErrorCode::configuration_invalid,
                "a version of a programme that is stored never changes: give the changed "
                "programme \"version\": " +
                    std::to_string(*version));
  programmes_[programme.id] = programme;
  revise({"programme", programme.id.value, *version, change, programme_json(programme)});
  return {};
}

Result<std::optional<Programme>> MemoryRepository::programme(const ProgrammeId& id) {
  return copy_of(programmes_, id);
}

Result<std::vector<Programme>> MemoryRepository::programmes() {
  return values_of(programmes_);
}

Result<void> MemoryRepository::put_user(const User& user, const Change& change) {
  const auto version = next_version("person", user.id.value, change);
  if (!version) return tl::unexpected(version.error());
  const auto holder = logins_.find(user.login);
  if (holder != logins_.end() && holder->second != user.id)
    return fail(ErrorCode::invalid_field, "another user has this login: choose another one");
  if (change.tells && outbox_.has(change.tells->id))
    return fail(ErrorCode::storage_failed, "the message is there already");
  User& stored = users_[user.id];
  if (!user.may_log_in() || (!stored.id.empty() && stored.password_hash != user.password_hash)) {
    std::erase_if(sessions_, [&](const auto& one) { return one.second.user == user.id; });
  }
  logins_.erase(stored.login);
  for (const Membership& old : stored.memberships)
    members_[{old.programme, old.role}].erase(user.id);
  stored = user;
  stored.version = *version;
  logins_[user.login] = user.id;
  for (const Membership& one : user.memberships)
    members_[{one.programme, one.role}].insert(user.id);
  if (change.tells) outbox_.insert(*change.tells);
  revise({"person", user.id.value, *version, change, person_json(user)});
  return {};
}

Result<std::optional<User>> MemoryRepository::user(const UserId& id) {
  return copy_of(users_, id);
}

const User* MemoryRepository::peek_user(const UserId& id) const {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

const std::set<UserId>* MemoryRepository::peek_members(const ProgrammeId& id, Role role) const {
  const auto found = members_.find({id, role});
  return found == members_.end() ? nullptr : &found->second;
}

bool MemoryRepository::is_group_mailbox_of(const UserId& member, const std::string& address) const {
  return std::ranges::any_of(groups_, [&](const auto& one) {
    const GroupPractice& group = one.second;
    return group.mail_address == address &&
           std::ranges::find(group.members, member) != group.members.end();
  });
}

Result<std::optional<User>> MemoryRepository::user_by_login(const std::string& login) {
  const auto found = logins_.find(login);
  if (found == logins_.end()) return std::nullopt;
  return user(found->second);
}

Result<std::vector<User>> MemoryRepository::members(const ProgrammeId& id, Role role) {
  std::vector<User> found;
  const auto ids = members_.find({id, role});
  if (ids == members_.end()) return found;
  found.reserve(ids->second.size());
  for (const UserId& one : ids->second) found.push_back(users_.at(one));
  return found;
}

Result<std::vector<User>> MemoryRepository::users() {
  return values_of(users_);
}

Result<void> MemoryRepository::put_group(const GroupPractice& group, const Change& change) {
  const auto version = next_version("group", group.id, change);
  if (!version) return tl::unexpected(version.error());
  GroupPractice& stored = groups_[group.id] = group;
  stored.version = *version;
  revise({"group", group.id, *version, change, group_json(group)});
  return {};
}

Result<std::optional<GroupPractice>> MemoryRepository::group(const std::string& id) {
  return copy_of(groups_, id);
}

Result<std::vector<GroupPractice>> MemoryRepository::groups(const ProgrammeId& id) {
  auto found = values_of(groups_);
  std::erase_if(found, [&](const GroupPractice& one) { return one.programme != id; });
  return found;
}

Result<void> MemoryRepository::put_device(const LentDevice& device, const Change& change) {
  for (const auto& [id, other] : devices_) {
    if (other.serial == device.serial && id != device.id)
      return fail(ErrorCode::invalid_field, "another device has this serial: look it up by it");
    if (!device.ae_title.empty() && other.ae_title == device.ae_title && id != device.id)
      return fail(ErrorCode::invalid_field,
                  "another device has this AE title: choose one of its own");
  }
  const auto version = next_version("device", device.id, change);
  if (!version) return tl::unexpected(version.error());
  if (!device.may_send() || devices_[device.id].holder != device.holder) {
    pairings_.erase(device.id);
    device_tokens_.erase(device.id);
  }
  LentDevice& stored = devices_[device.id] = device;
  stored.version = *version;
  revise({"device", device.id, *version, change, lent_device_json(device)});
  return {};
}

Result<std::optional<LentDevice>> MemoryRepository::device(const std::string& id) {
  return copy_of(devices_, id);
}

Result<std::optional<LentDevice>> MemoryRepository::device_by_serial(const std::string& serial) {
  const auto found =
      std::ranges::find_if(devices_, [&](const auto& one) { return one.second.serial == serial; });
  if (found == devices_.end()) return std::nullopt;
  return found->second;
}

Result<std::optional<LentDevice>> MemoryRepository::device_by_ae_title(const std::string& title) {
  const auto found = std::ranges::find_if(
      devices_, [&](const auto& one) { return !title.empty() && one.second.ae_title == title; });
  if (found == devices_.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<LentDevice>> MemoryRepository::lent_devices() {
  return values_of(devices_);
}

Result<std::optional<LentDevice>> MemoryRepository::device_by_token(const std::string& token_hash) {
  const auto found = std::ranges::find_if(
      device_tokens_, [&](const auto& one) { return one.second == token_hash; });
  if (found == device_tokens_.end()) return std::nullopt;
  return copy_of(devices_, found->first);
}

Result<void> MemoryRepository::put_pairing(const std::string& device, const std::string& code_hash,
                                           Instant expires_at) {
  if (!devices_.contains(device)) return fail(ErrorCode::storage_failed, "no such device");
  pairings_[device] = {code_hash, expires_at};
  return {};
}

Result<std::optional<std::string>> MemoryRepository::take_pairing(const std::string& code_hash,
                                                                  const std::string& token_hash,
                                                                  Instant now) {
  const auto found = std::ranges::find_if(pairings_, [&](const auto& one) {
    return one.second.code_hash == code_hash && one.second.expires_at > now;
  });
  if (found == pairings_.end()) return std::nullopt;
  const std::string device = found->first;
  pairings_.erase(found);
  device_tokens_[device] = token_hash;
  if (auto written = append_node_audit({now, "anybody", "device_paired", device}); !written)
    return tl::unexpected(written.error());
  return device;
}

Result<void> MemoryRepository::put_activation(const UserId& user, const std::string& code_hash,
                                              Instant expires_at, const OutboxMessage& kit) {
  if (!users_.contains(user) || outbox_.has(kit.id))
    return fail(ErrorCode::storage_failed, "no such user, or the message is there already");
  activations_[user] = {code_hash, expires_at};
  outbox_.insert(kit);
  return {};
}

Result<void> MemoryRepository::put_message(const OutboxMessage& message) {
  if (!outbox_.has(message.id)) outbox_.insert(message);
  return {};
}

Result<bool> MemoryRepository::take_activation(const UserId& user, const std::string& code_hash,
                                               Instant now) {
  const auto found = activations_.find(user);
  if (found == activations_.end() || found->second.code_hash != code_hash ||
      found->second.expires_at <= now)
    return false;
  activations_.erase(found);
  return true;
}

// ---- figures ------------------------------------------------------------------------------------

void MemoryRepository::count_events(const Case* before, const Case& after) {
  auto& events = happened_[after.programme];
  const auto count = [&](const char* name, std::int64_t times) {
    events[name] += std::max<std::int64_t>(0, times);
  };
  const auto offers = [](const Case& subject) {
    return static_cast<std::int64_t>(subject.offers.size());
  };
  const bool was_breached = before != nullptr && before->breached_at;
  const bool was_waiting = before != nullptr && before->state == CaseState::waiting;
  count("breaches", after.breached_at && !was_breached ? 1 : 0);
  count("offers", offers(after) - (before == nullptr ? 0 : offers(*before)));
  count("declines", declines_of(after) - (before == nullptr ? 0 : declines_of(*before)));
  count("waits", after.state == CaseState::waiting && !was_waiting ? 1 : 0);
}

Result<std::map<ProgrammeId, CaseFigures>> MemoryRepository::case_figures(Instant now) {
  std::map<ProgrammeId, CaseFigures> all;
  for (const auto& [programme, events] : happened_) {
    CaseFigures& figures = all.try_emplace(programme, no_figures()).first->second;
    for (const auto& [name, times] : events) figures.events[name] = times;
  }
  const std::int64_t minute = to_epoch_ms(now) / kMsPerMinute;
  for (const Row* row : order_) {
    const Case& subject = row->value;
    CaseFigures& figures = all.try_emplace(subject.programme, no_figures()).first->second;
    figures.by_state[std::string(case_state_name(subject.state))] += 1;
    if (!is_open(subject.state)) continue;
    figures.open_by_time_left[std::string(time_left(subject, minute))] += 1;
  }
  return all;
}

}  // namespace telavis
