// SPDX-License-Identifier: Apache-2.0
// Seeded sets of skin photos with one flaw each, and how many of them check_photo calls by its
// name. Shared by photo_quality_figures, which prints them all, and the test that holds a floor.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/synthetic_photo.h"
#include "formats/photo_quality.h"

namespace telavis::test {

struct FlawStep {
  std::string_view finding;
  std::string_view name;
  fixtures::PhotoFlaws flaws;
};

/// Noise of a telephone's sensor after the reduction to 1,024 px.
inline constexpr double kSensorNoise = 1.5;

inline std::vector<FlawStep> flaw_steps() {
  const auto noisy = [](fixtures::PhotoFlaws flaws) {
    flaws.noise = kSensorNoise;
    return flaws;
  };
  return {{"", "none", noisy({})},
          {"", "half a stop darker", noisy({.exposure_stops = -0.5})},
          {"", "a third of a stop lighter", noisy({.exposure_stops = 0.33})},
          {"", "blur 0.7 px", noisy({.blur_px = 0.7})},
          {"", "shade (light x 0.93, 1, 1.08)", noisy({.light = {0.93, 1, 1.08}})},
          {"", "evening (light x 1.1, 1, 0.88)", noisy({.light = {1.1, 1, 0.88}})},
          {"photo_blurred", "blur 2 px", noisy({.blur_px = 2})},
          {"photo_blurred", "blur 3 px", noisy({.blur_px = 3})},
          {"photo_blurred", "blur 4 px", noisy({.blur_px = 4})},
          {"photo_blurred", "blur 6 px", noisy({.blur_px = 6})},
          {"under_exposed", "2 stops darker", noisy({.exposure_stops = -2})},
          {"under_exposed", "3 stops darker", noisy({.exposure_stops = -3})},
          {"under_exposed", "4 stops darker", noisy({.exposure_stops = -4})},
          {"over_exposed", "1 stop lighter", noisy({.exposure_stops = 1})},
          {"over_exposed", "2 stops lighter", noisy({.exposure_stops = 2})},
          {"over_exposed", "3 stops lighter", noisy({.exposure_stops = 3})},
          {"over_exposed", "4 stops lighter", noisy({.exposure_stops = 4})},
          {"colour_cast", "bulb (light x 1.35, 1, 0.35)", noisy({.light = {1.35, 1, 0.35}})},
          {"colour_cast", "sodium (light x 1.5, 1, 0.1)", noisy({.light = {1.5, 1, 0.1}})},
          {"colour_cast", "blue (light x 0.5, 0.9, 1.8)", noisy({.light = {0.5, 0.9, 1.8}})},
          {"colour_cast", "deep blue (light x 0.3, 0.8, 2.5)", noisy({.light = {0.3, 0.8, 2.5}})},
          {"colour_cast", "green (light x 0.6, 1.2, 0.6)", noisy({.light = {0.6, 1.2, 0.6}})}};
}

inline constexpr std::array<std::string_view, 4> kPhotoFindings = {"photo_blurred", "under_exposed",
                                                                   "over_exposed", "colour_cast"};

/// counts[phototype - 1][finding] of `photos` a phototype.
struct FlawCounts {
  int photos = 0;
  std::array<std::array<int, 4>, 6> counts{};
  int total(std::size_t finding) const {
    int sum = 0;
    for (const auto& of_type : counts) sum += of_type[finding];
    return sum;
  }
};

/// Every other photo has no ruler, and then little that is sharp but hairs.
inline FlawCounts count_flaws(const fixtures::PhotoFlaws& flaws, int photos, int width,
                              int height) {
  FlawCounts result;
  result.photos = photos;
  SkinPhoto photo;
  photo.width = 4 * width;
  photo.height = 4 * height;
  for (int phototype = 1; phototype <= 6; ++phototype) {
    for (int i = 0; i < photos; ++i) {
      const auto seed =
          std::uint64_t{100} * static_cast<unsigned>(phototype) + static_cast<unsigned>(i);
      const Pixels pixels = fixtures::with_flaws(
          fixtures::synthetic_skin_photo(
              width, height, seed, {.phototype = phototype, .ruler = (phototype + i) % 2 == 0}),
          flaws, seed);
      for (const Finding& finding : check_photo(photo, pixels)) {
        const auto* const found = std::ranges::find(kPhotoFindings, finding.code);
        if (found == kPhotoFindings.end()) continue;
        ++result.counts[static_cast<std::size_t>(phototype - 1)]
                       [static_cast<std::size_t>(found - kPhotoFindings.begin())];
      }
    }
  }
  return result;
}

}  // namespace telavis::test
