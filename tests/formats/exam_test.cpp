// SPDX-License-Identifier: Apache-2.0
#include "formats/exam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/scp_builder.h"

namespace telavis::test::exam_test {

using ::testing::HasSubstr;
using ::testing::Not;

Bytes at(std::size_t offset, std::string_view text, std::size_t size = 300) {
  Bytes file(size, 0);
  std::copy(text.begin(), text.end(), file.begin() + static_cast<long>(offset));
  return file;
}
Bytes utf16(std::string_view text, bool little, bool mark) {
  Bytes out;
  const auto put = [&](unsigned high, unsigned low) {
    out.push_back(static_cast<std::uint8_t>(little ? low : high));
    out.push_back(static_cast<std::uint8_t>(little ? high : low));
  };
  if (mark) put(0xFE, 0xFF);
  for (const char character : text) put(0, static_cast<unsigned char>(character));
  return out;
}
Bytes heif(std::string_view brand) {
  Bytes file = {0, 0, 0, 20};
  for (const std::string_view part : {std::string_view("ftyp"), brand,
                                      std::string_view("\0\0\0\0", 4), std::string_view("mif1")}) {
    append_all(file, bytes_of(part));
  }
  return file;
}
Bytes edf() {
  Bytes file(256, ' ');
  file[0] = '0';
  std::ranges::copy(bytes_of("768"), file.begin() + 184);
  return file;
}

Bytes bdf() {
  Bytes file = edf();
  std::ranges::copy(bytes_of("\xFF"
                             "BIOSEMI"),
                    file.begin());
  return file;
}

TEST(Exam, SniffsFormatsByContent) {
  const std::vector<std::pair<Bytes, FileFormat>> cases = {
      {small_scp().build(), FileFormat::scp_ecg},
      {bytes_of("\xFF\xD8\xFF\xE0"), FileFormat::jpeg},
      {bytes_of("\x89PNG\r\n\x1A\n...."), FileFormat::png},
      {bytes_of("RIFF\1\1\1\1WEBPVP8 "), FileFormat::webp},
      {bytes_of("RIFF\1\1\1\1WAVEfmt "), FileFormat::unknown},
      {heif("heic"), FileFormat::heic},
      {heif("avif"), FileFormat::heic},
      {at(4, "ftypqt  "), FileFormat::foreign},
      {at(128, "DICM"), FileFormat::dicom},
      {bytes_of("%PDF-1.7"), FileFormat::pdf},
      {at(1000, "%PDF-1.7", 2000), FileFormat::pdf},
      {at(1100, "%PDF-1.7", 2000), FileFormat::unknown},
      {bytes_of("ISHNE1.0...."), FileFormat::foreign},
      {bytes_of("@ MFR Monitoring Waveform"), FileFormat::mfer},
      {edf(), FileFormat::edf},
      {bdf(), FileFormat::edf},
      {at(10, "2020-1-24 07:19:13"), FileFormat::unknown},
      {Bytes{}, FileFormat::unknown},
      {bytes_of("hello"), FileFormat::unknown},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(sniff(cases[i].first), cases[i].second) << i;
  }
  Bytes contec = at(10, "2020-1-24 07:19:13");
  std::copy_n("0000053", 7, contec.begin());
  EXPECT_EQ(sniff(contec), FileFormat::foreign);
}

TEST(Exam, SniffsXmlByItsRootElement) {
  const std::vector<std::pair<std::string, FileFormat>> cases = {
      {"<AnnotatedECG xmlns=\"urn:hl7-org:v3\">", FileFormat::hl7_aecg},
      {"<?xml version = \"1.0\"?>\n<!-- <RestingECG> -->\n<hl7:AnnotatedECG>",
       FileFormat::hl7_aecg},
      {"\xEF\xBB\xBF<AnnotatedECG/>", FileFormat::hl7_aecg},
      {"<?xml version=\"1.0\"?><!DOCTYPE RestingECG SYSTEM \"restecg.dtd\">\n<RestingECG>",
       FileFormat::muse_xml},
      {"<!DOCTYPE RestingECG [ <!ENTITY a \">\"> ]>\n<RestingECG>", FileFormat::muse_xml},
      {"<restingecgdata>", FileFormat::sierra_xml},
      {"<restingecgdata", FileFormat::sierra_xml},
      {"<!-- AnnotatedECG", FileFormat::unknown},
      {"<?xml", FileFormat::unknown},
      {"<!DOCTYPE x [", FileFormat::unknown},
      {"<", FileFormat::unknown},
      {"AnnotatedECG", FileFormat::unknown},
  };
  for (const auto& [text, format] : cases) {
    EXPECT_EQ(sniff(as_bytes(text)), format) << text;
    if (text.starts_with("\xEF")) continue;
    for (const bool little : {true, false}) {
      EXPECT_EQ(sniff(utf16(text, little, true)), format) << text;
      EXPECT_EQ(sniff(utf16(text, little, false)), format) << text;
    }
  }
}

TEST(Exam, KnowsXmlOfOthers) {
  EXPECT_EQ(sniff(bytes_of("<AnnotatedECGs>")), FileFormat::foreign);
  EXPECT_EQ(sniff(bytes_of("<html>")), FileFormat::foreign);
}

TEST(Exam, DecodesScp) {
  const auto exam = decode_exam(small_scp().build());
  ASSERT_TRUE(exam);
  ASSERT_TRUE(std::holds_alternative<EcgRecording>(*exam));
  EXPECT_EQ(std::get<EcgRecording>(*exam).patient.id, "P-1");
}

TEST(Exam, TellsWhatToSendInstead) {
  EXPECT_EQ(decode_exam({}).error().code, ErrorCode::empty_file);
  EXPECT_EQ(decode_exam(bytes_of("hello")).error().code, ErrorCode::unknown_format);
  EXPECT_EQ(decode_exam(Bytes(kMaxFileBytes + 1, 0)).error().code, ErrorCode::limit_exceeded);
  Bytes contec = at(10, "2020-1-24 07:19:13");
  std::copy_n("0000053", 7, contec.begin());
  for (const Bytes& file : {bytes_of("ISHNE1.0...."), contec}) {
    const auto exam = decode_exam(file);
    ASSERT_FALSE(exam);
    EXPECT_EQ(exam.error().code, ErrorCode::unsupported_format);
    EXPECT_THAT(exam.error().text, HasSubstr("DICOM"));
    EXPECT_THAT(exam.error().text, Not(HasSubstr("  ")));
  }
}

TEST(Exam, NormalisesATracing) {
  const Bytes file = small_scp().build();
  const auto exam = normalise_exam(file);
  ASSERT_TRUE(exam);
  EXPECT_TRUE(exam->document.empty());
  EXPECT_TRUE(exam->preview.empty());
  EXPECT_TRUE(std::get<EcgRecording>(exam->exam).findings.empty());
  NormalisedExam checked = *exam;
  check_exam(checked, {});
  std::vector<std::string> codes;
  for (const Finding& finding : std::get<EcgRecording>(checked.exam).findings) {
    codes.push_back(finding.code);
  }
  EXPECT_THAT(codes, ::testing::ElementsAre("lead_missing", "lead_derivable", "lead_flat",
                                            "duration_short"));
  EXPECT_EQ(normalise_exam(bytes_of("hello")).error().code, ErrorCode::unknown_format);
}

TEST(Exam, NamesEveryFormat) {
  EXPECT_EQ(file_format_name(FileFormat::scp_ecg), "SCP-ECG");
  EXPECT_EQ(file_format_name(FileFormat::unknown), "unknown");
  EXPECT_EQ(file_extension(FileFormat::dicom), ".dcm");
  EXPECT_EQ(file_extension(FileFormat::foreign), ".bin");
  EXPECT_TRUE(decoded_by_libraries(FileFormat::heic));
  EXPECT_FALSE(decoded_by_libraries(FileFormat::scp_ecg));
  EXPECT_FALSE(decoded_by_libraries(FileFormat::unknown));
}

}  // namespace telavis::test::exam_test
