// SPDX-License-Identifier: Apache-2.0
#include "formats/normalise.h"

#include <algorithm>
#include <array>
#include <limits>

namespace telavis {
namespace {

// Twice the derived lead = from_i * I + from_ii * II: whole numbers until the one rounding.
struct Derivation {
  LeadCode code;
  std::int64_t from_i;
  std::int64_t from_ii;
};
constexpr std::array<Derivation, 4> kDerivations = {{
    {LeadCode::III, -2, 2},
    {LeadCode::aVR, -1, -1},
    {LeadCode::aVL, 2, -1},
    {LeadCode::aVF, -1, 2},
}};

std::int32_t half(std::int64_t twice) {
  const std::int64_t rounded = (twice < 0 ? twice - 1 : twice + 1) / 2;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      rounded, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

Lead derive(const Derivation& derivation, const Lead& i, const Lead& ii) {
  Lead lead;
  lead.code = derivation.code;
  lead.gain_nv_per_lsb = i.gain_nv_per_lsb;
  lead.sampling_interval_us = i.sampling_interval_us;
  lead.first_sample = i.first_sample;
  lead.derived = true;
  lead.samples.reserve(i.samples.size());
  for (std::size_t k = 0; k < i.samples.size(); ++k) {
    lead.samples.push_back(
        half(derivation.from_i * i.samples[k] + derivation.from_ii * ii.samples[k]));
  }
  return lead;
}

}  // namespace

bool same_sampling(const Lead& left, const Lead& right) {
  return left.sampling_interval_us == right.sampling_interval_us &&
         left.gain_nv_per_lsb == right.gain_nv_per_lsb && left.first_sample == right.first_sample &&
         left.samples.size() == right.samples.size();
}

EcgRecording with_derived_limb_leads(const EcgRecording& recording) {
  EcgRecording out = recording;
  const Lead* i = recording.lead(LeadCode::I);
  const Lead* ii = recording.lead(LeadCode::II);
  if (i == nullptr || ii == nullptr || !same_sampling(*i, *ii)) return out;
  for (const Derivation& derivation : kDerivations) {
    if (recording.lead(derivation.code) == nullptr) {
      out.leads.push_back(derive(derivation, *i, *ii));
    }
  }
  return out;
}

}  // namespace telavis
