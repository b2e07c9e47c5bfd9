// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/profile.h"

#include <array>

namespace telavis {
namespace {

// A surgery's day: a morning, a short noon, an afternoon that ends late, hardly a night.
constexpr std::array<double, 24> kHours = {0.02, 0.01, 0.01, 0.01, 0.01, 0.02, 0.05, 0.3,
                                           1.4,  2.4,  2.8,  2.5,  1.4,  0.9,  1.9,  2.3,
                                           2.4,  2.2,  1.7,  0.9,  0.4,  0.2,  0.1,  0.05};
constexpr std::array<double, 7> kWeekdays = {1.35, 1.3, 1.15, 1.25, 1.3, 0.5, 0.15};
// Fewer in August and around the New Year, more from September on.
constexpr std::array<double, 12> kMonths = {1.0,  1.0,  1.05, 1.0, 0.95, 1.05,
                                            0.85, 0.65, 1.15, 1.2, 1.15, 0.95};

}  // namespace

Profile profile_of(const Programme& programme) {
  Profile profile;
  const std::string& id = programme.id.value;
  if (id == "rythmologie-guadeloupe") {  // like MELIGUA: 5 experts, some 60 GPs
    profile.experts = 5;
    profile.requesters = 60;
    profile.cases_a_month = 120;
  } else if (id == "dermato-oncologie-bretagne") {  // like OncoBreizh: 36 dermatologists
    profile.experts = 36;
    profile.requesters = 400;
    profile.cases_a_month = 400;
    profile.expert.needs_appointment = 0.3;
  } else if (id == "ecg-pays-de-la-loire") {  // like the URML's ECG: 150 and 40
    profile.experts = 40;
    profile.requesters = 150;
    profile.cases_a_month = 300;
    profile.expert.urgent = 0.03;
  } else if (id == "dermatologie-hauts-de-france") {  // the pool sees every question
    profile.experts = 30;
    profile.requesters = 300;
    profile.cases_a_month = 350;
    profile.expert.ignores = 0.7;
    profile.expert.needs_appointment = 0.2;
  }
  return profile;
}

double arrival_weight(int month, int weekday, int hour) {
  return kMonths[static_cast<std::size_t>(month - 1)] *
         kWeekdays[static_cast<std::size_t>(weekday)] * kHours[static_cast<std::size_t>(hour)];
}

}  // namespace telavis
