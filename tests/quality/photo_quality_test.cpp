// SPDX-License-Identifier: Apache-2.0
#include "formats/photo_quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fixtures/synthetic_photo.h"
#include "formats/sanitized.h"
#include "tests/bench/photo_quality_sets.h"
#include "tests/formats/picture_checks.h"

namespace telavis::test::photo_quality_test {

std::vector<std::string> codes(const std::vector<Finding>& findings) {
  std::vector<std::string> list;
  list.reserve(findings.size());
  for (const Finding& finding : findings) list.push_back(finding.code);
  return list;
}

/// Of six photos, one a phototype.
FlawCounts counted(const fixtures::PhotoFlaws& flaws) {
  return count_flaws(flaws, 1, 800, 600);
}

std::size_t index_of(std::string_view finding) {
  return static_cast<std::size_t>(std::ranges::find(kPhotoFindings, finding) -
                                  kPhotoFindings.begin());
}

TEST(CheckPhoto, FindsNothingInGoodPhotosOfAnyPhototype) {
  for (const FlawStep& step : flaw_steps()) {
    // All of them are measured by photo_quality_figures; these three alone take seconds.
    if (!step.finding.empty() || step.flaws.exposure_stops != 0 || step.flaws.blur_px > 0) continue;
    const FlawCounts found = counted(step.flaws);
    for (std::size_t finding = 0; finding < kPhotoFindings.size(); ++finding) {
      EXPECT_LE(found.total(finding), 1) << step.name << ": " << kPhotoFindings[finding];
    }
    if (kAddressSanitizer) break;  // all of them where the code is optimised
  }
}

TEST(CheckPhoto, FindsStrongFlawsInMostPhotos) {
  struct Floor {
    std::string_view finding;
    fixtures::PhotoFlaws flaws;
    int least;  // of 6
  };
  // Skin that fills the frame hides what its own colour resembles: see photo_quality_figures.
  for (const Floor& floor :
       {Floor{"photo_blurred", {.blur_px = 4, .noise = kSensorNoise}, 5},
        Floor{"under_exposed", {.exposure_stops = -4, .noise = kSensorNoise}, 3},
        Floor{"over_exposed", {.exposure_stops = 3, .noise = kSensorNoise}, 3},
        Floor{"colour_cast", {.light = {1.5, 1, 0.1}, .noise = kSensorNoise}, 5},
        Floor{"colour_cast", {.light = {0.3, 0.8, 2.5}, .noise = kSensorNoise}, 4}}) {
    EXPECT_GE(counted(floor.flaws).total(index_of(floor.finding)), floor.least) << floor.finding;
    if (kAddressSanitizer) break;
  }
}

TEST(CheckPhoto, JudgesTheSizeOfThePhotoAndNotOfItsPreview) {
  const Pixels reduced = fixtures::synthetic_skin_photo(400, 300, 3);
  SkinPhoto photo;
  photo.width = 600;
  photo.height = 800;
  EXPECT_THAT(codes(check_photo(photo, reduced)), testing::IsEmpty());
  photo.width = 599;
  EXPECT_THAT(codes(check_photo(photo, reduced)), testing::ElementsAre("resolution_low"));
  EXPECT_THAT(codes(check_photo(photo, reduced, {.min_shorter_side_px = 300})), testing::IsEmpty());
}

TEST(MeasurePhoto, OddPicturesHaveFiguresToo) {
  EXPECT_EQ(measure_photo({}).detail, 0);
  EXPECT_EQ(measure_photo({1, 1, Bytes(3)}).detail, 0);
  const Pixels flat{200, 200, Bytes(200 * 200 * 3, 128)};
  const PhotoFigures even = measure_photo(flat);
  EXPECT_DOUBLE_EQ(even.detail, 1);
  EXPECT_EQ(even.bright, 128);
  EXPECT_NEAR(even.middle_a, 0, 0.1);
  EXPECT_NEAR(even.highlight_b, 0, 0.1);
  EXPECT_EQ(measure_photo({200, 200, Bytes(200 * 200 * 3, 255)}).clipped, 1);
  Pixels card{200, 200, {}};  // CIE Lab of sRGB (200, 120, 100): L* 58.2, a* 28.6, b* 25.3
  for (int i = 0; i < 200 * 200; ++i) card.rgb.insert(card.rgb.end(), {200, 120, 100});
  EXPECT_NEAR(measure_photo(card).middle_a, 28.6, 1.5);
  EXPECT_NEAR(measure_photo(card).middle_b, 25.3, 1.5);
}

TEST(CheckPhotoSet, KnowsCopiesAndAsksForRoles) {
  const Pixels one = fixtures::synthetic_skin_photo(400, 300, 1);
  const Pixels other = fixtures::synthetic_skin_photo(400, 300, 2);
  const Pixels copy = *decode_jpeg(*preview_jpeg(*encode_jpeg(one, 60), 256), 1024);
  const std::vector<PhotoOfSet> photos = {{PhotoRole::overview, fingerprint(one)},
                                          {PhotoRole::close_up, fingerprint(other)},
                                          {PhotoRole::unstated, fingerprint(copy)}};
  const std::vector<PhotoRole> all = {PhotoRole::overview, PhotoRole::close_up,
                                      PhotoRole::dermoscopy};
  EXPECT_THAT(codes(check_photo_set(photos, all)),
              testing::ElementsAre("photo_duplicate", "dermoscopy_missing"));
  EXPECT_THAT(codes(check_photo_set({}, all)),
              testing::ElementsAre("overview_missing", "close_up_missing", "dermoscopy_missing"));
  EXPECT_THAT(codes(check_photo_set(std::span(photos).first(2), {})), testing::IsEmpty());
  EXPECT_TRUE(same_photo(fingerprint({}), fingerprint({})));
}

}  // namespace telavis::test::photo_quality_test
