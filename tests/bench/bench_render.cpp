// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "formats/render.h"
#include "tests/formats/render_fixtures.h"

namespace telavis::bench_render {
namespace {

void state_size(benchmark::State& state, std::size_t bytes) {
  state.counters["bytes"] = static_cast<double>(bytes);
}

/// 3x4 and rhythm strip, 10 s; the argument is the sampling rate in hertz.
void ecg_pdf(benchmark::State& state) {
  const EcgRecording recording = test::beating_recording(10, static_cast<double>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    const auto pdf = render_ecg_pdf(recording);
    if (!pdf) return state.SkipWithError(pdf.error().text.c_str());
    state_size(state, pdf->size());
  }
}
BENCHMARK(ecg_pdf)->Arg(250)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

/// As a real one: with noise of 15 uV, so that few points can be left out.
EcgRecording noisy_recording(double hertz) {
  EcgRecording recording = test::beating_recording(10, hertz);
  std::uint32_t noise = 1;
  for (Lead& lead : recording.leads) {
    for (std::int32_t& sample : lead.samples) {
      noise = noise * 1664525 + 1013904223;
      sample += static_cast<std::int32_t>(noise >> 24) % 13 - 6;
    }
  }
  return recording;
}

/// The aims: 60 ms for 3x4, 180 ms for 12x1 of 5,000 samples a lead.
void ecg_pdf_layout(benchmark::State& state, EcgLayout layout) {
  const EcgRecording recording = noisy_recording(static_cast<double>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    const auto pdf = render_ecg_pdf(recording, {}, layout);
    if (!pdf) return state.SkipWithError(pdf.error().text.c_str());
    state_size(state, pdf->size());
  }
}
BENCHMARK_CAPTURE(ecg_pdf_layout, three_by_four, EcgLayout::three_by_four_rhythm)
    ->Arg(500)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ecg_pdf_layout, six_by_two, EcgLayout::six_by_two)
    ->Arg(500)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ecg_pdf_layout, twelve_by_one, EcgLayout::twelve_by_one)
    ->Arg(500)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

void ecg_svg(benchmark::State& state) {
  const EcgRecording recording = test::beating_recording(10, 500);
  for ([[maybe_unused]] auto _ : state) {
    const auto svg = render_ecg_svg(recording);
    if (!svg) return state.SkipWithError(svg.error().text.c_str());
    state_size(state, svg->size());
  }
}
BENCHMARK(ecg_svg)->Unit(benchmark::kMillisecond);

void ecg_jpeg(benchmark::State& state) {
  const EcgRecording recording = test::beating_recording(10, 500);
  for ([[maybe_unused]] auto _ : state) {
    const auto jpeg = render_ecg_jpeg(recording, static_cast<int>(state.range(0)));
    if (!jpeg) return state.SkipWithError(jpeg.error().text.c_str());
    state_size(state, jpeg->size());
  }
}
BENCHMARK(ecg_jpeg)->Arg(150)->Arg(300)->Unit(benchmark::kMillisecond);

/// Two pages of text and one tracing, as a report of rhythmology has.
void report_pdf(benchmark::State& state) {
  ReportContent content;
  content.title = "Compte rendu de téléexpertise";
  content.subtitle = "Filière d'essai · dossier 42";
  content.footer = "Document scellé";
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "Une phrase d'une longueur ordinaire, avec des accents éàü et 37,5 °C. ";
  }
  for (const char* heading : {"Demande", "Avis"}) {
    content.sections.push_back({heading, {{"Date", "22/11/2024"}, {"Texte", text}}});
  }
  content.tracings = {test::beating_recording(10, 500)};
  for ([[maybe_unused]] auto _ : state) {
    const auto pdf = render_report_pdf(content);
    if (!pdf) return state.SkipWithError(pdf.error().text.c_str());
    state_size(state, pdf->size());
  }
}
BENCHMARK(report_pdf)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace telavis::bench_render
