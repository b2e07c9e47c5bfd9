// SPDX-License-Identifier: Apache-2.0
// photo_quality_figures [FOLDER...]: sensitivity and specificity of the photo findings on seeded
// sets, by phototype; then what the JPEGs of each folder get.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "formats/jpeg.h"
#include "formats/photo_quality.h"
#include "tests/bench/photo_quality_sets.h"

namespace {

using namespace telavis;

constexpr int kPhotosPerType = 4;
constexpr std::uint64_t kCopiedPhotos = 24;
// The size hardly matters to what is measured; the time does.
constexpr int kWidth = 800;
constexpr int kHeight = 600;

void print_sets() {
  fmt::print("{} photos a phototype, {} x {} px; found of each phototype I..VI\n\n", kPhotosPerType,
             kWidth, kHeight);
  for (const test::FlawStep& step : test::flaw_steps()) {
    const test::FlawCounts found = test::count_flaws(step.flaws, kPhotosPerType, kWidth, kHeight);
    fmt::print("{:35}", step.name);
    for (std::size_t finding = 0; finding < test::kPhotoFindings.size(); ++finding) {
      const bool meant = test::kPhotoFindings[finding] == step.finding;
      if (found.total(finding) == 0 && !meant) continue;
      fmt::print(" {}{} {:.1f} % (", meant ? "" : "ALSO ", test::kPhotoFindings[finding],
                 100.0 * found.total(finding) / (6 * kPhotosPerType));
      for (const auto& of_type : found.counts) fmt::print(" {}", of_type[finding]);
      fmt::print(" )");
    }
    fmt::print("\n");
  }
}

double mean_of_cells(const PhotoFingerprint& a, const PhotoFingerprint& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.luma.size(); ++i) sum += std::abs(a.luma[i] - b.luma[i]);
  return sum / static_cast<double>(a.luma.size());
}

void print_copies() {
  int same = 0;
  int same_found = 0;
  double largest_same = 0;
  int other = 0;
  int other_found = 0;
  double smallest_other = 255;
  for (std::uint64_t seed = 1; seed <= kCopiedPhotos; ++seed) {
    const int phototype = static_cast<int>(seed % 6) + 1;
    const fixtures::SkinScene scene{.phototype = phototype, .ruler = seed % 2 == 0};
    const Pixels photo = fixtures::synthetic_skin_photo(1000, 750, seed, scene);
    const PhotoFingerprint print = fingerprint(photo);
    for (const int quality : {40, 75, 95}) {
      for (const int side : {200, 512, 999}) {
        const auto copy = preview_jpeg(encode_jpeg(photo, quality).value(), side);
        const PhotoFingerprint again = fingerprint(decode_jpeg(copy.value(), 1024).value());
        ++same;
        same_found += same_photo(print, again) ? 1 : 0;
        largest_same = std::max(largest_same, mean_of_cells(print, again));
      }
    }
    // The same place again, the camera moved by 20 of 1,000 px
    Pixels moved{960, 720, {}};
    for (int y = 0; y < 720; ++y) {
      const auto row = photo.rgb.begin() + ((y + 20) * 1000 + 20) * 3;
      moved.rgb.insert(moved.rgb.end(), row, row + 960 * 3);
    }
    const Pixels noisy = fixtures::with_flaws(moved, {.noise = 1.5}, seed);
    const Pixels stranger = fixtures::synthetic_skin_photo(1000, 750, seed + 1000, scene);
    for (const Pixels& picture : {noisy, stranger}) {
      ++other;
      other_found += same_photo(print, fingerprint(picture)) ? 1 : 0;
      smallest_other = std::min(smallest_other, mean_of_cells(print, fingerprint(picture)));
    }
  }
  fmt::print(
      "\nphoto_duplicate: copies found {} of {} (cells differ by {:.2f} on average at most), other "
      "photos "
      "{} of {} (by {:.2f} at least)\n",
      same_found, same, largest_same, other_found, other, smallest_other);
}

void print_folder(const std::filesystem::path& folder) {
  int photos = 0;
  std::map<std::string, int> counts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const Bytes file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto photo = inspect_jpeg(file);
    const auto both = normalise_jpeg_with_preview(file, kPreviewSidePx);
    if (!photo || !both) continue;
    ++photos;
    const PhotoFigures figures = measure_photo(both->reduced);
    std::string codes;
    for (const Finding& finding : check_photo(*photo, both->reduced)) {
      ++counts[finding.code];
      codes += " " + finding.code;
    }
    fmt::print(
        "  {:45} {:4} x {:4} detail {:.2f} bright {:3} clipped {:.2f} middle {:5.1f} {:5.1f} "
        "highlight {:5.1f} {:5.1f}{}\n",
        entry.path().filename().string(), photo->width, photo->height, figures.detail,
        figures.bright, figures.clipped, figures.middle_a, figures.middle_b, figures.highlight_a,
        figures.highlight_b, codes);
  }
  fmt::print("{}: {} photos", folder.string(), photos);
  for (const auto& [code, count] : counts) fmt::print(", {} {}", code, count);
  fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2) {
      print_copies();
      print_sets();
    }
    for (int i = 1; i < argc; ++i) print_folder(argv[i]);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    static_cast<void>(std::fputs(error.what(), stderr));
    return EXIT_FAILURE;
  }
}
