// SPDX-License-Identifier: Apache-2.0
#include "formats/quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/normalise.h"

namespace telavis {
namespace {

constexpr double kNanovoltsPerMicrovolt = 1e3;
constexpr double kNanovoltsPerMillivolt = 1e6;

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
  std::int32_t lowest = std::numeric_limits<std::int32_t>::max();
  std::int32_t highest = std::numeric_limits<std::int32_t>::min();
  std::size_t run_at_lowest = 0;  // longest run of samples in a row
  std::size_t run_at_highest = 0;
};

std::size_t longest_run(const std::vector<std::int32_t>& samples, std::int32_t value) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const std::int32_t sample : samples) {
    run = sample == value ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

Range range_of(const std::vector<std::int32_t>& samples) {
  const auto [lowest, highest] = std::ranges::minmax(samples);
  return {lowest, highest, longest_run(samples, lowest), longest_run(samples, highest)};
}

bool rests_on_limit(const Lead& lead, std::int32_t value, std::size_t run) {
  const bool far = std::abs(value * lead.gain_nv_per_lsb) >= kSaturatedMv * kNanovoltsPerMillivolt;
  const bool limit = value >= std::numeric_limits<std::int16_t>::max() ||
                     value <= std::numeric_limits<std::int16_t>::min();
  return (far || limit) &&
         static_cast<double>(run) * lead.sampling_interval_us >= kSaturatedRunMs * 1e3;
}

void check_lead(const Lead& lead, std::vector<Finding>& findings) {
  const Range range = range_of(lead.samples);
  const double swing_nv =
      (static_cast<double>(range.highest) - range.lowest) * lead.gain_nv_per_lsb;
  const std::string name = lead_name(lead.code);
  if (swing_nv < kFlatSwingUv * kNanovoltsPerMicrovolt) {
    findings.push_back({"lead_flat", Severity::warning,
                        fmt::format("Lead {} is flat. Check its electrode and cable and record "
                                    "again.",
                                    name)});
  }
  if (rests_on_limit(lead, range.lowest, range.run_at_lowest) ||
      rests_on_limit(lead, range.highest, range.run_at_highest)) {
    findings.push_back({"lead_saturated", Severity::warning,
                        fmt::format("Lead {} rests on the limit of what the device can measure. "
                                    "Check its electrode and record again.",
                                    name)});
  }
}

void check_time(const EcgRecording& recording, std::vector<Finding>& findings) {
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
  if (last_us - first_us < kMinDurationS * 1e6) {
    const double duration_s = std::max(0.0, last_us - first_us) / 1e6;
    findings.push_back({"duration_short", Severity::warning,
                        fmt::format("The recording lasts {:.2f} s, less than {:.0f} s. Record "
                                    "again, for longer.",
                                    duration_s, kMinDurationS)});
  }
  if (interval_us > kMaxIntervalUs) {
    findings.push_back({"sampling_low", Severity::warning,
                        fmt::format("The recording has {:.0f} samples a second; below {:.0f} fine "
                                    "detail is lost. Choose a higher rate on the device.",
                                    1e6 / interval_us, 1e6 / kMaxIntervalUs)});
  }
}

void check_einthoven(const EcgRecording& recording, std::vector<Finding>& findings) {
  const Lead* i = recorded(recording, LeadCode::I);
  const Lead* ii = recorded(recording, LeadCode::II);
  const Lead* iii = recorded(recording, LeadCode::III);
  if (i == nullptr || ii == nullptr || iii == nullptr) return;
  if (!same_sampling(*i, *ii) || !same_sampling(*i, *iii)) return;
  double sum_of_squares = 0;
  for (std::size_t k = 0; k < i->samples.size(); ++k) {
    const double residual = static_cast<double>(ii->samples[k]) - i->samples[k] - iii->samples[k];
    sum_of_squares += residual * residual;
  }
  const double rms_uv = std::sqrt(sum_of_squares / static_cast<double>(i->samples.size())) *
                        i->gain_nv_per_lsb / kNanovoltsPerMicrovolt;
  if (rms_uv <= kEinthovenResidualUv) return;
  findings.push_back({"einthoven_residual", Severity::warning,
                      fmt::format("Lead II differs from I + III by {:.0f} uV (root mean square): "
                                  "the limb leads were not recorded together, or one of them is "
                                  "wrongly named or damaged.",
                                  rms_uv)});
}

}  // namespace

std::vector<Finding> check_ecg(const EcgRecording& recording) {
  std::vector<Finding> findings;
  check_presence(recording, findings);
  for (const Lead& lead : recording.leads) {
    if (!lead.derived && !lead.samples.empty()) check_lead(lead, findings);
  }
  check_time(recording, findings);
  check_einthoven(recording, findings);
  return findings;
}

}  // namespace telavis
