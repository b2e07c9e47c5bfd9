// SPDX-License-Identifier: Apache-2.0
#include "formats/wfdb.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/finding_codes.h"
#include "tests/formats/hostile.h"
#include "tests/formats/wfdb_builder.h"
#include "tests/shared_samples.h"

namespace telavis::test::wfdb_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

EcgRecording read(const std::vector<WfdbFile>& files) {
  auto recording = decode_wfdb(wfdb_archive(files));
  EXPECT_TRUE(recording) << (recording ? "" : recording.error().text);
  return recording.value_or(EcgRecording{});
}
ErrorCode refusal(const std::vector<WfdbFile>& files) {
  const auto recording = decode_wfdb(wfdb_archive(files));
  EXPECT_FALSE(recording);
  return recording ? ErrorCode::internal : recording.error().code;
}

TEST(Wfdb, ReadsEveryFormat) {
  const std::vector<int> samples = {1, -2, 50, -60, 60, -50, 3, 0, -1, 33};
  int sum = 0;
  for (const int sample : samples) sum += sample;
  for (const int format : {8, 16, 24, 32, 61, 80, 160, 212, 310, 311}) {
    const int initial = format == 8 ? 20 : 1;
    const auto recording =
        read({wfdb_text("r.hea", fmt::format("r 1 500 10 10:11:12 02/03/2004\n"
                                             "r.dat {} 100(10)/mV 12 0 {} {} 0 ECG V2\n",
                                             format, initial, sum)),
              {"r.dat", wfdb_bytes(format, samples, initial)}});
    ASSERT_EQ(recording.leads.size(), 1) << format;
    EXPECT_THAT(codes(recording), IsEmpty()) << format;
    EXPECT_EQ(recording.leads[0].code, LeadCode::V2);
    EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 10'000);
    EXPECT_EQ(recording.leads[0].sampling_interval_us, 2000);
    EXPECT_EQ(recording.acquired_at.local, "2004-03-02T10:11:12");
    std::vector<int> expected = samples;
    for (int& sample : expected) sample -= 10;
    EXPECT_EQ(recording.leads[0].samples, expected) << format;
  }
}

TEST(Wfdb, SumsSamplesOfThirtyTwoBitsAsTheFormatDoes) {
  const std::vector<int> samples = {49'220, 2'147'448'751};
  const std::uint16_t sum = static_cast<std::uint16_t>(49'220U + 2'147'448'751U);
  const auto recording =
      read({wfdb_text("r.hea", fmt::format("r 1 500 2 10:11:12 02/03/2004\n"
                                           "r.dat 32 100(0)/mV 12 0 49220 {} 0 ECG V2\n",
                                           static_cast<std::int16_t>(sum))),
            {"r.dat", wfdb_bytes(32, samples, 49'220)}});
  EXPECT_THAT(codes(recording), Not(Contains("crc_mismatch")));
  EXPECT_THAT(recording.leads.at(0).samples, ElementsAre(49'220, 2'147'448'751));
}

TEST(Wfdb, ReadsInterleavedFramesSkewAndOffset) {
  // Frames of I, I, II, II twice as fast as V1; V1 leads by one frame.
  const auto recording =
      read({wfdb_text("r.hea",
                      "# <age>: 25  <sex>: F\nr 2 250 3\n"
                      "r.dat 16x2+4 200 12 0 1 10 0 I\nr.dat 16:1+4 -1e3(5)/uV 12 0 0 60 0 V1\n"),
            {"r.dat", wfdb_bytes(16, {99, 99, 1, 2, 10, 3, 4, 20, 0, 0, 30})}});
  ASSERT_EQ(recording.leads.size(), 2);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(1, 2, 3, 4, 0, 0));
  EXPECT_EQ(recording.leads[0].sampling_interval_us, 2000);
  EXPECT_THAT(recording.leads[1].samples, ElementsAre(-15, -25));  // turned over, less 5
  EXPECT_EQ(recording.leads[1].gain_nv_per_lsb, 1);
  EXPECT_EQ(recording.leads[1].sampling_interval_us, 4000);
  EXPECT_EQ(recording.patient.sex, Sex::female);
  EXPECT_THAT(codes(recording), ElementsAre("acquisition_time_missing"));
}

TEST(Wfdb, TellsWhatIsMissingOrWrong) {
  const WfdbFile data = {"r.dat", wfdb_bytes(16, {-32768, 1, -32768, -32768, 4, -32768})};
  auto recording = read({wfdb_text("r.hea", "r 1 500 6\nr.dat 16 0 12 0 0 77 0 ECG\n"), data});
  EXPECT_THAT(recording.leads.at(0).samples, ElementsAre(1, 1, 1, 4));
  EXPECT_EQ(recording.leads.at(0).first_sample, 1);
  EXPECT_EQ(recording.leads.at(0).label, "ECG");
  EXPECT_EQ(recording.leads.at(0).gain_nv_per_lsb, 5000);
  EXPECT_THAT(codes(recording), ElementsAre("acquisition_time_missing", "crc_mismatch",
                                            "samples_not_measured", "gain_missing"));
  recording = read({wfdb_text("r.hea", "r 1 500 9\nr.dat 16 200 12 0 0 77 0 ECG\n"), data});
  EXPECT_THAT(codes(recording), Contains("data_truncated"));
  EXPECT_THAT(codes(recording), Not(Contains("crc_mismatch")));
  recording = read({wfdb_text("r.hea",
                              "r 2 500\nr.dat 16 200 12 0 0 0 0 Resp. Imp.\n"
                              "r.dat 16 200\n"),
                    data});
  ASSERT_EQ(recording.leads.size(), 1);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(1));  // of 1 and two not measured
  EXPECT_EQ(recording.leads[0].label, "Signal");
}

TEST(Wfdb, RefusesByName) {
  const WfdbFile data = {"r.dat", wfdb_bytes(16, {1, 2})};
  EXPECT_EQ(refusal({wfdb_text("r.hea", "r 1 500\nr.dat 516 200\n"), data}),
            ErrorCode::unsupported_encoding);
  EXPECT_EQ(refusal({wfdb_text("r.hea", "r 1 500\nr.dat 17 200\n"), data}),
            ErrorCode::unsupported_encoding);
  EXPECT_EQ(refusal({wfdb_text("r.hea", "r 1 500\nq.dat 16 200\n"), data}),
            ErrorCode::truncated_file);
  EXPECT_EQ(refusal({wfdb_text("r.hea", "r 1 500\n../q.dat 16 200\n"), data}),
            ErrorCode::malformed_file);
  EXPECT_EQ(refusal({wfdb_text("r.hea", "r 1 500\nr.dat 16 200/mmHg\n"), data}),
            ErrorCode::unsupported_format);
  EXPECT_EQ(refusal({wfdb_text("r.hea",
                               "r 3 500\nr.dat 16 200\nr.dat 16 200 12 0 0 0 0 x\n"
                               "r.dat 212 200 12 0 0 0 0 y\n"),
                     data}),
            ErrorCode::malformed_file);
  EXPECT_EQ(refusal({wfdb_text("a.hea", "a 1\na.dat 16\n"), wfdb_text("b.hea", "b 1\nb.dat 16\n")}),
            ErrorCode::malformed_file);
  EXPECT_EQ(refusal({data}), ErrorCode::malformed_file);
}

TEST(Wfdb, SaysWhichFilesBelongToAHeader) {
  const std::string header = "r 3 500\nr.dat 16 200\nr.dat 16 200\ns.dat 16 200\n";
  EXPECT_TRUE(looks_like_wfdb_header(as_bytes(header)));
  EXPECT_FALSE(looks_like_wfdb_archive(as_bytes(header)));
  EXPECT_THAT(wfdb_signal_files(as_bytes(header)).value(), ElementsAre("r.dat", "s.dat"));
  EXPECT_THAT(wfdb_signal_files(as_bytes("r/2 1 500\na 10\nb 20\n")).value(),
              ElementsAre("a.hea", "b.hea"));
  for (const char* name : {"../r.dat", "a/r.dat", "a\\r.dat", "..", "c:r.dat"}) {
    EXPECT_FALSE(wfdb_signal_files(as_bytes(fmt::format("r 1\n{} 16\n", name)))) << name;
  }
  const auto lone = decode_wfdb(as_bytes(header));
  ASSERT_FALSE(lone);
  EXPECT_EQ(lone.error().code, ErrorCode::truncated_file);
  EXPECT_THAT(lone.error().text, HasSubstr("names 2"));
  EXPECT_FALSE(looks_like_wfdb_header(as_bytes("Bonjour 3 fois\nune lettre\n")));
  EXPECT_FALSE(looks_like_wfdb_header({}));
}

TEST(Wfdb, JoinsSegmentsOfOneLayout) {
  const auto segment = [](const char* name, const char* gain) {
    return wfdb_text(std::string(name) + ".hea",
                     fmt::format("{0} 1 500 2\n{0}.dat 16 {1} 12 0 0 0 0 II\n", name, gain));
  };
  const WfdbFile master = wfdb_text("m.hea", "m/2 1 500 4\na 2\nb 2\n");
  const WfdbFile a = {"a.dat", wfdb_bytes(16, {0, 0})};
  const WfdbFile b = {"b.dat", wfdb_bytes(16, {4, -4})};
  const auto recording = read({master, segment("a", "200"), segment("b", "200"), a, b});
  ASSERT_EQ(recording.leads.size(), 1);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(0, 0, 4, -4));
  EXPECT_EQ(refusal({master, segment("a", "200"), segment("b", "100"), a, b}),
            ErrorCode::unsupported_format);
  EXPECT_EQ(refusal({master, segment("a", "200"), a}), ErrorCode::truncated_file);
  EXPECT_EQ(refusal({wfdb_text("m.hea", "m/2 1 500 4\na 0\nb 2\n"), segment("a", "200"), a}),
            ErrorCode::unsupported_format);
}

TEST(Wfdb, ReadsArchivesOfOtherWriters) {
  Bytes archive = wfdb_archive({wfdb_text("r.hea", "r 1 500\nr.dat 16 200 12 0 0 0 0 II\n"),
                                {"r.dat", wfdb_bytes(16, {1, 2})}});
  EXPECT_TRUE(looks_like_wfdb_archive(archive));
  EXPECT_EQ(archive.size() % 512, 0);
  archive.erase(archive.end() - 1024, archive.end());  // without its end
  EXPECT_TRUE(decode_wfdb(archive));
  archive[0] = 'q';
  EXPECT_EQ(decode_wfdb(archive).error().code, ErrorCode::malformed_file);  // the sum is wrong
}

TEST(Wfdb, SurvivesHostileBytes) {
  const auto decode = [](ByteView bytes) {
    const auto recording = decode_wfdb(bytes);
    return recording ? recording->leads.size() : std::size_t{0};
  };
  Bytes archive = wfdb_archive({wfdb_text("r.hea",
                                          "r 2 500 3\nr.dat 311x2 200(1)/mV 12 0 0 5 0 II\n"
                                          "r.dat 311:1 200 12 0 0 0 0 V1\n"),
                                {"r.dat", wfdb_bytes(311, {1, 2, 3, 4, 5, 6, 7, 8, 9})}});
  hostile(archive, decode);
}

TEST(Wfdb, ReadsSharedRecords) {
  TELAVIS_NEED_SHARED("samples/wfdb/wfdb-python");
  const auto folder = shared_folder() / "samples/wfdb/wfdb-python";
  for (const char* name : {"binformats", "100", "test01_00s"}) {
    const std::string header_name = std::string(name) + ".hea";
    std::vector<WfdbFile> files = {{header_name, read_file(folder / header_name)}};
    const auto names = wfdb_signal_files(files[0].bytes);
    ASSERT_TRUE(names);
    for (const std::string& file : *names) {
      files.push_back({file, read_file(folder / file)});
    }
    // The checksums of the headers are the oracle.
    const auto recording = read(files);
    EXPECT_THAT(codes(recording), ElementsAre("acquisition_time_missing")) << name;
    const bool formats = name == std::string("binformats");
    EXPECT_EQ(recording.leads.size(), formats ? 10 : name == std::string("100") ? 2 : 4);
    if (formats) {
      EXPECT_EQ(recording.leads[0].samples.size(), 499);
      EXPECT_EQ(recording.leads[9].label, "sig 9, fmt 32");
    }
    if (name == std::string("100")) {
      EXPECT_EQ(recording.leads[0].label, "MLII");
      EXPECT_EQ(recording.leads[1].code, LeadCode::V5);
      EXPECT_EQ(recording.leads[0].samples.size(), 650'000);
      EXPECT_EQ(recording.leads[0].samples[0], 995 - 1024);
      EXPECT_EQ(recording.leads[1].samples[0], 1011 - 1024);
      EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 5000);
    }
  }
}

}  // namespace telavis::test::wfdb_test
