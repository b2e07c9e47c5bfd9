// SPDX-License-Identifier: Apache-2.0
// What every decoded tracing promises, whatever bytes it came from.
#pragma once

#include <cstdlib>
#include <set>
#include <string>
#include <utility>

#include "formats/inspect.h"
#include "formats/quality.h"
#include "formats/result.h"
#include "formats/text.h"

namespace telavis::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

/// Samples a byte of the file may stand for at most: one of eight bits each, or three in four
/// bytes.
inline constexpr std::size_t kSamplesPerByte = 1;

inline void check_tracing(const Result<EcgRecording>& recording, std::size_t file_bytes) {
  if (!recording) {
    require(!recording.error().text.empty());
    return;
  }
  require(!recording->leads.empty());
  std::size_t samples = 0;
  std::set<std::pair<LeadCode, std::string>> names;
  for (const Lead& lead : recording->leads) {
    require(!lead.samples.empty() && lead.gain_nv_per_lsb > 0 && lead.sampling_interval_us > 0);
    require(names.emplace(lead.code, lead.label).second);  // none twice
    require(is_valid_utf8(lead.label));
    samples += lead.samples.size();
  }
  require(samples <= kSamplesPerByte * file_bytes);
  require(is_valid_utf8(inspect_json(*recording)));
  EcgQualityLimits limits;
  limits.exchanged_electrodes = true;
  check_ecg(*recording, limits);
}

}  // namespace telavis::fuzz
