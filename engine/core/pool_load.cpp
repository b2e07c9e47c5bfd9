// SPDX-License-Identifier: Apache-2.0
#include "engine/core/pool_load.h"

#include <algorithm>

namespace telavis {
namespace {

constexpr Duration kQuotaWindow = std::chrono::hours(7 * 24);

}  // namespace

Result<std::map<UserId, PoolLoad>> load_of(Repository& repository, const ProgrammeId& programme,
                                           const std::vector<User>& pool, Instant now) {
  auto load = repository.pool_load(programme, now - kFairnessWindow);
  const bool has_quotas = std::any_of(pool.begin(), pool.end(), [](const User& expert) {
    return expert.terms.max_weekly_cases > 0;
  });
  if (!load || !has_quotas) return load;
  const auto taken = repository.taken_since(now - kQuotaWindow);
  if (!taken) return tl::unexpected(taken.error());
  for (const auto& [expert, count] : *taken) (*load)[expert].week_cases = count;
  return load;
}

}  // namespace telavis
