// SPDX-License-Identifier: Apache-2.0
#include "formats/quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/normalise.h"
#include "formats/quality_noise.h"
#include "formats/quality_reversal.h"

namespace telavis {
namespace {

constexpr double kNanovoltsPerMicrovolt = 1e3;
constexpr double kNanovoltsPerMillivolt = 1e6;

// A label of a file is free text: it may name a person, and findings go where names may not.
std::string public_name(const Lead& lead) {
  return lead.code == LeadCode::unspecified ? "(unnamed)" : lead_name(lead.code);
}

const Lead* recorded(const EcgRecording& recording, LeadCode code) {
  const Lead* lead = recording.lead(code);
  return lead == nullptr || lead->derived || lead->samples.empty() ? nullptr : lead;
}

bool derivable(const EcgRecording& recording, LeadCode code) {
  if (code != LeadCode::III && code != LeadCode::aVR && code != LeadCode::aVL &&
      code != LeadCode::aVF) {
    return false;
  }
  const Lead* i = recorded(recording, LeadCode::I);
  const Lead* ii = recorded(recording, LeadCode::II);
  return i != nullptr && ii != nullptr && same_sampling(*i, *ii);
}

void check_presence(const EcgRecording& recording, std::vector<Finding>& findings) {
  std::string missing;
  std::string computed;
  for (const LeadCode code : kTwelveLeads) {
    if (recorded(recording, code) != nullptr) continue;
    std::string& list = derivable(recording, code) ? computed : missing;
    list += (list.empty() ? "" : ", ") + lead_name(code);
  }
  if (!missing.empty()) {
    findings.push_back(
        {"lead_missing", Severity::warning,
         fmt::format("Of the twelve standard leads, {} not recorded: {}. Check the "
                     "electrodes and the lead set chosen on the device.",
                     missing.find(',') == std::string::npos ? "one was" : "some were", missing)});
  }
  if (!computed.empty()) {
    findings.push_back({"lead_derivable", Severity::info,
                        fmt::format("Computed from I and II for display: {}.", computed)});
  }
}

struct Range {
  std::int32_t lowest = 0;
  std::int32_t highest = 0;
};

Range range_of(const std::vector<std::int32_t>& samples) {
  const auto [lowest, highest] = std::ranges::minmax(samples);
  return {lowest, highest};
}

std::size_t longest_run(const std::vector<std::int32_t>& samples, std::int32_t value) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const std::int32_t sample : samples) {
    run = sample == value ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool rests_on_limit(const Lead& lead, std::int32_t value, const EcgQualityLimits& limits) {
  const bool far =
      std::abs(value * lead.gain_nv_per_lsb) >= limits.saturated_mv * kNanovoltsPerMillivolt;
  const bool limit = value >= std::numeric_limits<std::int16_t>::max() ||
                     value <= std::numeric_limits<std::int16_t>::min();
  return (far || limit) &&
         static_cast<double>(longest_run(lead.samples, value)) * lead.sampling_interval_us >=
             limits.saturated_run_ms * 1e3;
}

enum class Reach { within, limit };

Reach check_lead(const Lead& lead, const EcgQualityLimits& limits, std::vector<Finding>& findings) {
  const Range range = range_of(lead.samples);
  const double swing_nv =
      (static_cast<double>(range.highest) - range.lowest) * lead.gain_nv_per_lsb;
  const std::string name = public_name(lead);
  if (swing_nv < limits.flat_swing_uv * kNanovoltsPerMicrovolt) {
    findings.push_back({"lead_flat", Severity::warning,
                        fmt::format("Lead {} is flat. Check its electrode and cable and record "
                                    "again.",
                                    name)});
  }
  const bool saturated =
      rests_on_limit(lead, range.lowest, limits) || rests_on_limit(lead, range.highest, limits);
  if (!saturated) return Reach::within;
  findings.push_back({"lead_saturated", Severity::warning,
                      fmt::format("Lead {} rests on the limit of what the device can measure. "
                                  "Check its electrode and record again.",
                                  name)});
  return Reach::limit;
}

void check_time(const EcgRecording& recording, const EcgQualityLimits& limits,
                std::vector<Finding>& findings) {
  double first_us = std::numeric_limits<double>::infinity();
  double last_us = 0;
  double interval_us = 0;
  for (const Lead& lead : recording.leads) {
    if (lead.derived || lead.samples.empty()) continue;
    const double begin = lead.first_sample * lead.sampling_interval_us;
    const double length = static_cast<double>(lead.samples.size()) * lead.sampling_interval_us;
    first_us = std::min(first_us, begin);
    last_us = std::max(last_us, begin + length);
    interval_us = std::max(interval_us, lead.sampling_interval_us);
  }
  if (last_us - first_us < limits.min_duration_s * 1e6) {
    const double duration_s = std::max(0.0, last_us - first_us) / 1e6;
    findings.push_back({"duration_short", Severity::warning,
                        fmt::format("The recording lasts {:.2f} s, less than {:.0f} s. Record "
                                    "again, for longer.",
                                    duration_s, limits.min_duration_s)});
  }
  if (interval_us > limits.max_interval_us) {
    findings.push_back({"sampling_low", Severity::warning,
                        fmt::format("The recording has {:.0f} samples a second; below {:.0f} fine "
                                    "detail is lost. Choose a higher rate on the device.",
                                    1e6 / interval_us, 1e6 / limits.max_interval_us)});
  }
}

void check_einthoven(const EcgRecording& recording, const EcgQualityLimits& limits,
                     std::vector<Finding>& findings) {
  const Lead* i = recorded(recording, LeadCode::I);
  const Lead* ii = recorded(recording, LeadCode::II);
  const Lead* iii = recorded(recording, LeadCode::III);
  if (i == nullptr || ii == nullptr || iii == nullptr) return;
  if (!same_sampling(*i, *ii) || !same_sampling(*i, *iii)) return;
  // By the second, and of these the median: an artefact of a moment, or the calibration pulse that
  // some devices append to one lead, is no mistake of the leads.
  const auto second = static_cast<std::size_t>(1e6 / i->sampling_interval_us) + 1;
  std::vector<double> residuals_uv;
  for (std::size_t begin = 0; begin < i->samples.size(); begin += second) {
    const std::size_t end = std::min(begin + second, i->samples.size());
    double sum_of_squares = 0;
    for (std::size_t k = begin; k < end; ++k) {
      const double residual = static_cast<double>(ii->samples[k]) - i->samples[k] - iii->samples[k];
      sum_of_squares += residual * residual;
    }
    residuals_uv.push_back(std::sqrt(sum_of_squares / static_cast<double>(end - begin)) *
                           i->gain_nv_per_lsb / kNanovoltsPerMicrovolt);
  }
  const auto middle = residuals_uv.begin() + static_cast<std::ptrdiff_t>(residuals_uv.size() / 2);
  std::ranges::nth_element(residuals_uv, middle);
  const double rms_uv = *middle;
  if (rms_uv <= limits.einthoven_residual_uv) return;
  findings.push_back({"einthoven_residual", Severity::warning,
                      fmt::format("Lead II differs from I + III by {:.0f} uV (root mean square): "
                                  "the limb leads were not recorded together, or one of them is "
                                  "wrongly named or damaged.",
                                  rms_uv)});
}

// One finding a kind of noise, naming the leads.
void check_noise(const std::vector<const Lead*>& leads, const EcgQualityLimits& limits,
                 std::vector<Finding>& findings) {
  std::string mains;
  std::string wander;
  std::string muscle;
  int hertz = 50;
  const auto add = [](std::string& list, const Lead& lead) {
    list += (list.empty() ? "" : ", ") + public_name(lead);
  };
  for (const Lead* one : leads) {
    const Lead& lead = *one;
    const LeadNoise noise = measure_noise(lead);
    if (std::max(noise.mains_50_uv, noise.mains_60_uv) > limits.mains_uv) {
      if (mains.empty() && noise.mains_60_uv > noise.mains_50_uv) hertz = 60;
      add(mains, lead);
    }
    if (noise.wander_uv > limits.wander_mv * 1e3) add(wander, lead);
    if (noise.muscle_uv > limits.muscle_uv) add(muscle, lead);
  }
  if (!mains.empty()) {
    findings.push_back(
        {"mains_noise", Severity::warning,
         fmt::format("Mains noise of {} Hz in {}. Check the electrodes and the earth, "
                     "move cables away from others, and record again.",
                     hertz, mains)});
  }
  if (!wander.empty()) {
    findings.push_back({"baseline_wander", Severity::warning,
                        fmt::format("The baseline wanders in {}. Clean the skin, let the patient "
                                    "lie still and breathe calmly, and record again.",
                                    wander)});
  }
  if (!muscle.empty()) {
    findings.push_back(
        {"muscle_noise", Severity::warning,
         fmt::format("Fast noise, as of muscles, in {}. Let the patient relax and be "
                     "warm, and record again.",
                     muscle)});
  }
}

std::uint64_t fingerprint(const Lead& lead) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const std::int32_t sample : lead.samples) {
    hash = (hash ^ static_cast<std::uint32_t>(sample)) * 0x100000001B3U;
  }
  return hash;
}

void check_duplicates(const EcgRecording& recording, const EcgQualityLimits& limits,
                      std::vector<Finding>& findings) {
  std::vector<std::pair<std::uint64_t, const Lead*>> prints;
  for (const Lead& lead : recording.leads) {
    if (!lead.derived && !lead.samples.empty()) prints.emplace_back(fingerprint(lead), &lead);
  }
  std::ranges::stable_sort(prints, {}, &std::pair<std::uint64_t, const Lead*>::first);
  for (std::size_t i = 1; i < prints.size(); ++i) {
    const Lead& left = *prints[i - 1].second;
    const Lead& right = *prints[i].second;
    if (prints[i - 1].first != prints[i].first || !same_sampling(left, right)) continue;
    const auto [lowest, highest] = std::ranges::minmax(left.samples);
    const double swing_nv = (static_cast<double>(highest) - lowest) * left.gain_nv_per_lsb;
    if (swing_nv < limits.flat_swing_uv * kNanovoltsPerMicrovolt) continue;  // told already
    if (left.samples != right.samples) continue;
    findings.push_back({"lead_duplicated", Severity::warning,
                        fmt::format("Leads {} and {} hold the same samples: one of them was not "
                                    "recorded. Ask for the original.",
                                    public_name(left), public_name(right))});
  }
}

void check_electrodes(const EcgRecording& recording, const EcgQualityLimits& limits,
                      std::vector<Finding>& findings) {
  std::string_view which;
  switch (reversal_of(recording, limits)) {
    case Reversal::none:
      return;
    case Reversal::right_arm_left_arm:
      which = "of the right and the left arm";
      break;
    case Reversal::right_arm_left_leg:
      which = "of the right arm and the left leg";
      break;
    case Reversal::right_leg:
      which = "of an arm and the right leg";
      break;
  }
  findings.push_back({std::string(kExchangedElectrodes), Severity::warning,
                      fmt::format("The electrodes {} may be exchanged: check, and record again if "
                                  "so.",
                                  which)});
}

void check_spikes(const EcgRecording& recording, std::vector<Finding>& findings) {
  const auto& spikes = recording.measurements.pacemaker_spikes;
  if (!spikes || *spikes <= 0) return;
  findings.push_back({"pacemaker_spikes_declared", Severity::info,
                      fmt::format("The device states pacemaker spikes: {}.", *spikes)});
}

}  // namespace

std::vector<Finding> check_ecg(const EcgRecording& recording, const EcgQualityLimits& limits) {
  std::vector<Finding> findings;
  check_presence(recording, findings);
  std::vector<const Lead*> within;  // of a saturated lead, that is told and nothing else
  for (const Lead& lead : recording.leads) {
    if (lead.derived || lead.samples.empty()) continue;
    if (check_lead(lead, limits, findings) == Reach::within) within.push_back(&lead);
  }
  check_duplicates(recording, limits, findings);
  check_time(recording, limits, findings);
  check_einthoven(recording, limits, findings);
  check_noise(within, limits, findings);
  if (limits.exchanged_electrodes) check_electrodes(recording, limits, findings);
  check_spikes(recording, findings);
  return findings;
}

}  // namespace telavis
