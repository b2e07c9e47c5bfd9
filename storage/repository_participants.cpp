// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
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
  bool operator==(const Participant&) const = default;
};
using Key = std::pair<std::string, std::string>;  // person, side
using Participants = std::map<Key, Participant>;

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
  }
  if (subject.expert) add(*subject.expert, "expert", kAskedByNameOrHolding);
  return all;
}

Result<Participants> stored_participants(Database& database, const CaseId& id) {
  const auto rows = database.run(
      "select person, side, stake, programme from participants where case_id = $1", {id.value});
  if (!rows) return tl::unexpected(rows.error());
  Participants all;
  for (const Row& row : *rows) {
    RowReader reader(row);
    Key key{reader.text(), reader.text()};
    all[std::move(key)] = {reader.integer(), reader.text()};
    if (!reader.sound()) return damaged("participant");
  }
  return all;
}

}  // namespace

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
        "insert into participants (case_id, person, side, stake, programme, submitted_at) "
        "values ($1, $2, $3, $4, $5, $6) on conflict (case_id, person, side) do update set "
        "stake = excluded.stake, programme = excluded.programme",
        {subject.id.value, key.first, key.second, entry.stake, entry.programme,
         value(subject.submitted_at)}));
    if (!written) return written;
  }
  return {};
}

Result<void> participants_sql::insert_offers(Database& database, const Case& subject,
                                             std::int64_t first) {
  for (auto place = static_cast<std::size_t>(first); place < subject.offers.size(); ++place) {
    const Offer& offer = subject.offers[place];
    if (!offer.expires_at) continue;
    auto inserted = without_rows(
        database.run("insert into named_offers (programme, offered_at, expert, case_id, place) "
                     "values ($1, $2, $3, $4, $5) on conflict do nothing",
                     {subject.programme.value, value(offer.offered_at), offer.expert.value,
                      subject.id.value, static_cast<std::int64_t>(place)}));
    if (!inserted) return inserted;
  }
  return {};
}

}  // namespace telavis
