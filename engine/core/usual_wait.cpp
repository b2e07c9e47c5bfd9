// SPDX-License-Identifier: Apache-2.0
#include "engine/core/usual_wait.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "engine/core/calendar.h"

namespace telavis {
namespace {

constexpr Duration kLookedBack = std::chrono::hours(90 * 24);
// Fewer say how one expert answered, not how long one waits.
constexpr std::size_t kLeastAnswers = 5;
// Each is read whole: a form is opened often, and these are some milliseconds.
constexpr std::size_t kMostCases = 200;

bool is_present(const User& expert, const Programme& programme, Instant now) {
  if (expert.status != PersonStatus::active || !expert.available) return false;
  const Timetable& own = expert.terms.availability;
  return is_open_at(own.time_zone.empty() ? daytime(programme.time_zone) : own, now);
}

}  // namespace

Result<UsualWait> usual_wait(Repository& repository, const Programme& programme, Instant now) {
  CaseQuery query;
  query.programmes = {programme.id};
  query.limit = kMostCases;
  const auto cases = repository.cases(query);
  if (!cases) return tl::unexpected(cases.error());
  std::vector<Duration> waits;
  for (const Case& one : *cases) {
    const bool counts = one.promise && one.answered_at && *one.answered_at > now - kLookedBack;
    if (counts) waits.push_back(*one.answered_at - one.promise->completed_at);
  }
  const auto experts = repository.members(programme.id, Role::expert);
  if (!experts) return tl::unexpected(experts.error());
  UsualWait out;
  out.experts_present = std::count_if(experts->begin(), experts->end(), [&](const User& expert) {
    return is_present(expert, programme, now);
  });
  if (waits.size() < kLeastAnswers) return out;
  const auto middle = waits.begin() + static_cast<std::ptrdiff_t>(waits.size() / 2);
  std::nth_element(waits.begin(), middle, waits.end());
  out.median = *middle;
  return out;
}

}  // namespace telavis
