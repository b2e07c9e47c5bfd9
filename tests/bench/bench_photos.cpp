// SPDX-License-Identifier: Apache-2.0
// Aims: strip 4 MB <= 5 ms, preview of 12 Mpx <= 85 ms.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "fixtures/synthetic_photo.h"
#include "formats/heic.h"
#include "formats/jpeg.h"
#include "formats/pdf.h"
#include "formats/photo_quality.h"
#include "formats/png.h"
#include "formats/webp.h"
#include "tests/formats/pdf_variants.h"
#include "tests/formats/picture_variants.h"

namespace {

using namespace telavis;

/// 12 Mpx with the noise that makes about 4 MB of them, and everything private a telephone adds.
const Bytes& large_jpeg() {
  static const Bytes file = [] {
    const Pixels small = fixtures::synthetic_skin_photo(1000, 750, 1);
    Pixels large{4000, 3000, {}};
    large.rgb.reserve(std::size_t{4000} * 3000 * 3);
    for (std::size_t y = 0; y < 3000; ++y) {
      for (std::size_t x = 0; x < 4000; ++x) {
        const auto at = small.rgb.begin() + static_cast<std::ptrdiff_t>((y / 4 * 1000 + x / 4) * 3);
        large.rgb.insert(large.rgb.end(), at, at + 3);
      }
    }
    const Pixels noisy = fixtures::with_flaws(large, {.noise = 9}, 1);
    return fixtures::with_private_metadata(encode_jpeg(noisy, 89).value(), 1, true);
  }();
  return file;
}

/// Where a script wants to show the same file to other programs.
const bool kWritten = [] {
  const char* path = std::getenv("TELAVIS_BENCH_PHOTO");  // NOLINT(concurrency-mt-unsafe)
  if (path != nullptr) test::write_file(path, large_jpeg());
  return path != nullptr;
}();

void tell_size(benchmark::State& state, const Bytes& file) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file.size()));
  state.counters["file_bytes"] = static_cast<double>(file.size());
}

void strip_jpeg_12mp(benchmark::State& state) {
  const Bytes& file = large_jpeg();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(strip_jpeg(file));
  tell_size(state, file);
}
BENCHMARK(strip_jpeg_12mp)->Unit(benchmark::kMillisecond);

void normalise_jpeg_12mp(benchmark::State& state) {
  const Bytes& file = large_jpeg();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(normalise_jpeg(file));
  tell_size(state, file);
}
BENCHMARK(normalise_jpeg_12mp)->Unit(benchmark::kMillisecond);

void preview_jpeg_12mp(benchmark::State& state) {
  const Bytes& file = large_jpeg();
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(preview_jpeg(file, static_cast<int>(state.range(0))));
  }
  tell_size(state, file);
}
BENCHMARK(preview_jpeg_12mp)
    ->Arg(kPreviewSidePx)
    ->Arg(kThumbnailSidePx)
    ->Unit(benchmark::kMillisecond);

void normalise_with_preview_12mp(benchmark::State& state) {
  const Bytes& file = large_jpeg();
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(normalise_jpeg_with_preview(file, kPreviewSidePx));
  }
  tell_size(state, file);
}
BENCHMARK(normalise_with_preview_12mp)->Unit(benchmark::kMillisecond);

void check_photo_preview(benchmark::State& state) {
  const Pixels pixels = fixtures::synthetic_skin_photo(1024, 768, 1);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(measure_photo(pixels));
}
BENCHMARK(check_photo_preview)->Unit(benchmark::kMillisecond);

template <typename Decode>
void decode(benchmark::State& state, const Bytes& file, Decode step) {
  if (file.empty()) {
    state.SkipWithError("this machine's libraries cannot encode it");
    return;
  }
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(step(file));
  tell_size(state, file);
}

const Pixels& three_mpx() {
  static const Pixels pixels = fixtures::synthetic_skin_photo(2048, 1536, 1);
  return pixels;
}

void decode_png_3mp(benchmark::State& state) {
  decode(state, test::make_png(three_mpx()), decode_png);
}
void decode_webp_3mp(benchmark::State& state) {
  decode(state, test::make_webp(three_mpx(), false), decode_webp);
}
void decode_heic_3mp(benchmark::State& state) {
  decode(state, test::make_heic(three_mpx(), {.icc = test::display_p3_profile()}), decode_heic);
}
void inspect_pdf_20_pages(benchmark::State& state) {
  decode(state, test::make_pdf({.pages = 20}), inspect_pdf);
}
BENCHMARK(decode_png_3mp)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_webp_3mp)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_heic_3mp)->Unit(benchmark::kMillisecond);
BENCHMARK(inspect_pdf_20_pages)->Unit(benchmark::kMicrosecond);

}  // namespace
