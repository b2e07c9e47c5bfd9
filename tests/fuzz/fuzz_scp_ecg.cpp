// SPDX-License-Identifier: Apache-2.0
// Hostile SCP-ECG. Beyond not crashing: what decodes obeys its contract, and what the writer takes
// comes back with the same samples.
#include <algorithm>
#include <cstdlib>

#include "formats/inspect.h"
#include "formats/normalise.h"
#include "formats/quality.h"
#include "formats/scp_ecg.h"
#include "formats/text.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// What interpolation may make of a stored bit, and the median beside the rhythm.
constexpr std::size_t kSamplesPerByte = 4 * 8 + 8;

void check_leads(const std::vector<telavis::Lead>& leads, std::size_t& samples) {
  for (const telavis::Lead& lead : leads) {
    require(!lead.samples.empty() && lead.gain_nv_per_lsb > 0 && lead.sampling_interval_us > 0);
    const auto twin = [&](const telavis::Lead& other) {
      return other.code == lead.code && other.label == lead.label;
    };
    require(std::ranges::count_if(leads, twin) == 1);
    samples += lead.samples.size();
  }
}

void check_contract(const telavis::EcgRecording& recording, std::size_t file_bytes) {
  require(!recording.leads.empty());
  std::size_t samples = 0;
  check_leads(recording.leads, samples);
  check_leads(recording.median_beat, samples);
  require(samples <= kSamplesPerByte * file_bytes);
  require(telavis::is_valid_utf8(telavis::inspect_json(recording)));
  telavis::EcgQualityLimits limits;
  limits.exchanged_electrodes = true;
  telavis::check_ecg(recording, limits);
  telavis::with_derived_limb_leads(recording);
  require(telavis::write_samples_csv(recording, [](std::string_view) { return true; }));
}

void check_round_trip(const telavis::EcgRecording& recording, telavis::ScpVersion version) {
  const auto written = telavis::encode_scp_ecg(recording, version);
  if (!written) return;
  const auto back = telavis::decode_scp_ecg(*written);
  require(back && back->leads.size() == recording.leads.size() && back->findings.size() <= 1);
  for (std::size_t i = 0; i < back->leads.size(); ++i) {
    require(back->leads[i].samples == recording.leads[i].samples);
  }
  for (const telavis::Lead& median : back->median_beat) {
    const auto found = std::ranges::find(recording.median_beat, median.code, &telavis::Lead::code);
    require(found != recording.median_beat.end() && found->samples == median.samples);
  }
  require(back->patient.family_name == recording.patient.family_name);
  require(back->statements == recording.statements);
  require(back->statements_confirmed == recording.statements_confirmed);
  require(back->measurements.qt_ms == recording.measurements.qt_ms);
  require(back->lead_measurements.size() == recording.lead_measurements.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto recording = telavis::decode_scp_ecg({data, size});
  if (!recording) {
    require(!recording.error().text.empty());
    return 0;
  }
  check_contract(*recording, size);
  check_round_trip(*recording, telavis::ScpVersion::v2);
  check_round_trip(*recording, telavis::ScpVersion::v3);
  return 0;
}
