// SPDX-License-Identifier: Apache-2.0
#include "formats/quality_noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
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

// Amplitude of `hertz` in each window, by Goertzel's recurrence.
std::vector<double> amplitudes(const std::vector<double>& uv, std::size_t window, double rate_hz,
                               double hertz) {
  std::vector<double> hann(window);
  for (std::size_t i = 0; i < window; ++i) {
    hann[i] = 1 - std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) /
                           static_cast<double>(window));
  }
  const double turn = 2 * std::cos(2 * std::numbers::pi * hertz / rate_hz);
  std::vector<double> list;
  for (std::size_t begin = 0; begin + window <= uv.size(); begin += window) {
    double last = 0;
    double before = 0;
    for (std::size_t i = 0; i < window; ++i) {
      const double next = uv[begin + i] * hann[i] + turn * last - before;
      before = last;
      last = next;
    }
    const double power = last * last + before * before - turn * last * before;
    list.push_back(std::sqrt(std::max(power, 0.0)) * 2 / static_cast<double>(window));
  }
  return list;
}

// A steady oscillation stands out of what surrounds its frequency in the quiet windows too.
double steady_amplitude(const std::vector<double>& fast, std::size_t window, double rate_hz,
                        double hertz) {
  constexpr double kBeside = 15;  // Hz: past the main lobes of both mains frequencies
  auto own = amplitudes(fast, window, rate_hz, hertz);
  if (own.size() < kFewestWindows) return 0;
  auto above = amplitudes(fast, window, rate_hz, hertz == 50 ? 60 + kBeside : hertz + kBeside);
  const double background = quantile(above, kQuietShare);
  const double amplitude = quantile(own, kQuietShare);
  return amplitude > 3 * background ? amplitude : 0;
}

std::vector<double> less_moving_mean(const std::vector<double>& uv, std::size_t width) {
  std::vector<double> fast;
  if (uv.size() < width) return fast;
  fast.reserve(uv.size() - width + 1);
  double sum = 0;
  for (std::size_t i = 0; i < uv.size(); ++i) {
    sum += uv[i];
    if (i + 1 < width) continue;
    fast.push_back(uv[i - width / 2] - sum / static_cast<double>(width));
    sum -= uv[i + 1 - width];
  }
  return fast;
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

// Swing of the middle values of windows that half overlap.
double baseline_swing(const std::vector<double>& uv, std::size_t window) {
  std::vector<double> middles;
  std::vector<double> part;
  const std::size_t step = std::max<std::size_t>(1, window / 2);
  for (std::size_t begin = 0; begin + window <= uv.size(); begin += step) {
    part.assign(uv.begin() + static_cast<std::ptrdiff_t>(begin),
                uv.begin() + static_cast<std::ptrdiff_t>(begin + window));
    middles.push_back(quantile(part, 0.5));
  }
  if (middles.size() < kFewestWindows) return 0;
  const auto [lowest, highest] = std::ranges::minmax(middles);
  return highest - lowest;
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
  std::vector<double> uv;
  const std::size_t measured = std::min(lead.samples.size(), samples_of(kMeasuredS));
  uv.reserve(measured);
  for (std::size_t i = 0; i < measured; ++i) {
    uv.push_back(lead.samples[i] * lead.gain_nv_per_lsb / 1e3);
  }
  noise.wander_uv = baseline_swing(uv, samples_of(kBaselineWindowS));
  if (rate_hz < kLowestRateHz) return noise;
  const auto fast = less_moving_mean(uv, samples_of(kSlowS));
  const std::size_t window = samples_of(kMainsWindowS);
  noise.mains_50_uv = steady_amplitude(fast, window, rate_hz, 50);
  noise.mains_60_uv = steady_amplitude(fast, window, rate_hz, 60);
  const double rms = quiet_rms(fast, samples_of(kMuscleWindowS));
  const double mains_power =
      (noise.mains_50_uv * noise.mains_50_uv + noise.mains_60_uv * noise.mains_60_uv) / 2;
  noise.muscle_uv = std::sqrt(std::max(0.0, rms * rms - mains_power));
  return noise;
}

}  // namespace telavis
