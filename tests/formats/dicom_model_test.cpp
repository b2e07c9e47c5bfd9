// SPDX-License-Identifier: Apache-2.0
// Data sets in the JSON model (PS3.18 annex F) and the Native DICOM model (PS3.19 A.1), and what
// their URIs lead to.
#include "formats/dicom_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/dicom_builder.h"
#include "formats/dicom_library.h"
#include "formats/dicom_match.h"
#include "formats/dicom_tags.h"

namespace telavis::test::dicom_model_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The elements point into the bytes.
struct Read {
  explicit Read(const DicomBuilder& made, std::string_view syntax = kExplicitLittle)
      : bytes(dicom_file("1.2.840.10008.5.1.4.1.1.7", "2.25.7", syntax, made)),
        file(walk_dicom(bytes).value()) {}
  Bytes bytes;
  DicomFile file;
};

std::string json_of(const DicomBuilder& made, const BulkUri& uri = {}) {
  Read read(made);
  std::erase_if(read.file.dataset.elements, [](const DicomElement& one) {
    return one.tag == dicom_tag::kSopClass;  // lent by the meta information
  });
  return dicom_json(read.file.dataset, uri);
}
std::string one(std::uint32_t tag, std::string_view vr, std::string_view value) {
  DicomBuilder made;
  made.text(tag, vr, value);
  return json_of(made);
}

TEST(DicomJson, TextsNumbersAndNames) {
  EXPECT_EQ(one(0x00100020, "LO", "P-9 "), R"({"00100020":{"vr":"LO","Value":["P-9"]}})");
  EXPECT_EQ(one(0x00100020, "LO", ""), R"({"00100020":{"vr":"LO"}})");
  EXPECT_EQ(one(0x00080008, "CS", "ORIGINAL\\\\AXIAL"),
            R"({"00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]}})");
  EXPECT_EQ(one(0x00200013, "IS", "+012"), R"({"00200013":{"vr":"IS","Value":[12]}})");
  EXPECT_EQ(one(0x00180050, "DS", "1.50\\-2E2 \\x"),
            R"({"00180050":{"vr":"DS","Value":[1.5,-200,"x"]}})");
  EXPECT_EQ(one(0x00100010, "PN", "Yamada^Tarou=\xE5\xB1\xB1\xE7\x94\xB0^\xE5\xA4\xAA\xE9\x83\x8E"),
            "{\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"Yamada^Tarou\","
            "\"Ideographic\":\"\xE5\xB1\xB1\xE7\x94\xB0^\xE5\xA4\xAA\xE9\x83\x8E\"}]}}");
  EXPECT_EQ(one(0x00204000, "LT", "a\\b \"c\"\r\nd"),
            R"({"00204000":{"vr":"LT","Value":["a\\b \"c\"\r\nd"]}})");
}

TEST(DicomJson, BinaryNumbers) {
  DicomBuilder made;
  made.u16s(0x00280106, "SS", {0xFFFF});
  made.u32(0x00281052, 4'000'000'000);
  made.bytes(0x00720074, "UN", {1});
  EXPECT_THAT(json_of(made), HasSubstr(R"("00280106":{"vr":"SS","Value":[-1]})"));
  EXPECT_THAT(json_of(made), HasSubstr(R"("00281052":{"vr":"UL","Value":[4000000000]})"));
  DicomBuilder doubles;
  doubles.text(0x00720074, "FD", std::string_view("\0\0\0\0\0\0\xF8\x3F\0\0\0\0\0\0\xF8\x7F", 16));
  EXPECT_EQ(json_of(doubles), R"({"00720074":{"vr":"FD","Value":[1.5,null]}})");
  DicomBuilder tags;
  tags.text(0x00280009, "AT", std::string_view("\x18\0\x63\x10", 4));
  EXPECT_EQ(json_of(tags), R"({"00280009":{"vr":"AT","Value":["00181063"]}})");
}

TEST(DicomJson, WhateverTheFileIsInItIsUtf8) {
  DicomBuilder made;
  made.text(dicom_tag::kSpecificCharacterSet, "CS", "ISO_IR 144");
  made.text(dicom_tag::kPatientName, "PN", "\xBB\xEE\xDA^\xB0");  // Cyrillic
  DicomBuilder inner;
  inner.text(0x00081030, "LO", "\xBB");
  made.item(0x00081110, inner);
  const std::string json = json_of(made);
  EXPECT_THAT(json, HasSubstr(R"("00080005":{"vr":"CS","Value":["ISO_IR 192"]})"));
  EXPECT_THAT(json, HasSubstr("\xD0\x9B\xD1\x8E\xD0\xBA^\xD0\x90"));
  EXPECT_THAT(json, HasSubstr("[\"\xD0\x9B\"]"));  // an item is in the sets of what it is in
  made.text(dicom_tag::kSpecificCharacterSet, "CS", "NONSENSE");
  EXPECT_TRUE(json_of(made).find("\"Alphabetic\"") != std::string::npos);
}

TEST(DicomJson, LongBytesAreFetched) {
  DicomBuilder channel, made;
  channel.bytes(dicom_tag::kWaveformData, "OW", Bytes(kMaxInlineBytes + 2, 5));
  channel.bytes(dicom_tag::kWaveformPadding, "OW", {0, 0x80});
  made.text(dicom_tag::kModality, "CS", "ECG");  // so high a group never comes first
  made.item(dicom_tag::kWaveformSequence, DicomBuilder());
  made.item(dicom_tag::kWaveformSequence, channel);
  const std::string json =
      json_of(made, [](const DicomPath& path) { return std::optional("https://x/" + path); });
  EXPECT_THAT(json, HasSubstr(R"("BulkDataURI":"https://x/54000100.1.54001010")"));
  EXPECT_THAT(json, HasSubstr(R"("InlineBinary":"AIA=")"));
  const Read read(made);
  const auto samples = dicom_bulk_data(read.file.dataset, "54000100.1.54001010");
  ASSERT_TRUE(samples) << samples.error().text;
  EXPECT_EQ(*samples, Bytes(kMaxInlineBytes + 2, 5));
  for (const char* path :
       {"", ".", "54000100", "54000100.0.54001010", "54000100.2.54001010", "54000100.1.54001010.0",
        "54000100.1", "zz", "00100010", "54000100.-1.54001010", "540001001.1.54001010"}) {
    const auto none = dicom_bulk_data(read.file.dataset, path);
    ASSERT_FALSE(none) << path;
    EXPECT_EQ(none.error().code, ErrorCode::not_found) << path;
  }
  EXPECT_THAT(json_of(made), Not(HasSubstr("BulkDataURI")));
}

TEST(DicomXml, IsTheNativeModel) {
  DicomBuilder inner, made;
  inner.text(0x00080100, "SH", "A<&\"");
  made.item(0x00081032, inner);
  made.text(dicom_tag::kPatientName, "PN", "Essai^Anna^^Dr");
  made.text(0x00091010, "LO", "private");
  made.bytes(0x00282000, "OB", {1, 2});
  const Read read(made);
  const std::string xml = dicom_xml(read.file.dataset, {});
  EXPECT_THAT(xml, HasSubstr("<DicomAttribute tag=\"00081032\" vr=\"SQ\" "
                             "keyword=\"ProcedureCodeSequence\"><Item number=\"1\">"
                             "<DicomAttribute tag=\"00080100\" vr=\"SH\" keyword=\"CodeValue\">"
                             "<Value number=\"1\">A&lt;&amp;&quot;</Value>"));
  EXPECT_THAT(xml,
              HasSubstr("<PersonName number=\"1\"><Alphabetic><FamilyName>Essai</FamilyName>"
                        "<GivenName>Anna</GivenName><NamePrefix>Dr</NamePrefix></Alphabetic>"));
  EXPECT_THAT(xml, HasSubstr("<DicomAttribute tag=\"00091010\" vr=\"LO\"><Value number=\"1\">"));
  EXPECT_THAT(xml, HasSubstr("<InlineBinary>AQI=</InlineBinary>"));
}

/// The data set again without types.
Bytes implicit(const DicomBuilder& made) {
  Read read(made);
  Bytes bytes = dicom_file({}, {}, kImplicitLittle, DicomBuilder());
  ByteWriter out(bytes);
  for (const DicomElement& element : read.file.dataset.elements) {
    out.u16le(static_cast<std::uint16_t>(element.tag >> 16));
    out.u16le(static_cast<std::uint16_t>(element.tag));
    out.u32le(static_cast<std::uint32_t>(element.value.size()));
    out.bytes(element.value);
  }
  return bytes;
}

TEST(DicomJson, TypesOfAnImplicitFileAreThoseOfTheDictionary) {
  DicomBuilder made;
  made.text(dicom_tag::kPatientName, "PN", "Essai^Anna");
  made.u16(dicom_tag::kRows, 17);
  made.text(0x00091010, "LO", "private!");
  made.bytes(dicom_tag::kPixelData, "OW", {1, 2});
  const Bytes bytes = implicit(made);
  const auto file = walk_dicom(bytes);
  ASSERT_TRUE(file);
  const std::string json = dicom_json(file->dataset, {});
  EXPECT_THAT(json, HasSubstr(R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"Essai^Anna"}]})"));
  EXPECT_THAT(json, HasSubstr(R"("00280010":{"vr":"US","Value":[17]})"));
  EXPECT_THAT(json, HasSubstr(R"("00091010":{"vr":"UN","InlineBinary":)"));
  EXPECT_THAT(json, HasSubstr(R"("7FE00010":{"vr":"OW","InlineBinary":"AQI="})"));
}

TEST(DicomJson, NestingThatOnlyTheDictionarySeesIsBounded) {
  // In implicit VR a sequence of a stated length looks like bytes to the walk.
  Bytes nested;
  for (int depth = 0; depth < 2000; ++depth) {
    Bytes outer;
    ByteWriter out(outer);
    for (const unsigned half : {0x0008U, 0x1110U}) out.u16le(static_cast<std::uint16_t>(half));
    out.u32le(static_cast<std::uint32_t>(nested.size() + 8));
    for (const unsigned half : {0xFFFEU, 0xE000U}) out.u16le(static_cast<std::uint16_t>(half));
    out.u32le(static_cast<std::uint32_t>(nested.size()));
    out.bytes(nested);
    nested = outer;
  }
  Bytes bytes = dicom_file({}, {}, kImplicitLittle, DicomBuilder());
  bytes.insert(bytes.end(), nested.begin(), nested.end());
  const auto file = walk_dicom(bytes);
  ASSERT_TRUE(file);
  EXPECT_LT(dicom_json(file->dataset, {}).size(), 10'000U);
  EXPECT_LT(dicom_xml(file->dataset, {}).size(), 20'000U);
}

DicomBuilder picture(std::size_t frames) {
  DicomBuilder made;
  made.u16(dicom_tag::kRows, 2);
  made.u16(dicom_tag::kColumns, 3);
  made.u16(dicom_tag::kSamplesPerPixel, 1);
  made.u16(dicom_tag::kBitsAllocated, 8);
  made.text(dicom_tag::kNumberOfFrames, "IS", std::to_string(frames));
  return made;
}

TEST(DicomFrames, OfSamplesAndOfStreams) {
  DicomBuilder plain = picture(2);
  plain.bytes(dicom_tag::kPixelData, "OB", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const auto frames = dicom_frames(Read(plain).file.dataset);
  ASSERT_TRUE(frames);
  EXPECT_THAT(*frames, ElementsAre(Bytes{0, 1, 2, 3, 4, 5}, Bytes{6, 7, 8, 9, 10, 11}));
  DicomBuilder stream = picture(1);
  stream.frame(dicom_tag::kPixelData, {9, 9, 9, 9});
  const Read read(stream, "1.2.840.10008.1.2.4.50");
  EXPECT_THAT(dicom_frames(read.file.dataset).value(), ElementsAre(Bytes{9, 9, 9, 9}));
  EXPECT_THAT(
      dicom_json(read.file.dataset, [](const DicomPath& path) { return std::optional(path); }),
      HasSubstr(R"("7FE00010":{"vr":"OB","BulkDataURI":"7fe00010"})"));
}

TEST(DicomFrames, ThatAreNotThereAreRefused) {
  EXPECT_EQ(dicom_frames(Read(picture(1)).file.dataset).error().code, ErrorCode::not_found);
  for (const std::size_t frames : {3U, 2'000'000'000U}) {
    DicomBuilder few = picture(frames);
    few.bytes(dicom_tag::kPixelData, "OB", Bytes(12, 1));
    EXPECT_FALSE(dicom_frames(Read(few).file.dataset)) << frames;
    DicomBuilder stream = picture(frames);
    stream.frame(dicom_tag::kPixelData, {9, 9});
    EXPECT_EQ(dicom_frames(Read(stream).file.dataset).error().code,
              ErrorCode::unsupported_encoding);
  }
  DicomBuilder bits = picture(1);
  bits.u16(dicom_tag::kBitsAllocated, 1);
  bits.bytes(dicom_tag::kPixelData, "OB", {1, 1});
  EXPECT_FALSE(dicom_frames(Read(bits).file.dataset));
}

TEST(DicomLibrary, KnowsKeywords) {
  EXPECT_EQ(dicom_tag_of("PatientName"), 0x00100010U);
  EXPECT_EQ(dicom_tag_of("NoSuchKeyword"), std::nullopt);
  EXPECT_EQ(dicom_entry(0x00100010).keyword, "PatientName");
  EXPECT_EQ(dicom_entry(0x00091010).vr, "UN");
}

TEST(DicomMatch, Ranges) {
  for (const char* key : {"", "*", "20260302", "20260301-", "-20260302", "20260101-20261231"})
    EXPECT_TRUE(matches_dicom_range(key, "20260302")) << key;
  for (const char* key : {"20260301", "20260303-", "-20260301", "20250101-20251231"})
    EXPECT_FALSE(matches_dicom_range(key, "20260302")) << key;
  EXPECT_TRUE(matches_dicom_range("09-0930", "093059"));  // to the end of that minute
  EXPECT_FALSE(matches_dicom_range("09-0929", "093059"));
  EXPECT_TRUE(matches_dicom_range("", ""));
  EXPECT_FALSE(matches_dicom_range("20260301-", ""));
}

}  // namespace telavis::test::dicom_model_test
