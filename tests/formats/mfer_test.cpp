// SPDX-License-Identifier: Apache-2.0
#include "formats/mfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "tests/formats/finding_codes.h"
#include "tests/formats/hostile.h"
#include "tests/formats/mfer_builder.h"
#include "tests/shared_samples.h"

namespace telavis::test::mfer_test {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

EcgRecording read(const MferBuilder& builder) {
  auto recording = decode_mfer(builder.build());
  EXPECT_TRUE(recording) << (recording ? "" : recording.error().text);
  return recording.value_or(EcgRecording{});
}
ErrorCode refusal(const MferBuilder& builder) {
  const auto recording = decode_mfer(builder.build());
  EXPECT_FALSE(recording);
  return recording ? ErrorCode::internal : recording.error().code;
}

TEST(Mfer, ReadsBothByteOrders) {
  for (const bool little : {true, false}) {
    MferBuilder b = small_mfer(little);
    b.tag(0x17, "MAKER^MODEL^1.2^S42").tag(0x82, "ID-7^x").number(0x84, 2, 1);
    b.tag(0x85, b.whole(2019, 2) + "\x06\x13\x0d\x14\x05"s + "\0\0\0\0"s);
    b.tag(0x83, "\x40"s + b.whole(0, 2) + b.whole(1953, 2) + "\x05\x08");
    b.tag(0x81, "NOM^^Prenom").tag(0x11, "HPF=0.05").tag(0x11, "LPF=150^x").tag(0x11, "BEF=50");
    b.tag(0x16, "un commentaire");
    b.wave(b.samples({1, 10, -2, 20, 300, -30}));
    EXPECT_TRUE(looks_like_mfer(b.build()));
    const EcgRecording recording = read(b);
    EXPECT_THAT(codes(recording), IsEmpty());
    EXPECT_EQ(recording.format, "MFER");
    ASSERT_EQ(recording.leads.size(), 2);
    EXPECT_EQ(recording.leads[0].code, LeadCode::II);
    EXPECT_EQ(recording.leads[1].code, LeadCode::V5);
    EXPECT_THAT(recording.leads[0].samples, ElementsAre(1, -2, 300));
    EXPECT_THAT(recording.leads[1].samples, ElementsAre(10, 20, -30));
    EXPECT_DOUBLE_EQ(recording.leads[0].gain_nv_per_lsb, 2500);
    EXPECT_DOUBLE_EQ(recording.leads[0].sampling_interval_us, 2000);
    EXPECT_EQ(recording.device.manufacturer, "MAKER");
    EXPECT_EQ(recording.device.model, "MODEL");
    EXPECT_EQ(recording.device.serial, "S42");
    EXPECT_EQ(recording.patient.id, "ID-7");
    EXPECT_EQ(recording.patient.family_name, "NOM");
    EXPECT_EQ(recording.patient.given_name, "Prenom");
    EXPECT_EQ(recording.patient.birth_date, "1953-05-08");
    EXPECT_EQ(recording.patient.sex, Sex::female);
    EXPECT_EQ(recording.acquired_at.iso8601(), "2019-06-19T13:20:05");
    EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
    EXPECT_EQ(recording.filters.low_pass_hz, 150);
    EXPECT_EQ(recording.filters.notch_hz, 50);
    EXPECT_THAT(recording.statements, ElementsAre("un commentaire"));
  }
}

TEST(Mfer, ReadsTheTypesOfItsSamples) {
  struct Case {
    int type, bytes;
    std::vector<int> stored, read;
  };
  for (const Case& c : {Case{0, 2, {-32768, 5}, {-32768, 5}}, Case{1, 2, {65535, 5}, {65535, 5}},
                        Case{2, 4, {-100'000, 5}, {-100'000, 5}}, Case{3, 1, {200, 5}, {200, 5}},
                        Case{5, 1, {-56, 5}, {-56, 5}}, Case{6, 4, {70'000, 5}, {70'000, 5}}}) {
    MferBuilder b = small_mfer();
    b.number(0x0A, static_cast<std::uint64_t>(c.type), 1);
    b.wave(b.samples({c.stored[0], 0, c.stored[1], 0}, c.bytes));
    EXPECT_EQ(read(b).leads.at(0).samples, c.read) << c.type;
  }
  MferBuilder b = small_mfer(false);  // 0.5 steps of 2.5 uV are 1,250 nV
  b.number(0x0A, 7, 1);
  const auto bits = [](float value) {
    return static_cast<int>(std::bit_cast<std::uint32_t>(value));
  };
  b.wave(b.samples({bits(0.5F), bits(0), bits(-2), bits(0)}, 4));
  EXPECT_EQ(read(b).leads.at(0).gain_nv_per_lsb, 1);
  EXPECT_THAT(read(b).leads.at(0).samples, ElementsAre(1250, -5000));
  b = small_mfer();
  b.number(0x0A, 9, 1).wave("abcd");
  EXPECT_EQ(refusal(b), ErrorCode::unsupported_encoding);
  b = small_mfer();
  b.number(0x0E, 1, 2).wave("abcd");
  EXPECT_EQ(refusal(b), ErrorCode::unsupported_encoding);
}

TEST(Mfer, DealsBlocksSequencesAndFrames) {
  MferBuilder b = small_mfer();
  b.number(0x04, 2, 4).number(0x06, 2, 2);
  b.channel(1, b.definition(0x04, 1, 1) + "\x0B\x03\x00\x00\xFA"s);  // half as fast: 250 Hz
  b.wave(b.samples({1, 2, 10, 3, 4, 20}));
  b.wave(b.samples({5, 6, 30, 7, 8, 40}));
  const EcgRecording recording = read(b);
  EXPECT_THAT(recording.leads.at(0).samples, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(recording.leads.at(1).samples, ElementsAre(10, 20, 30, 40));
  EXPECT_DOUBLE_EQ(recording.leads.at(1).sampling_interval_us, 4000);
  EXPECT_THAT(codes(recording), ElementsAre("acquisition_time_missing"));
  b.scaled(0x0C, 0, -6, 5).wave(b.samples({1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(codes(read(b)), ElementsAre("frame_unread", "acquisition_time_missing"));
}

TEST(Mfer, KeepsTheDominantBeatApart) {
  MferBuilder b = small_mfer();
  b.wave(b.samples({1, 2})).number(0x08, 9, 2).wave(b.samples({3, 4}));
  const EcgRecording recording = read(b);
  EXPECT_THAT(recording.leads.at(0).samples, ElementsAre(1));
  ASSERT_EQ(recording.median_beat.size(), 2);
  EXPECT_EQ(recording.median_beat[1].code, LeadCode::V5);
  EXPECT_THAT(recording.median_beat[1].samples, ElementsAre(4));
}

TEST(Mfer, LeavesOutWhatIsNoVoltageAndWhatWasNotMeasured) {
  MferBuilder b = small_mfer();
  b.number(0x05, 3, 1).number(0x12, 0x8000, 2);
  b.channel(0, b.definition(0x09, 0x1046, 2), true);
  b.channel(1, b.definition(0x09, 143, 2) + "\x0C\x04\x01\x00\x01\x00"s);  // mmHg
  b.channel(2, b.definition(0x0A, 4, 1));                                  // status bits
  b.wave(b.samples({-32768, 1, 1, 5, 1, 1, -32768, 1, 1, 6, 1, 1}));
  const EcgRecording recording = read(b);
  ASSERT_EQ(recording.leads.size(), 1);
  EXPECT_EQ(recording.leads[0].label, "ECG1");
  EXPECT_EQ(recording.leads[0].first_sample, 1);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(5, 5, 6));
  EXPECT_THAT(codes(recording),
              ElementsAre("samples_not_measured", "signals_left_out", "acquisition_time_missing"));
}

TEST(Mfer, RefusesWhatIsNoEcg) {
  MferBuilder b = small_mfer();
  b.number(0x08, 40, 2).wave(b.samples({1, 2}));  // an EEG, whatever its codes
  EXPECT_EQ(refusal(b), ErrorCode::unsupported_format);
  b = small_mfer();
  b.scaled(0x0C, 1, 0, 1).wave(b.samples({1, 2}));
  EXPECT_EQ(refusal(b), ErrorCode::unsupported_format);
}

TEST(Mfer, ReadsCharacterSets) {
  const auto name_in = [](std::string_view charset, std::string_view bytes) {
    MferBuilder b = small_mfer();
    b.tag(0x03, charset).tag(0x81, bytes).wave(b.samples({1, 2}));
    return read(b);
  };
  EXPECT_EQ(name_in("UTF-16LE", "\xC9\0o\0\0\0x\0"s).patient.family_name, "Éo");
  EXPECT_EQ(name_in("UTF-16BE", "\0\xC9\xD8\x3D\xDE\0"s).patient.family_name, "É😀");
  EXPECT_EQ(name_in("UTF-16", "\xFE\xFF\0\xC9"s).patient.family_name, "É");
  EXPECT_EQ(name_in("UTF-8", "\xC3\x89o").patient.family_name, "Éo");
  EXPECT_EQ(name_in("ISO 8859-1", "\xC9o").patient.family_name, "Éo");
  EXPECT_EQ(name_in("ANSI X3.4", "Eo\0zz"s).patient.family_name, "Eo");
  for (const char* charset : {"Shift_JIS", "JIS X 0208", "ANSI X3.4"}) {
    const EcgRecording recording = name_in(charset, "AB\x83\x65");
    EXPECT_TRUE(recording.patient.family_name.starts_with("AB\xEF\xBF\xBD")) << charset;
    EXPECT_THAT(codes(recording), ElementsAre("text_encoding_unread", "acquisition_time_missing"));
  }
}

TEST(Mfer, KnowsFilesWithoutPreamble) {
  const Bytes file = {0x01, 1, 1, 0x05, 1, 1, 0x09, 1, 2, 0x0C, 4, 0, 0xFA, 1, 0, 0x1E, 2, 7, 0};
  EXPECT_TRUE(looks_like_mfer(file));
  const auto recording = decode_mfer(file);
  ASSERT_TRUE(recording);
  EXPECT_THAT(recording->leads.at(0).samples, ElementsAre(7));
  EXPECT_EQ(recording->leads.at(0).sampling_interval_us, 1000);  // the standard's default
  EXPECT_FALSE(looks_like_mfer(as_bytes("@HTML MFR")));
  EXPECT_FALSE(looks_like_mfer(Bytes(64, 0)));
}

TEST(Mfer, SaysWhatIsCut) {
  MferBuilder b = small_mfer();
  EXPECT_EQ(refusal(b), ErrorCode::truncated_file);
  b.wave(b.samples({1, 10, 2, 20}));
  Bytes file = b.build();
  file.erase(file.end() - 3, file.end());
  const auto recording = decode_mfer(file);
  ASSERT_TRUE(recording);
  EXPECT_THAT(recording->leads.at(0).samples, ElementsAre(1));
  EXPECT_THAT(codes(*recording), ElementsAre("data_truncated", "acquisition_time_missing"));
}

TEST(Mfer, SurvivesHostileBytes) {
  MferBuilder b = small_mfer();
  b.tag(0x03, "UTF-16").tag(0x81, "\xC9\0o\0"s).number(0x12, 0x8000, 2).number(0x06, 2, 1);
  b.channel(0, b.definition(0x09, 2, 2), true).wave(b.samples({1, 2, 3, 4}));
  hostile(b.build(), [](ByteView bytes) {
    const auto recording = decode_mfer(bytes);
    return recording ? recording->leads.size() : std::size_t{0};
  });
}

TEST(Mfer, ReadsTheSharedMonitorFile) {
  TELAVIS_NEED_SHARED("samples/mfer/library/test-file.MWF");
  const auto file = read_file(shared_folder() / "samples/mfer/library/test-file.MWF");
  EXPECT_TRUE(looks_like_mfer(file));
  const auto recording = decode_mfer(file);
  ASSERT_TRUE(recording) << recording.error().text;
  EXPECT_EQ(recording->device.manufacturer, "NIHON KOHDEN");
  EXPECT_EQ(recording->device.model, "CNS6000");
  EXPECT_EQ(recording->patient.id, "12345");
  EXPECT_EQ(recording->patient.family_name, "TRWRU");
  EXPECT_EQ(recording->patient.birth_date, "");
  EXPECT_EQ(recording->acquired_at.iso8601(), "2019-06-19T13:20:00");
  ASSERT_EQ(recording->leads.size(), 2);  // three pressures and a status beside them
  EXPECT_EQ(recording->leads[0].code, LeadCode::II);
  EXPECT_EQ(recording->leads[1].code, LeadCode::V5);
  EXPECT_EQ(recording->leads[0].samples.size(), 178'337);  // of 180,000: the rest is null
  EXPECT_EQ(recording->leads[0].sampling_interval_us, 4000);
  EXPECT_DOUBLE_EQ(recording->leads[0].gain_nv_per_lsb, 2000);
  const auto& ii = recording->leads[0].samples;
  EXPECT_THAT(std::vector(ii.begin(), ii.begin() + 5), ElementsAre(18, 15, 8, 3, 0));
  EXPECT_THAT(codes(*recording), ElementsAre("signals_left_out"));
}

}  // namespace telavis::test::mfer_test
