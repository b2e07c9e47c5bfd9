// SPDX-License-Identifier: Apache-2.0
#include "tests/formats/quality_sets.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "fixtures/synthetic_ecg.h"
#include "formats/quality.h"

namespace telavis::test {
namespace {

using fixtures::ElectrodeSwap;
using fixtures::SyntheticEcg;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  double between(double low, double high) { return low + (high - low) * uniform(); }
  bool one_in(int n) { return uniform() * n < 1; }
  std::uint64_t number() {  // SplitMix64
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

 private:
  double uniform() { return static_cast<double>(number() >> 11) * 0x1.0p-53; }
  std::uint64_t state_;
};

SyntheticEcg ordinary(Dice& dice) {
  SyntheticEcg p;
  p.rate_bpm = dice.between(30, 220);
  p.rr_jitter = dice.between(0, 0.15);
  p.qrs_axis_deg = dice.between(-90, 180);
  p.p_axis_deg = dice.between(0, 75);
  p.p_mv = dice.one_in(10) ? 0 : dice.between(0.08, 0.2);
  p.t_axis_deg = dice.between(-30, 90) + (dice.one_in(10) ? 180 : 0);
  p.t_mv = dice.between(0.15, 0.5);
  p.noise_uv = dice.between(2, 8);
  p.wander_mv = dice.between(0, 0.1);
  constexpr std::array<int, 3> kRates = {250, 500, 1000};
  p.sampling_hz = kRates.at(dice.number() % kRates.size());
  p.seed = dice.number();
  return p;
}

// The flat line of an electrode that fell off; the others have no business with it.
Lead& chest_lead(EcgRecording& recording, Dice& dice) {
  return recording.leads.at(6 + dice.number() % 6);
}

struct Kind {
  const char* disturbance;
  const char* finding;
  std::function<void(SyntheticEcg&, Dice&)> prepare;
  std::function<void(EcgRecording&, Dice&)> spoil;
};

// The sinus rhythm that a reversal is judged by; without P, or with a T that is opposite anyway,
// the geometry says nothing for certain.
void swapped(SyntheticEcg& p, Dice& dice, ElectrodeSwap swap) {
  p.swap = swap;
  p.rate_bpm = dice.between(40, 110);
  p.p_mv = dice.between(0.1, 0.2);
  p.p_axis_deg = dice.between(30, 70);
  p.t_axis_deg = dice.between(10, 70);
  p.t_mv = dice.between(0.2, 0.5);
}

std::vector<Kind> kinds() {
  const auto nothing = [](SyntheticEcg&, Dice&) {};
  const auto as_is = [](EcgRecording&, Dice&) {};
  return {
      {"none", "", nothing, as_is},
      {"mains 50 Hz, 60-300 uV", "mains_noise",
       [](SyntheticEcg& p, Dice& d) { p.mains_uv = d.between(60, 300); }, as_is},
      {"mains 60 Hz, 60-300 uV", "mains_noise",
       [](SyntheticEcg& p, Dice& d) {
         p.mains_uv = d.between(60, 300);
         p.mains_hz = 60;
       },
       as_is},
      {"baseline swing 0.8-4 mV, 0.15-0.5 Hz", "baseline_wander",
       [](SyntheticEcg& p, Dice& d) {
         p.wander_mv = d.between(0.4, 2);
         p.wander_hz = d.between(0.15, 0.5);
       },
       as_is},
      {"muscle 40-150 uV", "muscle_noise",
       [](SyntheticEcg& p, Dice& d) { p.muscle_uv = d.between(40, 150); }, as_is},
      {"pacemaker spikes 1-4 mV", "pacemaker_spikes_declared",
       [](SyntheticEcg& p, Dice& d) { p.spike_mv = d.between(1, 4); }, as_is},
      {"arms exchanged", "limb_leads_reversed_hint",
       [](SyntheticEcg& p, Dice& d) { swapped(p, d, ElectrodeSwap::arms); }, as_is},
      {"right arm and left leg exchanged", "limb_leads_reversed_hint",
       [](SyntheticEcg& p, Dice& d) { swapped(p, d, ElectrodeSwap::right_arm_left_leg); }, as_is},
      {"right arm and right leg exchanged", "limb_leads_reversed_hint",
       [](SyntheticEcg& p, Dice& d) {
         swapped(p, d, ElectrodeSwap::arm_right_leg);
         p.wander_mv = 0.02;
       },
       as_is},
      {"arms exchanged, any rhythm", "limb_leads_reversed_hint",
       [](SyntheticEcg& p, Dice&) { p.swap = ElectrodeSwap::arms; }, as_is},
      {"lead flat", "lead_flat", nothing,
       [](EcgRecording& r, Dice& d) {
         for (std::int32_t& sample : chest_lead(r, d).samples) sample = sample % 4;
       }},
      {"lead saturated", "lead_saturated", nothing,
       [](EcgRecording& r, Dice& d) {
         Lead& lead = chest_lead(r, d);
         const auto run = static_cast<std::size_t>(d.between(3e4, 1e6) / lead.sampling_interval_us);
         const std::size_t begin = d.number() % (lead.samples.size() - run);
         std::fill_n(lead.samples.begin() + static_cast<std::ptrdiff_t>(begin), run, 32'767);
       }},
      {"lead duplicated", "lead_duplicated", nothing,
       [](EcgRecording& r, Dice&) { r.leads.at(8).samples = r.leads.at(9).samples; }},
  };
}

}  // namespace

std::vector<QualityScore> quality_scores(std::uint64_t seed, int count) {
  Dice dice(seed);
  EcgQualityLimits limits;
  limits.exchanged_electrodes = true;
  std::vector<QualityScore> scores;
  const auto all = kinds();
  scores.reserve(all.size());
  for (const Kind& kind : all) scores.push_back({kind.disturbance, kind.finding});
  for (const Kind& kind : all) {
    for (int i = 0; i < count; ++i) {
      SyntheticEcg parameters = ordinary(dice);
      kind.prepare(parameters, dice);
      EcgRecording recording = fixtures::synthetic_ecg(parameters);
      kind.spoil(recording, dice);
      std::set<std::string> found;
      for (const Finding& finding : check_ecg(recording, limits)) found.insert(finding.code);
      for (QualityScore& score : scores) {
        const bool hit = found.contains(score.finding);
        if (score.finding.empty()) continue;
        if (score.disturbance == kind.disturbance) {
          ++score.disturbed;
          score.found += hit ? 1 : 0;
        } else if (score.finding != kind.finding) {
          ++score.undisturbed;
          score.wrongly_found += hit ? 1 : 0;
        }
      }
    }
  }
  scores.erase(scores.begin());
  return scores;
}

}  // namespace telavis::test
