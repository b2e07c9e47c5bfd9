// SPDX-License-Identifier: Apache-2.0
#include "formats/edf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

#include "tests/formats/edf_builder.h"
#include "tests/formats/finding_codes.h"
#include "tests/formats/hostile.h"

namespace telavis::test::edf_test {

using namespace std::string_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

EcgRecording read(const EdfFile& file) {
  auto recording = decode_edf(file.build());
  EXPECT_TRUE(recording) << (recording ? "" : recording.error().text);
  return recording.value_or(EcgRecording{});
}

TEST(Edf, ReadsLeadsIdentityAndTime) {
  EXPECT_TRUE(looks_like_edf(small_edf().build()));
  const EcgRecording recording = read(small_edf());
  EXPECT_THAT(codes(recording), IsEmpty());
  EXPECT_EQ(recording.format, "EDF");
  EXPECT_EQ(recording.version, "EDF");
  EXPECT_EQ(recording.patient.id, "MCH-0234567");
  EXPECT_EQ(recording.patient.sex, Sex::female);
  EXPECT_EQ(recording.patient.birth_date, "1951-05-02");
  EXPECT_EQ(recording.patient.family_name, "Essai Camille");
  EXPECT_EQ(recording.device.model, "SYNTH 1");
  EXPECT_EQ(recording.acquired_at.iso8601(), "2002-03-02T14:05:06");
  EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
  EXPECT_EQ(recording.filters.low_pass_hz, 150);
  EXPECT_EQ(recording.filters.notch_hz, 50);
  ASSERT_EQ(recording.leads.size(), 2);
  EXPECT_EQ(recording.leads[0].code, LeadCode::I);
  EXPECT_EQ(recording.leads[1].code, LeadCode::II);
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 1000);
  EXPECT_EQ(recording.leads[0].sampling_interval_us, 500'000);
  EXPECT_THAT(recording.leads[0].samples, ElementsAre(1, -2, 300, -400));
}

// Physical values as the format defines them, in nanovolts.
TEST(Edf, KeepsEveryScaleExact) {
  struct Case {
    const char *pmin, *pmax, *dmin, *dmax, *unit;
    double unit_nv;
  };
  for (const Case& c :
       {Case{"-5", "5", "-5000", "5000", "mV", 1e6},
        Case{"-3276.8", "3276.7", "-32768", "32767", "uV", 1e3},
        Case{"-10", "10", "-32768", "32767", "mV", 1e6},
        Case{"5", "-5", "-2048", "2047", "mV", 1e6}, Case{"-1.5", "3", "0", "4500", "mV", 1e6},
        Case{"-0.01", "0.01", "-100", "100", "V", 1e9},
        Case{"-0,5", "0,5", "-100", "100", "\xB5V", 1e3}}) {
    EdfFile file = small_edf();
    for (EdfSignal& s : file.signals) {
      s.physical_min = c.pmin;
      s.physical_max = c.pmax;
      s.digital_min = c.dmin;
      s.digital_max = c.dmax;
      s.unit = c.unit;
    }
    const EcgRecording recording = read(file);
    ASSERT_EQ(recording.leads.size(), 2) << c.unit;
    const auto number = [](std::string text) {
      std::replace(text.begin(), text.end(), ',', '.');
      double value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return value;
    };
    const Lead& lead = recording.leads[0];
    EXPECT_GT(lead.gain_nv_per_lsb, 0);
    for (std::size_t i = 0; i < 4; ++i) {
      const double expected =
          ((file.signals[0].samples[i] - number(c.dmin)) * (number(c.pmax) - number(c.pmin)) /
               (number(c.dmax) - number(c.dmin)) +
           number(c.pmin)) *
          c.unit_nv;
      EXPECT_NEAR(lead.samples[i] * lead.gain_nv_per_lsb, expected, 0.01) << c.pmin << " " << i;
    }
  }
}

TEST(Edf, ReadsTwentyFourBits) {
  EdfFile file = small_edf();
  file.bdf = true;
  for (EdfSignal& s : file.signals) {
    s.digital_min = "-8388608";
    s.digital_max = "8388607";
    s.physical_min = "-262144";
    s.physical_max = "262143.9";
    s.unit = "uV";
    s.samples = {-8388608, 8388607, 0, -1};
  }
  const EcgRecording recording = read(file);
  EXPECT_EQ(recording.format, "BDF");
  const Lead& lead = recording.leads.at(0);
  EXPECT_NEAR(lead.samples[0] * lead.gain_nv_per_lsb, -262144e3, 1);
  EXPECT_NEAR(lead.samples[1] * lead.gain_nv_per_lsb, 262143.9e3, 1);
}

TEST(Edf, LeavesOutWhatIsNoEcg) {
  EdfFile file = small_edf();
  EdfSignal other = file.signals[0];
  for (const char* label : {"EEG Fpz-Cz", "Resp nasal", "EMG chin"}) {
    other.label = label;
    file.signals.push_back(other);
  }
  other.label = "ECG III";
  other.unit = "%";
  file.signals.push_back(other);
  other.unit = "mV";
  other.label = "MLII";
  file.signals.push_back(other);
  other.label = "ECG II";  // again
  file.signals.push_back(other);
  const EcgRecording recording = read(file);
  ASSERT_EQ(recording.leads.size(), 3);
  EXPECT_EQ(recording.leads[2].code, LeadCode::unspecified);
  EXPECT_EQ(recording.leads[2].label, "MLII");
  EXPECT_THAT(codes(recording), ElementsAre("signals_left_out", "duplicate_lead"));
  file.signals = {file.signals[2]};
  const auto refused = decode_edf(file.build());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported_format);
}

TEST(Edf, ReadsAnnotationsAndRates) {
  EdfFile file = small_edf();
  file.reserved = "EDF+C";
  file.signals[1].per_record = 1;
  file.signals.push_back(
      edf_annotations({"+0\x14\x14\0+0.5\x15"
                       "0.1\x14Premier essai\x14\0"s,
                       "+1\x14\x14\0+1.5\x14Second\x14\0"s}));
  const EcgRecording recording = read(file);
  EXPECT_EQ(recording.version, "EDF+C");
  EXPECT_THAT(recording.statements, ElementsAre("Premier essai", "Second"));
  EXPECT_EQ(recording.leads.at(0).sampling_interval_us, 500'000);
  EXPECT_EQ(recording.leads.at(1).sampling_interval_us, 1'000'000);
  EXPECT_THAT(recording.leads.at(1).samples, ElementsAre(5, 6));
}

TEST(Edf, KeepsTheLongestStretchOfAnInterruptedRecording) {
  EdfFile file = small_edf();
  file.reserved = "EDF+D";
  file.records = 4;
  file.signals[0].samples = {1, 2, 3, 4, 5, 6, 7, 8};
  file.signals[1].samples = {1, 2, 3, 4, 5, 6, 7, 8};
  file.signals.push_back(
      edf_annotations({"+0\x14\x14\0"s, "+10\x14\x14\0"s, "+11\x14\x14\0"s, "+30\x14\x14\0"s}));
  const EcgRecording recording = read(file);
  EXPECT_THAT(codes(recording), ElementsAre("recording_discontinuous"));
  EXPECT_THAT(recording.leads.at(0).samples, ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(recording.leads.at(0).first_sample, 20);  // 10 s of half seconds
}

TEST(Edf, ReadsAnonymousAndFreeIdentification) {
  EdfFile file = small_edf();
  file.patient = "X X X X";
  file.recording = "Startdate X X X X";
  file.date = "01.01.85";
  file.time = "10.00.00";
  EcgRecording recording = read(file);
  EXPECT_EQ(recording.patient.id, "");
  EXPECT_EQ(recording.patient.family_name, "");
  EXPECT_EQ(recording.device.model, "");
  EXPECT_THAT(codes(recording), ElementsAre("acquisition_time_missing"));
  file.patient = "dossier 17";
  file.recording = "";
  file.date = "31.12.84";
  recording = read(file);
  EXPECT_EQ(recording.patient.id, "dossier 17");
  EXPECT_EQ(recording.acquired_at.local, "2084-12-31T10:00:00");
  file.date = "31.12.85";
  EXPECT_EQ(read(file).acquired_at.local, "1985-12-31T10:00:00");
  file.date = "31.02.85";
  EXPECT_THAT(codes(read(file)), ElementsAre("acquisition_time_invalid"));
  file.patient = "A M 31-FEB-1951 B";
  file.reserved = "EDF+C";
  EXPECT_THAT(codes(read(file)), Contains("birth_date_invalid"));
}

TEST(Edf, BearsWrongCountsAndTruncation) {
  EdfFile file = small_edf();
  file.stated_records = -1;
  EXPECT_EQ(read(file).leads.at(0).samples.size(), 4);
  file.stated_records = 5;
  EXPECT_THAT(codes(read(file)), ElementsAre("data_truncated"));
  file.stated_records = 1;
  const EcgRecording recording = read(file);
  EXPECT_THAT(codes(recording), ElementsAre("trailing_bytes"));
  EXPECT_EQ(recording.leads.at(0).samples.size(), 2);
  file.record_s = "0";
  EXPECT_EQ(decode_edf(file.build()).error().code, ErrorCode::malformed_file);
}

TEST(Edf, SurvivesHostileBytes) {
  EdfFile file = small_edf();
  file.reserved = "EDF+D";
  file.signals.push_back(edf_annotations({"+0\x14\x14\0"s, "+10\x14Texte\x14\0"s}));
  hostile(file.build(), [](ByteView bytes) {
    const auto recording = decode_edf(bytes);
    return recording ? recording->leads.size() : std::size_t{0};
  });
}

}  // namespace telavis::test::edf_test
