// SPDX-License-Identifier: Apache-2.0
// Reference beats, their subtraction, bimodal compression, through decode_scp_ecg.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "formats/scp_ecg.h"
#include "tests/formats/finding_codes.h"
#include "tests/formats/scp_compression.h"

namespace telavis::test::scp_ecg_beats_test {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Samples = std::vector<std::int32_t>;

EcgRecording decoded(const ScpBuilder& builder) {
  auto recording = decode_scp_ecg(builder.build());
  EXPECT_TRUE(recording) << (recording ? "" : recording.error().text);
  return recording.value_or(EcgRecording{});
}
ErrorCode refused(const ScpBuilder& builder) {
  const auto recording = decode_scp_ecg(builder.build());
  return recording ? ErrorCode::internal : recording.error().code;
}

// A recording as an encoder meets it. The wave is smooth but for the beats, which are all alike.
struct Case {
  unsigned version = 20;
  unsigned factor = 1;   // of decimation
  bool bimodal = false;  // the flag of section 6
  bool subtract = true;
  bool with_zones = true;  // section 4 lists them
  unsigned gain_beat = 2500, gain_rhythm = 2500;
  int coding = 1;      // 0 plain, 1 default table, 2 tables of its own
  unsigned order = 2;  // of difference, in both sections
  unsigned interval_beat = 2000;
  unsigned start = 1;  // of the leads
  std::size_t count = 1000;
};

constexpr unsigned kFiducial = 40;  // of the reference beat, counted from 1
constexpr unsigned kBeatCount = 120;

Values reference_beat(int lead) {
  Values beat;
  for (unsigned i = 0; i < kBeatCount; ++i) {
    const double at = (static_cast<double>(i) - (kFiducial - 1)) / 6.0;
    beat.push_back(static_cast<int>(std::lround((400 + 30 * lead) * std::exp(-at * at))));
  }
  return beat;
}

std::vector<BeatPlace> beat_places(const Case& c) {
  std::vector<BeatPlace> beats;
  for (unsigned fiducial = c.start + 90; fiducial + 100 < c.start + c.count; fiducial += 211) {
    BeatPlace beat{0, fiducial - 39, fiducial, fiducial + 80, fiducial - 12, fiducial + 12};
    if (beats.size() == 2) beat = {1, 0, fiducial, 0, fiducial - 15, fiducial + 15};  // left alone
    if (!c.with_zones) {
      beat.protect_begin = beat.begin;
      beat.protect_end = beat.end;
    }
    beats.push_back(beat);
  }
  return beats;
}

struct Made {
  ScpBuilder builder;
  std::vector<Values> stored;    // of section 6, before differences
  std::vector<Values> expected;  // in steps of the common gain
  double gain = 0;
};

Bytes code(const Case& c, const std::vector<CodeTable>& tables, const Values& values,
           std::mt19937& random) {
  const Values stored = differences(values, static_cast<int>(c.order));
  if (c.coding == 0) return plain_bytes(stored);
  return c.coding == 1 ? huffman_bytes(stored) : own_table_bytes(tables, stored, random);
}

Made make(const Case& c, unsigned seed = 3) {
  std::mt19937 random(seed);
  const auto tables = random_tables(3, random);
  const auto beats = beat_places(c);
  Made made;
  made.builder = small_scp();
  made.builder.version = c.version;
  if (c.coding == 0) made.builder.sections.erase(2);
  if (c.coding == 2) made.builder.sections[2] = tables_section(tables);
  const int divisor = std::gcd(static_cast<int>(c.gain_beat), static_cast<int>(c.gain_rhythm));
  made.gain = c.subtract ? divisor : static_cast<int>(c.gain_rhythm);
  std::vector<Bytes> median;
  std::vector<BuiltLead> leads;
  const bool zones_matter = c.bimodal || c.version < 13;
  const std::vector<BeatPlace> zones = zones_matter ? beats : [&] {
    auto none = beats;
    for (BeatPlace& beat : none) beat.protect_begin = beat.protect_end = 0;
    return none;
  }();
  for (int lead = 0; lead < 3; ++lead) {
    const Values beat = reference_beat(lead);
    median.push_back(code(c, tables, beat, random));
    Values residual;
    for (std::size_t i = 0; i < c.count; ++i) {
      const double slow = 60 * std::sin(static_cast<double>(i) / 90.0 + lead);
      residual.push_back(static_cast<int>(std::lround(slow)) + static_cast<int>(random() % 3) - 1);
    }
    Values stored = residual;
    Values full = residual;
    if (c.factor > 1) {
      stored = decimated(residual, zones, c.start, c.factor);
      full = expanded(stored, zones, c.start, c.factor, c.count);
      // Lossy, but never by more than what the wave moves in two blocks.
      for (std::size_t i = 0; i < c.count; ++i) EXPECT_NEAR(full[i], residual[i], 8);
    }
    Values expected;
    for (std::size_t i = 0; i < c.count; ++i) {
      if (!c.subtract) {
        expected.push_back(full[i]);
        continue;
      }
      expected.push_back(full[i] * static_cast<int>(c.gain_rhythm) / divisor +
                         beat_at(beats, beat, kFiducial, c.start + static_cast<unsigned>(i)) *
                             static_cast<int>(c.gain_beat) / divisor);
    }
    made.stored.push_back(stored);
    made.expected.push_back(expected);
    leads.push_back({static_cast<unsigned>(lead + 1), c.start,
                     c.start + static_cast<unsigned>(c.count) - 1,
                     code(c, tables, stored, random)});
  }
  made.builder.rhythm(leads, c.order, c.gain_rhythm, c.interval_beat * c.factor,
                      c.subtract ? 0x1D : 0x1C, c.bimodal ? 1 : 0);
  made.builder.sections[4] =
      beats_section((kBeatCount * c.interval_beat + 500) / 1000, kFiducial, beats, c.with_zones);
  made.builder.sections[5] = coded_section(c.gain_beat, c.interval_beat, c.order, 0, median);
  return made;
}

void expect_decoded(const Case& c, unsigned seed = 3) {
  const Made made = make(c, seed);
  const EcgRecording recording = decoded(made.builder);
  EXPECT_THAT(codes(recording), IsEmpty());
  ASSERT_EQ(recording.leads.size(), 3);
  ASSERT_EQ(recording.median_beat.size(), 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const Lead& lead = recording.leads[i];
    EXPECT_EQ(lead.samples, Samples(made.expected[i].begin(), made.expected[i].end()));
    EXPECT_EQ(lead.gain_nv_per_lsb, made.gain);
    EXPECT_EQ(lead.sampling_interval_us, c.interval_beat);
    EXPECT_EQ(lead.first_sample, c.start - 1);
    const Values beat = reference_beat(static_cast<int>(i));
    const Lead& median = recording.median_beat[i];
    EXPECT_EQ(median.code, lead.code);
    EXPECT_EQ(median.samples, Samples(beat.begin(), beat.end()));
    EXPECT_EQ(median.gain_nv_per_lsb, c.gain_beat);
    EXPECT_EQ(median.sampling_interval_us, c.interval_beat);
    EXPECT_EQ(median.first_sample, 0);
  }
}

TEST(ScpEcgBeats, AddsSubtractedBeatsInEveryCoding) {
  for (const int coding : {0, 1, 2}) {
    for (const unsigned order : {0U, 1U, 2U}) {
      SCOPED_TRACE(testing::Message() << coding << " " << order);
      expect_decoded({.coding = coding, .order = order});
    }
  }
}

TEST(ScpEcgBeats, FindsTheCommonStepOfRhythmAndBeat) {
  expect_decoded({.gain_beat = 1000, .gain_rhythm = 2500});  // 500
  expect_decoded({.gain_beat = 5000, .gain_rhythm = 2500});  // 2500
  expect_decoded({.gain_beat = 2500, .gain_rhythm = 4881});  // 1
  expect_decoded({.gain_beat = 4880, .gain_rhythm = 2441});
}

TEST(ScpEcgBeats, RoundsTheBeatWhereNoCommonStepFits32Bits) {
  const Made made = make({.gain_beat = 65534, .gain_rhythm = 65535});
  const EcgRecording recording = decoded(made.builder);
  EXPECT_THAT(codes(recording), ElementsAre("gain_rounded"));
  ASSERT_EQ(recording.leads.size(), 3);
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 65535);
  for (std::size_t i = 0; i < 1000; ++i) {  // expected: in nanovolts
    EXPECT_NEAR(recording.leads[0].samples[i] * 65535.0, made.expected[0][i], 32768);
  }
}

TEST(ScpEcgBeats, PlacesBeatsInLeadsThatStartLater) {
  expect_decoded({.start = 301});
  expect_decoded({.factor = 4, .bimodal = true, .start = 301});
}

TEST(ScpEcgBeats, ExpandsBimodalCompression) {
  for (const unsigned factor : {1U, 2U, 3U, 4U}) {
    for (const bool subtract : {true, false}) {
      for (unsigned count = 990; count < 998; ++count) {
        SCOPED_TRACE(testing::Message() << factor << " " << subtract << " " << count);
        Case c{.factor = factor, .bimodal = true, .subtract = subtract};
        c.coding = static_cast<int>(count % 3);
        c.order = (count / 3) % 3;
        c.count = count;
        expect_decoded(c, count);
      }
    }
  }
}

TEST(ScpEcgBeats, KnowsRoundedIntervals) {
  // 600 Hz and 150 Hz: 1667 and 6667 us, one off 4 x 1667.
  Made made = make({.factor = 4, .bimodal = true, .interval_beat = 1667});
  Bytes& rhythm = made.builder.sections[6];
  rhythm[2] = 6667 % 256;
  rhythm[3] = 6667 / 256;
  const EcgRecording recording = decoded(made.builder);
  EXPECT_THAT(codes(recording), IsEmpty());
  EXPECT_EQ(recording.leads.at(0).sampling_interval_us, 1667);
  EXPECT_EQ(recording.leads.at(0).samples.size(), 1000);
}

TEST(ScpEcgBeats, ReadsVersion1WithoutZonesAndFlag) {
  for (const unsigned version : {10U, 11U}) {
    SCOPED_TRACE(version);
    expect_decoded({.version = version, .with_zones = false});
    expect_decoded({.version = version, .factor = 4, .with_zones = false});
    EXPECT_EQ(decoded(make({.version = version}).builder).version, version == 10 ? "1.0" : "1.1");
  }
}

TEST(ScpEcgBeats, ReadsVersion3And13) {
  expect_decoded({.version = 30});
  expect_decoded({.version = 13, .factor = 2, .bimodal = true});
}

TEST(ScpEcgBeats, DoesNotTakeTheByteOfVersion3ForBimodal) {
  ScpBuilder builder = small_scp();
  builder.version = 30;
  builder.rhythm({{1, 1, 9, huffman_bytes({1, 2, 3, 4, 5, 6, 7, 8, 9})}}, 0, 2500, 4000, 0, 1);
  builder.sections[5] = coded_section(2500, 2000, 0, 0, {huffman_bytes({1, 2, 300})});
  const EcgRecording recording = decoded(builder);
  EXPECT_THAT(codes(recording), IsEmpty());
  EXPECT_EQ(recording.leads.at(0).samples.size(), 9);
  EXPECT_EQ(recording.leads.at(0).sampling_interval_us, 4000);
}

TEST(ScpEcgBeats, DecimatesTheWholeRhythmWhereTheFlagIsMissing) {
  expect_decoded({.factor = 4, .bimodal = false});
}

TEST(ScpEcgBeats, RefusesRatesThatDoNotFit) {
  Made made = make({.factor = 4, .bimodal = true});
  for (const unsigned interval : {5000U, 10000U, 1000U, 8010U}) {
    made.builder.sections[6][2] = static_cast<std::uint8_t>(interval % 256);
    made.builder.sections[6][3] = static_cast<std::uint8_t>(interval / 256);
    EXPECT_EQ(refused(made.builder), ErrorCode::unsupported_encoding) << interval;
  }
  // A rhythm that depends on no beat has any rate it likes.
  made = make({.subtract = false});
  made.builder.sections[6][3] = 0xFF;
  EXPECT_EQ(decoded(made.builder).leads.size(), 3);
}

TEST(ScpEcgBeats, RefusesResidualsWithoutTheirSections) {
  const Made made = make({});
  ScpBuilder builder = made.builder;
  builder.sections.erase(4);
  EXPECT_EQ(refused(builder), ErrorCode::malformed_file);
  builder = made.builder;
  builder.sections[4].resize(30);
  EXPECT_EQ(refused(builder), ErrorCode::malformed_file);
  builder = made.builder;
  builder.sections.erase(5);
  EXPECT_EQ(refused(builder), ErrorCode::malformed_file);
  builder = made.builder;
  builder.sections[5][0] = builder.sections[5][1] = 0;  // the beat's step
  EXPECT_EQ(refused(builder), ErrorCode::malformed_file);
  // Nothing was subtracted where no beat of type 0 is listed: then neither is needed.
  builder = small_scp();
  builder.rhythm({{1, 1, 2, huffman_bytes({1, 1})}}, 0, 2500, 2000, 0x65);
  builder.sections[4] = {0xAE, 4, 0, 0, 0, 0};
  EXPECT_EQ(decoded(builder).leads.size(), 1);
  builder.sections[4] = beats_section(1198, 9, {{1, 0, 5, 0, 0, 0}, {2, 0, 9, 0, 0, 0}});
  EXPECT_EQ(decoded(builder).leads.size(), 1);
  // Nor where beats of type 0 are listed without the samples they were subtracted from.
  builder.sections[4] = beats_section(1198, 9, {{0, 0, 1, 0, 0, 0}, {0, 2, 2, 1, 0, 0}});
  EXPECT_EQ(decoded(builder).leads.size(), 1);
  // The same beats without the announcement of section 3 are of no concern.
  builder.sections[4] = beats_section(1198, 9, {{0, 1, 1, 2, 0, 0}});
  builder.rhythm({{1, 1, 2, huffman_bytes({1, 1})}}, 0);
  EXPECT_EQ(decoded(builder).leads.size(), 1);
}

TEST(ScpEcgBeats, BelievesTheDataOfABimodalFlagWithoutSections) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 4, huffman_bytes({1, 2, 3, 400})}}, 0, 2500, 2000, 0, 1);
  EXPECT_THAT(decoded(builder).leads.at(0).samples, ElementsAre(1, 2, 3, 400));
  builder.rhythm({{1, 1, 40, huffman_bytes({1, 2, 3, 400})}}, 0, 2500, 2000, 0, 1);
  EXPECT_EQ(refused(builder), ErrorCode::malformed_file);
}

TEST(ScpEcgBeats, LeavesOutTheLeadWhoseBeatIsMissing) {
  Case c;
  Made made = make(c);
  std::mt19937 random(1);
  made.builder.sections[5] = coded_section(
      2500, 2000, 2, 0,
      {code(c, {}, reference_beat(0), random), {}, code(c, {}, reference_beat(2), random)});
  const EcgRecording recording = decoded(made.builder);
  EXPECT_THAT(codes(recording), ElementsAre("reference_beat_missing", "lead_empty"));
  ASSERT_EQ(recording.leads.size(), 2);
  EXPECT_EQ(recording.leads[0].samples, Samples(made.expected[0].begin(), made.expected[0].end()));
  EXPECT_EQ(recording.leads[1].code, LeadCode::V1);
  EXPECT_EQ(recording.leads[1].samples, Samples(made.expected[2].begin(), made.expected[2].end()));
  EXPECT_EQ(recording.median_beat.size(), 2);
}

TEST(ScpEcgBeats, SaysWhenABeatIsSubtractedOverMoreThanItLasts) {
  Made made = make({});
  made.builder.sections[4] =
      beats_section(240, kFiducial, {{0, 51, 91, 250, 0, 0}});  // starts one before, ends far after
  const EcgRecording recording = decoded(made.builder);
  EXPECT_THAT(codes(recording), Each("reference_beat_short"));
  EXPECT_EQ(recording.findings.size(), 3);
}

TEST(ScpEcgBeats, LeavesOutLeadsWhoseBeatsLieUponEachOther) {
  Made made = make({});
  made.builder.sections[4] =
      beats_section(240, kFiducial, std::vector<BeatPlace>(1000, {0, 52, 91, 170, 0, 0}));
  EXPECT_EQ(refused(made.builder), ErrorCode::malformed_file);  // no lead is left
}

TEST(ScpEcgBeats, SurvivesBeatsAnywhere) {
  std::mt19937 random(8);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  const auto any = [&]() -> unsigned {
    const unsigned kind = below(4);
    if (kind == 0) return static_cast<unsigned>(random());
    return kind == 1 ? 0xFFFFFFFFU - below(3) : below(1100);
  };
  for (int run = 0; run < 400; ++run) {
    Made made = make({.factor = 1 + below(4), .bimodal = true, .count = 300}, 1);
    std::vector<BeatPlace> beats;
    for (unsigned i = 0; i < below(5); ++i) {
      beats.push_back({below(2), any(), any(), any(), any(), any()});
    }
    made.builder.sections[4] = beats_section(240, below(200), beats);
    const auto recording = decode_scp_ecg(made.builder.build());
    if (!recording) continue;
    for (const Lead& lead : recording->leads) EXPECT_LE(lead.samples.size(), 300);
  }
}

TEST(ScpEcgBeats, BoundsWhatInterpolationCanGrow) {
  // 64 leads of 65,535 bytes that hold 524,280 zeros each, stretched four times: 134 million.
  ScpBuilder builder = small_scp();
  builder.rhythm(std::vector<BuiltLead>(64, {1, 1, 2'097'120, Bytes(65'535, 0)}), 0, 2500, 8000, 0,
                 1);
  for (unsigned i = 0; i < 64; ++i)
    builder.sections[3][2 + 9 * i + 8] = static_cast<std::uint8_t>(i + 1);
  builder.sections[4] = beats_section(10, 1, {});
  builder.sections[5] = coded_section(2500, 2000, 0, 0, std::vector<Bytes>(64));
  EXPECT_EQ(refused(builder), ErrorCode::limit_exceeded);
}

// ---- section 5 for display ----

TEST(ScpEcgMedian, IsReadWhereNothingWasSubtracted) {
  ScpBuilder builder = small_scp();
  builder.sections[4] = beats_section(10, 2, {});  // 5 samples
  builder.sections[5] = coded_section(
      1000, 2000, 1, 0, {huffman_bytes({5, 1, 1, -2, 0}), huffman_bytes({-300, 1, 0, 0, 0})});
  const EcgRecording recording = decoded(builder);
  EXPECT_THAT(codes(recording), IsEmpty());
  ASSERT_EQ(recording.median_beat.size(), 2);
  EXPECT_EQ(recording.median_beat[0].code, LeadCode::I);
  EXPECT_THAT(recording.median_beat[0].samples, ElementsAre(5, 6, 7, 5, 5));
  EXPECT_THAT(recording.median_beat[1].samples, ElementsAre(-300, -299, -299, -299, -299));
  EXPECT_EQ(recording.median_beat[0].gain_nv_per_lsb, 1000);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(10, 12, 15, 15, 14, 14));
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 2500);
}

TEST(ScpEcgMedian, FindsItsLengthWhereMillisecondsAreTooCoarse) {
  // 600 Hz: 433 samples last 721.8 ms; stated as 722 or cut down to 721.
  Values beat;
  for (int i = 0; i < 433; ++i) beat.push_back(100 + i % 50);  // codes of 18 bits
  for (const unsigned stated : {721U, 722U}) {
    ScpBuilder builder = small_scp();
    builder.sections[4] = beats_section(stated, 167, {});
    builder.sections[5] =
        coded_section(1000, 1667, 0, 0, {huffman_bytes(beat), huffman_bytes(beat)});
    const EcgRecording recording = decoded(builder);
    ASSERT_EQ(recording.median_beat.size(), 2);
    EXPECT_EQ(recording.median_beat[0].samples, Samples(beat.begin(), beat.end()));
  }
}

TEST(ScpEcgMedian, LastsAsLongAsItsDataWhereNoLengthIsStated) {
  ScpBuilder builder = small_scp();
  builder.sections[5] = coded_section(
      1000, 2000, 0, 0, {huffman_bytes({1, 2, 300}), huffman_bytes({300, 300, 8, 1})});
  EcgRecording recording = decoded(builder);
  EXPECT_THAT(codes(recording), ElementsAre("median_length_unknown"));
  // 34 bits and 6 of padding against 65 and 7: nine values against eleven.
  ASSERT_EQ(recording.median_beat.size(), 2);
  EXPECT_EQ(recording.median_beat[0].samples.size(), recording.median_beat[1].samples.size());
  builder.sections.erase(2);
  builder.rhythm({{1, 1, 2, plain_bytes({1, 2})}, {2, 1, 2, plain_bytes({1, 2})}}, 0);
  builder.sections[5] =
      coded_section(1000, 2000, 0, 0, {plain_bytes({1, 2, 3}), plain_bytes({4, 5, 6})});
  recording = decoded(builder);
  EXPECT_THAT(codes(recording), IsEmpty());
  EXPECT_THAT(recording.median_beat.at(1).samples, ElementsAre(4, 5, 6));
}

TEST(ScpEcgMedian, IsLeftOutWhereItCannotBeRead) {
  ScpBuilder builder = small_scp();
  for (const Bytes& section :
       {Bytes{1, 2, 3}, coded_section(0, 2000, 0, 0, {{1}, {2}}),
        coded_section(1000, 0, 0, 0, {{1}, {2}}), coded_section(1000, 2000, 7, 0, {{1}, {2}})}) {
    builder.sections[5] = section;
    const EcgRecording recording = decoded(builder);
    EXPECT_THAT(codes(recording), ElementsAre("median_unreadable"));
    EXPECT_EQ(recording.leads.size(), 2);
    EXPECT_THAT(recording.median_beat, IsEmpty());
  }
}

// ---- hostile files with everything in them ----

Bytes file_with_everything() {
  Case c{.factor = 2, .bimodal = true, .gain_beat = 1000, .coding = 2, .count = 120};
  Made made = make(c);
  made.builder.sections[4] = beats_section(240, kFiducial, {{0, 30, 60, 90, 50, 70}});
  made.builder.sections[7] = {1, 1, 0, 3, 0, 0};
  made.builder.sections[7].resize(60, 1);
  made.builder.sections[8] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 'A', 0};
  made.builder.sections[10] = {1, 0, 42, 0, 1, 0, 4, 0, 90, 0, 160, 0};
  made.builder.sections[11] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 0, 1, 'N', 'S', 'R', 0};
  return made.builder.build();
}

void expect_contract(const Bytes& file) {
  const auto recording = decode_scp_ecg(file);
  if (!recording) return;
  EXPECT_FALSE(recording->leads.empty());
  for (const auto* leads : {&recording->leads, &recording->median_beat}) {
    for (const Lead& lead : *leads) {
      EXPECT_FALSE(lead.samples.empty());
      EXPECT_LE(lead.samples.size(), 32 * file.size());
      EXPECT_GT(lead.gain_nv_per_lsb, 0);
      EXPECT_GT(lead.sampling_interval_us, 0);
    }
  }
}

TEST(ScpEcgBeats, SurvivesEveryTruncation) {
  const Bytes whole = file_with_everything();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Bytes file(whole.begin(), whole.begin() + static_cast<long>(length));
    expect_contract(file);
    if (length < 32) continue;
    ScpBuilder::seal(file);
    expect_contract(file);
  }
}

TEST(ScpEcgBeats, SurvivesEveryByteSetToEveryExtreme) {
  const Bytes whole = file_with_everything();
  ASSERT_TRUE(decode_scp_ecg(whole));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const std::uint8_t value : Bytes{0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      Bytes file = whole;
      file[i] = value;
      expect_contract(file);
    }
    Bytes file = whole;
    file[i] = static_cast<std::uint8_t>(file[i] ^ 0x10);
    expect_contract(file);
  }
}

}  // namespace telavis::test::scp_ecg_beats_test
