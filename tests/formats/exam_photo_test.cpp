// SPDX-License-Identifier: Apache-2.0
// The way of photos through normalise_exam.
#include <gtest/gtest.h>

#include "formats/exam.h"
#include "formats/jpeg.h"

namespace telavis::test::exam_photo_test {

TEST(ExamPhoto, NormalisesAPhotoAndMakesAPreview) {
  Pixels pixels{1600, 1200, Bytes(std::size_t{1600} * 1200 * 3, 120)};
  const auto file = encode_jpeg(pixels, 80);
  ASSERT_TRUE(file);
  ASSERT_EQ(sniff(*file), FileFormat::jpeg);
  const auto exam = normalise_exam(*file);
  ASSERT_TRUE(exam) << exam.error().text;
  const auto& photo = std::get<SkinPhoto>(exam->exam);
  EXPECT_EQ(photo.width, 1600);
  EXPECT_EQ(photo.height, 1200);
  EXPECT_TRUE(looks_like_jpeg(exam->document));
  const auto preview = inspect_jpeg(exam->preview);
  ASSERT_TRUE(preview);
  EXPECT_LE(preview->width, 1024);
  EXPECT_LE(preview->height, 1024);
}

TEST(ExamPhoto, HandsOnTheRefusalOfTheCodec) {
  const Bytes cut = {0xFF, 0xD8, 0xFF};
  EXPECT_FALSE(decode_exam(cut));
  EXPECT_FALSE(normalise_exam(cut));
}

}  // namespace telavis::test::exam_photo_test
