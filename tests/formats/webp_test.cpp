// SPDX-License-Identifier: Apache-2.0
#include "formats/webp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures/synthetic_photo.h"
#include "tests/formats/picture_checks.h"
#include "tests/formats/picture_variants.h"

namespace telavis::test::webp_test {

TEST(DecodeWebp, ShowsLossyAndLosslessPictures) {
  const Pixels card = colour_card(41, 24);
  for (const bool lossless : {false, true}) {
    const Bytes webp = make_webp(card, lossless);
    ASSERT_TRUE(looks_like_webp(webp));
    const auto decoded = decode_webp(webp);
    expect_document(decoded, card, lossless ? 1.5 : 6);
    EXPECT_EQ(photo_of(*decoded).version, lossless ? "lossless" : "lossy");
    EXPECT_TRUE(photo_of(*decoded).findings.empty());
    EXPECT_TRUE(photo_of(*decoded).private_metadata.empty());
  }
}

TEST(DecodeWebp, LaysTransparencyOnWhite) {
  Bytes rgba;
  Pixels expected{40, 24, {}};
  for (int i = 0; i < 40 * 24; ++i) {
    const int alpha = i % 40 / 10 * 85;
    rgba.insert(rgba.end(), {100, 50, 200, static_cast<std::uint8_t>(alpha)});
    for (const int value : {100, 50, 200}) {
      expected.rgb.push_back(
          static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255));
    }
  }
  expect_document(decode_webp(make_webp_rgba(40, 24, rgba)), expected, 2.5);
}

TEST(DecodeWebp, AppliesTheOrientationAndBringsColoursToSrgb) {
  const Pixels upright = colour_card(40, 24);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes webp = extended_webp(fixtures::stored_for_orientation(upright, orientation), {},
                                     {{"EXIF", planted_exif(orientation)}});
    const auto decoded = decode_webp(webp);
    expect_document(decoded, upright, 1.5);
    EXPECT_EQ(photo_of(*decoded).orientation, orientation);
  }
  Pixels flat{16, 16, {}};
  for (int i = 0; i < 256; ++i) flat.rgb.insert(flat.rgb.end(), {200, 120, 100});
  const auto p3 = decode_webp(extended_webp(flat, {{"ICCP", display_p3_profile()}}, {}));
  ASSERT_TRUE(p3);
  const Pixels shown = plain_decode(p3->document);
  EXPECT_NEAR(shown.rgb[0], 212, 3);  // as in the test of PNG
  EXPECT_NEAR(shown.rgb[1], 117, 3);
  EXPECT_NEAR(shown.rgb[2], 95, 3);
  const auto damaged = decode_webp(extended_webp(flat, {{"ICCP", Bytes(200)}}, {}));
  ASSERT_TRUE(damaged);
  EXPECT_TRUE(has_finding(photo_of(*damaged), "icc_invalid"));
}

TEST(DecodeWebp, ShowsTheFirstFrameOfAFilmWhereItStands) {
  const Pixels first = colour_card(20, 12);
  const Pixels second = colour_card(40, 24);
  const auto decoded = decode_webp(animated_webp(first, second, 10, 6, 40, 24));
  Pixels expected{40, 24, Bytes(40 * 24 * 3, 255)};
  for (int y = 0; y < 12; ++y) {
    std::copy_n(first.rgb.begin() + y * 60, 60, expected.rgb.begin() + ((y + 6) * 40 + 10) * 3);
  }
  expect_document(decoded, expected, 2.5);
  EXPECT_TRUE(has_finding(photo_of(*decoded), "animation_first_frame"));
}

TEST(DecodeWebp, NothingPlantedInAnyChunkComesOut) {
  Bytes profile = display_p3_profile();
  const Bytes xmp(as_bytes("PLANTED-XMP").begin(), as_bytes("PLANTED-XMP").end());
  const std::string_view vendor = "PLANTED-UNKNOWN-CHUNK";
  Bytes exif = {'E', 'x', 'i', 'f', 0, 0};  // as some editors write it
  const Bytes tiff = planted_exif(6);
  exif.insert(exif.end(), tiff.begin(), tiff.end());
  Bytes webp =
      extended_webp(colour_card(40, 24), {{"ICCP", profile}},
                    {{"EXIF", exif}, {"XMP ", xmp}, {"prVt", Bytes(vendor.begin(), vendor.end())}});
  ByteWriter(webp).text("PLANTED-TRAILER");
  const auto decoded = decode_webp(webp);
  ASSERT_TRUE(decoded) << decoded.error().text;
  expect_nothing_planted_in(*decoded);
  EXPECT_EQ(photo_of(*decoded).orientation, 6);
  EXPECT_THAT(
      photo_of(*decoded).private_metadata,
      testing::ElementsAre(PrivateMetadata::exif, PrivateMetadata::gps, PrivateMetadata::maker_note,
                           PrivateMetadata::xmp, PrivateMetadata::other_application_segment));
  EXPECT_TRUE(has_finding(photo_of(*decoded), "trailing_bytes"));
}

TEST(DecodeWebp, RefusesWhatIsNoPhoto) {
  EXPECT_EQ(code_of(decode_webp({})), ErrorCode::empty_file);
  EXPECT_EQ(code_of(decode_webp(as_bytes("RIFF\4\0\0\0WAVE"))), ErrorCode::malformed_file);
  EXPECT_FALSE(looks_like_webp(as_bytes("RIFF")));
  EXPECT_FALSE(decode_webp(make_riff({{"EXIF", Bytes(4)}})));
  Bytes huge = make_webp(colour_card(16, 16), false);
  // The frame header of VP8: width and height of 14 bits behind the start code (RFC 6386 9.1).
  huge[26] = huge[28] = 0xFF;
  huge[27] = huge[29] = 0x3F;
  EXPECT_EQ(code_of(decode_webp(huge)), ErrorCode::limit_exceeded);
  std::vector<RiffChunk> many(10'001, RiffChunk{"prVt", {}});
  EXPECT_EQ(code_of(decode_webp(make_riff(many))), ErrorCode::limit_exceeded);
}

TEST(DecodeWebp, NoCutAndNoDamagedByteCrashes) {
  const Bytes plain = extended_webp(colour_card(16, 16), {{"ICCP", display_p3_profile()}},
                                    {{"EXIF", planted_exif(6)}}, false);
  const Bytes film = animated_webp(colour_card(16, 12), colour_card(16, 16), 0, 2, 16, 16);
  for (const Bytes& webp : {plain, film}) {
    for (std::size_t i = 0; i < webp.size(); ++i) {
      EXPECT_FALSE(decode_webp(ByteView(webp).first(i))) << i;
      Bytes file = webp;
      file[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      const auto decoded = decode_webp(file);
      if (!decoded) {
        EXPECT_FALSE(decoded.error().text.empty());
      }
    }
  }
}

}  // namespace telavis::test::webp_test
