// SPDX-License-Identifier: Apache-2.0
// The JPEG codec on real photos beside the checkout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "fixtures/synthetic_photo.h"
#include "formats/jpeg.h"
#include "tests/formats/jpeg_variants.h"
#include "tests/formats/picture_variants.h"
#include "tests/shared_samples.h"

namespace telavis::jpeg_shared_test {

using namespace telavis::test;
using fixtures::stored_for_orientation;
using fixtures::synthetic_skin_photo;
using fixtures::with_private_metadata;

Bytes small_jpeg(const JpegVariant& variant = {}) {
  return make_jpeg(synthetic_skin_photo(96, 64, 5), variant);
}

std::vector<std::filesystem::path> shared_photos() {
  std::vector<std::filesystem::path> paths;
  for (const char* folder : {"samples/jpeg", "samples/dermoscopy"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(shared_folder() / folder)) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(SharedPhotos, NormalisedShowsTheSamePicture) {
  TELAVIS_NEED_SHARED("samples/jpeg");
  int normalised_photos = 0;
  for (const auto& path : shared_photos()) {
    SCOPED_TRACE(path.filename().string());
    const Bytes file = read_file(path);
    const auto photo = inspect_jpeg(file);
    const auto normalised = normalise_jpeg(file);
    const auto preview = preview_jpeg(file, 256);
    if (!photo) {
      EXPECT_EQ(error_of(normalised), photo.error().code);
      EXPECT_EQ(error_of(preview), photo.error().code);
      continue;
    }
    if (!normalised) continue;
    ++normalised_photos;
    ASSERT_TRUE(preview) << preview.error().text;
    const auto after = inspect_jpeg(*normalised);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->width, photo->width);
    EXPECT_EQ(after->height, photo->height);
    EXPECT_TRUE(after->private_metadata.empty() ||
                (after->orientation != 1 && after->private_metadata.size() == 1));
    const Pixels shown = plain_decode(*normalised);
    const int turned = after->orientation == 1 ? photo->orientation : 1;
    const Pixels again = stored_for_orientation(shown, turned);
    const Pixels stored = plain_decode(file);
    if (turned == 1) {
      EXPECT_EQ(largest_difference(again, stored), 0);
    } else {
      EXPECT_LT(mean_difference(again, stored), 0.5);
      EXPECT_LE(largest_difference(again, stored), 12);
    }
    const Pixels small = plain_decode(*preview);
    EXPECT_LE(std::max(small.width, small.height), 256);
  }
  EXPECT_GE(normalised_photos, 60);
}

TEST(SharedPhotos, TheSameSceneInEveryOrientationComesOutUpright) {
  TELAVIS_NEED_SHARED("samples/jpeg/exif-samples/orientation_landscape_1.jpg");
  const auto folder = shared_folder() / "samples/jpeg/exif-samples";
  const auto upright = decode_jpeg(read_file(folder / "orientation_landscape_1.jpg"), 100);
  for (const char* name : {"orientation_landscape_3.jpg", "orientation_landscape_5.jpg",
                           "orientation_landscape_7.jpg", "orientation_landscape_8.jpg"}) {
    const auto normalised = normalise_jpeg(read_file(folder / name));
    ASSERT_TRUE(normalised) << name;
    const auto pixels = decode_jpeg(*normalised, 100);
    ASSERT_EQ(pixels->width, upright->width) << name;
    ASSERT_EQ(pixels->height, upright->height) << name;
    // The number in the middle differs; any other way up differs far more.
    for (const int other : {2, 3, 4}) {
      EXPECT_LT(mean_difference(*pixels, *upright),
                0.5 * mean_difference(*pixels, stored_for_orientation(*upright, other)))
          << name;
    }
  }
}

/// What exiftool sees in a file or folder beyond the picture itself and what we mean to keep.
std::vector<std::string> private_tags(const std::filesystem::path& path) {
  const std::string output = output_of(
      "exiftool -G0:1 -a -s -q -e -ee -u -f -all --System:all --ExifTool:all --JFIF:all "
      "--ICC_Profile:all --APP14:Adobe:all --EXIF:IFD0:Orientation --EXIF:ExifByteOrder " +
      path.string());
  std::vector<std::string> tags;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    at = end + 1;
    const bool of_the_picture = line.starts_with("[File]") && !line.starts_with("[File] Comment") &&
                                line.find("Digest") == std::string::npos;
    if (line.starts_with("[") && !of_the_picture) tags.push_back(line);
  }
  return tags;
}

TEST(SharedPhotos, ExifToolFindsNothingPrivateAfterwards) {
  TELAVIS_NEED_SHARED("samples/jpeg");
  if (!installed("exiftool")) GTEST_SKIP() << "skipped: exiftool is not installed";
  const std::filesystem::path folder = testing::TempDir() + "telavis_exiftool";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const Bytes& bytes) {
    std::ofstream(folder / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  };
  const Bytes planted_photo = with_private_metadata(small_jpeg(), 7, false);
  write("planted.jpg", planted_photo);
  EXPECT_GE(private_tags(folder).size(), 6U) << "exiftool must see what was planted";
  write("planted.jpg", *normalise_jpeg(planted_photo));
  int count = 1;
  for (const auto& path : shared_photos()) {
    const auto normalised = normalise_jpeg(read_file(path));
    if (!normalised) continue;
    write(path.filename().string(), *normalised);
    const auto preview = preview_jpeg(*normalised, 200);
    ASSERT_TRUE(preview) << path;
    write("preview_" + path.filename().string(), *preview);
    count += 2;
  }
  EXPECT_GT(count, 100);
  EXPECT_THAT(private_tags(folder), testing::IsEmpty());
  std::filesystem::remove_all(folder);
}

}  // namespace telavis::jpeg_shared_test
