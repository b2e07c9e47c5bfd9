// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "formats/scp_ecg.h"
#include "tests/formats/scp_builder.h"

namespace telavis::test::scp_ecg_write_test {

using ::testing::IsEmpty;
using Samples = std::vector<std::int32_t>;

EcgRecording two_leads(Samples i, Samples ii) {
  EcgRecording recording;
  recording.format = "SCP-ECG";
  recording.version = "2.0";
  recording.acquired_at.local = "2026-01-15T09:30:05";
  recording.leads = {{LeadCode::I, std::move(i), 2500, 2000},
                     {LeadCode::V7, std::move(ii), 2500, 2000}};
  return recording;
}

void expect_same(const EcgRecording& actual, const EcgRecording& expected) {
  EXPECT_EQ(actual.format, expected.format);
  EXPECT_EQ(actual.version, expected.version);
  EXPECT_EQ(actual.patient.id, expected.patient.id);
  EXPECT_EQ(actual.patient.family_name, expected.patient.family_name);
  EXPECT_EQ(actual.patient.given_name, expected.patient.given_name);
  EXPECT_EQ(actual.patient.birth_date, expected.patient.birth_date);
  EXPECT_EQ(actual.patient.sex, expected.patient.sex);
  EXPECT_EQ(actual.device.manufacturer, expected.device.manufacturer);
  EXPECT_EQ(actual.device.model, expected.device.model);
  EXPECT_EQ(actual.device.serial, expected.device.serial);
  EXPECT_EQ(actual.acquired_at.iso8601(), expected.acquired_at.iso8601());
  EXPECT_EQ(actual.filters.high_pass_hz, expected.filters.high_pass_hz);
  EXPECT_EQ(actual.filters.low_pass_hz, expected.filters.low_pass_hz);
  EXPECT_EQ(actual.filters.notch_hz, expected.filters.notch_hz);
  EXPECT_EQ(actual.statements, expected.statements);
  ASSERT_EQ(actual.leads.size(), expected.leads.size());
  for (std::size_t i = 0; i < actual.leads.size(); ++i) {
    EXPECT_EQ(actual.leads[i].code, expected.leads[i].code);
    EXPECT_EQ(actual.leads[i].samples, expected.leads[i].samples);
    EXPECT_EQ(actual.leads[i].gain_nv_per_lsb, expected.leads[i].gain_nv_per_lsb);
    EXPECT_EQ(actual.leads[i].sampling_interval_us, expected.leads[i].sampling_interval_us);
    EXPECT_EQ(actual.leads[i].first_sample, expected.leads[i].first_sample);
  }
  const auto values = [](const Measurements& m) {
    return std::vector{m.ventricular_rate_bpm,
                       m.atrial_rate_bpm,
                       m.rr_ms,
                       m.pp_ms,
                       m.p_duration_ms,
                       m.pr_ms,
                       m.qrs_ms,
                       m.qt_ms,
                       m.qtc_ms,
                       m.p_axis_deg,
                       m.qrs_axis_deg,
                       m.t_axis_deg,
                       m.pacemaker_spikes};
  };
  EXPECT_EQ(values(actual.measurements), values(expected.measurements));
  EXPECT_EQ(actual.measurements.qtc_formula, expected.measurements.qtc_formula);
  EXPECT_EQ(actual.statements_confirmed, expected.statements_confirmed);
  ASSERT_EQ(actual.median_beat.size(), expected.median_beat.size());
  for (std::size_t i = 0; i < actual.median_beat.size(); ++i) {
    EXPECT_EQ(actual.median_beat[i].code, expected.median_beat[i].code);
    EXPECT_EQ(actual.median_beat[i].samples, expected.median_beat[i].samples);
    EXPECT_EQ(actual.median_beat[i].gain_nv_per_lsb, expected.median_beat[i].gain_nv_per_lsb);
    EXPECT_EQ(actual.median_beat[i].sampling_interval_us,
              expected.median_beat[i].sampling_interval_us);
  }
  const auto lead_values = [](const EcgRecording& recording) {
    std::vector<std::optional<int>> list;
    for (const LeadMeasurements& m : recording.lead_measurements) {
      list.insert(list.end(),
                  {static_cast<int>(m.code), m.p_duration_ms, m.pr_ms, m.qrs_ms, m.qt_ms,
                   m.q_duration_ms, m.r_duration_ms, m.s_duration_ms, m.q_uv, m.r_uv, m.s_uv,
                   m.j_uv, m.p_positive_uv, m.p_negative_uv, m.t_positive_uv, m.t_negative_uv});
    }
    return list;
  };
  EXPECT_EQ(lead_values(actual), lead_values(expected));
}

void expect_round_trip(EcgRecording recording) {
  for (const ScpVersion version : {ScpVersion::v2, ScpVersion::v3}) {
    recording.version = version == ScpVersion::v2 ? "2.0" : "3.0";
    const auto file = encode_scp_ecg(recording, version);
    ASSERT_TRUE(file) << file.error().text;
    const auto back = decode_scp_ecg(*file);
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_THAT(back->findings, IsEmpty());
    expect_same(*back, recording);
  }
}

EcgRecording full_recording() {
  EcgRecording recording = two_leads({0, 5, -9, 30, 31, 32}, {1, 1, 1, 1, 1, 32767});
  recording.patient = {"2 79 03 51 215 189 89", "DÉMONSTRATION", "Zoë Ã©", "1953-05-08",
                       Sex::female};
  recording.device = {"Fabrique № 1", "MODEL6", "S/N 42"};
  recording.acquired_at.utc_offset_minutes = -240;
  recording.filters = {0.05, 150, 50};
  recording.measurements = {82,  90,  731, 730, 102, 177, 100,
                            343, 401, 64,  -61, 25,  3,   QtcFormula::hodges};
  recording.statements = {"rythme sinusal", "QTc à contrôler", "日本語"};
  recording.statements_confirmed = true;
  recording.median_beat = {{LeadCode::I, {3, 4, 5, -300, 5}, 1000, 1000},
                           {LeadCode::V7, {7, 7, 7, 7, 32000}, 1000, 1000}};
  recording.lead_measurements = {
      {LeadCode::V7, 90, 0, 100, 390, 1, 2, 3, -32768, 32767, 0, -5, 6, -7, 8, -9},
      {LeadCode::III}};
  return recording;
}

TEST(ScpEcgWrite, BringsEveryFieldBack) {
  expect_round_trip(full_recording());
}

TEST(ScpEcgWrite, WritesTheLayoutOfVersion2) {
  const auto file = encode_scp_ecg(two_leads({10, 12, 15, 15}, {-3, 0, 4, 9}));
  ASSERT_TRUE(file);
  const Bytes& f = *file;
  // Record and section 0: length, checksum, magic, twelve pointers of which 4 and 5 are absent.
  EXPECT_EQ(f[2] + 256U * f[3], f.size());
  EXPECT_EQ(f[0] + 256U * f[1], crc_bit_by_bit(f, 2, f.size()));
  EXPECT_EQ(f[6] + 256U * f[7], crc_bit_by_bit(f, 8, 6 + 136));
  EXPECT_EQ(as_text(ByteView(f).subspan(16, 6)), "SCPECG");
  for (const std::size_t id : {1U, 2U, 3U, 6U}) {
    const std::size_t pointer = 22 + 10 * id;
    const std::size_t length = f[pointer + 2] + 256U * f[pointer + 3];
    const std::size_t start = f[pointer + 6] + 256U * f[pointer + 7] - 1;
    EXPECT_EQ(start % 2, 0) << id;
    EXPECT_EQ(length % 2, 0) << id;
    EXPECT_EQ(f[start + 2], id);
    EXPECT_EQ(f[start] + 256U * f[start + 1], crc_bit_by_bit(f, start + 2, start + length)) << id;
  }
  for (const std::size_t id : {4U, 5U, 7U, 8U, 11U}) EXPECT_EQ(f[22 + 10 * id + 2], 0) << id;
  // Section 6 is last here: 2500 nV, 2000 us, second difference, not bimodal, then the two leads.
  Bytes rhythm = {0xC4, 0x09, 0xD0, 0x07, 2, 0, 0, 0, 0, 0};
  const Bytes first = huffman_bytes({10, 12, 1, -3});
  const Bytes second = huffman_bytes({-3, 0, 1, 1});
  rhythm[6] = static_cast<std::uint8_t>(first.size());
  rhythm[8] = static_cast<std::uint8_t>(second.size());
  append_all(rhythm, first);
  append_all(rhythm, second);
  if (rhythm.size() % 2 != 0) rhythm.push_back(0);
  EXPECT_EQ(Bytes(f.end() - static_cast<long>(rhythm.size()), f.end()), rhythm);
}

TEST(ScpEcgWrite, WritesTheLayoutOfVersion3) {
  EcgRecording recording = full_recording();
  const auto file = encode_scp_ecg(recording, ScpVersion::v3);
  ASSERT_TRUE(file);
  const Bytes& f = *file;
  EXPECT_EQ(f[2] + 256U * f[3], f.size());
  EXPECT_EQ(f[0] + 256U * f[1], crc_bit_by_bit(f, 2, f.size()));
  EXPECT_EQ(f[10] + 256U * f[11], 206);  // 19 pointers
  EXPECT_EQ(f[14], 30);
  EXPECT_EQ(f[15], 30);
  for (std::size_t id = 0; id < 19; ++id) {
    const std::size_t pointer = 22 + 10 * id;
    const std::size_t length = f[pointer + 2] + 256U * f[pointer + 3];
    const std::size_t start = f[pointer + 6] + 256U * f[pointer + 7] - 1;
    EXPECT_EQ(f[pointer], id);
    const bool present = (id <= 8 && id != 4) || id == 10;  // no section 4 in version 3
    EXPECT_EQ(length != 0, present) << id;
    if (!present) continue;
    EXPECT_EQ(f[start + 2], id);
    EXPECT_EQ(f[start + 8], 30);
    EXPECT_EQ(f[start] + 256U * f[start + 1], crc_bit_by_bit(f, start + 2, start + length)) << id;
  }
  EXPECT_NE(as_text(f).find("DÉMONSTRATION"), std::string_view::npos);  // UTF-8
  EXPECT_EQ(as_text(*encode_scp_ecg(recording)).find("DÉMONSTRATION"), std::string_view::npos);
}

TEST(ScpEcgWrite, WritesTheMedianAsSection5BesideItsLength) {
  EcgRecording recording = two_leads({1, 2}, {3, 4});
  recording.median_beat = {{LeadCode::V7, {5, 6, 8}, 4880, 2000}};
  const auto file = encode_scp_ecg(recording);
  ASSERT_TRUE(file);
  const auto section = [&](std::size_t id) {
    const std::size_t pointer = 22 + 10 * id;
    const std::size_t length = (*file)[pointer + 2] + 256U * (*file)[pointer + 3];
    const std::size_t start = (*file)[pointer + 6] + 256U * (*file)[pointer + 7] - 1;
    return Bytes(file->begin() + static_cast<long>(start) + 16,
                 file->begin() + static_cast<long>(start + length));
  };
  EXPECT_EQ(section(4), (Bytes{6, 0, 0, 0, 0, 0}));  // 6 ms, nothing subtracted
  // 4880 nV, 2000 us, second difference; no byte for lead I, three codes for V7: 5, 6, 1.
  EXPECT_EQ(section(5), (Bytes{0x10, 0x13, 0xD0, 7, 2, 0, 0, 0, 3, 0, 0xF9, 0xF9, 0x3F, 0}));
}

TEST(ScpEcgWrite, LeavesOutMediansOfLeadsThatAreNotWritten) {
  EcgRecording recording = two_leads({1, 2, 3}, {4, 5, 6});
  EcgRecording expected = recording;
  recording.leads.push_back({LeadCode::III, {1, 2, 3}, 2500, 2000, 0, true});
  recording.median_beat = {{LeadCode::III, {1, 2}, 2500, 2000}, {LeadCode::V1, {1}, 2500, 2000}};
  const auto file = encode_scp_ecg(recording);
  ASSERT_TRUE(file);
  expect_same(decode_scp_ecg(*file).value(), expected);
}

TEST(ScpEcgWrite, LosesOnlyWhatTheFormatCannotTell) {
  EcgRecording recording = full_recording();
  recording.measurements.qtc_formula = QtcFormula::fridericia;
  recording.measurements.pacemaker_spikes = 0;
  recording.patient.sex = Sex::other;
  EcgRecording expected = recording;
  expected.measurements.qtc_formula.reset();
  expected.measurements.pacemaker_spikes.reset();
  expected.patient.sex = Sex::unknown;
  expect_same(decode_scp_ecg(encode_scp_ecg(recording).value()).value(), expected);
}

TEST(ScpEcgWrite, FallsBackToLowerDifferencesAtSteps) {
  expect_round_trip(two_leads({0, 32767, -32768, 32767}, {0, 0, 0, 0}));  // no order but 0
  expect_round_trip(two_leads({0, 30000, 0, 30000}, {0, 0, 0, 0}));       // first difference
  expect_round_trip(two_leads({-32768}, {32767}));
  expect_round_trip(two_leads({-32768, 32767}, {32767, 7}));
}

TEST(ScpEcgWrite, LeavesDerivedLeadsOut) {
  EcgRecording recording = two_leads({1, 2, 3}, {4, 5, 6});
  EcgRecording expected = recording;
  recording.leads.push_back({LeadCode::III, {1, 2, 3}, 2500, 2000, 0, true});
  const auto file = encode_scp_ecg(recording);
  ASSERT_TRUE(file);
  expect_same(decode_scp_ecg(*file).value(), expected);
}

TEST(ScpEcgWrite, KeepsLeadsThatStartLater) {
  EcgRecording recording = two_leads({1, 2, 3}, {4, 5, 6});
  recording.leads[1].first_sample = 3;
  expect_round_trip(recording);
}

TEST(ScpEcgWrite, RefusesWhatItCannotCarry) {
  const auto code_after = [](const std::function<void(EcgRecording&)>& change) {
    EcgRecording recording = full_recording();
    change(recording);
    const auto file = encode_scp_ecg(recording);
    return file ? ErrorCode::internal : file.error().code;
  };
  const std::vector<std::function<void(EcgRecording&)>> changes = {
      [](auto& r) { r.leads[0].samples[2] = 32768; },
      [](auto& r) { r.leads[0].samples.push_back(0); },
      [](auto& r) { r.leads[0].gain_nv_per_lsb = 1250; },
      [](auto& r) { r.leads[0].gain_nv_per_lsb = r.leads[1].gain_nv_per_lsb = 2500.5; },
      [](auto& r) { r.leads[0].gain_nv_per_lsb = r.leads[1].gain_nv_per_lsb = 65536; },
      [](auto& r) { r.leads[0].sampling_interval_us = r.leads[1].sampling_interval_us = 0.5; },
      [](auto& r) { r.leads[1].code = LeadCode::I; },
      [](auto& r) { r.leads[1].code = LeadCode{256}; },
      [](auto& r) { r.leads[1].first_sample = 4'000'000'000; },
      [](auto& r) { r.patient.family_name = std::string("A\0B", 3); },
      [](auto& r) { r.patient.family_name = "A\xC3"; },
      [](auto& r) { r.patient.family_name = std::string(70'000, 'A'); },
      [](auto& r) { r.patient.birth_date = "1953-02-30"; },
      [](auto& r) { r.patient.birth_date = "08/05/1953"; },
      [](auto& r) { r.acquired_at.local = "2026-01-15"; },
      [](auto& r) { r.acquired_at.local = "2026-01-15T24:00:00"; },
      [](auto& r) { r.acquired_at.local = "2026-01-15T09:30:05Z"; },
      [](auto& r) { r.acquired_at.utc_offset_minutes = 900; },
      [](auto& r) { r.filters.high_pass_hz = 0.055; },
      [](auto& r) { r.filters.low_pass_hz = 70'000; },
      [](auto& r) { r.filters.notch_hz = 55; },
      [](auto& r) { r.measurements.pr_ms.reset(); },
      [](auto& r) { r.measurements.qt_ms = 9'001; },
      [](auto& r) { r.measurements.qrs_ms = -1; },
      [](auto& r) { r.measurements.rr_ms = 29'999; },
      [](auto& r) { r.measurements.qtc_ms = 0; },
      [](auto& r) { r.measurements.t_axis_deg = 999; },
      [](auto& r) { r.measurements.pacemaker_spikes = 256; },
      [](auto& r) { r.statements.assign(256, "x"); },
      [](auto& r) { r.median_beat[0].gain_nv_per_lsb = 999; },
      [](auto& r) { r.median_beat[0].samples.pop_back(); },
      [](auto& r) { r.median_beat[0].samples[0] = 40'000; },
      [](auto& r) {  // 2.5 ms
        for (Lead& lead : r.median_beat) lead.sampling_interval_us = 500;
      },
      [](auto& r) { r.lead_measurements[0].q_uv = 32'768; },
      [](auto& r) { r.lead_measurements[0].q_uv = 29'999; },
      [](auto& r) { r.lead_measurements[0].qrs_ms = -1; },
      [](auto& r) { r.lead_measurements.resize(65); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(code_after(changes[i]), ErrorCode::unsupported_conversion) << i;
  }
  EXPECT_EQ(code_after([](auto& r) { r.leads.clear(); }), ErrorCode::malformed_file);
}

TEST(ScpEcgWrite, CutsAModelThatIsTooLongBetweenCharacters) {
  const auto model_of = [](const std::string& model) {
    EcgRecording recording = full_recording();
    recording.device.model = model;
    const auto file = encode_scp_ecg(recording);
    return file ? decode_scp_ecg(*file)->device.model : file.error().text;
  };
  EXPECT_EQ(model_of("MODEL 7"), "MODEL");  // the space at the end goes
  EXPECT_EQ(model_of("PageWriter TC70"), "PageWr");
}

TEST(ScpEcgWrite, RefusesLeadsOfMoreThan65535Bytes) {
  // A literal of 16 bits takes 26: 20,164 fit, whatever the order of difference.
  Samples noise;
  std::mt19937 random(1);
  while (noise.size() < 20'165) {
    noise.push_back(static_cast<int>(random() % 1000) + (noise.size() % 2 == 0 ? 9'000 : 20'000));
  }
  const auto file = encode_scp_ecg(two_leads(noise, noise));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::unsupported_conversion);
  noise.pop_back();
  expect_round_trip(two_leads(noise, noise));
  expect_round_trip(two_leads(Samples(500'000, 7), Samples(500'000, -7)));
}

// Random recordings of every shape the writer takes: what comes back is what went in.
TEST(ScpEcgWrite, BringsRandomRecordingsBack) {
  std::mt19937 random(20260115);
  const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
  const auto maybe = [&](int value) { return below(3) == 0 ? std::nullopt : std::optional(value); };
  for (int run = 0; run < 400; ++run) {
    SCOPED_TRACE(run);
    EcgRecording recording = full_recording();
    recording.leads.clear();
    const std::size_t length = 1 + random() % 300;
    const int leads = 1 + below(16);
    const double gain = 1 + below(65'535);
    const double interval = 1 + below(65'535);
    const unsigned step = 1U << below(16);
    for (int k = 0; k < leads; ++k) {
      Lead lead{LeadCode(1 + k * 7), {}, gain, interval, static_cast<unsigned>(below(2)), false};
      int value = 0;
      for (std::size_t i = 0; i < length; ++i) {
        value += below(2 * step + 1) - static_cast<int>(step);
        lead.samples.push_back(static_cast<std::int16_t>(value));
      }
      recording.leads.push_back(std::move(lead));
    }
    Measurements& m = recording.measurements;
    m = {maybe(1 + below(300)),   maybe(1 + below(300)),   maybe(1 + below(3000)),
         maybe(1 + below(3000)),  maybe(below(9001)),      maybe(below(9001)),
         maybe(below(9001)),      maybe(below(9001)),      maybe(1 + below(1000)),
         maybe(below(721) - 360), maybe(below(721) - 360), maybe(below(721) - 360),
         maybe(1 + below(255))};
    if (below(2) == 0) m.qtc_formula = below(2) == 0 ? QtcFormula::bazett : QtcFormula::hodges;
    recording.statements_confirmed = below(2) == 0;
    recording.median_beat.clear();
    const std::size_t beat_length = 1 + random() % 40;
    for (const Lead& lead : recording.leads) {
      if (below(4) == 0) continue;
      Lead median{lead.code, {}, 1.0 + below(3), 1000.0 + below(3000)};
      if (!recording.median_beat.empty()) {
        median.gain_nv_per_lsb = recording.median_beat[0].gain_nv_per_lsb;
        median.sampling_interval_us = recording.median_beat[0].sampling_interval_us;
      }
      for (std::size_t i = 0; i < beat_length; ++i) {
        median.samples.push_back(below(65'536) - 32'768);
      }
      recording.median_beat.push_back(std::move(median));
    }
    if (!m.pr_ms) m.p_duration_ms.reset();
    recording.filters = {};
    if (below(2) == 0) recording.filters.high_pass_hz = (1 + below(65'535)) / 100.0;
    if (below(2) == 0) recording.filters.low_pass_hz = 1 + below(65'535);
    recording.patient.sex = static_cast<Sex>(below(3));
    recording.acquired_at.utc_offset_minutes = maybe(below(1681) - 840);
    expect_round_trip(recording);
  }
}

}  // namespace telavis::test::scp_ecg_write_test
