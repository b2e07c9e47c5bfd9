// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "storage/repository.h"

namespace telavis {
namespace {

// As the queries of repository_cases.cpp and the partial indexes have them.
constexpr std::int64_t kNoStake = 0;
constexpr std::int64_t kAskedWithThePool = 1;
constexpr std::int64_t kAskedByNameOrHolding = 2;

struct Participant {
  std::int64_t stake = kNoStake;
  std::string programme;
  std::optional<Instant> taken_at = {};
  bool operator==(const Participant&) const = default;
};
using PersonAndSide = std::pair<std::string, std::string>;  // person, side
using Participants = std::map<PersonAndSide, Participant>;

Participants participants_of(const Case& subject) {
  Participants all;
  const auto add = [&](const UserId& person, const char* side, std::int64_t stake) {
    Participant& entry = all[{person.value, side}];
    entry.programme = subject.programme.value;
    entry.stake = std::max(entry.stake, is_open(subject.state) ? stake : kNoStake);
  };
  add(subject.requester, "requester", kNoStake);
  if (subject.requester_delegate) add(*subject.requester_delegate, "requester", kNoStake);
  for (const Offer& offer : subject.offers) {
    const bool pending = offer.outcome == OfferOutcome::pending;
    add(offer.expert, "expert",
        !pending           ? kNoStake
        : offer.expires_at ? kAskedByNameOrHolding
                           : kAskedWithThePool);
    const bool taken = offer.outcome == OfferOutcome::accepted || (pending && offer.expires_at);
    all[{offer.expert.value, "expert"}].taken_at =
        taken ? std::optional(offer.offered_at) : std::nullopt;
  }
  if (subject.expert) add(*subject.expert, "expert", kAskedByNameOrHolding);
  return all;
}

Result<Participants> stored_participants(Database& database, const CaseId& id) {
  const auto rows = database.run(
      "select person, side, stake, programme, coalesce(taken_at, -1) from participants "
      "where case_id = $1",
      {id.value});
  if (!rows) return tl::unexpected(rows.error());
  Participants all;
  for (const Row& row : *rows) {
    RowReader reader(row);
    PersonAndSide key{reader.text(), reader.text()};
    Participant stored{reader.integer(), reader.text()};
    const std::int64_t taken_at = reader.integer();
    if (taken_at >= 0) stored.taken_at = from_epoch_ms(taken_at);
    all[std::move(key)] = std::move(stored);
    if (!reader.sound()) return damaged("participant");
  }
  return all;
}

Result<void> count(Database& database, std::string_view programme, std::int64_t day,
                   const std::string& expert, std::int64_t by) {
  return without_rows(
      database.run("insert into pool_load (programme, day, expert, amount) values ($1, $2, $3, $4) "
                   "on conflict (programme, day, expert) do update set "
                   "amount = pool_load.amount + excluded.amount",
                   {programme, day, expert, by}));
}

Result<void> count_open(Database& database, const std::string& person, const Participant& was,
                        const Participant& is) {
  constexpr auto kCounted = kAskedByNameOrHolding;
  if (was.stake == kCounted && is.stake == kCounted && was.programme == is.programme) return {};
  if (was.stake == kCounted) {
    if (auto less = count(database, was.programme, participants_sql::kOpenNow, person, -1); !less)
      return less;
  }
  if (is.stake != kCounted) return {};
  return count(database, is.programme, participants_sql::kOpenNow, person, 1);
}

}  // namespace

std::int64_t participants_sql::day_of(Instant instant) {
  return std::chrono::floor<std::chrono::days>(instant).time_since_epoch().count();
}

Result<void> participants_sql::update(Database& database, const Case& subject) {
  const auto stored = stored_participants(database, subject.id);
  if (!stored) return tl::unexpected(stored.error());
  Participants wanted = participants_of(subject);
  // Nobody leaves a list he was on: he keeps what he has seen.
  for (const auto& [key, entry] : *stored)
    wanted.try_emplace(key, Participant{kNoStake, subject.programme.value});
  for (const auto& [key, entry] : wanted) {
    const auto known = stored->find(key);
    if (known != stored->end() && known->second == entry) continue;
    auto written = without_rows(database.run(
        "insert into participants (case_id, person, side, stake, programme, submitted_at, "
        "taken_at) values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict (case_id, person, side) do update set stake = excluded.stake, "
        "programme = excluded.programme, taken_at = excluded.taken_at",
        {subject.id.value, key.first, key.second, entry.stake, entry.programme,
         value(subject.submitted_at), entry.taken_at ? Value(value(*entry.taken_at)) : Value()}));
    if (!written) return written;
    const Participant was = known == stored->end() ? Participant() : known->second;
    if (auto counted = count_open(database, key.first, was, entry); !counted) return counted;
  }
  return {};
}

Result<void> participants_sql::insert_offers(Database& database, const Case& subject,
                                             std::int64_t first) {
  for (auto place = static_cast<std::size_t>(first); place < subject.offers.size(); ++place) {
    const Offer& offer = subject.offers[place];
    if (!offer.expires_at) continue;
    const auto inserted = database.run(
        "insert into named_offers (programme, offered_at, expert, case_id, place) "
        "values ($1, $2, $3, $4, $5) on conflict do nothing returning place",
        {subject.programme.value, value(offer.offered_at), offer.expert.value, subject.id.value,
         static_cast<std::int64_t>(place)});
    if (!inserted) return tl::unexpected(inserted.error());
    if (inserted->empty()) continue;
    if (auto counted = count(database, subject.programme.value, day_of(offer.offered_at),
                             offer.expert.value, 1);
        !counted)
      return counted;
  }
  return {};
}

}  // namespace telavis
