// SPDX-License-Identifier: Apache-2.0
#include "formats/heic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/picture_checks.h"
#include "tests/formats/picture_variants.h"

namespace telavis::test::heic_test {

#define NEED_HEIC(file) \
  if ((file).empty()) GTEST_SKIP() << "skipped: this libheif has no encoder for it"

TEST(DecodeHeic, ShowsThePictureInEightAndTenBits) {
  const Pixels card = colour_card(64, 48);
  for (const int depth : {8, 10}) {
    const Bytes heic = make_heic(card, {.bit_depth = depth});
    NEED_HEIC(heic);
    ASSERT_TRUE(looks_like_heic(heic));
    const auto decoded = decode_heic(heic);
    expect_document(decoded, card, 3);
    EXPECT_EQ(photo_of(*decoded).format, "HEIC");
    EXPECT_EQ(photo_of(*decoded).orientation, 1);
    EXPECT_TRUE(photo_of(*decoded).findings.empty());
  }
}

TEST(DecodeHeic, ReadsAvif) {
  const Pixels card = colour_card(64, 48);
  const Bytes avif = make_heic(card, {.av1 = true});
  NEED_HEIC(avif);
  ASSERT_TRUE(looks_like_heic(avif));
  const auto decoded = decode_heic(avif);
  expect_document(decoded, card, 3);
  EXPECT_EQ(photo_of(*decoded).format, "AVIF");
}

TEST(DecodeHeic, PutsTilesTogether) {
  const Pixels tile = colour_card(64, 64);
  const Bytes heic = make_heic_grid(tile);
  NEED_HEIC(heic);
  Pixels expected{128, 128, {}};
  for (int y = 0; y < 128; ++y) {
    for (int copy = 0; copy < 2; ++copy) {
      const auto row = tile.rgb.begin() + (y % 64) * 64 * 3;
      expected.rgb.insert(expected.rgb.end(), row, row + 64 * 3);
    }
  }
  expect_document(decode_heic(heic), expected, 3);
}

TEST(DecodeHeic, TurnsByTheContainerAndNeverAgainByExif) {
  const Pixels stored = colour_card(64, 48);
  const Bytes plain = make_heic(stored);
  NEED_HEIC(plain);
  // EXIF alone turns nothing, and is told.
  const auto exif_alone = decode_heic(make_heic(stored, {.exif = planted_exif(6)}));
  expect_document(exif_alone, stored, 3);
  EXPECT_EQ(photo_of(*exif_alone).orientation, 6);
  for (const int orientation : {3, 6, 8}) {
    const auto decoded = decode_heic(
        make_heic(stored, {.orientation = orientation, .exif = planted_exif(orientation)}));
    ASSERT_TRUE(decoded) << decoded.error().text;
    const Pixels shown = plain_decode(decoded->document);
    // Where the first stored pixel lies after the turn (CIPA DC-008 4.6.4)
    Pixels expected{orientation == 3 ? 64 : 48, orientation == 3 ? 48 : 64, {}};
    for (int y = 0; y < expected.height; ++y) {
      for (int x = 0; x < expected.width; ++x) {
        const int from_x = orientation == 3 ? 63 - x : orientation == 6 ? y : 63 - y;
        const int from_y = orientation == 3 ? 47 - y : orientation == 6 ? 47 - x : x;
        const auto at = stored.rgb.begin() + (from_y * 64 + from_x) * 3;
        expected.rgb.insert(expected.rgb.end(), at, at + 3);
      }
    }
    EXPECT_LT(difference(shown, expected), 3) << orientation;
    EXPECT_EQ(photo_of(*decoded).orientation, orientation);
  }
}

TEST(DecodeHeic, LaysTransparencyOnWhite) {
  const Pixels card = colour_card(64, 48);
  const Bytes heic = make_heic(card, {.alpha = true});
  NEED_HEIC(heic);
  Pixels expected = card;
  for (std::size_t i = 0; i < expected.rgb.size(); ++i) {
    if (i / 3 % 64 < 32) expected.rgb[i] = 255;
  }
  expect_document(decode_heic(heic), expected, 4);
}

TEST(DecodeHeic, BringsDisplayP3ToSrgb) {
  Pixels flat{64, 64, {}};
  for (int i = 0; i < 64 * 64; ++i) flat.rgb.insert(flat.rgb.end(), {200, 120, 100});
  const Bytes with_profile = make_heic(flat, {.icc = display_p3_profile()});
  NEED_HEIC(with_profile);
  for (const Bytes& heic : {with_profile, make_heic(flat, {.primaries = 12})}) {
    const auto decoded = decode_heic(heic);
    ASSERT_TRUE(decoded) << decoded.error().text;
    const Pixels shown = plain_decode(decoded->document);
    const std::size_t middle = (32 * 64 + 32) * 3;
    EXPECT_NEAR(shown.rgb[middle], 212, 4);  // as in the test of PNG
    EXPECT_NEAR(shown.rgb[middle + 1], 117, 4);
    EXPECT_NEAR(shown.rgb[middle + 2], 95, 4);
    EXPECT_TRUE(photo_of(*decoded).findings.empty());
  }
  const auto pq = decode_heic(make_heic(flat, {.primaries = 9, .transfer = 16}));
  ASSERT_TRUE(pq);
  EXPECT_TRUE(has_finding(photo_of(*pq), "colour_not_converted"));
  const auto damaged = decode_heic(make_heic(flat, {.icc = Bytes(200, 7)}));
  ASSERT_TRUE(damaged);
  EXPECT_TRUE(has_finding(photo_of(*damaged), "icc_invalid"));
}

TEST(DecodeHeic, NothingPlantedComesOut) {
  const Bytes heic = make_heic(colour_card(64, 48), {.exif = planted_exif(1),
                                                     .xmp = "<x:xmpmeta>PLANTED-XMP</x:xmpmeta>",
                                                     .second_picture = true});
  NEED_HEIC(heic);
  ASSERT_TRUE(contains(heic, "PLANTED-XMP"));
  ASSERT_TRUE(contains(heic, "PLANTED-MAKER-NOTE"));
  const auto decoded = decode_heic(heic);
  expect_document(decoded, colour_card(64, 48), 3);
  expect_nothing_planted_in(*decoded);
  EXPECT_THAT(photo_of(*decoded).private_metadata,
              testing::ElementsAre(PrivateMetadata::exif, PrivateMetadata::gps,
                                   PrivateMetadata::maker_note, PrivateMetadata::xmp));
  EXPECT_TRUE(has_finding(photo_of(*decoded), "more_pictures"));
}

TEST(DecodeHeic, RefusesWhatIsNoPhoto) {
  EXPECT_EQ(code_of(decode_heic({})), ErrorCode::empty_file);
  const Bytes only_brand = {0,   0,   0, 20, 'f', 't', 'y', 'p', 'h', 'e',
                            'i', 'c', 0, 0,  0,   0,   'm', 'i', 'f', '1'};
  EXPECT_TRUE(looks_like_heic(only_brand));
  EXPECT_FALSE(decode_heic(only_brand));
  const Bytes film = {0,   0,   0, 20, 'f', 't', 'y', 'p', 'i', 's',
                      'o', 'm', 0, 0,  2,   0,   'm', 'p', '4', '1'};
  EXPECT_FALSE(looks_like_heic(film));
}

TEST(DecodeHeic, NoCutAndNoDamagedByteInTheBoxesCrashes) {
  const Bytes heic =
      make_heic(colour_card(64, 64), {.orientation = 6, .exif = planted_exif(6), .xmp = "<x/>"});
  NEED_HEIC(heic);
  for (const Bytes& whole : {heic, make_heic_grid(colour_card(64, 64))}) {
    for (std::size_t i = 0; i < whole.size(); i += 7) {
      static_cast<void>(decode_heic(ByteView(whole).first(i)));
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(whole.size(), 600); ++i) {
      Bytes file = whole;
      file[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      const auto decoded = decode_heic(file);
      if (!decoded) {
        EXPECT_FALSE(decoded.error().text.empty());
      }
    }
  }
}

}  // namespace telavis::test::heic_test
