// SPDX-License-Identifier: Apache-2.0
// Sealing, and a whole upload: decode, seal, blob and commit on the disk that TMPDIR names.
#include <benchmark/benchmark.h>

#include "tests/service/world.h"

namespace telavis::test {
namespace {

void seal_blob(benchmark::State& state) {
  SeededRandom random(1);
  const Key key = random_key(random);
  const Bytes plain(static_cast<std::size_t>(state.range(0)), 7);
  for (auto _ : state) benchmark::DoNotOptimize(seal_stream(key, "bench", plain));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(seal_blob)->Arg(34 << 10)->Arg(4 << 20);

void upload_tracing(benchmark::State& state) {
  Disk disk;
  Engine engine(disk);
  engine.enrol();
  const Bytes ecg = fixture("demo-ecg.scp");
  std::int64_t number = 0;
  for (auto _ : state) {
    const auto receipt = engine.service.submit(engine.gp, std::to_string(++number), kRequestJson,
                                               {{"bench", "ecg.scp", ecg}});
    if (!receipt) state.SkipWithError(receipt.error().text.c_str());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(upload_tracing)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace telavis::test
