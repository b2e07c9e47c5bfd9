// SPDX-License-Identifier: Apache-2.0
// What every XML tracing that decodes must obey, for the fuzz targets.
#pragma once

#include <cmath>
#include <cstdlib>

#include "formats/aecg.h"
#include "formats/inspect.h"
#include "formats/quality.h"
#include "formats/text.h"

namespace telavis::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline void check_leads(const std::vector<Lead>& leads) {
  for (const Lead& lead : leads) {
    require(!lead.samples.empty() && std::isfinite(lead.gain_nv_per_lsb));
    require(lead.gain_nv_per_lsb > 0 && lead.sampling_interval_us > 0);
    require(lead.first_sample <= 1'000'000);
    for (const Lead& other : leads) {
      require(&lead == &other || lead.code != other.code || lead.label != other.label);
    }
  }
}

/// Also: written as aECG, it reads back with the same samples.
inline void check_xml_recording(const Result<EcgRecording>& recording) {
  if (!recording) {
    require(!recording.error().text.empty());
    return;
  }
  require(!recording->leads.empty());
  check_leads(recording->leads);
  check_leads(recording->median_beat);
  require(is_valid_utf8(inspect_json(*recording)));
  EcgQualityLimits limits;
  limits.exchanged_electrodes = true;
  check_ecg(*recording, limits);
  const auto written = encode_aecg(*recording);
  if (!written) return;
  const auto back = decode_aecg(*written);
  require(back && back->leads.size() == recording->leads.size());
  for (std::size_t i = 0; i < back->leads.size(); ++i) {
    require(back->leads[i].samples == recording->leads[i].samples);
    require(back->leads[i].gain_nv_per_lsb == recording->leads[i].gain_nv_per_lsb);
  }
  require(back->patient.family_name == recording->patient.family_name);
  require(back->measurements.qt_ms == recording->measurements.qt_ms);
}

}  // namespace telavis::fuzz
