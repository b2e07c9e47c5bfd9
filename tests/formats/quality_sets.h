// SPDX-License-Identifier: Apache-2.0
// Recordings with and without a disturbance, and how often check_ecg finds it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace telavis::test {

struct QualityScore {
  std::string disturbance;
  std::string finding;  // the code that it should give
  int found = 0, disturbed = 0;
  int wrongly_found = 0, undisturbed = 0;  // recordings without it: clean, or disturbed otherwise

  double sensitivity() const { return disturbed == 0 ? 1 : found / double(disturbed); }
  double specificity() const {
    return undisturbed == 0 ? 1 : 1 - wrongly_found / double(undisturbed);
  }
};

/// `count` recordings of each kind: rates 30 to 220, QRS axes -90 to 180, P axes 0 to 75, T axes
/// -30 to 90 and one in ten opposite, one in ten without P, 250 to 1000 Hz.
std::vector<QualityScore> quality_scores(std::uint64_t seed, int count);

}  // namespace telavis::test
