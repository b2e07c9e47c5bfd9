// SPDX-License-Identifier: Apache-2.0
#include "engine/core/expert_digest.h"

#include <algorithm>
#include <chrono>

#include "engine/core/person_mail.h"
#include "engine/core/time.h"

namespace telavis {
namespace {

constexpr Duration kHour = std::chrono::hours(1);
constexpr int kHoursLookedAt = 50;  // two days and a change of the clocks

Duration ahead_of_utc(Instant instant, const std::string& zone) {
  return utc_offset(instant, zone).value_or(UtcOffset{}).ahead;
}

/// The beginning of the local hour.
Instant full_hour(Instant instant, const std::string& zone) {
  const Duration ahead = ahead_of_utc(instant, zone);
  const Instant local = instant + ahead;
  return std::chrono::floor<std::chrono::hours>(local) - ahead;
}

bool is_one_of(const DigestHours& digest, Instant full) {
  const Instant local = full + ahead_of_utc(full, digest.time_zone);
  const auto hour = std::chrono::duration_cast<std::chrono::hours>(
      local - std::chrono::floor<std::chrono::days>(local));
  return std::find(digest.hours.begin(), digest.hours.end(), hour.count()) != digest.hours.end();
}

}  // namespace

Instant DigestHours::next_after(Instant instant) const {
  Instant full = full_hour(instant, time_zone) + kHour;
  for (int i = 0; i < kHoursLookedAt && !is_one_of(*this, full); ++i) full += kHour;
  return full;
}

Instant DigestHours::last_until(Instant instant) const {
  Instant full = full_hour(instant, time_zone);
  for (int i = 0; i < kHoursLookedAt && !is_one_of(*this, full); ++i) full -= kHour;
  return full;
}

Result<DigestHours> digest_hours_of(Repository& repository, const User& expert) {
  const std::string& own = expert.terms.availability.time_zone;
  if (!own.empty()) return DigestHours{expert.terms.digest_hours, own};
  const auto programme = programme_writing_to(repository, expert);
  if (!programme) return tl::unexpected(programme.error());
  return DigestHours{expert.terms.digest_hours, programme->time_zone};
}

bool waits_for_digest(MessageKind kind, const Case& subject, const Programme& programme,
                      const UserId& expert, const DigestHours& hours, Instant leaves_at) {
  const bool invites = kind == MessageKind::invitation || kind == MessageKind::open_invitation;
  if (!invites || hours.hours.empty() || programme.by_mail || !subject.plan.line.empty()) {
    return false;
  }
  const Offer* offer = pending_offer(subject, expert);
  if (offer == nullptr || !subject.promise) return false;
  const Instant latest = offer->expires_at ? leaves_at + (*offer->expires_at - leaves_at) / 2
                                           : subject.promise->remind_at;
  return hours.next_after(leaves_at) <= std::min(latest, subject.promise->remind_at);
}

}  // namespace telavis
