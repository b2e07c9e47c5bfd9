// SPDX-License-Identifier: Apache-2.0
#include "engine/core/routing.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/crypto.h"

namespace telavis {
namespace {

// A silent expert is asked again when nobody fresher is left, but not in the same half day.
constexpr Duration kAskAgain = std::chrono::hours(12);
// A fast line with a shorter promise has a duty rota: it asks at once, also at night.
constexpr Duration kUrgentPromise = std::chrono::hours(4);

// The score: whole points, more is better. Whoever can still answer in time comes before anybody
// who cannot, and whoever was asked less in this case before anybody who was asked more: no sum of
// the rest reaches them. Of the rest an open case weighs as much as four offers of the last 30
// days. Territory and acquaintance together stay under three such offers and acquaintance alone
// under two, so that they decide between experts who are close and never move the mean.
constexpr std::int64_t kInTime = 1'000'000'000'000;
constexpr std::int64_t kAsked = 1'000'000'000;
constexpr std::int64_t kOpenCase = 40;
constexpr std::int64_t kRecentOffer = 10;
constexpr std::int64_t kTerritory = 15;
constexpr std::int64_t kContact = 11;
constexpr std::int64_t kMoreContacts = 3;  // at most, for knowing each other well
// Counts beyond these change nothing any more; they keep the sums apart.
constexpr std::int64_t kMaxAsked = 999, kMaxCount = 1'000'000;

bool contains(const auto& list, const auto& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// The choice for one case.
class Choice {
 public:
  explicit Choice(const RoutingInput& input)
      : input_(input),
        late_(input.subject.promise && input.now >= input.subject.promise->remind_at),
        urgent_(!input.subject.plan.line.empty() && input.subject.plan.sla.breach < kUrgentPromise),
        daytime_(daytime(input.programme.time_zone)),
        today_(date_in(input.programme.time_zone)) {}

  Assignment make();

 private:
  struct Candidate {
    const User* expert;
    std::int64_t score;
    Instant invite_at;
  };

  std::string date_in(const std::string& zone) const;
  std::string exclusion(const User& expert) const;
  std::string exclusion_by_terms(const User& expert) const;
  std::string exclusion_by_offers(const User& expert) const;
  bool is_absent(const User& expert) const;
  bool takes_territory(const User& expert) const;
  const PoolLoad& load_of(const User& expert) const;
  Instant invite_at(const User& expert);
  Instant expiry(const User& expert) const;
  void consider(const User& expert);
  bool named_was_asked() const;
  bool ask_named();
  void ask_pool();
  const Candidate& best() const;
  void choose(const Candidate& candidate, bool with_end);

  const RoutingInput& input_;
  bool late_;
  bool urgent_;
  Timetable daytime_;
  std::optional<Instant> daytime_opens_;  // when it was asked for
  std::string today_;
  std::vector<Candidate> candidates_;
  Assignment assignment_;
};

std::string Choice::date_in(const std::string& zone) const {
  // As in calendar.h: a zone that the system has lost counts as UTC.
  const auto offset = utc_offset(input_.now, zone).value_or(UtcOffset{});
  return format_utc(input_.now + offset.ahead).substr(0, std::string_view("2026-01-06").size());
}

bool Choice::is_absent(const User& expert) const {
  const Timetable& availability = expert.terms.availability;
  if (availability.shut.empty()) return false;
  const std::string date =
      availability.time_zone.empty() ? today_ : date_in(availability.time_zone);
  return expert.is_absent_on(date);
}

/// An unknown territory is nobody's.
bool Choice::takes_territory(const User& expert) const {
  const std::string& territory = input_.requester_territory;
  const auto& taken = expert.terms.territories;
  if (!taken.empty()) return contains(taken, territory) && !territory.empty();
  if (!input_.programme.territory_experts_only) return true;
  return expert.territory == territory && !territory.empty();
}

const PoolLoad& Choice::load_of(const User& expert) const {
  static const PoolLoad kNone{};
  const auto found = input_.load.find(expert.id);
  return found == input_.load.end() ? kNone : found->second;
}

std::string Choice::exclusion_by_terms(const User& expert) const {
  const ExpertTerms& terms = expert.terms;
  if (contains(terms.conflicts, input_.subject.requester)) return "conflict_of_interest";
  if (!takes_territory(expert)) return "territory";
  const auto& exams = input_.subject.exams;
  const bool takes_exams =
      terms.exam_kinds.empty() || std::all_of(exams.begin(), exams.end(), [&](const auto& exam) {
        return contains(terms.exam_kinds, exam.kind);
      });
  if (!takes_exams) return "exam_kind";
  if (terms.max_open_cases > 0 && load_of(expert).open_cases >= terms.max_open_cases) return "full";
  if (terms.max_weekly_cases > 0 && load_of(expert).week_cases >= terms.max_weekly_cases) {
    return "quota";
  }
  if (input_.programme.training_required && expert.enrolment.trained_on.empty()) {
    return "not_trained";
  }
  const std::string& insured_until = expert.enrolment.insured_until;
  return !insured_until.empty() && insured_until < today_ ? "not_insured" : "";
}

std::string Choice::exclusion_by_offers(const User& expert) const {
  std::string reason;
  for (const Offer& offer : input_.subject.offers) {
    if (offer.expert != expert.id) continue;
    switch (offer.outcome) {
      case OfferOutcome::declined:
      case OfferOutcome::given_back:
      case OfferOutcome::taken_back:
        return "declined";
      case OfferOutcome::pending:
      case OfferOutcome::accepted:
        reason = "pending";
        break;
      case OfferOutcome::expired:
        if (reason.empty() &&
            input_.now - offer.expires_at.value_or(offer.offered_at) < kAskAgain) {
          reason = "asked_lately";
        }
        break;
      case OfferOutcome::withdrawn:
        break;
    }
  }
  return reason;
}

std::string Choice::exclusion(const User& expert) const {
  if (expert.status != PersonStatus::active) return "inactive";
  if (!expert.available) return "unavailable";
  if (is_absent(expert)) return "absent";
  if (expert.id == input_.subject.requester) return "is_requester";
  std::string by_terms = exclusion_by_terms(expert);
  return by_terms.empty() ? exclusion_by_offers(expert) : by_terms;
}

/// Hours without a time zone are those of the day in the programme's zone, around his absences.
Timetable hours_of(const User& expert, const Timetable& daytime) {
  if (!expert.terms.availability.time_zone.empty()) return expert.terms.availability;
  Timetable hours = daytime;
  hours.shut = expert.terms.availability.shut;
  return hours;
}

Instant Choice::invite_at(const User& expert) {
  if (urgent_) return input_.now;
  const Timetable& availability = expert.terms.availability;
  if (!availability.time_zone.empty()) return next_open(availability, input_.now);
  if (!availability.shut.empty()) return next_open(hours_of(expert, daytime_), input_.now);
  // Most experts give no hours of their own: counted once.
  if (!daytime_opens_) daytime_opens_ = next_open(daytime_, input_.now);
  return *daytime_opens_;
}

Instant Choice::expiry(const User& expert) const {
  const Sla& sla = input_.subject.plan.sla;
  const Duration window = late_ ? sla.late_offer_window : sla.offer_window;
  if (urgent_) return input_.now + window;
  return add_open_time(hours_of(expert, daytime_), input_.now, window);
}

void Choice::consider(const User& expert) {
  Considered considered{expert.id, exclusion(expert), 0, ""};
  if (considered.excluded_because.empty()) {
    const Instant invited = invite_at(expert);
    const auto& promise = input_.subject.promise;
    const bool in_time = !promise || invited < promise->breach_at;
    const std::int64_t asked =
        std::count_if(input_.subject.offers.begin(), input_.subject.offers.end(),
                      [&](const Offer& offer) { return offer.expert == expert.id; });
    const PoolLoad& load = load_of(expert);
    const auto met = input_.previous_contacts.find(expert.id);
    const std::int64_t contacts = met == input_.previous_contacts.end() ? 0 : met->second;
    const std::string& place = input_.requester_territory;
    const bool territory =
        !place.empty() && (expert.territory == place || contains(expert.terms.territories, place));
    considered.score = (in_time ? kInTime : 0) - kAsked * std::min(asked, kMaxAsked) -
                       kOpenCase * std::min(load.open_cases, kMaxCount) -
                       kRecentOffer * std::min(load.recent_offers, kMaxCount) +
                       (territory ? kTerritory : 0) +
                       (contacts > 0 ? kContact + std::min(contacts - 1, kMoreContacts) : 0);
    considered.why = fmt::format(
        "asked {}, open {}, recent {}, contacts {}, territory {}, in_time {}", asked,
        load.open_cases, load.recent_offers, contacts, territory ? 1 : 0, in_time ? 1 : 0);
    candidates_.push_back({&expert, considered.score, invited});
  }
  assignment_.considered.push_back(std::move(considered));
}

/// The highest score; of equals the one that a hash of case and expert puts first.
const Choice::Candidate& Choice::best() const {
  const Candidate* best = &candidates_.front();
  std::string best_hash;  // empty until it is needed
  const auto hash = [&](const Candidate& candidate) {
    return hash_hex(input_.subject.id.value + "/" + candidate.expert->id.value);
  };
  for (const Candidate& candidate : candidates_) {
    if (&candidate == best || candidate.score < best->score) continue;
    std::string own_hash;
    if (candidate.score == best->score) {
      if (best_hash.empty()) best_hash = hash(*best);
      own_hash = hash(candidate);
      if (own_hash > best_hash) continue;
    }
    best = &candidate;
    best_hash = std::move(own_hash);
  }
  return *best;
}

void Choice::choose(const Candidate& candidate, bool with_end) {
  Chosen chosen{candidate.expert->id, candidate.invite_at, std::nullopt};
  if (with_end) chosen.expires_at = expiry(*candidate.expert);
  assignment_.chosen.push_back(std::move(chosen));
}

bool Choice::named_was_asked() const {
  const auto& offers = input_.subject.offers;
  return std::any_of(offers.begin(), offers.end(), [&](const Offer& offer) {
    return contains(input_.subject.requested_experts, offer.expert);
  });
}

/// Asks whom the requester named: one expert, or a group practice as one. False: nobody of them is
/// eligible.
bool Choice::ask_named() {
  for (const User& expert : input_.pool) {
    if (contains(input_.subject.requested_experts, expert.id)) consider(expert);
  }
  if (candidates_.empty()) return false;
  assignment_.group = input_.subject.requested_group;
  if (assignment_.group.empty()) {
    choose(best(), true);
  } else {
    for (const Candidate& candidate : candidates_) choose(candidate, true);
  }
  return true;
}

void Choice::ask_pool() {
  assignment_.considered.reserve(input_.pool.size());
  candidates_.reserve(input_.pool.size());
  for (const User& expert : input_.pool) consider(expert);
  if (candidates_.empty()) return;
  if (input_.subject.plan.policy == OfferPolicy::open) {
    for (const Candidate& candidate : candidates_) choose(candidate, false);
  } else {
    choose(best(), true);
  }
}

Assignment Choice::make() {
  if (input_.subject.plan.policy == OfferPolicy::direct && !named_was_asked()) {
    if (ask_named()) return std::move(assignment_);
    assignment_.considered.clear();  // the whole pool follows
    for (const UserId& id : input_.subject.requested_experts) {
      const bool known = std::any_of(input_.pool.begin(), input_.pool.end(),
                                     [&](const User& expert) { return expert.id == id; });
      if (!known) assignment_.considered.push_back({id, "not_in_pool", 0, ""});
    }
  }
  ask_pool();
  return std::move(assignment_);
}

}  // namespace

Assignment route(const RoutingInput& input) {
  return Choice(input).make();
}

}  // namespace telavis
