// SPDX-License-Identifier: Apache-2.0
// Commits, cases and what is looked up of them.
#include "engine/simulation/memory_repository.h"

#include <algorithm>
#include <utility>

namespace telavis {
namespace {

bool has_role_twice(const std::vector<BillableAct>& there, const std::vector<BillableAct>& more) {
  std::set<ActRole> roles;
  for (const BillableAct& act : there) roles.insert(act.role);
  return std::ranges::any_of(
      more, [&](const BillableAct& act) { return !roles.insert(act.role).second; });
}

std::set<UserId> experts_ever(const Case& subject) {
  std::set<UserId> experts;
  for (const Offer& offer : subject.offers) experts.insert(offer.expert);
  if (subject.expert) experts.insert(*subject.expert);
  return experts;
}

/// Who has the open case on his desk; `by_name`: without those who are asked with the whole pool.
std::set<UserId> experts_now(const Case& subject, bool by_name) {
  std::set<UserId> experts;
  if (!is_open(subject.state)) return experts;
  if (subject.expert) experts.insert(*subject.expert);
  for (const Offer& offer : subject.offers) {
    if (offer.outcome != OfferOutcome::pending || (by_name && !offer.expires_at)) continue;
    experts.insert(offer.expert);
  }
  return experts;
}

/// Whose the case is, by the instant of the last offer to each.
std::map<UserId, Instant> takers(const Case& subject) {
  std::map<UserId, Instant> taken;
  for (const Offer& offer : subject.offers) {
    const bool asked = offer.outcome == OfferOutcome::pending && offer.expires_at;
    taken.erase(offer.expert);
    if (asked || offer.outcome == OfferOutcome::accepted) taken[offer.expert] = offer.offered_at;
  }
  return taken;
}

bool same_offers(const Case& a, const Case& b) {
  return std::ranges::equal(a.offers, b.offers, [](const Offer& one, const Offer& other) {
    return one.expert == other.expert && one.outcome == other.outcome &&
           one.offered_at == other.offered_at && one.expires_at == other.expires_at;
  });
}

/// Nothing that a case is looked up by differs.
bool same_indexes(const Case& a, const Case& b) {
  return is_open(a.state) == is_open(b.state) && a.programme == b.programme &&
         a.expert == b.expert && a.requester_delegate == b.requester_delegate &&
         a.opinion.has_value() == b.opinion.has_value() && same_offers(a, b);
}

}  // namespace

MemoryRepository::Place MemoryRepository::place_of(const Case& subject) {
  return {-to_epoch_ms(subject.submitted_at), subject.id.value};
}

void MemoryRepository::index(const Case& subject) {
  const Place place = place_of(subject);
  by_programme_[subject.programme].insert(place);
  by_requester_[subject.requester].insert(place);
  if (subject.requester_delegate) by_requester_[*subject.requester_delegate].insert(place);
  for (const UserId& expert : experts_ever(subject)) by_expert_[expert].insert(place);
  for (const UserId& expert : experts_now(subject, false)) {
    open_of_[expert].insert(subject.id);
  }
  for (const UserId& expert : experts_now(subject, true)) {
    load_[{subject.programme, expert}].open_cases += 1;
  }
  for (const auto& [expert, at] : takers(subject)) taken_[expert].insert(at);
  if (subject.opinion) contacts_[subject.requester][subject.opinion->expert] += 1;
}

/// Nobody leaves a list that he was on.
void MemoryRepository::unindex(const Case& subject) {
  by_programme_[subject.programme].erase(place_of(subject));
  for (const UserId& expert : experts_now(subject, false)) {
    open_of_[expert].erase(subject.id);
  }
  for (const UserId& expert : experts_now(subject, true)) {
    load_[{subject.programme, expert}].open_cases -= 1;
  }
  for (const auto& [expert, at] : takers(subject)) {
    auto& instants = taken_.at(expert);
    instants.erase(instants.find(at));
  }
  if (!subject.opinion) return;
  auto& contacts = contacts_[subject.requester];
  if (--contacts[subject.opinion->expert] == 0) contacts.erase(subject.opinion->expert);
}

void MemoryRepository::add_named_offers(const Case& subject, std::size_t first) {
  for (std::size_t i = first; i < subject.offers.size(); ++i) {
    const Offer& offer = subject.offers[i];
    if (!offer.expires_at) continue;
    std::vector<Instant>& offers = load_[{subject.programme, offer.expert}].offers;
    offers.insert(std::ranges::upper_bound(offers, offer.offered_at), offer.offered_at);
  }
}

/// Why the commit is not taken, without an error; nullopt when it is.
std::optional<CommitResult> MemoryRepository::refusal(const Commit& commit, const Row* row) const {
  const auto known = events_.find(commit.event_id);
  if (known != events_.end()) {
    return CommitResult{CommitOutcome::duplicate, known->second.answer, known->second.request_hash};
  }
  if (commit.completes && !outbox_.is_held(commit.completes->id, commit.completes->lease_token)) {
    return CommitResult{CommitOutcome::lease_lost, {}, {}};
  }
  const std::int64_t version = row == nullptr ? 0 : row->value.version;
  if (version != commit.expected_version) return CommitResult{CommitOutcome::conflict, {}, {}};
  if (!may_join(commit)) return CommitResult{CommitOutcome::exam_gone, {}, {}};
  if (!may_offer(commit)) return CommitResult{CommitOutcome::slot_gone, {}, {}};
  return std::nullopt;
}

Result<CommitResult> MemoryRepository::commit(const Commit& commit) {
  if (auto checked = check_commit(commit); !checked) return tl::unexpected(checked.error());
  if (meanwhile_) std::exchange(meanwhile_, nullptr)();
  const Case& next = commit.next;
  const auto found = rows_.find(next.id.value);
  if (auto refused = refusal(commit, found == rows_.end() ? nullptr : &found->second)) {
    return std::move(*refused);
  }
  const bool is_new = found == rows_.end();
  if (is_new && numbers_.contains(next.number)) {
    return fail(ErrorCode::state_conflict, "another case has this number: draw another one");
  }
  if (has_role_twice(is_new ? std::vector<BillableAct>{} : found->second.acts, commit.acts)) {
    return fail(ErrorCode::storage_failed, "a role of this case has its act already");
  }
  std::set<std::string> ids;
  for (const OutboxMessage& message : commit.outbox) {
    if (outbox_.has(message.id) || !ids.insert(message.id.value).second)
      return fail(ErrorCode::storage_failed, "another message has this id");
  }

  if (observer_) observer_(is_new ? nullptr : &found->second.value, commit);
  Row& row = is_new ? rows_[next.id.value] : found->second;
  const bool indexed = !is_new && same_indexes(row.value, next);
  if (is_new) {
    order_.push_back(&row);
    numbers_.emplace(next.number, next.id);
    places_.insert(place_of(next));
  } else if (!indexed) {
    unindex(row.value);
  }
  count_events(is_new ? nullptr : &row.value, next);
  add_named_offers(next, row.value.offers.size());
  if (row.timer) timers_.erase({row.timer->at, next.id.value});
  row.value = next;
  row.timer = next_timer(next);
  if (row.timer) timers_.emplace(row.timer->at, next.id.value);
  if (!indexed) index(next);
  if (!commit.patient_marks.empty() || next.wrapped_key.empty()) mark(row, commit.patient_marks);
  if (next.wrapped_key.empty()) forget_mails_of(next.id);
  join(commit);
  offer(commit);
  row.audit.insert(row.audit.end(), commit.audit.begin(), commit.audit.end());
  row.acts.insert(row.acts.end(), commit.acts.begin(), commit.acts.end());
  if (!commit.acts.empty()) row.acts_signed_at = next.opinion->signed_at;
  if (commit.completes) outbox_.complete(*commit.completes);
  for (const OutboxMessage& message : commit.outbox) outbox_.insert(message);
  events_.emplace(commit.event_id, StoredEvent{commit.answer, commit.request_hash});
  ++commits_;
  return CommitResult{CommitOutcome::committed, commit.answer, commit.request_hash};
}

Result<std::optional<StoredEvent>> MemoryRepository::find_event(const std::string& event_id) {
  const auto found = events_.find(event_id);
  if (found == events_.end()) return std::nullopt;
  return found->second;
}

Result<std::optional<Case>> MemoryRepository::load_case(const CaseId& id) {
  const Case* found = peek(id);
  if (found == nullptr) return std::nullopt;
  return *found;
}

Result<std::vector<Case>> MemoryRepository::cases(const CaseQuery& query) {
  static const std::set<Place> kNone;
  const auto of = [](const auto& places, const auto& key) -> const std::set<Place>* {
    const auto found = places.find(key);
    return found == places.end() ? &kNone : &found->second;
  };
  const std::set<Place>* places = &places_;
  if (query.programmes.size() == 1) places = of(by_programme_, query.programmes.front());
  if (query.requester) places = of(by_requester_, *query.requester);
  if (query.expert) places = of(by_expert_, *query.expert);
  std::vector<Case> found;
  for (const Place& place : *places) {
    if (found.size() >= query.limit) break;
    const Case& subject = rows_.at(place.second).value;
    const bool wanted =
        (!query.requester || of(by_requester_, *query.requester)->contains(place)) &&
        (query.programmes.empty() ||
         std::ranges::find(query.programmes, subject.programme) != query.programmes.end()) &&
        (!query.open_only || is_open(subject.state));
    if (wanted) found.push_back(subject);
  }
  return found;
}

Result<std::vector<CaseRow>> MemoryRepository::case_rows(const CaseRowQuery& query) {
  std::vector<CaseRow> rows;
  const auto found = by_programme_.find(query.programme);
  if (found == by_programme_.end()) return rows;
  const std::set<Place>& places = found->second;
  auto place = places.begin();
  if (query.after)
    place = places.upper_bound({-to_epoch_ms(query.after->first), query.after->second.value});
  for (; place != places.end() && rows.size() < query.limit; ++place) {
    const Case& subject = rows_.at(place->second).value;
    if (subject.submitted_at < query.from) break;
    if (subject.submitted_at < query.to) rows.push_back(case_row(subject));
  }
  return rows;
}

Result<std::map<UserId, PoolLoad>> MemoryRepository::pool_load(const ProgrammeId& id,
                                                               Instant since) {
  std::map<UserId, PoolLoad> load;
  for (auto one = load_.lower_bound({id, UserId()}); one != load_.end() && one->first.first == id;
       ++one) {
    const std::vector<Instant>& offers = one->second.offers;
    const auto recent = offers.end() - std::ranges::lower_bound(offers, since);
    if (one->second.open_cases == 0 && recent == 0) continue;
    load[one->first.second] = {one->second.open_cases, recent};
  }
  return load;
}

Result<std::map<UserId, std::int64_t>> MemoryRepository::previous_contacts(
    const UserId& requester) {
  const auto found = contacts_.find(requester);
  return found == contacts_.end() ? std::map<UserId, std::int64_t>{} : found->second;
}

Result<std::vector<CaseId>> MemoryRepository::open_cases_of(const UserId& expert) {
  const auto found = open_of_.find(expert);
  if (found == open_of_.end()) return std::vector<CaseId>{};
  return std::vector<CaseId>(found->second.begin(), found->second.end());
}

Result<std::vector<DueCase>> MemoryRepository::due_cases(Instant now, std::size_t limit) {
  std::vector<DueCase> due;
  for (const auto& [at, id] : timers_) {
    if (at > now || due.size() >= limit) break;
    due.push_back({CaseId(id), rows_.at(id).timer->kind, at});
  }
  return due;
}

Result<std::vector<ActRow>> MemoryRepository::acts(const ActQuery& query) {
  std::vector<ActRow> found;
  std::vector<const Row*> looked_at;
  if (query.case_id) {
    const auto row = rows_.find(query.case_id->value);
    if (row != rows_.end()) looked_at.push_back(&row->second);
  } else {
    looked_at.assign(order_.begin(), order_.end());
  }
  for (const Row* row : looked_at) {
    const Case& subject = row->value;
    if (!query.programmes.empty() &&
        std::ranges::find(query.programmes, subject.programme) == query.programmes.end())
      continue;
    for (const BillableAct& act : row->acts) {
      if ((query.professional && act.professional != *query.professional) ||
          act.care_date < query.from_date ||
          (!query.to_date.empty() && act.care_date > query.to_date))
        continue;
      found.push_back(
          {act, subject.number, subject.programme, subject.submitted_at, row->acts_signed_at});
    }
  }
  std::ranges::sort(found, [](const ActRow& a, const ActRow& b) {
    return std::tuple(a.act.care_date, a.case_number, act_role_name(a.act.role)) <
           std::tuple(b.act.care_date, b.case_number, act_role_name(b.act.role));
  });
  return found;
}

// ---- what a simulation looks at -----------------------------------------------------------------

const Case* MemoryRepository::peek(const CaseId& id) const {
  const auto found = rows_.find(id.value);
  return found == rows_.end() ? nullptr : &found->second.value;
}

const std::vector<AuditEntry>* MemoryRepository::peek_chain(const CaseId& id) const {
  const auto found = rows_.find(id.value);
  return found == rows_.end() ? nullptr : &found->second.audit;
}

const std::vector<BillableAct>* MemoryRepository::peek_acts(const CaseId& id) const {
  const auto found = rows_.find(id.value);
  return found == rows_.end() ? nullptr : &found->second.acts;
}

void MemoryRepository::each_case(const std::function<void(const Case&)>& visit) const {
  for (const Row* row : order_) visit(row->value);
}

std::optional<Instant> MemoryRepository::next_timer_at() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

}  // namespace telavis
