// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "fixtures/synthetic_ecg.h"
#include "formats/quality.h"
#include "formats/scp_ecg.h"

namespace {

// Twelve leads of 10 s at 500 Hz. The noise decides the size: 3 uV give 36 KB, as real files have.
telavis::EcgRecording recording_with_noise(double noise_uv) {
  auto parameters = telavis::fixtures::demo_ecg_parameters();
  parameters.noise_uv = noise_uv;
  return telavis::fixtures::synthetic_ecg(parameters);
}

void decode_scp_ecg(benchmark::State& state) {
  const auto file =
      telavis::encode_scp_ecg(recording_with_noise(static_cast<double>(state.range(0)))).value();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(telavis::decode_scp_ecg(file));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file.size()));
  state.counters["file_bytes"] = static_cast<double>(file.size());
}
BENCHMARK(decode_scp_ecg)->Arg(1)->Arg(3)->Arg(20);

void encode_scp_ecg(benchmark::State& state) {
  const auto recording = recording_with_noise(static_cast<double>(state.range(0)));
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(telavis::encode_scp_ecg(recording));
}
BENCHMARK(encode_scp_ecg)->Arg(1)->Arg(3);

void check_ecg(benchmark::State& state) {
  const auto recording = recording_with_noise(3);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(telavis::check_ecg(recording));
}
BENCHMARK(check_ecg);

}  // namespace
