// SPDX-License-Identifier: Apache-2.0
// Technical quality of a recording: what a reader should know before looking, and what the sender
// may do better. Never what the tracing shows.
#pragma once

#include <vector>

#include "formats/recording.h"

namespace telavis {

/// Usual length of a resting ECG, and what most statements of devices are computed on.
inline constexpr double kMinDurationS = 10.0;
/// 250 Hz is 4,000 us: below it notches and pacemaker spikes are lost (unverified: recalled from
/// the AHA recommendations, which ask for 500).
inline constexpr double kMaxIntervalUs = 4'000.0;
/// A lead whose whole swing stays below this shows only what IEC 60601-2-25 allows a device as its
/// own noise (30 uV peak to valley; unverified).
inline constexpr double kFlatSwingUv = 30.0;
/// A lead is saturated when it rests on its largest or smallest value for at least this long...
inline constexpr double kSaturatedRunMs = 20.0;
/// ...and this value is at least as far from zero as the range every device must measure
/// (IEC 60601-2-25: 5 mV; unverified), or is a limit of 16 bits.
inline constexpr double kSaturatedMv = 5.0;
/// Root mean square of II - I - III: 50 uV are half a millimetre on paper, the least that is seen.
inline constexpr double kEinthovenResidualUv = 50.0;

/// Findings `lead_missing`, `lead_derivable` (info), `lead_flat`, `lead_saturated`,
/// `duration_short`, `sampling_low`, `einthoven_residual`. Derived leads count as absent.
std::vector<Finding> check_ecg(const EcgRecording& recording);

}  // namespace telavis
