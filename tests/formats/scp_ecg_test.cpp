// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/finding_codes.h"
#include "tests/formats/scp_builder.h"

namespace telavis::test::scp_ecg_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Samples = std::vector<std::int32_t>;

EcgRecording decoded(const Bytes& file) {
  auto recording = decode_scp_ecg(file);
  EXPECT_TRUE(recording) << (recording ? "" : recording.error().text);
  return recording.value_or(EcgRecording{});
}

ErrorCode refused(const Bytes& file) {
  const auto recording = decode_scp_ecg(file);
  EXPECT_FALSE(recording);
  return recording ? ErrorCode::internal : recording.error().code;
}

TEST(ScpEcg, ReadsASecondDifferenceHuffmanFile) {
  const Bytes file = small_scp().build();
  EXPECT_TRUE(looks_like_scp_ecg(file));
  const EcgRecording recording = decoded(file);
  EXPECT_EQ(recording.format, "SCP-ECG");
  EXPECT_EQ(recording.version, "2.0");
  EXPECT_EQ(recording.patient.id, "P-1");
  EXPECT_EQ(recording.acquired_at.local, "2026-01-15T09:30:05");
  ASSERT_EQ(recording.leads.size(), 2);
  EXPECT_EQ(recording.leads[0].code, LeadCode::I);
  EXPECT_EQ(recording.leads[0].samples, (Samples{10, 12, 15, 15, 14, 14}));
  EXPECT_EQ(recording.leads[1].samples, (Samples{-3, 0, 4, 9, 9, 200}));
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 2500);
  EXPECT_EQ(recording.leads[0].sampling_interval_us, 2000);
  EXPECT_EQ(recording.leads[0].first_sample, 0);
  EXPECT_FALSE(recording.leads[0].derived);
  EXPECT_THAT(codes(recording), IsEmpty());
}

TEST(ScpEcg, ReadsPlainAndDifferencedSamples) {
  const auto read = [](unsigned difference, const std::vector<int>& stored, bool huffman) {
    ScpBuilder builder = small_scp();
    builder.sections.erase(2);
    if (huffman) builder.default_huffman();
    const auto count = static_cast<std::uint32_t>(stored.size());
    builder.rhythm({{62, 1, count, huffman ? huffman_bytes(stored) : plain_bytes(stored)}},
                   difference);
    return decoded(builder.build()).leads.at(0).samples;
  };
  for (const bool huffman : {false, true}) {
    EXPECT_EQ(read(0, {5, -7, 32767, -32768}, huffman), (Samples{5, -7, 32767, -32768}));
    EXPECT_EQ(read(1, {5, -7, 300, -1}, huffman), (Samples{5, -2, 298, 297}));
    EXPECT_EQ(read(2, {5, -7, 3, -300}, huffman), (Samples{5, -7, -16, -325}));
  }
}

TEST(ScpEcg, ReadsEveryCodeOfTheDefaultTable) {
  std::vector<int> values;
  for (int value = -300; value <= 300; ++value) values.push_back(value);
  values.insert(values.end(), {32767, -32768, -129, 128, 0, 0, 0, 0, 0, 0, 0, 0, 8, -8, 8});
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, static_cast<std::uint32_t>(values.size()), huffman_bytes(values)}}, 0);
  const EcgRecording recording = decoded(builder.build());
  EXPECT_EQ(recording.leads.at(0).samples, Samples(values.begin(), values.end()));
  EXPECT_THAT(codes(recording), IsEmpty());
}

TEST(ScpEcg, FindsVersion1FilesWithoutTheMagic) {
  ScpBuilder builder = small_scp();
  builder.magic = false;
  builder.version = 13;
  const Bytes file = builder.build();
  EXPECT_TRUE(looks_like_scp_ecg(file));
  EXPECT_EQ(decoded(file).version, "1.3");
  EXPECT_FALSE(looks_like_scp_ecg(Bytes(200, 0)));
  EXPECT_FALSE(looks_like_scp_ecg({}));
}

TEST(ScpEcg, ReportsWrongChecksumsAndReadsOn) {
  Bytes file = small_scp().build();
  file[0] ^= 1;
  EXPECT_THAT(codes(decoded(file)), ElementsAre("crc_mismatch"));
  ScpBuilder builder = small_scp();
  file = builder.build();
  const std::size_t rhythm = builder.offset_of(6);
  file[rhythm] ^= 1;
  ScpBuilder::seal(file);
  const EcgRecording recording = decoded(file);
  ASSERT_THAT(codes(recording), ElementsAre("crc_mismatch"));
  EXPECT_EQ(recording.findings[0].severity, Severity::error);
  EXPECT_THAT(recording.findings[0].text, ::testing::HasSubstr("section 6"));
  file[rhythm] = file[rhythm + 1] = 0xFF;
  ScpBuilder::seal(file);
  EXPECT_THAT(codes(decoded(file)), ElementsAre("crc_not_computed"));
}

TEST(ScpEcg, IgnoresWhatFollowsTheRecord) {
  Bytes file = small_scp().build();
  append_all(file, {1, 2, 3, 4, 5});
  const EcgRecording recording = decoded(file);
  EXPECT_THAT(codes(recording), ElementsAre("trailing_bytes"));
  EXPECT_EQ(recording.leads.size(), 2);
}

TEST(ScpEcg, RefusesEveryTruncation) {
  const Bytes whole = small_scp().build();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(refused(Bytes(whole.begin(), whole.begin() + static_cast<long>(length))),
              ErrorCode::truncated_file)
        << length;
  }
}

TEST(ScpEcg, SurvivesTruncationsThatPretendToBeWhole) {
  const Bytes whole = small_scp().build();
  for (std::size_t length = 32; length < whole.size(); ++length) {
    Bytes file(whole.begin(), whole.begin() + static_cast<long>(length));
    ScpBuilder::seal(file);
    EXPECT_EQ(refused(file), ErrorCode::malformed_file) << length;
  }
}

TEST(ScpEcg, RefusesASmallFileThatClaimsToBeHuge) {
  Bytes file = small_scp().build();
  file.resize(file.size() - 2);
  file[2] = file[3] = file[4] = 0;
  file[5] = 4;  // 64 MiB
  EXPECT_EQ(refused(file), ErrorCode::truncated_file);
}

TEST(ScpEcg, ReadsRecordsWhoseLengthDisagreesWithTheirSections) {
  const Bytes whole = small_scp().build();
  for (const std::uint32_t length : {0U, 40U, static_cast<std::uint32_t>(whole.size()) - 1,
                                     static_cast<std::uint32_t>(whole.size()) + 1, 0xFFFFFFFFU}) {
    Bytes file = whole;
    Bytes stated;
    append32(stated, length);
    std::copy(stated.begin(), stated.end(), file.begin() + 2);
    const EcgRecording recording = decoded(file);
    EXPECT_THAT(codes(recording), ElementsAre("record_length_mismatch", "crc_mismatch"));
    EXPECT_EQ(recording.leads.size(), 2);
  }
}

TEST(ScpEcg, BoundsThePointersOfSection0) {
  const ScpBuilder builder = small_scp();
  const auto with_pointer = [&](unsigned id, std::uint32_t length, std::uint32_t index) {
    Bytes file = builder.build();
    Bytes pointer;
    append32(pointer, length);
    append32(pointer, index);
    std::copy(pointer.begin(), pointer.end(), file.begin() + 22 + 10 * id + 2);
    ScpBuilder::set_crc(file, 6, 6 + 136);
    ScpBuilder::seal(file);
    return file;
  };
  for (const unsigned id : {2U, 3U, 6U}) {
    EXPECT_EQ(refused(with_pointer(id, 18, 0xFFFFFFFF)), ErrorCode::malformed_file);
    EXPECT_EQ(refused(with_pointer(id, 0xFFFFFFFF, 143)), ErrorCode::malformed_file);
    EXPECT_EQ(refused(with_pointer(id, 18, 0)), ErrorCode::malformed_file);
    EXPECT_EQ(refused(with_pointer(id, 15, 143)), ErrorCode::malformed_file);
    EXPECT_EQ(refused(with_pointer(id, 18, 144)), ErrorCode::malformed_file);
  }
  // What is not needed to draw the tracing is left out, and said so.
  const EcgRecording recording = decoded(with_pointer(8, 20, 0xFFFFFFF0));
  EXPECT_THAT(codes(recording), ElementsAre("section_unreadable"));
  // The same bytes as section 1: an overlap.
  Bytes file = with_pointer(7, 18, static_cast<std::uint32_t>(builder.offset_of(2) + 1));
  EXPECT_THAT(codes(decoded(file)), ElementsAre("section_unreadable"));  // its header says 2
  Bytes overlapping = builder.build();
  overlapping[22 + 10 * 2 + 2] = 20;  // section 2 runs into section 3
  ScpBuilder::set_crc(overlapping, 6, 6 + 136);
  ScpBuilder::seal(overlapping);
  EXPECT_EQ(refused(overlapping), ErrorCode::malformed_file);
}

void put_pointer(Bytes& file, std::size_t place, unsigned id, std::uint32_t length,
                 std::uint32_t index) {
  Bytes pointer;
  append16(pointer, id);
  append32(pointer, length);
  append32(pointer, index);
  std::copy(pointer.begin(), pointer.end(), file.begin() + 22 + 10 * static_cast<long>(place));
  ScpBuilder::set_crc(file, 6, 6 + 136);
  ScpBuilder::seal(file);
}

TEST(ScpEcg, TakesTheFirstOfTwoPointersThatLeadsToASection) {
  const ScpBuilder builder = small_scp();
  const auto rhythm = static_cast<std::uint32_t>(builder.offset_of(6) + 1);
  const std::size_t bytes = builder.sections.at(6).size();
  const auto length = static_cast<std::uint32_t>(16 + bytes + bytes % 2);
  Bytes file = builder.build();
  put_pointer(file, 9, 6, 40, rhythm);
  EXPECT_THAT(codes(decoded(file)), ElementsAre("duplicate_section"));
  file = builder.build();
  put_pointer(file, 6, 6, length, 143);  // there is section 1
  put_pointer(file, 9, 6, length, rhythm);
  const EcgRecording recording = decoded(file);
  EXPECT_THAT(codes(recording), IsEmpty());
  EXPECT_EQ(recording.leads.size(), 2);
}

TEST(ScpEcg, ReadsPointersInAnyOrderAndTablesOfAnyLength) {
  const ScpBuilder builder = small_scp();
  const Bytes whole = builder.build();
  Bytes file = whole;
  for (std::size_t i = 0; i < 12; ++i) {  // the last first
    std::copy_n(whole.begin() + 22 + 10 * static_cast<long>(11 - i), 10,
                file.begin() + 22 + 10 * static_cast<long>(i));
  }
  ScpBuilder::set_crc(file, 6, 6 + 136);
  ScpBuilder::seal(file);
  EXPECT_THAT(codes(decoded(file)), IsEmpty());
  EXPECT_EQ(decoded(file).leads.size(), 2);
  // Without the magic a pointer to section 1 proves the format.
  std::fill_n(file.begin() + 16, 6, 0);
  ScpBuilder::set_crc(file, 6, 6 + 136);
  ScpBuilder::seal(file);
  EXPECT_TRUE(looks_like_scp_ecg(file));
  EXPECT_EQ(decoded(file).leads.size(), 2);
  for (const unsigned pointers : {7U, 12U, 19U, 30U}) {
    ScpBuilder other = small_scp();
    other.pointers = pointers;
    EXPECT_EQ(decoded(other.build()).leads.size(), 2) << pointers;
  }
}

TEST(ScpEcg, UsesALengthThatFitsWhereTwoDisagree) {
  const ScpBuilder builder = small_scp();
  const auto rhythm = static_cast<std::uint32_t>(builder.offset_of(6) + 1);
  for (const std::uint32_t length : {1U, 4000U}) {  // the section's own length is right
    Bytes file = builder.build();
    put_pointer(file, 6, 6, length, rhythm);
    const EcgRecording recording = decoded(file);
    EXPECT_THAT(codes(recording), ElementsAre("section_length_mismatch"));
    EXPECT_EQ(recording.leads.size(), 2);
  }
  Bytes file = builder.build();
  file[builder.offset_of(6) + 4] = 0xFF;  // that of section 0 is
  ScpBuilder::set_crc(file, builder.offset_of(6), file.size());
  ScpBuilder::seal(file);
  EXPECT_THAT(codes(decoded(file)), ElementsAre("section_length_mismatch"));
}

TEST(ScpEcg, FindsTheLeadsThatAWriterForgotToCount) {
  ScpBuilder builder = small_scp();
  builder.sections[3][0] = 1;  // two are listed, and section 6 holds two
  EcgRecording recording = decoded(builder.build());
  EXPECT_THAT(codes(recording), ElementsAre("lead_count_mismatch"));
  ASSERT_EQ(recording.leads.size(), 2);
  EXPECT_EQ(recording.leads[1].samples, (Samples{-3, 0, 4, 9, 9, 200}));
  // Padding of a whole entry is no lead: section 6 holds but one.
  builder.rhythm({{1, 1, 3, huffman_bytes({1, 2, 3})}}, 0);
  builder.sections[3].resize(builder.sections[3].size() + 9, 0);
  recording = decoded(builder.build());
  EXPECT_THAT(codes(recording), IsEmpty());
  EXPECT_EQ(recording.leads.size(), 1);
  // Fewer listed than counted: those that are there.
  builder = small_scp();
  builder.sections[3].resize(2 + 9 + 3);
  recording = decoded(builder.build());
  EXPECT_THAT(codes(recording), ElementsAre("lead_count_mismatch"));
  ASSERT_EQ(recording.leads.size(), 1);
  EXPECT_EQ(recording.leads[0].samples, (Samples{10, 12, 15, 15, 14, 14}));
}

TEST(ScpEcg, TellsLeadsWithoutACodeApartByTheirPlace) {
  ScpBuilder builder = small_scp();
  builder.rhythm(
      {{0, 1, 1, huffman_bytes({5})}, {1, 1, 1, huffman_bytes({6})}, {0, 1, 1, huffman_bytes({7})}},
      0);
  EcgRecording recording = decoded(builder.build());
  ASSERT_EQ(recording.leads.size(), 3);
  EXPECT_EQ(lead_title(recording.leads[0]), "lead 1");
  EXPECT_EQ(lead_title(recording.leads[1]), "I");
  EXPECT_EQ(lead_title(recording.leads[2]), "lead 3");
  builder.rhythm({{0, 1, 1, huffman_bytes({5})}}, 0);
  recording = decoded(builder.build());
  EXPECT_EQ(recording.leads.at(0).label, "");
}

TEST(ScpEcg, NamesFrankAndPaediatricLeads) {
  ScpBuilder builder = small_scp();
  std::vector<BuiltLead> leads;
  for (const unsigned id : {16U, 17U, 18U, 11U, 9U, 66U, 131U, 184U, 200U}) {
    leads.push_back({id, 1, 1, huffman_bytes({1})});
  }
  builder.rhythm(leads, 0);
  std::vector<std::string> names;
  for (const Lead& lead : decoded(builder.build()).leads) names.push_back(lead_name(lead.code));
  EXPECT_THAT(names, ElementsAre("X", "Y", "Z", "V3R", "V7", "V8", "ES", "lead-184", "lead-200"));
}

TEST(ScpEcg, LimitsTheNumberOfSectionsAndLeads) {
  ScpBuilder builder = small_scp();
  builder.pointers = 65;
  EXPECT_EQ(refused(builder.build()), ErrorCode::limit_exceeded);
  builder.pointers = 64;
  EXPECT_TRUE(decode_scp_ecg(builder.build()));
  builder = small_scp();
  builder.rhythm(std::vector<BuiltLead>(65, {1, 1, 1, {0}}), 0);
  EXPECT_EQ(refused(builder.build()), ErrorCode::limit_exceeded);
}

TEST(ScpEcg, NeedsLeadsAndSamples) {
  for (const unsigned id : {3U, 6U}) {
    ScpBuilder builder = small_scp();
    builder.sections.erase(id);
    EXPECT_EQ(refused(builder.build()), ErrorCode::malformed_file);
  }
  ScpBuilder builder = small_scp();
  builder.sections[3] = {0, 0};
  EXPECT_EQ(refused(builder.build()), ErrorCode::malformed_file);
  builder = small_scp();
  builder.rhythm({{1, 1, 4, {}}}, 2);
  EXPECT_EQ(refused(builder.build()), ErrorCode::malformed_file);
}

TEST(ScpEcg, NamesLongTermRecordingsOfVersion3) {
  ScpBuilder builder = small_scp();
  builder.pointers = 19;
  builder.version = 30;
  builder.sections.erase(6);
  builder.sections[12] = Bytes(80, 0);
  EXPECT_EQ(refused(builder.build()), ErrorCode::unsupported_encoding);
}

TEST(ScpEcg, ReadsOnWithoutTheHeaderButSaysSo) {
  ScpBuilder builder = small_scp();
  builder.sections.erase(1);
  const EcgRecording recording = decoded(builder.build());
  EXPECT_THAT(codes(recording), ElementsAre("section_missing"));
  EXPECT_EQ(recording.leads.size(), 2);
}

TEST(ScpEcg, RefusesStepsAndIntervalsOfZero) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 2, huffman_bytes({1, 1})}}, 0, 0, 2000);
  EXPECT_EQ(refused(builder.build()), ErrorCode::malformed_file);
  builder.rhythm({{1, 1, 2, huffman_bytes({1, 1})}}, 0, 2500, 0);
  EXPECT_EQ(refused(builder.build()), ErrorCode::malformed_file);
}

TEST(ScpEcg, RefusesUnknownDifferences) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 2, huffman_bytes({1, 1})}}, 3);
  EXPECT_EQ(refused(builder.build()), ErrorCode::unsupported_encoding);
}

TEST(ScpEcg, KeepsALeadToWhatItsDataGive) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 9, huffman_bytes({100, 100, 100})},
                  {2, 1, 3, huffman_bytes({100, 101, 102})},
                  {3, 1, 1, huffman_bytes({100, 100, 100})}},
                 0);
  const EcgRecording recording = decoded(builder.build());
  ASSERT_EQ(recording.leads.size(), 3);
  // 3 x 18 bits leave two bits of padding, which read as zeros.
  EXPECT_EQ(recording.leads[0].samples, (Samples{100, 100, 100, 0, 0}));
  EXPECT_EQ(recording.leads[1].samples, (Samples{100, 101, 102}));
  EXPECT_EQ(recording.leads[2].samples, (Samples{100}));
  EXPECT_THAT(codes(recording), ElementsAre("lead_length_mismatch", "lead_length_mismatch"));
}

TEST(ScpEcg, ToleratesUpToFifteenBitsOfPadding) {
  ScpBuilder builder = small_scp();
  Bytes data = huffman_bytes({1, 0});  // 4 bits and 4 of padding
  data.push_back(0);
  builder.rhythm({{1, 1, 2, data}}, 0);
  EXPECT_THAT(codes(decoded(builder.build())), IsEmpty());
  data.push_back(0);
  builder.rhythm({{1, 1, 2, data}}, 0);
  EXPECT_THAT(codes(decoded(builder.build())), ElementsAre("lead_length_mismatch"));
}

TEST(ScpEcg, TrustsTheDataWherePlainLeadsCountWrongly) {
  ScpBuilder builder = small_scp();
  builder.sections.erase(2);
  builder.rhythm({{1, 0, 3, plain_bytes({1, 2, 3})},  // counts from 0: three samples
                  {2, 1, 9, plain_bytes({4, 5, 6})},  // announces more than a u16 length can hold
                  {3, 7, 2, plain_bytes({7, 8, 9})},  // ends before it starts
                  {4, 1, 2, {1, 0, 2}}},              // an odd byte
                 0);
  const EcgRecording recording = decoded(builder.build());
  ASSERT_EQ(recording.leads.size(), 4);
  EXPECT_EQ(recording.leads[0].samples, (Samples{1, 2, 3}));
  EXPECT_EQ(recording.leads[1].samples, (Samples{4, 5, 6}));
  EXPECT_EQ(recording.leads[2].samples, (Samples{7, 8, 9}));
  EXPECT_EQ(recording.leads[3].samples, (Samples{1}));
  EXPECT_THAT(codes(recording),
              ElementsAre("lead_length_mismatch", "lead_length_mismatch", "lead_length_mismatch"));
}

TEST(ScpEcg, LosesOnlyTheLeadsThatTheEndCuts) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 2, huffman_bytes({50, 60})},
                  {2, 1, 2, huffman_bytes({70, 80})},
                  {3, 1, 2, huffman_bytes({90, 91})}},
                 0);
  builder.sections[6].resize(builder.sections[6].size() - 7);  // 5 of lead 3, 2 of lead 2
  const EcgRecording recording = decoded(builder.build());
  ASSERT_EQ(recording.leads.size(), 2);
  EXPECT_EQ(recording.leads[0].samples, (Samples{50, 60}));
  EXPECT_EQ(recording.leads[1].samples, (Samples{70}));
  EXPECT_THAT(codes(recording),
              ElementsAre("lead_length_mismatch", "lead_length_mismatch", "lead_empty"));
}

TEST(ScpEcg, KeepsTheFirstOfTwoLeadsOfTheSameName) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 1, huffman_bytes({5})}, {1, 1, 1, huffman_bytes({6})}}, 0);
  const EcgRecording recording = decoded(builder.build());
  ASSERT_EQ(recording.leads.size(), 1);
  EXPECT_EQ(recording.leads[0].samples, Samples{5});
  EXPECT_THAT(codes(recording), ElementsAre("duplicate_lead"));
}

TEST(ScpEcg, PlacesLeadsThatStartLater) {
  ScpBuilder builder = small_scp();
  builder.rhythm({{1, 1, 2, huffman_bytes({5, 5})},
                  {2, 3, 4, huffman_bytes({6, 6})},
                  {3, 4000000000, 4000000001, huffman_bytes({7, 7})}},
                 0);
  const EcgRecording recording = decoded(builder.build());
  ASSERT_EQ(recording.leads.size(), 3);
  EXPECT_EQ(recording.leads[1].first_sample, 2);
  EXPECT_EQ(recording.leads[2].first_sample, 0);
  EXPECT_THAT(codes(recording), ElementsAre("lead_start_invalid"));
}

TEST(ScpEcg, SaysWhenDamageDrivesSamplesOutOfRange) {
  ScpBuilder builder = small_scp();
  std::vector<int> values(400, 32767);
  builder.rhythm({{1, 1, 400, huffman_bytes(values)}}, 2);
  EXPECT_THAT(codes(decoded(builder.build())), ElementsAre("sample_out_of_range"));
}

TEST(ScpEcg, PassesOverSectionsOfManufacturersAndLaterVersions) {
  ScpBuilder builder = small_scp();
  builder.version = 30;
  builder.pointers = 19;
  builder.sections[9] = Bytes(20, 7);
  builder.sections[12] = Bytes(20, 7);
  builder.sections[18] = Bytes(20, 7);
  EcgRecording recording = decoded(builder.build());
  EXPECT_EQ(recording.version, "3.0");
  EXPECT_THAT(codes(recording), ElementsAre("section_unread", "section_unread", "section_unread"));
  EXPECT_EQ(recording.leads.size(), 2);
  builder = small_scp();
  Bytes file = builder.build();
  Bytes own = builder.section(1023, Bytes(4, 1));
  append_all(file, own);
  put_pointer(file, 11, 1023, static_cast<std::uint32_t>(own.size()),
              static_cast<std::uint32_t>(file.size() - own.size() + 1));
  recording = decoded(file);
  EXPECT_THAT(codes(recording), ElementsAre("section_unread"));
  EXPECT_THAT(recording.findings[0].text, ::testing::HasSubstr("1023"));
}

TEST(ScpEcg, RefusesTheHealforceLayoutByName) {
  // Indexes counted from 0, six pointers, no magic, a record length that means nothing.
  Bytes file = {0x30, 0x9D, 0, 0, 0xF0, 0x72, 0x40, 0xFD, 0, 0, 76, 0, 0, 0, 13, 13};
  file.resize(22, 0);
  append_all(file, {0, 0, 76, 0, 0, 0, 6, 0, 0, 0});
  file.resize(512, 0);
  EXPECT_TRUE(looks_like_scp_ecg(file));
  const auto result = decode_scp_ecg(file);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unsupported_format);
  EXPECT_THAT(result.error().text, ::testing::HasSubstr("Healforce"));
}

TEST(ScpEcg, SurvivesEveryByteSetToEveryExtreme) {
  ScpBuilder builder = small_scp();
  builder.sections[7] = {1, 1, 0, 0, 0, 0};
  builder.sections[7].resize(60, 1);
  builder.sections[8] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 'A', 0};
  const Bytes whole = builder.build();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const std::uint8_t value : Bytes{0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      Bytes file = whole;
      file[i] = value;
      const auto recording = decode_scp_ecg(file);
      if (!recording) continue;
      for (const Lead& lead : recording->leads) {
        EXPECT_LE(lead.samples.size(), 8 * file.size());
        EXPECT_GT(lead.gain_nv_per_lsb, 0);
        EXPECT_GT(lead.sampling_interval_us, 0);
      }
    }
  }
}

}  // namespace telavis::test::scp_ecg_test
