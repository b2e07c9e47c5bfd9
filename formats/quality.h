// SPDX-License-Identifier: Apache-2.0
// Technical quality of a recording: what a reader should know before looking, and what the sender
// may do better. Never what the tracing shows.
#pragma once

#include <string_view>
#include <vector>

#include "formats/recording.h"

namespace telavis {

/// Where findings begin. The defaults of noise were chosen on synthetic recordings (the program
/// quality_figures measures them on others) and prints the figures.
struct EcgQualityLimits {
  /// Usual length of a resting ECG, and what most statements of devices are computed on.
  double min_duration_s = 10.0;
  /// 250 Hz is 4,000 us: below it notches and pacemaker spikes are lost (unverified: recalled from
  /// the AHA recommendations, which ask for 500).
  double max_interval_us = 4'000.0;
  /// A lead whose whole swing stays below this shows only what IEC 60601-2-25 allows a device as
  /// its own noise (30 uV peak to valley; unverified).
  double flat_swing_uv = 30.0;
  /// A lead is saturated when it rests on its largest or smallest value for at least this long...
  double saturated_run_ms = 20.0;
  /// ...and this value is at least as far from zero as the range every device must measure
  /// (IEC 60601-2-25: 5 mV; unverified), or is a limit of 16 bits.
  double saturated_mv = 5.0;
  /// Root mean square of II - I - III within a second, median of the seconds: 50 uV are half a
  /// millimetre on paper, the least that is seen.
  double einthoven_residual_uv = 50.0;
  /// Amplitude (half the swing) of a steady 50 or 60 Hz: 30 uV make the line 0.6 mm thick.
  double mains_uv = 30.0;
  /// Swing of the baseline: 0.5 mV are half a large square.
  double wander_mv = 0.5;
  /// Root mean square above about 35 Hz, mains taken off, where the lead is quiet. Ordinary
  /// tracings have 2 to 15 uV.
  double muscle_uv = 25.0;
  /// Least swing that a wave must have in both leads before its direction counts.
  double reversal_wave_uv = 40.0;
  /// Look for exchanged limb electrodes. The one check that reads the shape of the beats: it is
  /// made only where somebody answers for the clinical tools (docs/regulation.md).
  bool exchanged_electrodes = false;
};

/// What that check finds.
inline constexpr std::string_view kExchangedElectrodes = "limb_leads_reversed_hint";

/// Findings `lead_missing`, `lead_derivable` (info), `lead_flat`, `lead_saturated`,
/// `lead_duplicated`, `duration_short`, `sampling_low`, `einthoven_residual`, `mains_noise`,
/// `baseline_wander`, `muscle_noise`, `limb_leads_reversed_hint`, `pacemaker_spikes_declared`
/// (info). Derived leads count as absent. Linear in the samples of each lead.
std::vector<Finding> check_ecg(const EcgRecording& recording, const EcgQualityLimits& limits = {});

}  // namespace telavis
