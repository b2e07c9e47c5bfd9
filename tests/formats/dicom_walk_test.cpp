// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/dicom.h"
#include "formats/dicom_tags.h"
#include "tests/formats/dicom_objects.h"
#include "tests/shared_samples.h"

namespace telavis::dicom_walk_test {

using namespace telavis::test;

template <typename T>
ErrorCode error_of(const Result<T>& result) {
  return result ? ErrorCode::internal : result.error().code;
}

ObjectBuilder nested(int levels, ObjectEncoding encoding) {
  ObjectBuilder inner(encoding);
  inner.text(0x00080104, "LO", "innermost");
  for (int i = 0; i < levels; ++i) {
    ObjectBuilder outer(encoding);
    outer.sequence(0x0040A043, {inner});
    inner = std::move(outer);
  }
  return inner;
}

std::vector<ObjectEncoding> encodings() {
  return {{},
          {.open_sequences = true},
          {.explicit_vr = false},
          {.explicit_vr = false, .open_sequences = true},
          {.big_endian = true},
          {.big_endian = true, .open_sequences = true}};
}

TEST(WalkDicom, ReadsEveryEncodingWithAndWithoutMetaInformation) {
  for (const ObjectEncoding encoding : encodings()) {
    const ObjectBuilder object = ecg_object({TestGroup{}}, encoding);
    for (const bool with_meta : {true, false}) {
      const Bytes bytes = with_meta ? object.file(kGeneralEcgClass) : object.bytes();
      EXPECT_TRUE(looks_like_dicom(bytes));
      const auto file = walk_dicom(bytes);
      ASSERT_TRUE(file) << file.error().text;
      EXPECT_EQ(file->dataset.encoding.explicit_vr, encoding.explicit_vr);
      EXPECT_EQ(file->dataset.encoding.big_endian, encoding.big_endian);
      EXPECT_EQ(file->findings.empty(), with_meta);
      const auto groups = dicom_items(file->dataset, dicom_tag::kWaveformSequence);
      ASSERT_EQ(groups.size(), 1U);
      const auto channels = dicom_items(groups[0], dicom_tag::kChannelDefinitions);
      ASSERT_EQ(channels.size(), 1U);
      EXPECT_EQ(dicom_items(channels[0], dicom_tag::kChannelSource).size(), 1U);
      EXPECT_TRUE(dicom_items(channels[0], dicom_tag::kWaveformSequence).empty());
    }
  }
}

TEST(WalkDicom, SequencesOfUnknownVrAreImplicitInside) {
  ObjectBuilder inner({.explicit_vr = false, .open_sequences = true});
  inner.text(0x00080104, "LO", "inside");
  ObjectBuilder content({.explicit_vr = false, .open_sequences = true});
  content.sequence(0x0040A043, {inner});
  // Tag and length of the implicit sequence go; an element of VR UN and undefined length comes.
  Bytes un(content.bytes().begin() + 8, content.bytes().end());
  ObjectBuilder object;
  object.text(0x00080016, "UI", "1.2");
  Bytes bytes = object.bytes();
  const Bytes header = {0x40, 0, 0x43, 0xA0, 'U', 'N', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), un.begin(), un.end());
  const auto file = walk_dicom(bytes);
  ASSERT_TRUE(file) << file.error().text;
  const auto items = dicom_items(file->dataset, 0x0040A043);
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(as_text(items[0].value(0x00080104)), "inside");
}

TEST(WalkDicom, NestingIsBounded) {
  for (const ObjectEncoding encoding : encodings()) {
    const bool hidden = !encoding.explicit_vr && !encoding.open_sequences;  // not descended into
    ObjectBuilder deep = nested(kMaxDicomNesting, encoding);
    EXPECT_TRUE(walk_dicom(deep.file("1.2")));
    deep = nested(kMaxDicomNesting + 1, encoding);
    EXPECT_EQ(error_of(walk_dicom(deep.file("1.2"))),
              hidden ? ErrorCode::internal : ErrorCode::limit_exceeded);
  }
  // A megabyte of opened sequences, as a file that only wants to exhaust the stack has them.
  Bytes abyss = ObjectBuilder().text(0x00080016, "UI", "1.2").file("1.2");
  const Bytes open = {0x40, 0,    0x43, 0xA0, 'S',  'Q',  0,    0,    0xFF, 0xFF,
                      0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF};
  while (abyss.size() < (std::size_t{1} << 20)) abyss.insert(abyss.end(), open.begin(), open.end());
  EXPECT_EQ(error_of(walk_dicom(abyss)), ErrorCode::limit_exceeded);
}

TEST(WalkDicom, ElementsAreBounded) {
  Bytes many = ObjectBuilder().text(0x00080016, "UI", "1.2").file("1.2");
  const Bytes element = {0x09, 0, 0x01, 0x10, 'L', 'O', 0, 0};
  for (std::size_t i = 0; i <= kMaxDicomElements; ++i) {
    many.insert(many.end(), element.begin(), element.end());
  }
  EXPECT_EQ(error_of(walk_dicom(many)), ErrorCode::limit_exceeded);
}

TEST(WalkDicom, LengthsAreHeldAgainstTheFile) {
  const auto with_length = [](std::uint32_t length) {
    Bytes bytes = ObjectBuilder().text(0x00080016, "UI", "1.2").file("1.2");
    const Bytes header = {0x10, 0x54, 0x10, 0x10, 'O', 'W', 0, 0};
    bytes.insert(bytes.end(), header.begin(), header.end());
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
    bytes.resize(bytes.size() + 8);
    return bytes;
  };
  EXPECT_TRUE(walk_dicom(with_length(8)));
  for (const std::uint32_t length : {9U, 0x7FFFFFFFU, 0xFFFFFFFEU}) {
    EXPECT_EQ(error_of(walk_dicom(with_length(length))), ErrorCode::truncated_file) << length;
  }
  // An element longer than the item that it stands in.
  ObjectBuilder inner;
  inner.text(0x00080104, "LO", "12345678");
  Bytes lying = ObjectBuilder().sequence(0x0040A043, {inner}).file("1.2");
  lying[lying.size() - 10] = 100;
  EXPECT_EQ(error_of(walk_dicom(lying)), ErrorCode::malformed_file);
}

TEST(WalkDicom, MeetsTheHabitsOfWriters) {
  // Zeros after the end.
  Bytes padded = ecg_object({TestGroup{}}).file(kGeneralEcgClass);
  padded.resize(padded.size() + 1001);
  const auto zeros = walk_dicom(padded);
  ASSERT_TRUE(zeros);
  ASSERT_EQ(zeros->findings.size(), 1U);
  EXPECT_EQ(zeros->findings[0].code, "trailing_bytes");
  // A transfer syntax that is not the one used.
  const ObjectBuilder implicit = ecg_object({TestGroup{}}, {.explicit_vr = false});
  const auto mislabelled = walk_dicom(implicit.file("1.2.840.10008.1.2.1", kGeneralEcgClass));
  ASSERT_TRUE(mislabelled);
  EXPECT_EQ(mislabelled->findings.at(0).code, "transfer_syntax_mismatch");
  // An item whose length is known and which is closed all the same.
  ObjectBuilder inner;
  inner.text(0x00080104, "LO", "text");
  Bytes closed = ObjectBuilder().sequence(0x0040A043, {inner}).bytes();
  const Bytes delimiter = {0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0};
  closed.insert(closed.end(), delimiter.begin(), delimiter.end());
  closed[8] = static_cast<std::uint8_t>(closed[8] + 8);
  const auto twice = walk_dicom(closed);
  ASSERT_TRUE(twice) << twice.error().text;
  EXPECT_EQ(dicom_items(twice->dataset, 0x0040A043).size(), 1U);
}

TEST(WalkDicom, InflatesWithinItsLimit) {
  // Zlib is not linked here: stored blocks (RFC 1951 3.2.4) are deflate as well.
  const Bytes data = ecg_object({TestGroup{}}).bytes();
  Bytes stored = {
      1, static_cast<std::uint8_t>(data.size()), static_cast<std::uint8_t>(data.size() >> 8),
      static_cast<std::uint8_t>(~data.size()), static_cast<std::uint8_t>(~data.size() >> 8)};
  stored.insert(stored.end(), data.begin(), data.end());
  Bytes file = ObjectBuilder().file("1.2.840.10008.1.2.1.99", kGeneralEcgClass);
  const std::size_t start = file.size();
  file.insert(file.end(), stored.begin(), stored.end());
  const auto exam = decode_dicom(file);
  ASSERT_TRUE(exam) << exam.error().text;
  EXPECT_EQ(std::get<EcgRecording>(exam->exam).leads[0].samples,
            (std::vector<std::int32_t>{1, -2, 3, -4}));
  // A fixed-Huffman block that repeats one zero 258 bytes at a time: 13 bits for 258 bytes.
  file.resize(start);
  std::uint32_t bits = 0;
  int count = 0;
  const auto put = [&](std::uint32_t value, int length) {  // least significant bit first
    bits |= value << count;
    for (count += length; count >= 8; count -= 8, bits >>= 8) {
      file.push_back(static_cast<std::uint8_t>(bits));
    }
  };
  put(3, 3);           // last block, fixed codes
  put(0b00001100, 8);  // literal 0 is 00110000, written from its highest bit
  for (int i = 0; i < 600'000; ++i) {
    put(0b10100011, 8);  // length 258 is 11000101
    put(0, 5);           // distance 1
  }
  put(0, 15);
  EXPECT_EQ(error_of(decode_dicom(file)), ErrorCode::limit_exceeded);
}

TEST(LooksLikeDicom, ByPrefixOrByElements) {
  EXPECT_FALSE(looks_like_dicom({}));
  Bytes bytes(132);
  EXPECT_FALSE(looks_like_dicom(bytes));
  std::copy_n("DICM", 4, bytes.begin() + 128);
  EXPECT_TRUE(looks_like_dicom(bytes));
  EXPECT_FALSE(looks_like_dicom(as_bytes("%PDF-1.4 and more text that follows it")));
  EXPECT_FALSE(looks_like_dicom(Bytes(1000, 8)));
  EXPECT_FALSE(looks_like_dicom(Bytes{8, 0, 5, 0, 'C', 'S', 2, 0, 'a', 'b'}));
}

TEST(LooksLikeDicom, OtherFormatsDoNot) {
  TELAVIS_NEED_SHARED("samples");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(shared_folder() / "samples")) {
    const std::string path = entry.path().string();
    if (!entry.is_regular_file() || path.find("/dicom") != std::string::npos) continue;
    EXPECT_FALSE(looks_like_dicom(read_file(entry.path()))) << path;
  }
}

}  // namespace telavis::dicom_walk_test
