// SPDX-License-Identifier: Apache-2.0
#include "formats/colour.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "formats/sanitized.h"
#include "tests/formats/picture_checks.h"
#include "tests/formats/picture_variants.h"

namespace telavis::test::colour_test {

double to_light(double encoded) {
  return encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
}
double to_srgb_value(double light) {
  const double held = std::min(1.0, std::max(0.0, light));
  return 255 * (held <= 0.0031308 ? 12.92 * held : 1.055 * std::pow(held, 1 / 2.4) - 0.055);
}

/// Display P3 to sRGB by the matrices of their primaries (both with the white of D65), clipped.
std::array<double, 3> p3_to_srgb(const std::array<int, 3>& p3) {
  constexpr std::array<std::array<double, 3>, 3> kMatrix = {
      {{1.2249, -0.2247, 0.0}, {-0.0420, 1.0419, 0.0}, {-0.0197, -0.0786, 1.0979}}};
  std::array<double, 3> srgb{};
  for (std::size_t row = 0; row < 3; ++row) {
    double light = 0;
    for (std::size_t c = 0; c < 3; ++c) light += kMatrix[row][c] * to_light(p3[c] / 255.0);
    srgb[row] = to_srgb_value(light);
  }
  return srgb;
}

TEST(ToSrgb, ConvertsDisplayP3AsItsMatricesSay) {
  const Bytes profile = display_p3_profile();
  for (const std::array<int, 3> colour :
       {std::array{200, 120, 100}, std::array{90, 60, 50}, std::array{255, 255, 255},
        std::array{0, 0, 0}, std::array{130, 130, 130}, std::array{40, 160, 90}}) {
    Pixels pixel{1, 1, {}};
    for (const int value : colour) pixel.rgb.push_back(static_cast<std::uint8_t>(value));
    const auto converted = to_srgb(pixel, profile);
    ASSERT_TRUE(converted);
    const auto expected = p3_to_srgb(colour);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(converted->rgb[c], expected[c], 2);
  }
}

TEST(ToSrgb, LeavesSrgbAloneToTheByte) {
  const Pixels card = colour_card(40, 24);
  EXPECT_EQ(to_srgb(card, rgb_profile(kSrgbChromaticities, 0))->rgb, card.rgb);
}

TEST(ToSrgb, RefusesWhatIsNoProfile) {
  EXPECT_FALSE(to_srgb(colour_card(8, 8), {}));
  EXPECT_FALSE(to_srgb(colour_card(8, 8), Bytes(500, 3)));
  EXPECT_FALSE(to_srgb(colour_card(8, 8), ink_profile()));
  EXPECT_FALSE(usable_profile(Bytes(kMaxIccBytes + 1), 3));
  EXPECT_TRUE(usable_profile(display_p3_profile(), 3));
  EXPECT_TRUE(usable_profile(display_p3_profile(), 1));
  EXPECT_FALSE(usable_profile(display_p3_profile(), 4));
  EXPECT_TRUE(usable_profile(ink_profile(), 4));
  EXPECT_FALSE(usable_profile(ink_profile(), 3));
}

TEST(ToSrgb, NoDamagedProfileCrashes) {
  const Pixels card = colour_card(8, 8);
  for (const Bytes& profile : {display_p3_profile(), ink_profile()}) {
    for (std::size_t i = 0; i < profile.size(); i += kAddressSanitizer ? 5 : 1) {
      Bytes damaged = profile;
      damaged[i] ^= 0x41;
      static_cast<void>(to_srgb(card, damaged));
      static_cast<void>(InkConverter::open(damaged, true));
      static_cast<void>(to_srgb(card, ByteView(profile).first(i)));
    }
  }
}

TEST(InkConverter, FollowsTheProfile) {
  for (const bool inverted : {false, true}) {
    const auto converter = InkConverter::open(ink_profile(), inverted);
    ASSERT_TRUE(converter);
    const std::uint8_t none = inverted ? 255 : 0;
    const std::uint8_t full = inverted ? 0 : 255;
    // paper, full cyan (L* 50, a* -60 by this profile), full magenta (nothing by this profile)
    const Bytes inks = {none, none, none, none, full, none, none, none, none, full, none, none};
    Bytes rgb(9);
    converter->convert(inks.data(), rgb.data(), 3);
    EXPECT_NEAR(rgb[0], 255, 3);
    EXPECT_NEAR(rgb[2], 255, 3);
    EXPECT_LT(rgb[3], 60);         // no red in this green
    EXPECT_NEAR(rgb[4], 140, 15);  // L* 50 is a middle tone
    EXPECT_NEAR(rgb[6], 255, 3);
  }
  EXPECT_FALSE(InkConverter::open({}, true));
  EXPECT_FALSE(InkConverter::open(display_p3_profile(), true));
}

TEST(CodePoints, AreSrgbConvertibleOrUnknown) {
  EXPECT_EQ(colours_of_code_points(1, 13).kind, CodePoints::srgb);
  EXPECT_EQ(colours_of_code_points(2, 2).kind, CodePoints::srgb);
  EXPECT_EQ(colours_of_code_points(1, 1).kind, CodePoints::srgb);
  EXPECT_EQ(colours_of_code_points(12, 13).kind, CodePoints::convertible);
  EXPECT_EQ(colours_of_code_points(9, 14).kind, CodePoints::convertible);
  EXPECT_EQ(colours_of_code_points(1, 8).kind, CodePoints::convertible);
  EXPECT_EQ(colours_of_code_points(9, 16).kind, CodePoints::unknown);
  EXPECT_EQ(colours_of_code_points(9, 18).kind, CodePoints::unknown);
  EXPECT_EQ(colours_of_code_points(200, 13).kind, CodePoints::unknown);
}

}  // namespace telavis::test::colour_test
