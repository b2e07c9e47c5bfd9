// SPDX-License-Identifier: Apache-2.0
#include "formats/quality_noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

namespace telavis {
namespace {

// Ten periods of 50 Hz, twelve of 60: with a Hann window each is blind to the other.
constexpr double kMainsWindowS = 0.2;
// Two beats at 220 a minute, so that the middle value is not one of a beat.
constexpr double kBaselineWindowS = 0.6;
// A stretch between the end of T and the next P; at high rates between S and T.
constexpr double kMuscleWindowS = 0.1;
// What a moving mean of 20 ms leaves is faster than about 35 Hz, and mains of 50 Hz passes whole.
constexpr double kSlowS = 0.02;
constexpr double kLowestRateHz = 150;  // below it 60 Hz stands too near half the rate
constexpr std::size_t kFewestWindows = 5;
// Noise is always there, waves come and go: the share of windows that may be quieter.
constexpr double kQuietShare = 0.25;

double quantile(std::vector<double>& values, double share) {
  const auto nth = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + nth);
  return values[static_cast<std::size_t>(nth)];
}

using Samples = std::span<const std::int32_t>;

/// For each sample that has neighbours enough, `width` times what it is above the mean of `width`
/// samples around it. Whole numbers: a running sum of them stays exact.
std::vector<double> less_moving_mean(Samples samples, std::size_t width) {
  std::vector<double> fast;
  if (samples.size() < width) return fast;
  fast.resize(samples.size() - width + 1);
  const auto times = static_cast<std::int64_t>(width);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i + 1 < width; ++i) sum += samples[i];
  for (std::size_t i = 0; i < fast.size(); ++i) {
    sum += samples[i + width - 1];
    fast[i] = static_cast<double>(samples[i + width - 1 - width / 2] * times - sum);
    sum -= samples[i];
  }
  return fast;
}

constexpr double kBesideHz = 15;  // past the main lobes of both mains frequencies
constexpr std::array<double, 3> kTones = {50, 60, 60 + kBesideHz};
constexpr std::size_t k50 = 0;
constexpr std::size_t k60 = 1;
constexpr std::size_t kBeside = 2;

using Tones = std::array<std::vector<double>, kTones.size()>;  // a value a window
// A step of Goertzel's recurrence waits for the last one: meanwhile other windows take theirs.
constexpr std::size_t kAtOnce = 4;
using Lane = std::array<double, kAtOnce>;

std::vector<double> hann(std::size_t window) {
  std::vector<double> weights(window);
  for (std::size_t i = 0; i < window; ++i) {
    weights[i] = 1 - std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) /
                              static_cast<double>(window));
  }
  return weights;
}

/// The amplitude of each tone in each window.
Tones amplitudes(const std::vector<double>& fast, std::size_t window, double rate_hz) {
  const auto weights = hann(std::min(window, fast.size()));
  std::array<double, kTones.size()> turn{};
  for (std::size_t tone = 0; tone < kTones.size(); ++tone) {
    turn[tone] = 2 * std::cos(2 * std::numbers::pi * kTones[tone] / rate_hz);
  }
  Tones tones;
  const std::size_t windows = fast.size() / window;
  for (std::size_t first = 0; first < windows; first += kAtOnce) {
    std::array<const double*, kAtOnce> at{};
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      at[k] = fast.data() + std::min(first + k, windows - 1) * window;
    }
    std::array<Lane, kTones.size()> last{};
    std::array<Lane, kTones.size()> before{};
    for (std::size_t i = 0; i < window; ++i) {
      Lane sample{};
      for (std::size_t k = 0; k < kAtOnce; ++k) sample[k] = at[k][i] * weights[i];
      for (std::size_t tone = 0; tone < kTones.size(); ++tone) {
        for (std::size_t k = 0; k < kAtOnce; ++k) {
          const double next = sample[k] + turn[tone] * last[tone][k] - before[tone][k];
          before[tone][k] = last[tone][k];
          last[tone][k] = next;
        }
      }
    }
    for (std::size_t tone = 0; tone < kTones.size(); ++tone) {
      for (std::size_t k = 0; k < kAtOnce && first + k < windows; ++k) {
        const double a = last[tone][k];
        const double b = before[tone][k];
        const double power = std::max(a * a + b * b - turn[tone] * a * b, 0.0);
        tones[tone].push_back(std::sqrt(power) * 2 / static_cast<double>(window));
      }
    }
  }
  return tones;
}

double quiet_rms(const std::vector<double>& fast, std::size_t window) {
  std::vector<double> list;
  for (std::size_t begin = 0; begin + window <= fast.size(); begin += window) {
    double power = 0;
    for (std::size_t i = begin; i < begin + window; ++i) power += fast[i] * fast[i];
    list.push_back(std::sqrt(power / static_cast<double>(window)));
  }
  return list.size() < kFewestWindows ? 0 : quantile(list, kQuietShare);
}

// Samples are gone through in blocks, so that the compiler takes several a step.
constexpr std::size_t kBlock = 16;

struct Extremes {
  std::int32_t lowest, highest;
};

Extremes extremes(Samples samples) {
  std::array<std::int32_t, kBlock> low{};
  low.fill(samples.front());
  std::array<std::int32_t, kBlock> high = low;
  std::size_t i = 0;
  for (; i + kBlock <= samples.size(); i += kBlock) {
    const std::int32_t* const block = samples.data() + i;
    for (std::size_t k = 0; k < kBlock; ++k) low[k] = block[k] < low[k] ? block[k] : low[k];
    for (std::size_t k = 0; k < kBlock; ++k) high[k] = block[k] > high[k] ? block[k] : high[k];
  }
  Extremes all{std::ranges::min(low), std::ranges::max(high)};
  for (; i < samples.size(); ++i) {
    all.lowest = std::min(all.lowest, samples[i]);
    all.highest = std::max(all.highest, samples[i]);
  }
  return all;
}

/// How many of the samples are at most `limit`.
std::size_t count_up_to(Samples samples, std::int32_t limit) {
  std::array<std::int32_t, kBlock> counts{};
  std::size_t i = 0;
  for (; i + kBlock <= samples.size(); i += kBlock) {
    const std::int32_t* const block = samples.data() + i;
    for (std::size_t k = 0; k < kBlock; ++k) counts[k] += block[k] <= limit ? 1 : 0;
  }
  std::size_t count = 0;
  for (const std::int32_t one : counts) count += static_cast<std::size_t>(one);
  for (; i < samples.size(); ++i) count += samples[i] <= limit ? 1U : 0U;
  return count;
}

/// The value in the middle when sorted: by halving what it may be. Sorting costs several times as
/// much.
std::int32_t middle_of(Samples samples) {
  const std::size_t middle = (samples.size() - 1) / 2;
  const auto [lowest, highest] = extremes(samples);
  std::int64_t low = lowest;
  std::int64_t high = highest;
  while (low < high) {
    const std::int64_t tried = low + (high - low) / 2;
    if (count_up_to(samples, static_cast<std::int32_t>(tried)) > middle) {
      high = tried;
    } else {
      low = tried + 1;
    }
  }
  return static_cast<std::int32_t>(low);
}

/// Swing of the middle values of windows that half overlap.
double baseline_swing(Samples samples, std::size_t window) {
  std::int32_t lowest = std::numeric_limits<std::int32_t>::max();
  std::int32_t highest = std::numeric_limits<std::int32_t>::min();
  std::size_t windows = 0;
  const std::size_t step = std::max<std::size_t>(1, window / 2);
  for (std::size_t begin = 0; begin + window <= samples.size(); begin += step) {
    const std::int32_t middle = middle_of(samples.subspan(begin, window));
    lowest = std::min(lowest, middle);
    highest = std::max(highest, middle);
    ++windows;
  }
  return windows < kFewestWindows ? 0 : static_cast<double>(highest) - lowest;
}

}  // namespace

LeadNoise measure_noise(const Lead& lead) {
  LeadNoise noise;
  // The first minute tells: a tracing of a day would cost as much as reading it.
  constexpr double kMeasuredS = 60;
  const double rate_hz = 1e6 / lead.sampling_interval_us;
  const auto samples_of = [&](double seconds) {
    const double count = std::clamp(std::round(seconds * rate_hz), 1.0, 1e9);
    return static_cast<std::size_t>(count);
  };
  const Samples samples =
      Samples(lead.samples).first(std::min(lead.samples.size(), samples_of(kMeasuredS)));
  const double uv_per_lsb = std::abs(lead.gain_nv_per_lsb) / 1e3;
  noise.wander_uv = baseline_swing(samples, samples_of(kBaselineWindowS)) * uv_per_lsb;
  if (rate_hz < kLowestRateHz) return noise;
  const std::size_t width = samples_of(kSlowS);
  const double scale = uv_per_lsb / static_cast<double>(width);
  const auto fast = less_moving_mean(samples, width);
  auto tones = amplitudes(fast, samples_of(kMainsWindowS), rate_hz);
  if (tones[kBeside].size() >= kFewestWindows) {
    // A steady oscillation stands out of what surrounds its frequency in the quiet windows too.
    const double background = quantile(tones[kBeside], kQuietShare);
    const auto steady = [&](std::vector<double>& tone) {
      const double amplitude = quantile(tone, kQuietShare);
      return amplitude > 3 * background ? amplitude * scale : 0;
    };
    noise.mains_50_uv = steady(tones[k50]);
    noise.mains_60_uv = steady(tones[k60]);
  }
  const double rms = quiet_rms(fast, samples_of(kMuscleWindowS)) * scale;
  const double mains_power =
      (noise.mains_50_uv * noise.mains_50_uv + noise.mains_60_uv * noise.mains_60_uv) / 2;
  noise.muscle_uv = std::sqrt(std::max(0.0, rms * rms - mains_power));
  return noise;
}

}  // namespace telavis
