// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "fixtures/synthetic_ecg.h"
#include "formats/aecg.h"
#include "formats/dicom.h"
#include "formats/exam.h"
#include "formats/exam_record.h"
#include "formats/quality.h"
#include "formats/scp_ecg.h"
#include "tests/formats/edf_builder.h"
#include "tests/formats/wfdb_builder.h"
#include "tests/formats/xml_builder.h"

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
  telavis::EcgQualityLimits limits;
  limits.exchanged_electrodes = true;
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(telavis::check_ecg(recording, limits));
}
BENCHMARK(check_ecg);

// ---- the other tracings: the same twelve leads in each format

telavis::EcgRecording twelve_leads() {
  return recording_with_noise(3);
}

telavis::DicomContext dicom_context() {
  telavis::DicomContext context;
  context.study_uid = context.series_uid = context.instance_uid = "2.25.1";
  return context;
}

std::vector<int> samples_of(const telavis::Lead& lead) {
  return {lead.samples.begin(), lead.samples.end()};
}

telavis::Bytes muse_of(const telavis::EcgRecording& recording) {
  std::vector<telavis::test::MuseLead> leads;
  for (const telavis::Lead& lead : recording.leads) {
    leads.push_back({telavis::lead_name(lead.code), samples_of(lead)});
  }
  return telavis::test::xml_bytes(
      telavis::test::muse_file(telavis::test::muse_waveform("Rhythm", leads)));
}

telavis::Bytes sierra_of(const telavis::EcgRecording& recording) {
  telavis::Bytes data;
  std::string names;
  for (const telavis::Lead& lead : recording.leads) {
    const telavis::Bytes chunk = telavis::test::xli_chunk(samples_of(lead));
    data.insert(data.end(), chunk.begin(), chunk.end());
    names += (names.empty() ? "" : " ") + telavis::lead_name(lead.code);
  }
  return telavis::test::xml_bytes(telavis::test::sierra_file(telavis::test::sierra_waveform(
      "dataencoding=\"Base64\" compression=\"XLI\" numberofleads=\"12\" leadlabels=\"" + names +
          "\" durationperchannel=\"10000\"",
      telavis::test::base64_of(data))));
}

telavis::Bytes edf_of(const telavis::EcgRecording& recording) {
  telavis::test::EdfFile file;
  for (const telavis::Lead& lead : recording.leads) {
    telavis::test::EdfSignal signal;
    signal.label = "ECG " + telavis::lead_name(lead.code);
    signal.per_record = lead.samples.size();
    signal.samples = samples_of(lead);
    file.signals.push_back(std::move(signal));
  }
  file.record_s = "10";
  return file.build();
}

telavis::Bytes wfdb_of(const telavis::EcgRecording& recording) {
  std::string header = "rec 12 500 5000\n";
  std::vector<telavis::test::WfdbFile> files = {{}};
  for (const telavis::Lead& lead : recording.leads) {
    const std::string name = telavis::lead_name(lead.code) + ".dat";
    header += name + " 212 400 12 0 0 0 0 " + telavis::lead_name(lead.code) + "\n";
    files.push_back({name, telavis::test::wfdb_bytes(212, samples_of(lead))});
  }
  files.front() = telavis::test::wfdb_text("rec.hea", header);
  return telavis::test::wfdb_archive(files);
}

void decode(benchmark::State& state, const telavis::Bytes& file) {
  if (!telavis::decode_exam(file)) return state.SkipWithError("the file is not read");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(telavis::decode_exam(file));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file.size()));
  state.counters["file_bytes"] = static_cast<double>(file.size());
}
BENCHMARK_CAPTURE(decode, dicom, telavis::write_dicom_ecg(twelve_leads(), dicom_context()).value());
BENCHMARK_CAPTURE(decode, aecg, telavis::encode_aecg(twelve_leads()).value());
BENCHMARK_CAPTURE(decode, muse_xml, muse_of(twelve_leads()));
BENCHMARK_CAPTURE(decode, sierra_xml, sierra_of(twelve_leads()));
BENCHMARK_CAPTURE(decode, edf, edf_of(twelve_leads()));
BENCHMARK_CAPTURE(decode, wfdb_212, wfdb_of(twelve_leads()));

void write_dicom(benchmark::State& state) {
  const auto recording = twelve_leads();
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(telavis::write_dicom_ecg(recording, dicom_context()));
  }
}
BENCHMARK(write_dicom);

void write_aecg(benchmark::State& state) {
  const auto recording = twelve_leads();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(telavis::encode_aecg(recording));
}
BENCHMARK(write_aecg);

void pack_and_unpack(benchmark::State& state) {
  const telavis::Exam exam(twelve_leads());
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(telavis::unpack_exam(telavis::pack_exam(exam)));
  }
}
BENCHMARK(pack_and_unpack);

}  // namespace
