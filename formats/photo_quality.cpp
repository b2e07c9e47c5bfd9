// SPDX-License-Identifier: Apache-2.0
#include "formats/photo_quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

namespace telavis {
namespace {

constexpr int kTile = 32;
constexpr double kFineSigma = 1;
constexpr double kCoarseSigma = 3;
/// Fewer pixels on a side than this hold no detail that could be judged.
constexpr int kMinSideForDetail = 4 * kTile;
/// The tenth of the tiles where most happens, but not fewer than these.
constexpr std::size_t kTileShare = 10;
constexpr std::size_t kMinTiles = 4;
constexpr std::size_t kFlatShare = 20;
/// With more than this share of pixels at a limit the colours left are not those of the light; then
/// only a chroma so many times larger counts.
constexpr double kMaxTouching = 0.2;
constexpr double kDistortedFactor = 1.5;
/// Colours are judged on so many pixels at most; a grid of them is as good as all.
constexpr std::size_t kMaxColourSamples = 40'000;
constexpr std::uint8_t kClippedFrom = 253;
constexpr int kLumaCells = 16;
constexpr int kColourCells = 4;

// ---- detail ----

struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> values;
  const float* row(int y) const {
    return values.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
  float* row(int y) {
    return values.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
};

std::vector<float> kernel_of(double sigma) {
  const int reach = static_cast<int>(std::ceil(3 * sigma));
  std::vector<float> kernel;
  float sum = 0;
  for (int d = -reach; d <= reach; ++d) {
    kernel.push_back(static_cast<float>(std::exp(-d * d / (2 * sigma * sigma))));
    sum += kernel.back();
  }
  for (float& weight : kernel) weight /= sum;
  return kernel;
}

/// Edges repeat the last value.
Plane smoothed(const Plane& from, double sigma) {
  const std::vector<float> kernel = kernel_of(sigma);
  const int reach = static_cast<int>(kernel.size() / 2);
  const auto width = static_cast<std::size_t>(from.width);
  Plane across{from.width, from.height, std::vector<float>(from.values.size())};
  std::vector<float> padded(width + kernel.size());
  for (int y = 0; y < from.height; ++y) {
    const float* row = from.row(y);
    std::fill_n(padded.begin(), reach, row[0]);
    std::copy_n(row, width, padded.begin() + reach);
    std::fill_n(padded.begin() + reach + from.width, reach, row[width - 1]);
    float* out = across.row(y);
    for (std::size_t k = 0; k < kernel.size(); ++k) {
      for (std::size_t x = 0; x < width; ++x) out[x] += kernel[k] * padded[x + k];
    }
  }
  Plane both{from.width, from.height, std::vector<float>(from.values.size())};
  for (int y = 0; y < from.height; ++y) {
    float* out = both.row(y);
    for (std::size_t k = 0; k < kernel.size(); ++k) {
      const float* row =
          across.row(std::clamp(y + static_cast<int>(k) - reach, 0, from.height - 1));
      for (std::size_t x = 0; x < width; ++x) out[x] += kernel[k] * row[x];
    }
  }
  return both;
}

double gradient_energy(const Plane& plane, int left, int top) {
  double energy = 0;
  for (int y = top + 1; y < top + kTile - 1; ++y) {
    const float* above = plane.row(y - 1);
    const float* row = plane.row(y);
    const float* below = plane.row(y + 1);
    for (int x = left + 1; x < left + kTile - 1; ++x) {
      const double across = static_cast<double>(row[x + 1]) - row[x - 1];
      const double down = static_cast<double>(below[x]) - above[x];
      energy += across * across + down * down;
    }
  }
  return energy;
}

double detail_of(const Plane& luma) {
  if (std::min(luma.width, luma.height) < kMinSideForDetail) return 0;
  const Plane fine = smoothed(luma, kFineSigma);
  const Plane coarse = smoothed(luma, kCoarseSigma);
  struct Tile {
    double fine, coarse;
  };
  std::vector<Tile> tiles;
  for (int y = 0; y + kTile <= luma.height; y += kTile) {
    for (int x = 0; x + kTile <= luma.width; x += kTile) {
      tiles.push_back({gradient_energy(fine, x, y), gradient_energy(coarse, x, y)});
    }
  }
  const auto floor_of = [&](double Tile::*energy) {
    std::ranges::sort(tiles, {}, energy);
    return tiles[tiles.size() / kFlatShare].*energy;
  };
  const double fine_floor = floor_of(&Tile::fine);
  const double coarse_floor = floor_of(&Tile::coarse);  // sorted by coarse energy from here on
  const std::size_t chosen = std::min(tiles.size(), std::max(kMinTiles, tiles.size() / kTileShare));
  std::vector<double> ratios;
  for (const Tile& tile : std::span(tiles).last(chosen)) {
    // A tile without any gradient has no detail, whatever the rounding says.
    const double coarse_energy = tile.coarse - coarse_floor;
    const double fine_energy = std::max(0.0, tile.fine - fine_floor);
    ratios.push_back(coarse_energy > 1e-6 ? std::sqrt(fine_energy / coarse_energy) : 1);
  }
  std::ranges::sort(ratios);
  return ratios[ratios.size() * 3 / 4];
}

// ---- light and colours ----

double to_light(int value) {
  const double encoded = value / 255.0;
  return encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
}

struct AB {
  double a, b;
};

/// CIE 1976 a* and b* of an sRGB colour, white point D65.
AB lab_of(const std::uint8_t* rgb, const std::array<double, 256>& light) {
  const double r = light[rgb[0]];
  const double g = light[rgb[1]];
  const double b = light[rgb[2]];
  const auto root = [](double t) {
    return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  };
  const double x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const double y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const double z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0890);
  return {500 * (x - y), 200 * (y - z)};
}

double median(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

int luma_of(const std::uint8_t* rgb) {
  return (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000;
}

void measure_light(const Pixels& pixels, PhotoFigures& figures) {
  std::array<std::size_t, 256> histogram{};
  std::size_t clipped = 0;
  std::size_t touching = 0;
  const std::size_t count = pixels.rgb.size() / 3;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* rgb = pixels.rgb.data() + 3 * i;
    ++histogram[static_cast<std::size_t>(luma_of(rgb))];
    const int at_limit =
        (rgb[0] >= kClippedFrom) + (rgb[1] >= kClippedFrom) + (rgb[2] >= kClippedFrom);
    if (at_limit >= 2) ++clipped;
    if (at_limit >= 1) ++touching;
  }
  figures.touching = static_cast<double>(touching) / static_cast<double>(count);
  figures.clipped = static_cast<double>(clipped) / static_cast<double>(count);
  std::size_t below = 0;
  for (std::size_t luma = 0; luma < histogram.size() && below * 20 < count * 17; ++luma) {
    below += histogram[luma];
    figures.bright = static_cast<int>(luma);
  }
}

void measure_colours(const Pixels& pixels, PhotoFigures& figures) {
  constexpr int kBlack = 25;
  constexpr int kWhite = 250;
  std::array<double, 256> light{};
  for (int value = 0; value < 256; ++value)
    light[static_cast<std::size_t>(value)] = to_light(value);
  struct Sample {
    int luma;
    AB colour;
  };
  std::vector<Sample> samples;
  const std::size_t count = pixels.rgb.size() / 3;
  const std::size_t step = count / kMaxColourSamples + 1;
  for (std::size_t i = 0; i < count; i += step) {
    const std::uint8_t* rgb = pixels.rgb.data() + 3 * i;
    if (*std::max_element(rgb, rgb + 3) >= kWhite || luma_of(rgb) <= kBlack) continue;
    samples.push_back({luma_of(rgb), lab_of(rgb, light)});
  }
  const auto medians = [](std::span<const Sample> some) {
    std::vector<double> a;
    std::vector<double> b;
    for (const Sample& sample : some) {
      a.push_back(sample.colour.a);
      b.push_back(sample.colour.b);
    }
    return AB{median(a), median(b)};
  };
  const AB middle = medians(samples);
  std::ranges::sort(samples, std::greater{}, &Sample::luma);
  const AB highlight = medians(std::span(samples).first((samples.size() + 19) / 20));
  figures.middle_a = middle.a;
  figures.middle_b = middle.b;
  figures.highlight_a = highlight.a;
  figures.highlight_b = highlight.b;
}

/// Skin of every phototype, blood, pigment and warm light lie between red and yellow.
bool foreign(double a, double b, double chroma_from) {
  constexpr double kFirstDegree = -10;  // a little beyond red, towards purple
  constexpr double kLastDegree = 105;   // a little beyond yellow, towards green
  constexpr double kDegrees = 57.29577951308232;
  if (std::hypot(a, b) <= chroma_from) return false;
  const double hue = std::atan2(b, a) * kDegrees;
  return hue < kFirstDegree || hue > kLastDegree;
}

bool has_cast(const PhotoFigures& figures, const PhotoQualityLimits& limits) {
  const bool distorted = figures.touching > kMaxTouching;
  const double most = limits.max_highlight_chroma * (distorted ? kDistortedFactor : 1);
  if (std::hypot(figures.highlight_a, figures.highlight_b) > most) return true;
  if (distorted) return false;
  // A green drape beside a white one is no cast: the light has to show in both.
  return foreign(figures.highlight_a, figures.highlight_b, limits.max_foreign_chroma) &&
         foreign(figures.middle_a, figures.middle_b, limits.max_foreign_chroma / 2);
}

/// Means of a grid of cells over the whole picture, RGB.
std::vector<std::array<double, 3>> cell_means(const Pixels& pixels, int columns, int rows) {
  std::vector<std::array<double, 3>> means;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const int x0 = pixels.width * column / columns;
      const int y0 = pixels.height * row / rows;
      const int x1 = std::max(x0 + 1, pixels.width * (column + 1) / columns);
      const int y1 = std::max(y0 + 1, pixels.height * (row + 1) / rows);
      std::array<double, 3> sum{};
      for (int y = y0; y < y1; ++y) {
        const std::uint8_t* rgb =
            pixels.rgb.data() + (std::int64_t{y} * pixels.width + x0) * std::int64_t{3};
        for (int x = x0; x < x1; ++x, rgb += 3) {
          for (std::size_t c = 0; c < 3; ++c) sum[c] += rgb[c];
        }
      }
      for (double& value : sum) value /= double{1} * (x1 - x0) * (y1 - y0);
      means.push_back(sum);
    }
  }
  return means;
}

}  // namespace

PhotoFigures measure_photo(const Pixels& reduced) {
  PhotoFigures figures;
  if (reduced.rgb.empty()) return figures;
  Plane luma{reduced.width, reduced.height, {}};
  luma.values.reserve(reduced.rgb.size() / 3);
  for (std::size_t i = 0; i + 2 < reduced.rgb.size(); i += 3) {
    luma.values.push_back(static_cast<float>(0.299 * reduced.rgb[i] + 0.587 * reduced.rgb[i + 1] +
                                             0.114 * reduced.rgb[i + 2]));
  }
  figures.detail = detail_of(luma);
  measure_light(reduced, figures);
  measure_colours(reduced, figures);
  return figures;
}

std::vector<Finding> check_photo(const SkinPhoto& photo, const Pixels& reduced,
                                 const PhotoQualityLimits& limits) {
  std::vector<Finding> findings;
  const auto warn = [&](std::string code, std::string text) {
    findings.push_back({std::move(code), Severity::warning, std::move(text)});
  };
  if (std::max(photo.width, photo.height) < limits.min_longer_side_px ||
      std::min(photo.width, photo.height) < limits.min_shorter_side_px) {
    warn("resolution_low",
         fmt::format("the photo has {} x {} pixels, less than {} x {}: send the file of the camera "
                     "itself, not a copy made smaller by a messenger",
                     photo.width, photo.height, limits.min_longer_side_px,
                     limits.min_shorter_side_px));
  }
  const PhotoFigures figures = measure_photo(reduced);
  if (figures.detail > 0 && figures.detail < limits.min_detail) {
    warn("photo_blurred",
         "the photo is blurred: hold the camera still, a little farther away, touch the lesion on "
         "the screen to focus, and take it again");
  }
  if (!reduced.rgb.empty() && figures.bright < limits.min_bright) {
    warn("under_exposed", "the photo is too dark: take it again by daylight or with the flash");
  }
  if (figures.clipped > limits.max_clipped) {
    warn("over_exposed",
         fmt::format("{:.0f} % of the photo is lost in white: take it again without flash or with "
                     "less light",
                     100 * figures.clipped));
  }
  if (has_cast(figures, limits)) {
    warn("colour_cast",
         "the light gives the photo a colour of its own: take it again by daylight, away from "
         "coloured lamps and walls");
  }
  return findings;
}

PhotoFingerprint fingerprint(const Pixels& pixels) {
  PhotoFingerprint print;
  if (pixels.rgb.empty()) return print;
  std::size_t at = 0;
  for (const auto& mean : cell_means(pixels, kLumaCells, kLumaCells)) {
    const double luma = 0.299 * mean[0] + 0.587 * mean[1] + 0.114 * mean[2];
    print.luma[at++] = static_cast<std::uint8_t>(std::lround(luma));
  }
  at = 0;
  for (const auto& mean : cell_means(pixels, kColourCells, kColourCells)) {
    for (const double value : mean)
      print.colours[at++] = static_cast<std::uint8_t>(std::lround(value));
  }
  return print;
}

bool same_photo(const PhotoFingerprint& a, const PhotoFingerprint& b) {
  int sum = 0;
  for (std::size_t i = 0; i < a.luma.size(); ++i) sum += std::abs(a.luma[i] - b.luma[i]);
  if (sum > kSamePhotoMaxLuma * static_cast<double>(a.luma.size())) return false;
  return std::ranges::equal(a.colours, b.colours, [](int one, int other) {
    return std::abs(one - other) <= kSamePhotoMaxColour;
  });
}

std::vector<Finding> check_photo_set(std::span<const PhotoOfSet> photos,
                                     std::span<const PhotoRole> required) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (!same_photo(photos[i].fingerprint, photos[earlier].fingerprint)) continue;
      findings.push_back(
          {"photo_duplicate", Severity::warning,
           fmt::format("photos {} and {} are the same: check whether another one was "
                       "meant",
                       earlier + 1, i + 1)});
      break;
    }
  }
  const auto ask_for = [&](PhotoRole role, std::string code, std::string text) {
    const bool asked = std::ranges::find(required, role) != required.end();
    const bool there = std::ranges::find(photos, role, &PhotoOfSet::role) != photos.end();
    if (asked && !there) {
      findings.push_back({std::move(code), Severity::warning, std::move(text)});
    }
  };
  ask_for(PhotoRole::overview, "overview_missing",
          "no photo shows where on the body the lesion is: add one from about a metre away");
  ask_for(PhotoRole::close_up, "close_up_missing",
          "no photo shows the lesion from near: add one from about 20 cm, sharp, with a ruler");
  ask_for(PhotoRole::dermoscopy, "dermoscopy_missing",
          "no photo was taken through a dermoscope: add one if you have the instrument");
  return findings;
}

}  // namespace telavis
