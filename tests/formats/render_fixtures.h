// SPDX-License-Identifier: Apache-2.0
// Recordings with known shapes at known instants, for the drawings to be measured.
#pragma once

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <numbers>
#include <vector>

#include "formats/recording.h"

namespace telavis::test {

/// A flat lead of `seconds`.
inline Lead flat_lead(LeadCode code, double seconds, double hertz = 500, double gain_nv = 1000) {
  Lead lead;
  lead.code = code;
  lead.gain_nv_per_lsb = gain_nv;
  lead.sampling_interval_us = 1e6 / hertz;
  lead.samples.resize(static_cast<std::size_t>(std::lround(seconds * hertz)));
  return lead;
}

/// Adds `millivolts` between two instants, in seconds after the lead's own first sample.
inline void add_square(Lead& lead, double from_s, double to_s, double millivolts) {
  const auto index = [&](double s) {
    return static_cast<std::size_t>(std::lround(s * 1e6 / lead.sampling_interval_us));
  };
  for (std::size_t i = index(from_s); i < index(to_s); ++i) {
    lead.samples.at(i) +=
        static_cast<std::int32_t>(std::lround(millivolts * 1e6 / lead.gain_nv_per_lsb));
  }
}

/// One sample of `millivolts`.
inline void add_impulse(Lead& lead, double at_s, double millivolts) {
  add_square(lead, at_s, at_s + lead.sampling_interval_us / 1e6, millivolts);
}

inline EcgRecording recording_of(std::initializer_list<LeadCode> codes, double seconds) {
  EcgRecording recording;
  for (const LeadCode code : codes) recording.leads.push_back(flat_lead(code, seconds));
  return recording;
}

inline EcgRecording twelve_flat_leads(double seconds) {
  EcgRecording recording;
  for (const LeadCode code : kTwelveLeads) recording.leads.push_back(flat_lead(code, seconds));
  return recording;
}

inline Lead& lead_of(EcgRecording& recording, LeadCode code) {
  for (Lead& lead : recording.leads) {
    if (lead.code == code) return lead;
  }
  return recording.leads.front();
}

/// A rhythm of Gaussian waves, near enough to a heart for sizes and speeds to be realistic.
inline EcgRecording beating_recording(double seconds, double hertz) {
  struct Wave {
    double after_s, width_s, millivolts;
  };
  constexpr Wave kWaves[] = {{-0.16, 0.025, 0.12},
                             {-0.025, 0.009, -0.08},
                             {0, 0.011, 1.2},
                             {0.03, 0.011, -0.3},
                             {0.26, 0.045, 0.3}};
  EcgRecording recording;
  double size = 1;
  for (const LeadCode code : kTwelveLeads) {
    Lead lead = flat_lead(code, seconds, hertz, 2500);
    for (std::size_t i = 0; i < lead.samples.size(); ++i) {
      const double t = std::fmod(static_cast<double>(i) / hertz, 0.83) - 0.35;
      double millivolts = 0.03 * std::sin(static_cast<double>(i) / hertz * std::numbers::pi / 2);
      for (const Wave& wave : kWaves) {
        const double d = (t - wave.after_s) / wave.width_s;
        millivolts += size * wave.millivolts * std::exp(-d * d / 2);
      }
      lead.samples[i] = static_cast<std::int32_t>(std::lround(millivolts * 1e6 / 2500));
    }
    recording.leads.push_back(std::move(lead));
    size = -size * 1.05;
  }
  return recording;
}

}  // namespace telavis::test
