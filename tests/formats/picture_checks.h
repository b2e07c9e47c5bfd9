// SPDX-License-Identifier: Apache-2.0
// What the tests of PNG, WebP and HEIC look at in the same way.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "formats/jpeg.h"
#include "formats/recording.h"
#include "formats/result.h"
#include "tests/formats/jpeg_variants.h"

namespace telavis::test {

/// A smooth picture that tells which way up it is and whether its colours were changed.
inline Pixels colour_card(int width, int height) {
  Pixels card{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      card.rgb.push_back(static_cast<std::uint8_t>(40 + 180 * x / width));
      card.rgb.push_back(static_cast<std::uint8_t>(60 + 120 * y / height));
      card.rgb.push_back(static_cast<std::uint8_t>(200 - 150 * x / width));
    }
  }
  return card;
}

/// The mean difference of two pictures in steps of 8 bits; 256 when their sizes differ.
inline double difference(const Pixels& a, const Pixels& b) {
  if (a.width != b.width || a.height != b.height || a.rgb.size() != b.rgb.size()) return 256;
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(std::max<std::size_t>(a.rgb.size(), 1));
}

inline const SkinPhoto& photo_of(const DecodedExam& decoded) {
  return std::get<SkinPhoto>(decoded.exam);
}

/// The document is an upright JPEG without any segment but JFIF, and shows `expected`.
inline void expect_document(const Result<DecodedExam>& decoded, const Pixels& expected,
                            double tolerance) {
  ASSERT_TRUE(decoded) << decoded.error().text;
  for (const Segment& segment : header_segments(decoded->document)) {
    EXPECT_TRUE(segment.code < 0xE1 || segment.code > 0xEF) << segment.code;
    EXPECT_NE(segment.code, 0xFE);
  }
  const Pixels shown = plain_decode(decoded->document);
  EXPECT_EQ(photo_of(*decoded).width, shown.width);
  EXPECT_EQ(photo_of(*decoded).height, shown.height);
  EXPECT_LT(difference(shown, expected), tolerance);
}

inline bool has_finding(const SkinPhoto& photo, std::string_view code) {
  return std::ranges::any_of(photo.findings,
                             [&](const Finding& finding) { return finding.code == code; });
}

/// Every text that a test plants holds this word.
inline void expect_nothing_planted_in(const DecodedExam& decoded) {
  EXPECT_FALSE(contains(decoded.document, "PLANTED"));
  for (const Finding& finding : photo_of(decoded).findings) {
    EXPECT_EQ(finding.text.find("PLANTED"), std::string::npos) << finding.text;
  }
  EXPECT_EQ(photo_of(decoded).version.find("PLANTED"), std::string::npos);
}

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode::internal : result.error().code;
}

}  // namespace telavis::test
