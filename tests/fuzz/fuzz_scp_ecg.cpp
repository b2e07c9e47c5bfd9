// SPDX-License-Identifier: Apache-2.0
// Hostile SCP-ECG. Beyond not crashing: what decodes obeys its contract, and what the writer takes
// comes back with the same samples.
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

void check_contract(const telavis::EcgRecording& recording, std::size_t file_bytes) {
  require(!recording.leads.empty());
  std::size_t samples = 0;
  for (const telavis::Lead& lead : recording.leads) {
    require(!lead.samples.empty() && lead.gain_nv_per_lsb > 0 && lead.sampling_interval_us > 0);
    require(recording.lead(lead.code) == &lead);  // no code twice
    samples += lead.samples.size();
  }
  require(samples <= 8 * file_bytes);
  require(telavis::is_valid_utf8(telavis::inspect_json(recording)));
  telavis::check_ecg(recording);
  telavis::with_derived_limb_leads(recording);
  telavis::samples_csv(recording);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto recording = telavis::decode_scp_ecg({data, size});
  if (!recording) {
    require(!recording.error().text.empty());
    return 0;
  }
  check_contract(*recording, size);
  const auto written = telavis::encode_scp_ecg(*recording);
  if (!written) return 0;
  const auto back = telavis::decode_scp_ecg(*written);
  require(back && back->leads.size() == recording->leads.size() && back->findings.size() <= 1);
  for (std::size_t i = 0; i < back->leads.size(); ++i) {
    require(back->leads[i].samples == recording->leads[i].samples);
  }
  require(back->patient.family_name == recording->patient.family_name);
  require(back->statements == recording->statements);
  require(back->measurements.qt_ms == recording->measurements.qt_ms);
  return 0;
}
