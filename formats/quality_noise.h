// SPDX-License-Identifier: Apache-2.0
// What disturbs one lead: mains, the baseline, muscles.
#pragma once

#include "formats/recording.h"

namespace telavis {

/// Zero where the lead is too short or too slow to tell.
struct LeadNoise {
  double mains_50_uv = 0;  // amplitude of a steady oscillation: half its swing
  double mains_60_uv = 0;
  double wander_uv = 0;  // swing of the baseline
  double muscle_uv = 0;  // root mean square of what is fast, where the lead is quiet, less mains
};

LeadNoise measure_noise(const Lead& lead);

}  // namespace telavis
