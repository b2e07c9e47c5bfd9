// SPDX-License-Identifier: Apache-2.0
#include "formats/sierra_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/sierra_xml_xli.h"
#include "tests/formats/finding_codes.h"
#include "tests/formats/xml_builder.h"

namespace telavis::test::sierra_xml_test {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

EcgRecording read(const std::string& file) {
  auto recording = decode_sierra_xml(as_utf16(file, true, true));
  EXPECT_TRUE(recording) << recording.error().text;
  return recording.value_or(EcgRecording{});
}

ErrorCode error_of(const std::string& file) {
  const auto recording = decode_sierra_xml(xml_bytes(file));
  EXPECT_FALSE(recording);
  return recording ? ErrorCode::internal : recording.error().code;
}

std::vector<int> wave(int seed, int count) {
  std::vector<int> out;
  int state = seed;
  for (int i = 0; i < count; ++i) {
    state = (state * 1103 + 12345) % 65536;
    out.push_back(i % 50 == 7 ? state - 32768 : (i * seed) % 40 - 20 + state % 3);
  }
  return out;
}

Bytes joined(const std::vector<Bytes>& chunks) {
  Bytes out;
  for (const Bytes& chunk : chunks) out.insert(out.end(), chunk.begin(), chunk.end());
  return out;
}

TEST(SierraXml, UnpacksXli) {
  const std::vector<std::vector<int>> leads = {
      wave(3, 900), std::vector<int>(900, 0), wave(29, 901), {5, -6}, {7}};
  std::vector<Bytes> chunks;
  for (const auto& lead : leads) chunks.push_back(xli_chunk(lead));
  const auto unpacked = sierra::unpack_xli(joined(chunks), 16, 2000);
  ASSERT_TRUE(unpacked);
  ASSERT_EQ(unpacked->size(), leads.size());
  for (std::size_t i = 0; i < leads.size(); ++i) {
    EXPECT_THAT((*unpacked)[i], ElementsAreArray(leads[i])) << i;
  }
  EXPECT_EQ(sierra::unpack_xli(joined(chunks), 2, 2000)->size(), 2U);
  EXPECT_FALSE(sierra::unpack_xli(joined(chunks), 16, 500));  // more than announced
}

TEST(SierraXml, RefusesCorruptCodesOfXli) {
  EXPECT_FALSE(sierra::unpack_xli(Bytes{9, 0, 0, 0, 1, 0, 0, 0, 1}, 4, 100));  // cut
  EXPECT_FALSE(
      sierra::unpack_xli(Bytes{2, 0, 0, 0, 1, 0, 0, 0, 0x40, 0x00}, 4, 100));  // 256 comes first
  // 1, then 300, which was not made.
  EXPECT_FALSE(sierra::unpack_xli(Bytes{3, 0, 0, 0, 1, 0, 0, 0, 0x00, 0x52, 0xC0}, 4, 100));
  EXPECT_TRUE(sierra::unpack_xli(Bytes{0, 0, 0, 0, 1, 0, 0, 0}, 4, 100)->front().empty());
  Bytes largest(8 + 100'000, 0);  // zeros unpack to zeros; all the same code
  largest[0] = 0xA0;
  largest[1] = 0x86;
  largest[2] = 0x01;
  EXPECT_TRUE(sierra::unpack_xli(largest, 1, 1'000'000));
  EXPECT_FALSE(sierra::unpack_xli(largest, 1, 1'000));
}

// Leads as a device computes them in whole numbers, then stored as XLI stores them.
TEST(SierraXml, RestoresTheLimbLeads) {
  const std::vector<int> i = wave(5, 60);
  const std::vector<int> ii = wave(7, 60);
  std::vector<std::vector<int>> truth(4);
  std::vector<std::vector<int>> stored(4);
  for (std::size_t k = 0; k < i.size(); ++k) {
    const auto wrap = [](int value) { return int{static_cast<std::int16_t>(value)}; };
    const int iii = wrap(ii[k] - i[k] + static_cast<int>(k % 3) - 1);  // not quite the difference
    const int avr = wrap(-(i[k] + ii[k]) / 2 + static_cast<int>(k % 2));
    const int avl = wrap(i[k] - ii[k] / 2);
    const int avf = wrap(ii[k] - i[k] / 2);
    truth[0].push_back(iii);
    truth[1].push_back(avr);
    truth[2].push_back(avl);
    truth[3].push_back(avf);
    stored[0].push_back(wrap(ii[k] - i[k] - iii));
    stored[1].push_back(wrap(-((i[k] + ii[k]) / 2) - avr));
    stored[2].push_back(wrap((i[k] - iii) / 2 - avl));
    stored[3].push_back(wrap((ii[k] + iii) / 2 - avf));
  }
  std::vector<Bytes> chunks = {xli_chunk(i), xli_chunk(ii)};
  for (const auto& lead : stored) chunks.push_back(xli_chunk(lead));
  chunks.push_back(xli_chunk(wave(9, 60)));
  chunks.push_back(xli_chunk(std::vector<int>(60, 0)));  // an unused channel
  const EcgRecording recording = read(sierra_file(sierra_waveform(
      R"(dataencoding="Base64" compression="XLI" numberofleads="7" leadlabels="I II III aVR aVL aVF V1" durationperchannel="120")",
      base64_of(joined(chunks)))));
  EXPECT_THAT(recording.findings, IsEmpty());
  ASSERT_EQ(recording.leads.size(), 7U);
  EXPECT_THAT(recording.leads[0].samples, ElementsAreArray(i));
  EXPECT_THAT(recording.leads[1].samples, ElementsAreArray(ii));
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_THAT(recording.leads[2 + k].samples, ElementsAreArray(truth[k]));
  }
  EXPECT_THAT(recording.leads[6].samples, ElementsAreArray(wave(9, 60)));
}

TEST(SierraXml, ReadsThePlainEncodings) {
  const std::string attributes =
      R"(numberofleads="2" leadlabels="V1 V2" durationperchannel="6" signaloffset="1" resolution="2.5" dataencoding=)";
  const std::vector<int> all = {1, 2, -3, 4, 5, 6};
  std::string hex;
  for (const std::uint8_t byte : words_of(all)) {
    hex += "0123456789abcdef"[byte / 16];
    hex += "0123456789ABCDEF"[byte % 16];
  }
  for (const auto& [encoding, data] : std::map<std::string, std::string>{
           {"Plain", text_of(all)}, {"Base64", base64_of(words_of(all))}, {"Hex", "\n" + hex}}) {
    const EcgRecording recording =
        read(sierra_file(sierra_waveform(attributes + "\"" + encoding + "\"", data)));
    ASSERT_EQ(recording.leads.size(), 2U) << encoding;
    EXPECT_THAT(recording.leads[0].samples, ElementsAre(0, 1, -4));
    EXPECT_THAT(recording.leads[1].samples, ElementsAre(3, 4, 5));
    EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 2500);
    EXPECT_EQ(recording.leads[0].sampling_interval_us, 2000);
    EXPECT_THAT(recording.findings, IsEmpty());
  }
  const EcgRecording single = read(sierra_file(
      "<leadwaveforms dataencoding=\"Plain\"><leadwaveform leadname=\"V1\" duration=\"4\">1 2"
      "</leadwaveform><leadwaveform leadname=\"zz\">3</leadwaveform></leadwaveforms>"));
  ASSERT_EQ(single.leads.size(), 2U);
  EXPECT_THAT(single.leads[0].samples, ElementsAre(1, 2));
  EXPECT_EQ(lead_title(single.leads[1]), "zz");
}

TEST(SierraXml, ReadsWhoWhenWhatAndTheStatements) {
  const std::string more =
      "<patient><generalpatientdata><patientid>P1</patientid><name><lastname>Martin</lastname>"
      "<firstname>Zoe</firstname></name><age><dateofbirth>1950-01-02</dateofbirth></age><sex>Female"
      "</sex></generalpatientdata></"
      "patient><internalmeasurements><crossleadmeasurements><pacepulses>"
      "<pacepulse starttime=\"3\"/><pacepulse "
      "starttime=\"\"/></pacepulses><meanqrsdur>1</meanqrsdur>"
      "<atrialrate>77</atrialrate></crossleadmeasurements><leadmeasurements><leadmeasurement "
      "leadname=\"aVR\" pexistflag=\"True\"><pamp>-45</pamp><pdur>108</pdur><qamp>-20</qamp><qdur>0"
      "</qdur><ramp>900</ramp><rdur>40</rdur><ston>-30</ston><tamp>Invalid</tamp></leadmeasurement>"
      "</leadmeasurements></internalmeasurements><interpretations><interpretation "
      "date=\"2010-01-19\""
      " time=\"1\"><globalmeasurements><heartrate>60</heartrate></globalmeasurements>"
      "</interpretation><interpretation date=\"2010-01-20\" time=\"1\"><globalmeasurements>"
      "<heartrate>84</heartrate><rrint>714</rrint><print>144</print><qrsdur>84</qrsdur><qtint>352"
      "</qtint><qtcb>417</qtcb><qtcf>394</qtcf><pfrontaxis>Failed</pfrontaxis><qrsfrontaxis>-78"
      "</qrsfrontaxis></globalmeasurements><severity>- NORMAL "
      "-</severity><statement><leftstatement>"
      "SINUS RHYTHM</leftstatement><rightstatement>rate 60-99</rightstatement></statement>"
      "<statement><leftstatement>ALONE</leftstatement><rightstatement/></statement>"
      "</interpretation></interpretations>";
  const EcgRecording recording = read(sierra_file(
      sierra_waveform(
          R"(dataencoding="Plain" leadlabels="V1" hipass="0.05" lowpass="150" notchfiltered="True" notchfilterfreqs="50 100")",
          "1 2") +
          "<repbeats dataencoding=\"Base64\" samplespersec=\"1000\" resolution=\"2.5\"><repbeat "
          "leadname=\"V1\"><waveform>" +
          base64_of(words_of({3, -4})) + "</waveform></repbeat><repbeat leadname=\"V2\">" +
          base64_of(words_of({5})) + "</repbeat></repbeats>",
      more));
  EXPECT_THAT(recording.findings, IsEmpty());
  EXPECT_EQ(recording.version, "1.04");
  EXPECT_EQ(recording.patient.id, "P1");
  EXPECT_EQ(recording.patient.family_name, "Martin");
  EXPECT_EQ(recording.patient.given_name, "Zoe");
  EXPECT_EQ(recording.patient.birth_date, "1950-01-02");
  EXPECT_EQ(recording.patient.sex, Sex::female);
  EXPECT_EQ(recording.device.manufacturer, "Maker");
  EXPECT_EQ(recording.device.model, "Model");
  EXPECT_EQ(recording.device.serial, "S1");
  EXPECT_EQ(recording.acquired_at.iso8601(), "2010-01-19T15:19:22");
  EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
  EXPECT_EQ(recording.filters.low_pass_hz, 150);
  EXPECT_EQ(recording.filters.notch_hz, 50);
  const Measurements& m = recording.measurements;
  EXPECT_EQ(m.ventricular_rate_bpm, 84);
  EXPECT_EQ(m.atrial_rate_bpm, 77);
  EXPECT_EQ(m.rr_ms, 714);
  EXPECT_EQ(m.pr_ms, 144);
  EXPECT_EQ(m.qrs_ms, 84);
  EXPECT_EQ(m.qt_ms, 352);
  EXPECT_EQ(m.qtc_ms, 417);
  EXPECT_EQ(m.qtc_formula, QtcFormula::bazett);
  EXPECT_EQ(m.p_axis_deg, std::nullopt);
  EXPECT_EQ(m.qrs_axis_deg, -78);
  EXPECT_EQ(m.pacemaker_spikes, 1);
  ASSERT_EQ(recording.lead_measurements.size(), 1U);
  const LeadMeasurements& lead = recording.lead_measurements[0];
  EXPECT_EQ(lead.code, LeadCode::aVR);
  EXPECT_EQ(lead.p_negative_uv, -45);
  EXPECT_EQ(lead.p_duration_ms, 108);
  EXPECT_EQ(lead.q_uv, std::nullopt);
  EXPECT_EQ(lead.r_uv, 900);
  EXPECT_EQ(lead.j_uv, -30);
  EXPECT_EQ(lead.t_positive_uv, std::nullopt);
  EXPECT_THAT(recording.statements, ElementsAre("SINUS RHYTHM, rate 60-99", "ALONE", "- NORMAL -"));
  EXPECT_TRUE(recording.statements_confirmed);
  ASSERT_EQ(recording.median_beat.size(), 2U);
  EXPECT_THAT(recording.median_beat[0].samples, ElementsAre(3, -4));
  EXPECT_EQ(recording.median_beat[0].gain_nv_per_lsb, 2500);
  EXPECT_EQ(recording.median_beat[1].sampling_interval_us, 1000);
}

TEST(SierraXml, ReadsTheNamesOf103) {
  std::vector<Bytes> chunks;
  for (int lead = 0; lead < 16; ++lead) chunks.push_back(xli_chunk({lead, lead, lead}));
  const std::string file =
      "<restingecgdata><documentinfo><documentversion>1.03</documentversion></documentinfo>"
      "<dataacquisition date=\"2011-12-01\" time=\"07:27:34\"><signalcharacteristics><samplingrate>"
      "500</samplingrate><signalresolution>5</signalresolution><signalbandwidth>0.05-150"
      "</signalbandwidth><numberchannelsallocated>12</numberchannelsallocated>"
      "</signalcharacteristics></dataacquisition><interpretations><interpretation>"
      "<interpretationmeasurements><heartrate>41</heartrate><meanprint>151</meanprint><meanqtc>393"
      "</meanqtc></interpretationmeasurements></interpretation></interpretations><waveforms>"
      "<parsedwaveforms compressflag=\"True\" compressmethod=\"XLI\" dataencoding=\"Base64\" "
      "durationperchannel=\"6\" nbitspersample=\"16\">" +
      base64_of(joined(chunks)) + "</parsedwaveforms></waveforms></restingecgdata>";
  const EcgRecording recording = read(file);
  EXPECT_THAT(recording.findings, IsEmpty());
  ASSERT_EQ(recording.leads.size(), 12U);
  EXPECT_EQ(recording.leads[11].code, LeadCode::V6);
  EXPECT_THAT(recording.leads[11].samples, ElementsAre(11, 11, 11));
  EXPECT_EQ(recording.leads[0].gain_nv_per_lsb, 5000);
  EXPECT_EQ(recording.filters.high_pass_hz, 0.05);
  EXPECT_EQ(recording.filters.low_pass_hz, 150);
  EXPECT_EQ(recording.measurements.pr_ms, 151);
  EXPECT_EQ(recording.measurements.qtc_ms, 393);
  EXPECT_EQ(recording.measurements.qtc_formula, std::nullopt);
}

TEST(SierraXml, RefusesAndTellsWhy) {
  const auto waveform = [](const std::string& attributes, const std::string& data) {
    return sierra_file(sierra_waveform("leadlabels=\"V1 V2\" " + attributes, data));
  };
  EXPECT_EQ(error_of(waveform(R"(dataencoding="Base64" compression="Huffman")", "AAAA")),
            ErrorCode::unsupported_encoding);
  EXPECT_EQ(error_of(waveform(R"(dataencoding="Base64" bitspersample="32")", "AAAA")),
            ErrorCode::unsupported_encoding);
  EXPECT_EQ(error_of(waveform(R"(dataencoding="Base64")", "A!")), ErrorCode::malformed_file);
  EXPECT_EQ(error_of(waveform(R"(dataencoding="Hex")", "ABC")), ErrorCode::malformed_file);
  EXPECT_EQ(error_of(waveform(R"(dataencoding="Plain")", "")), ErrorCode::malformed_file);
  EXPECT_EQ(error_of(waveform(R"(dataencoding="Plain" samplespersecond="0")", "1")),
            ErrorCode::malformed_file);
  EXPECT_EQ(error_of(waveform(R"(dataencoding="Plain" durationperchannel="1e12")", "1")),
            ErrorCode::limit_exceeded);
  EXPECT_EQ(error_of(sierra_file("<unparsedwaveforms href=\"x\"/>")),
            ErrorCode::unsupported_format);
  EXPECT_EQ(error_of(sierra_file("")), ErrorCode::malformed_file);
  const EcgRecording half =
      read(waveform(R"(dataencoding="Plain" durationperchannel="4")", "1 2 3"));
  EXPECT_THAT(codes(half), ElementsAre("lead_length_mismatch"));
  const EcgRecording beat = read(sierra_file(
      sierra_waveform(R"(dataencoding="Plain" leadlabels="V1")", "1") +
      R"(<repbeats dataencoding="Base64" compression="Huffman" samplespersec="500" resolution="1"><repbeat/></repbeats>)"));
  EXPECT_THAT(codes(beat), ElementsAre("median_unreadable"));
}

TEST(SierraXml, SurvivesEveryTruncationAndCorruption) {
  const Bytes file = xml_bytes(small_sierra());
  ASSERT_TRUE(decode_sierra_xml(file));
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_FALSE(decode_sierra_xml(ByteView(file).first(length))) << length;
  }
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const char value : {'\0', ' ', '9', '<', '\x80', '\xFF'}) {
      Bytes damaged = file;
      damaged[i] = static_cast<std::uint8_t>(value);
      const auto recording = decode_sierra_xml(damaged);
      EXPECT_FALSE(recording && recording->leads.empty());
    }
  }
}

}  // namespace telavis::test::sierra_xml_test
