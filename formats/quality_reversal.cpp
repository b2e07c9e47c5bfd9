// SPDX-License-Identifier: Apache-2.0
#include "formats/quality_reversal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "formats/normalise.h"

namespace telavis {
namespace {

constexpr std::size_t kFewestBeats = 5;
constexpr double kMeasuredS = 60;     // the first minute tells
constexpr double kLongestRrS = 2.5;   // of a beat that is averaged
constexpr double kBeforeS = 0.30;     // an average beat begins so long before its QRS...
constexpr double kAfterS = 0.50;      // ...and ends so long after it
constexpr double kRefractoryS = 0.2;  // no heart beats twice in it
constexpr double kAgainst = -0.6;     // correlation of waves that are mirror images
constexpr double kWith = 0.3;
// A lead between the legs shows less than this, while lead I shows more than that.
constexpr double kNothingUv = 40;
constexpr double kSomethingUv = 250;

using Wave = std::vector<double>;

struct Beats {
  std::vector<std::size_t> at;  // samples of the QRS
  double rr_s = 0;              // the middle distance
};

// Steepness over all leads, a value a sample.
Wave steepness(const std::vector<const Lead*>& leads, std::size_t step, std::size_t samples) {
  Wave sum(std::min(samples, leads.front()->samples.size()), 0);
  for (const Lead* lead : leads) {
    for (std::size_t i = step; i < sum.size(); ++i) {
      sum[i] += std::abs(static_cast<double>(lead->samples[i]) - lead->samples[i - step]) *
                lead->gain_nv_per_lsb;
    }
  }
  return sum;
}

// The steepest places, each at least a refractory period from the next.
Beats find_beats(const std::vector<const Lead*>& leads, double rate_hz) {
  const auto samples_of = [&](double seconds) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(seconds * rate_hz));
  };
  const Wave steep = steepness(leads, samples_of(0.02), samples_of(kMeasuredS));
  Wave highest;  // of each second: a single artefact does not set the threshold
  for (std::size_t begin = 0; begin < steep.size(); begin += samples_of(1.5)) {
    const std::size_t end = std::min(steep.size(), begin + samples_of(1.5));
    highest.push_back(*std::max_element(steep.begin() + static_cast<std::ptrdiff_t>(begin),
                                        steep.begin() + static_cast<std::ptrdiff_t>(end)));
  }
  const auto middle = highest.begin() + static_cast<std::ptrdiff_t>(highest.size() / 2);
  std::ranges::nth_element(highest, middle);
  const double threshold = *middle / 2;
  Beats beats;
  const std::size_t refractory = samples_of(kRefractoryS);
  for (std::size_t i = 0; i < steep.size(); ++i) {
    if (steep[i] < threshold || threshold <= 0) continue;
    const std::size_t end = std::min(steep.size(), i + refractory / 2);
    const auto peak = std::max_element(steep.begin() + static_cast<std::ptrdiff_t>(i),
                                       steep.begin() + static_cast<std::ptrdiff_t>(end));
    const auto at = static_cast<std::size_t>(peak - steep.begin());
    beats.at.push_back(at);
    i = at + refractory;
  }
  Wave distances;
  for (std::size_t i = 1; i < beats.at.size(); ++i) {
    distances.push_back(static_cast<double>(beats.at[i] - beats.at[i - 1]) / rate_hz);
  }
  if (distances.empty()) return beats;
  std::ranges::sort(distances);
  beats.rr_s = distances[distances.size() / 2];
  return beats;
}

// Takes off the line between the ends: what is left of the baseline's wandering.
void level(Wave& wave) {
  const std::size_t end = wave.size() / 20 + 1;  // samples that are one end
  if (wave.size() < 2 * end) return;
  double first = 0;
  double last = 0;
  for (std::size_t i = 0; i < end; ++i) {
    first += wave[i] / static_cast<double>(end);
    last += wave[wave.size() - 1 - i] / static_cast<double>(end);
  }
  const double slope = (last - first) / static_cast<double>(wave.size() - end);
  for (std::size_t i = 0; i < wave.size(); ++i) wave[i] -= first + slope * static_cast<double>(i);
}

// Mean over the beats, in microvolts, `before` samples ahead of the QRS to `after` behind it.
Wave average_beat(const Lead& lead, const Beats& beats, std::size_t before, std::size_t after) {
  Wave sum(before + after, 0);
  std::size_t count = 0;
  for (const std::size_t at : beats.at) {
    if (at < before || at + after > lead.samples.size()) continue;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += lead.samples[at - before + i];
    ++count;
  }
  const double scale = count == 0 ? 0 : lead.gain_nv_per_lsb / 1e3 / static_cast<double>(count);
  for (double& value : sum) value *= scale;
  level(sum);
  return sum;
}

double swing(const Wave& wave) {
  const auto [lowest, highest] = std::ranges::minmax(wave);
  return highest - lowest;
}

enum class Agreement { unknown, with, against, neither };

// Correlation of two stretches about their own means.
Agreement compare(const Wave& left, const Wave& right, std::size_t begin, std::size_t end,
                  double least_uv) {
  if (end > left.size() || begin + 4 > end) return Agreement::unknown;
  const Wave a(left.begin() + static_cast<std::ptrdiff_t>(begin),
               left.begin() + static_cast<std::ptrdiff_t>(end));
  const Wave b(right.begin() + static_cast<std::ptrdiff_t>(begin),
               right.begin() + static_cast<std::ptrdiff_t>(end));
  if (swing(a) < least_uv || swing(b) < least_uv) return Agreement::unknown;
  const auto size = static_cast<double>(a.size());
  double mean_a = 0;
  double mean_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / size;
    mean_b += b[i] / size;
  }
  double product = 0;
  double square_a = 0;
  double square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  const double correlation = product / std::sqrt(square_a * square_b);
  if (correlation <= kAgainst) return Agreement::against;
  return correlation >= kWith ? Agreement::with : Agreement::neither;
}

// Where the waves stand in an average beat, in samples.
struct Places {
  std::size_t p_begin, p_end, qrs_begin, qrs_end, t_begin, t_end;
};

bool turned_over(const Wave& lead, const Wave& chest, const Places& at, double least_uv) {
  const Agreement p = compare(lead, chest, at.p_begin, at.p_end, least_uv);
  const Agreement qrs = compare(lead, chest, at.qrs_begin, at.qrs_end, 4 * least_uv);
  const Agreement t = compare(lead, chest, at.t_begin, at.t_end, least_uv);
  if (p == Agreement::with || t != Agreement::against) return false;
  return p == Agreement::against || (p == Agreement::unknown && qrs == Agreement::against);
}

const Lead* recorded(const EcgRecording& recording, LeadCode code) {
  const Lead* lead = recording.lead(code);
  return lead == nullptr || lead->derived || lead->samples.empty() ? nullptr : lead;
}

}  // namespace

Reversal reversal_of(const EcgRecording& recording, const EcgQualityLimits& limits) {
  const Lead* i = recorded(recording, LeadCode::I);
  const Lead* ii = recorded(recording, LeadCode::II);
  if (i == nullptr || ii == nullptr || !same_sampling(*i, *ii)) return Reversal::none;
  std::vector<const Lead*> chest;
  for (const LeadCode code : {LeadCode::V5, LeadCode::V6}) {
    const Lead* lead = recorded(recording, code);
    const bool alike = lead != nullptr && lead->sampling_interval_us == i->sampling_interval_us &&
                       lead->first_sample == i->first_sample &&
                       lead->samples.size() == i->samples.size();
    if (alike) chest.push_back(lead);
  }
  if (chest.empty()) return Reversal::none;
  const double rate_hz = 1e6 / i->sampling_interval_us;
  std::vector<const Lead*> all = {i, ii};
  all.insert(all.end(), chest.begin(), chest.end());
  const Beats beats = find_beats(all, rate_hz);
  if (beats.at.size() < kFewestBeats || beats.rr_s > kLongestRrS) return Reversal::none;
  const double before_s = std::min(kBeforeS, 0.45 * beats.rr_s);
  const double after_s = std::min(kAfterS, beats.rr_s - before_s);
  const auto samples_of = [&](double s) { return static_cast<std::size_t>(s * rate_hz); };
  const std::size_t before = samples_of(before_s);
  const std::size_t after = samples_of(after_s);
  const Wave beat_i = average_beat(*i, beats, before, after);
  const Wave beat_ii = average_beat(*ii, beats, before, after);
  Wave beat_iii(beat_i.size());
  for (std::size_t k = 0; k < beat_i.size(); ++k) beat_iii[k] = beat_ii[k] - beat_i[k];
  if (beat_i.empty()) return Reversal::none;
  if (swing(beat_i) > kSomethingUv && std::min(swing(beat_ii), swing(beat_iii)) < kNothingUv) {
    return Reversal::right_leg;
  }
  const std::size_t half_qrs = samples_of(0.06);
  const Places at = {0,
                     before - std::min(before, samples_of(0.07)),
                     before - std::min(before, half_qrs),
                     std::min(before + half_qrs, beat_i.size()),
                     std::min(before + samples_of(0.09), beat_i.size()),
                     beat_i.size()};
  // Put back, the leads must go with the chest: exchanged arms leave III in the place of II,
  // exchanged right arm and left leg leave -III in the place of I.
  bool arms = true;
  bool arm_and_leg = true;
  Wave minus_iii = beat_iii;
  for (double& value : minus_iii) value = -value;
  for (const Lead* lead : chest) {
    const Wave beat = average_beat(*lead, beats, before, after);
    const auto turned = [&](const Wave& wave) {
      return turned_over(wave, beat, at, limits.reversal_wave_uv);
    };
    arms = arms && turned(beat_i) && !turned(beat_iii);
    arm_and_leg = arm_and_leg && turned(beat_ii) && !turned(minus_iii);
  }
  if (arms) return Reversal::right_arm_left_arm;
  return arm_and_leg ? Reversal::right_arm_left_leg : Reversal::none;
}

}  // namespace telavis
