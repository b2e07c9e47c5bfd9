// SPDX-License-Identifier: Apache-2.0
#include "formats/png.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fixtures/synthetic_photo.h"
#include "tests/formats/picture_checks.h"
#include "tests/formats/picture_variants.h"

namespace telavis::test::png_test {

Bytes small_png() {
  return make_png(colour_card(40, 24));
}

Bytes u32s(const std::vector<double>& values) {
  Bytes body;
  ByteWriter out(body);
  for (const double value : values) {
    out.u32be(static_cast<std::uint32_t>(std::lround(value * 100'000)));
  }
  return body;
}

TEST(DecodePng, ShowsEveryDepthAndColourTypeInterlacedOrNot) {
  const Pixels card = colour_card(40, 24);
  const auto value = [&](int x, int y, int channel) -> unsigned {
    return card.rgb[static_cast<std::size_t>((y * 40 + x) * 3 + channel)];
  };
  for (const bool interlaced : {false, true}) {
    for (const int depth : {8, 16}) {
      const unsigned wide = depth == 16 ? 257 : 1;
      SCOPED_TRACE(testing::Message() << depth << " bits, interlaced " << interlaced);
      const Bytes rgb =
          make_png({.depth = depth, .interlaced = interlaced},
                   [&](int x, int y, int channel) { return value(x, y, channel) * wide; });
      expect_document(decode_png(rgb), card, 1.5);
      const Bytes rgba =
          make_png({.depth = depth, .colours = PngColours::rgba, .interlaced = interlaced},
                   [&](int x, int y, int channel) {
                     return (channel == 3 ? 255 : value(x, y, channel)) * wide;
                   });
      expect_document(decode_png(rgba), card, 1.5);
    }
    for (const int depth : {1, 2, 4, 8, 16}) {
      SCOPED_TRACE(testing::Message() << "grey, " << depth << " bits, interlaced " << interlaced);
      const int top = (1 << depth) - 1;
      Pixels expected{40, 24, {}};
      for (int i = 0; i < 40 * 24; ++i) {
        const int step = i % 40 / 10 * top / 3;
        expected.rgb.insert(expected.rgb.end(), 3, static_cast<std::uint8_t>(step * 255 / top));
      }
      const Bytes grey =
          make_png({.depth = depth, .colours = PngColours::grey, .interlaced = interlaced},
                   [&](int x, int, int) { return static_cast<unsigned>(x / 10 * top / 3); });
      expect_document(decode_png(grey), expected, 1.5);
    }
  }
}

TEST(DecodePng, ReadsAPaletteAndLaysTransparencyOnWhite) {
  const Bytes palette = {10, 20, 30, 200, 100, 50, 0, 0, 255, 0, 255, 0};
  const Bytes alpha = {255, 0};  // the second colour is clear
  for (const int depth : {2, 4, 8}) {
    const Bytes png =
        png_with(png_with(make_png({.depth = depth, .colours = PngColours::palette},
                                   [](int x, int, int) { return static_cast<unsigned>(x / 10); }),
                          "tRNS", alpha),
                 "PLTE", palette);
    Pixels expected{40, 24, {}};
    for (int i = 0; i < 40 * 24; ++i) {
      const auto index = static_cast<std::size_t>(i % 40 / 10);
      for (std::size_t c = 0; c < 3; ++c) {
        expected.rgb.push_back(index == 1 ? 255 : palette[index * 3 + c]);
      }
    }
    expect_document(decode_png(png), expected, 2.5);
  }
}

TEST(DecodePng, BlendsPartsThatAreHalfClear) {
  for (const int depth : {8, 16}) {
    for (const PngColours colours : {PngColours::rgba, PngColours::grey_alpha}) {
      const int last = colours == PngColours::rgba ? 3 : 1;
      const unsigned wide = depth == 16 ? 257 : 1;
      const Bytes png =
          make_png({.depth = depth, .colours = colours, .interlaced = depth == 16},
                   [&](int x, int, int channel) {
                     return (channel < last ? 100 : static_cast<unsigned>(x / 10 * 85)) * wide;
                   });
      Pixels expected{40, 24, {}};
      for (int i = 0; i < 40 * 24; ++i) {
        const int alpha = i % 40 / 10 * 85;
        expected.rgb.insert(
            expected.rgb.end(), 3,
            static_cast<std::uint8_t>((100 * alpha + 255 * (255 - alpha) + 127) / 255));
      }
      expect_document(decode_png(png), expected, 1.5);
    }
  }
}

TEST(DecodePng, AppliesTheOrientationOfExif) {
  const Pixels upright = colour_card(40, 24);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes png = png_with(make_png(fixtures::stored_for_orientation(upright, orientation)),
                               "eXIf", planted_exif(orientation));
    const auto decoded = decode_png(png);
    expect_document(decoded, upright, 1.5);
    EXPECT_EQ(photo_of(*decoded).orientation, orientation);
  }
}

// ---- colours ----

int channel_after(const Bytes& png, std::size_t channel) {
  const auto decoded = decode_png(png);
  if (!decoded) return -1;
  return plain_decode(decoded->document).rgb[channel];
}

Bytes flat_png(int r, int g, int b) {
  Pixels flat{16, 16, {}};
  for (int i = 0; i < 256; ++i) {
    for (const int value : {r, g, b}) flat.rgb.push_back(static_cast<std::uint8_t>(value));
  }
  return make_png(flat);
}

TEST(DecodePng, HonoursGamma) {
  const Bytes png = flat_png(100, 100, 100);
  EXPECT_NEAR(channel_after(png, 0), 100, 1);
  EXPECT_NEAR(channel_after(png_with(png, "gAMA", u32s({0.45455})), 0), 100, 1);
  // Linear light: the curve of sRGB, IEC 61966-2-1
  const double encoded = 255 * (1.055 * std::pow(100 / 255.0, 1 / 2.4) - 0.055);
  EXPECT_NEAR(channel_after(png_with(png, "gAMA", u32s({1.0})), 0), encoded, 2);
  // sRGB outranks gAMA (W3C 4.3); a gamma of nothing is no gamma
  const Bytes both = png_with(png_with(png, "gAMA", u32s({1.0})), "sRGB", Bytes{0});
  EXPECT_NEAR(channel_after(both, 0), 100, 1);
  EXPECT_NEAR(channel_after(png_with(png, "gAMA", u32s({0})), 0), 100, 1);
}

TEST(DecodePng, BringsDisplayP3ToSrgbWhicheverWayItIsWritten) {
  const Bytes png = flat_png(200, 120, 100);
  const Bytes primaries = u32s({0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060});
  const std::vector<Bytes> ways = {
      png_with(png, "iCCP", iccp_body("P3", display_p3_profile())),
      png_with(png, "cICP", Bytes{12, 13, 0, 1}),
      png_with(png_with(png, "gAMA", u32s({0.45455})), "cHRM", primaries)};
  // Computed by hand from the two matrices: (200, 120, 100) in Display P3 is (212, 117, 95) in
  // sRGB.
  for (const Bytes& way : ways) {
    EXPECT_NEAR(channel_after(way, 0), 212, 3);
    EXPECT_NEAR(channel_after(way, 1), 117, 3);
    EXPECT_NEAR(channel_after(way, 2), 95, 3);
    EXPECT_TRUE(photo_of(*decode_png(way)).findings.empty());
  }
}

TEST(DecodePng, SaysWhenColoursCannotBeConverted) {
  const Bytes png = small_png();
  const auto pq = decode_png(png_with(png, "cICP", Bytes{9, 16, 0, 1}));
  ASSERT_TRUE(pq);
  EXPECT_TRUE(has_finding(photo_of(*pq), "colour_not_converted"));
  Bytes profile = display_p3_profile();
  for (std::size_t i = 128; i < 300; ++i) profile[i] = 0xFF;
  const auto damaged = decode_png(png_with(png, "iCCP", iccp_body("P3", profile)));
  expect_document(damaged, colour_card(40, 24), 1.5);
  EXPECT_TRUE(has_finding(photo_of(*damaged), "icc_invalid"));
  const auto bomb = decode_png(png_with(png, "iCCP", iccp_body("P3", Bytes(20 << 20))));
  expect_document(bomb, colour_card(40, 24), 1.5);
  EXPECT_TRUE(has_finding(photo_of(*bomb), "icc_invalid"));
}

// ---- private parts ----

TEST(DecodePng, NothingPlantedInAnyChunkComesOut) {
  using enum PrivateMetadata;
  Bytes png = small_png();
  const auto text = [](std::string_view head, std::string_view tail) {
    std::string body(head);
    body += tail;
    return body;
  };
  png = png_with(png, "eXIf", planted_exif(1));
  png = png_with(png, "tEXt", as_bytes(text({"Comment\0", 8}, "PLANTED-TEXT")));
  Bytes packed;
  ByteWriter out(packed);
  out.text({"Author\0\0", 8});
  out.bytes(stored_zlib(as_bytes("PLANTED-ZTXT")));
  png = png_with(png, "zTXt", packed);
  png = png_with(png, "iTXt", as_bytes(text({"XML:com.adobe.xmp\0\0\0\0\0", 22}, "PLANTED-XMP")));
  png = png_with(png, "tEXt", as_bytes(text({"Raw profile type iptc\0", 22}, "PLANTED-IPTC")));
  png = png_with(png, "iCCP", iccp_body("PLANTED-PROFILE-NAME", display_p3_profile()));
  png = png_with(png, "tIME", Bytes{7, 0xEA, 1, 2, 3, 4, 5});
  png = png_with(png, "prVt", as_bytes("PLANTED-VENDOR"));
  png = png_with(png, "sPLT", as_bytes("PLANTED-PALETTE"));
  ByteWriter(png).text("PLANTED-TRAILER");
  ASSERT_TRUE(contains(png, "PLANTED-ZTXT"));
  const auto decoded = decode_png(png);
  ASSERT_TRUE(decoded) << decoded.error().text;
  expect_nothing_planted_in(*decoded);
  EXPECT_FALSE(contains(decoded->document, "Exif"));
  EXPECT_THAT(
      photo_of(*decoded).private_metadata,
      testing::ElementsAre(exif, gps, maker_note, xmp, iptc, comment, other_application_segment));
  EXPECT_TRUE(has_finding(photo_of(*decoded), "trailing_bytes"));
}

// ---- refusals ----

TEST(DecodePng, TellsOfAnimationsAndShowsTheDefaultImage) {
  const auto decoded = decode_png(png_with(small_png(), "acTL", Bytes{0, 0, 0, 2, 0, 0, 0, 0}));
  expect_document(decoded, colour_card(40, 24), 1.5);
  EXPECT_TRUE(has_finding(photo_of(*decoded), "animation_first_frame"));
}

TEST(DecodePng, RefusesWhatIsNoPhoto) {
  EXPECT_EQ(code_of(decode_png({})), ErrorCode::empty_file);
  EXPECT_EQ(code_of(decode_png(as_bytes("GIF89a"))), ErrorCode::malformed_file);
  EXPECT_TRUE(looks_like_png(small_png()));
  EXPECT_FALSE(looks_like_png(as_bytes("\x89PNG")));
  const Bytes apple = png_with(small_png(), "CgBI", Bytes(4));
  EXPECT_EQ(code_of(decode_png(apple)), ErrorCode::unsupported_encoding);
  const auto resized = [](std::uint32_t width, std::uint32_t height) {
    Bytes png = small_png();
    Bytes header;
    ByteWriter out(header);
    out.u32be(width);
    out.u32be(height);
    out.bytes(ByteView(png).subspan(24, 5));
    const Bytes chunk = png_chunk("IHDR", header);
    std::copy(chunk.begin(), chunk.end(), png.begin() + 8);
    return png;
  };
  EXPECT_EQ(code_of(decode_png(resized(20'001, 8))), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(decode_png(resized(9'000, 9'000))), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(decode_png(resized(0xFFFFFFFF, 0xFFFFFFFF))), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(decode_png(resized(0, 8))), ErrorCode::malformed_file);
  EXPECT_EQ(code_of(decode_png(resized(40, 25))), ErrorCode::malformed_file);
  Bytes many = small_png();
  const Bytes empty = png_chunk("pHYs", {});
  Bytes filler;
  for (int i = 0; i < 100'001; ++i) filler.insert(filler.end(), empty.begin(), empty.end());
  many.insert(many.begin() + 33, filler.begin(), filler.end());
  EXPECT_EQ(code_of(decode_png(many)), ErrorCode::limit_exceeded);
}

TEST(DecodePng, EveryTruncationIsRefused) {
  const Bytes png = png_with(small_png(), "eXIf", planted_exif(6));
  for (std::size_t length = 0; length < png.size(); length += length < 600 ? 1 : 37) {
    EXPECT_FALSE(decode_png(ByteView(png).first(length))) << length;
  }
}

TEST(DecodePng, NoDamagedByteCrashes) {
  const PngVariant tiny{.width = 9, .height = 9, .colours = PngColours::rgba, .interlaced = true};
  Bytes png = make_png(tiny, [](int x, int y, int c) { return static_cast<unsigned>(x * y + c); });
  png = png_with(png, "iCCP", iccp_body("P3", display_p3_profile()));
  png = png_with(png, "eXIf", planted_exif(6));
  for (std::size_t i = 0; i < png.size(); ++i) {
    Bytes file = png;
    file[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto decoded = decode_png(file);
    if (!decoded) {
      EXPECT_FALSE(decoded.error().text.empty());
    }
  }
}

}  // namespace telavis::test::png_test
