// SPDX-License-Identifier: Apache-2.0
#include "formats/jpeg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "fixtures/synthetic_photo.h"
#include "tests/formats/jpeg_variants.h"
#include "tests/formats/picture_variants.h"
#include "tests/shared_samples.h"

namespace telavis::jpeg_test {

using namespace telavis::test;
using fixtures::PlantedTexts;
using fixtures::stored_for_orientation;
using fixtures::synthetic_skin_photo;
using fixtures::with_private_metadata;

std::vector<std::string> planted(const PlantedTexts& texts = {}) {
  return {texts.description,   texts.maker_note, texts.gps,     texts.xmp,
          texts.extended_xmp,  texts.iptc,       texts.comment, texts.jfxx,
          texts.multi_picture, texts.vendor,     texts.trailer};
}

void expect_nothing_planted(ByteView bytes) {
  for (const std::string& text : planted()) EXPECT_FALSE(contains(bytes, text)) << text;
  EXPECT_FALSE(contains(bytes, "PLANTED"));
}

Bytes with_segment(ByteView jpeg, std::uint8_t code, ByteView body) {
  Bytes file;
  ByteWriter out(file);
  out.bytes(jpeg.first(2));
  out.u8(0xFF);
  out.u8(code);
  out.u16be(static_cast<std::uint16_t>(body.size() + 2));
  out.bytes(body);
  out.bytes(jpeg.subspan(2));
  return file;
}

Bytes small_jpeg(const JpegVariant& variant = {}) {
  return make_jpeg(synthetic_skin_photo(96, 64, 5), variant);
}

/// Where the frame header's marker stands.
std::size_t frame_at(const Bytes& jpeg) {
  for (std::size_t i = 0; i + 1 < jpeg.size(); ++i) {
    if (jpeg[i] == 0xFF && jpeg[i + 1] >= 0xC0 && jpeg[i + 1] <= 0xC2) return i;
  }
  return jpeg.size();
}

// ---- inspect ----

TEST(InspectJpeg, TellsWhatStandsInThePhoto) {
  for (const bool little_endian : {true, false}) {
    const Bytes file = with_private_metadata(small_jpeg({.progressive = true}), 6, little_endian);
    const auto photo = inspect_jpeg(file);
    ASSERT_TRUE(photo) << photo.error().text;
    EXPECT_EQ(photo->format, "JPEG");
    EXPECT_EQ(photo->version, "progressive");
    EXPECT_EQ(photo->width, 64);
    EXPECT_EQ(photo->height, 96);
    EXPECT_EQ(photo->orientation, 6);
    using enum PrivateMetadata;
    EXPECT_THAT(photo->private_metadata, testing::ElementsAre(exif, gps, maker_note, xmp, iptc,
                                                              comment, other_application_segment));
    ASSERT_EQ(photo->findings.size(), 1U);
    EXPECT_EQ(photo->findings[0].code, "trailing_bytes");
  }
}

TEST(InspectJpeg, FindsNothingPrivateInAPlainPicture) {
  const auto photo = inspect_jpeg(small_jpeg());
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->version, "baseline");
  EXPECT_EQ(photo->orientation, 1);
  EXPECT_TRUE(photo->private_metadata.empty());
  EXPECT_TRUE(photo->findings.empty());
}

TEST(InspectJpeg, RefusesWhatIsNoJpeg) {
  EXPECT_EQ(error_of(inspect_jpeg({})), ErrorCode::empty_file);
  EXPECT_EQ(error_of(inspect_jpeg(as_bytes("GIF89a"))), ErrorCode::malformed_file);
  const Bytes only_ends = {0xFF, 0xD8, 0xFF, 0xD9};
  EXPECT_EQ(error_of(inspect_jpeg(only_ends)), ErrorCode::malformed_file);
  EXPECT_TRUE(looks_like_jpeg(only_ends));
  EXPECT_FALSE(looks_like_jpeg(as_bytes("GIF89a")));
}

TEST(InspectJpeg, RefusesAPictureTooLargeBeforeAnyPixel) {
  struct Size {
    int width, height;
    bool accepted;
  };
  for (const Size size : {Size{65500, 65500, false}, Size{20001, 8, false}, Size{8, 20001, false},
                          Size{9000, 9000, false}, Size{9248, 6936, true}}) {
    Bytes file = small_jpeg();
    const std::size_t at = frame_at(file) + 5;
    file[at] = static_cast<std::uint8_t>(size.height >> 8);
    file[at + 1] = static_cast<std::uint8_t>(size.height);
    file[at + 2] = static_cast<std::uint8_t>(size.width >> 8);
    file[at + 3] = static_cast<std::uint8_t>(size.width);
    const auto photo = inspect_jpeg(file);
    EXPECT_EQ(photo.has_value(), size.accepted) << size.width << " x " << size.height;
    if (size.accepted) {
      // The few blocks it holds do not fill what it promises.
      EXPECT_EQ(error_of(normalise_jpeg(file)), ErrorCode::malformed_file);
      EXPECT_EQ(error_of(preview_jpeg(file, 640)), ErrorCode::malformed_file);
      continue;
    }
    EXPECT_EQ(error_of(photo), ErrorCode::limit_exceeded);
    EXPECT_EQ(error_of(normalise_jpeg(file)), ErrorCode::limit_exceeded);
    EXPECT_EQ(error_of(preview_jpeg(file, 640)), ErrorCode::limit_exceeded);
    EXPECT_EQ(error_of(decode_jpeg(file, 640)), ErrorCode::limit_exceeded);
  }
}

TEST(InspectJpeg, RefusesMoreScansOrSegmentsThanAnyEncoderWrites) {
  const Bytes one = small_jpeg({.progressive = true});
  const auto first_scan = as_text(one).find("\xFF\xDA");
  const auto second_scan = as_text(one).find("\xFF\xDA", first_scan + 2);
  ASSERT_NE(second_scan, std::string_view::npos);
  Bytes scans(one.begin(), one.end() - 2);
  for (int i = 0; i < 120; ++i) {
    scans.insert(scans.end(), one.begin() + static_cast<std::ptrdiff_t>(first_scan),
                 one.begin() + static_cast<std::ptrdiff_t>(second_scan));
  }
  scans.insert(scans.end(), {0xFF, 0xD9});
  EXPECT_EQ(error_of(inspect_jpeg(scans)), ErrorCode::limit_exceeded);

  Bytes segments = {0xFF, 0xD8};
  for (int i = 0; i < 20'000; ++i) segments.insert(segments.end(), {0xFF, 0xFE, 0, 2});
  segments.insert(segments.end(), one.begin() + 2, one.end());
  EXPECT_EQ(error_of(inspect_jpeg(segments)), ErrorCode::limit_exceeded);
}

TEST(InspectJpeg, RefusesEncodingsThatNoPhotoUses) {
  const Bytes jpeg = small_jpeg();
  const std::size_t at = frame_at(jpeg);
  for (const int code : {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCF, 0xDE, 0xF7}) {
    Bytes other = jpeg;
    other[at + 1] = static_cast<std::uint8_t>(code);
    const auto expected = code == 0xF7 ? ErrorCode::malformed_file  // a scan without a frame
                                       : ErrorCode::unsupported_encoding;
    EXPECT_EQ(error_of(inspect_jpeg(other)), expected) << code;
  }
  Bytes twelve_bits = jpeg;
  twelve_bits[at + 4] = 12;
  EXPECT_EQ(error_of(inspect_jpeg(twelve_bits)), ErrorCode::unsupported_encoding);
  Bytes height_later = jpeg;
  height_later[at + 5] = height_later[at + 6] = 0;
  EXPECT_EQ(error_of(inspect_jpeg(height_later)), ErrorCode::unsupported_encoding);
  Bytes no_width = jpeg;
  no_width[at + 7] = no_width[at + 8] = 0;
  EXPECT_EQ(error_of(inspect_jpeg(no_width)), ErrorCode::malformed_file);
  Bytes sampling = jpeg;
  sampling[at + 11] = 0x52;
  EXPECT_EQ(error_of(inspect_jpeg(sampling)), ErrorCode::malformed_file);
}

TEST(InspectJpeg, EveryTruncationIsRefusedAndNoneCrashes) {
  for (const bool progressive : {false, true}) {
    const Bytes plain = small_jpeg({.progressive = progressive});
    PlantedTexts no_trailer;
    no_trailer.trailer.clear();
    const Bytes file = with_private_metadata(plain, 6, false, no_trailer);
    for (std::size_t length = 0; length < file.size(); length += length < 1500 ? 1 : 97) {
      const ByteView cut = ByteView(file).first(length);
      const auto photo = inspect_jpeg(cut);
      ASSERT_FALSE(photo) << length;
      if (length > 2) {
        EXPECT_EQ(photo.error().code, ErrorCode::truncated_file) << length;
      }
      EXPECT_FALSE(normalise_jpeg(cut)) << length;
      EXPECT_FALSE(preview_jpeg(cut, 32)) << length;
      EXPECT_FALSE(decode_jpeg(cut, 32)) << length;
    }
  }
}

// ---- EXIF ----

Bytes exif_segment(bool little_endian, const std::vector<std::array<std::uint32_t, 4>>& entries,
                   std::uint32_t first_directory = 8, int claimed = -1) {
  Bytes body;
  ByteWriter out(body);
  const auto u16 = [&](std::uint32_t v) {
    const auto value = static_cast<std::uint16_t>(v);
    little_endian ? out.u16le(value) : out.u16be(value);
  };
  const auto u32 = [&](std::uint32_t v) { little_endian ? out.u32le(v) : out.u32be(v); };
  out.text({"Exif\0\0", 6});
  out.text(little_endian ? "II" : "MM");
  u16(42);
  u32(first_directory);
  u16(claimed < 0 ? static_cast<std::uint32_t>(entries.size())
                  : static_cast<std::uint32_t>(claimed));
  for (const auto& [tag, type, count, value] : entries) {
    u16(tag);
    u16(type);
    u32(count);
    if (type == 3) {
      u16(value);
      u16(0);
    } else {
      u32(value);
    }
  }
  u32(0);
  return body;
}

TEST(InspectJpeg, ReadsOrientationInBothByteOrders) {
  for (const bool little_endian : {true, false}) {
    for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
      for (const std::uint32_t type : {3U, 4U}) {  // SHORT; LONG, as some editors write
        const Bytes file = with_segment(
            small_jpeg(), 0xE1, exif_segment(little_endian, {{0x0112, type, 1, orientation}}));
        EXPECT_EQ(inspect_jpeg(file)->orientation, static_cast<int>(orientation));
      }
    }
  }
}

TEST(InspectJpeg, HostileExifGivesAnUprightPhotoAndARemark) {
  const auto inspect = [](const Bytes& exif) {
    return inspect_jpeg(with_segment(small_jpeg(), 0xE1, exif));
  };
  struct Hostile {
    Bytes exif;
    std::string finding;
  };
  const std::vector<Hostile> cases = {
      {exif_segment(true, {{0x0112, 3, 1, 0}}), "orientation_invalid"},
      {exif_segment(true, {{0x0112, 3, 1, 9}}), "orientation_invalid"},
      {exif_segment(false, {{0x0112, 4, 1, 0xFFFFFFFF}}), "orientation_invalid"},
      {exif_segment(true, {}, 0xFFFFFFFF), "exif_unreadable"},
      {exif_segment(true, {{0x8769, 4, 1, 8}, {0x8825, 4, 1, 8}}, 8, 0xFFFF), ""},  // to itself
      {exif_segment(true, {{0x8769, 4, 1, 0xFFFFFFF0}}), ""},
      {exif_segment(true, {}, 0), "" /* the header read as a directory */},
      {{'E', 'x', 'i', 'f', 0}, "exif_unreadable"},
      {{'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42}, "exif_unreadable"},
      {{'E', 'x', 'i', 'f', 0, 0, 'X', 'X', 42, 0, 8, 0, 0, 0}, "exif_unreadable"}};
  for (const auto& [exif, finding] : cases) {
    const auto photo = inspect(exif);
    ASSERT_TRUE(photo);
    EXPECT_EQ(photo->orientation, 1);
    EXPECT_EQ(photo->private_metadata.front(), PrivateMetadata::exif);
    EXPECT_EQ(photo->findings.empty() ? "" : photo->findings[0].code, finding);
  }
}

TEST(InspectJpeg, FollowsTheFirstOrientationAndOnlyThatOfTheFirstDirectory) {
  const Bytes second = with_segment(small_jpeg(), 0xE1, exif_segment(true, {{0x0112, 3, 1, 3}}));
  const Bytes both = with_segment(second, 0xE1, exif_segment(false, {{0x0112, 3, 1, 6}}));
  EXPECT_EQ(inspect_jpeg(both)->orientation, 6);
  // The Exif directory starts right behind the first one: 8 + 2 + 12 + 4.
  Bytes nested = exif_segment(true, {{0x8769, 4, 1, 26}});
  ByteWriter out(nested);
  out.u16le(1);
  out.u16le(0x0112);
  out.u16le(3);
  out.u32le(1);
  out.u32le(6);
  EXPECT_EQ(inspect_jpeg(with_segment(small_jpeg(), 0xE1, nested))->orientation, 1);
}

// ---- normalise ----

TEST(NormaliseJpeg, OnlyDropsSegmentsWhenThePhotoIsUpright) {
  for (const JpegVariant& variant :
       {JpegVariant{}, JpegVariant{.progressive = true}, JpegVariant{.restart_rows = 1},
        JpegVariant{.inks = Inks::grey, .horizontal = 1, .vertical = 1},
        JpegVariant{.inks = Inks::cmyk_adobe, .horizontal = 1, .vertical = 1},
        JpegVariant{.inks = Inks::rgb_with_adobe_marker, .horizontal = 1, .vertical = 1}}) {
    const Bytes plain = small_jpeg(variant);
    // What is left is byte for byte the picture before anything private was added to it.
    EXPECT_EQ(*normalise_jpeg(with_private_metadata(plain, 1, true)), plain);
    EXPECT_EQ(*normalise_jpeg(plain), plain);
  }
}

struct OrientationCase {
  JpegVariant variant;
  int width, height;
  int tolerance;  // of a transposed picture: the integer DCT and chroma interpolation round by axis
};

std::vector<OrientationCase> orientation_cases() {
  const JpegVariant full{.horizontal = 1, .vertical = 1};
  const JpegVariant grey{.inks = Inks::grey, .horizontal = 1, .vertical = 1};
  const JpegVariant odd_grey{.inks = Inks::grey, .horizontal = 2, .vertical = 2};
  const JpegVariant halved{};
  const JpegVariant wide{.horizontal = 2, .vertical = 1};
  JpegVariant progressive = halved;
  progressive.progressive = true;
  JpegVariant restarts = wide;
  restarts.restart_rows = 1;
  return {{full, 96, 64, 3}, {grey, 72, 104, 1},        {odd_grey, 72, 104, 1}, {halved, 96, 64, 6},
          {wide, 96, 72, 6}, {progressive, 112, 64, 6}, {restarts, 80, 64, 6}};
}

TEST(NormaliseJpeg, TurnsEveryOrientationWithoutLoss) {
  for (const OrientationCase& test : orientation_cases()) {
    const Bytes plain = make_jpeg(synthetic_skin_photo(test.width, test.height, 11), test.variant);
    const Pixels stored = plain_decode(plain);
    for (int orientation = 1; orientation <= 8; ++orientation) {
      SCOPED_TRACE(testing::Message() << test.width << "x" << test.height << " orientation "
                                      << orientation << " progressive " << test.variant.progressive
                                      << " sampling " << test.variant.horizontal);
      const auto upright = normalise_jpeg(with_private_metadata(plain, orientation, false));
      ASSERT_TRUE(upright) << upright.error().text;
      expect_nothing_planted(*upright);
      const auto photo = inspect_jpeg(*upright);
      EXPECT_EQ(photo->orientation, 1);
      EXPECT_TRUE(photo->private_metadata.empty());
      EXPECT_EQ(photo->version, test.variant.progressive ? "progressive" : "baseline");

      // Put back the way it was stored, it is what was decoded before.
      const Pixels again = stored_for_orientation(plain_decode(*upright), orientation);
      const bool mirrored_only = orientation <= 4;
      const bool full_chroma = test.variant.horizontal == 1 || test.variant.inks == Inks::grey;
      EXPECT_LE(largest_difference(again, stored),
                mirrored_only && full_chroma ? 0 : test.tolerance);

      // And no coefficient was lost: turned back by the inverse, the very same pixels come out.
      const int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
      const auto back = normalise_jpeg(with_private_metadata(*upright, inverse, true));
      ASSERT_TRUE(back);
      EXPECT_EQ(largest_difference(plain_decode(*back), stored), 0);
    }
  }
}

TEST(NormaliseJpeg, KeepsPixelsAndTellsTheOrientationWhenEdgesWouldBeLost) {
  const Bytes plain = make_jpeg(synthetic_skin_photo(101, 67, 3), {});
  const Pixels stored = plain_decode(plain);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto file = normalise_jpeg(with_private_metadata(plain, orientation, true));
    ASSERT_TRUE(file);
    expect_nothing_planted(*file);
    const auto photo = inspect_jpeg(*file);
    EXPECT_EQ(photo->width, orientation >= 5 ? 67 : 101);
    EXPECT_EQ(photo->height, orientation >= 5 ? 101 : 67);
    const bool only_transposed = orientation == 5;  // moves no partial block to the other side
    EXPECT_EQ(photo->orientation, only_transposed ? 1 : orientation);
    if (only_transposed) continue;
    EXPECT_EQ(largest_difference(plain_decode(*file), stored), 0);
    for (const Segment& segment : header_segments(*file)) {
      if (segment.code == 0xE1) {
        EXPECT_EQ(segment.body.size(), 32U);
      }
      EXPECT_TRUE(segment.code < 0xE2 || segment.code > 0xEF);
    }
    EXPECT_EQ(*normalise_jpeg(*file), *file);
    // Shown by our own decoder it is upright.
    EXPECT_EQ(
        largest_difference(stored_for_orientation(*decode_jpeg(*file, 4000), orientation), stored),
        0);
  }
}

TEST(NormaliseJpeg, KeepsTheColourProfileWholeAndInOrder) {
  Bytes profile = display_p3_profile();
  profile.resize(100'000, 7);  // what stands behind the tags is part of a profile too
  const std::uint32_t size = static_cast<std::uint32_t>(profile.size());
  for (std::size_t i = 0; i < 4; ++i) profile[i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
  const auto chunk = [&](int number, std::size_t from, std::size_t to, std::string_view behind) {
    Bytes body;
    ByteWriter out(body);
    out.text({"ICC_PROFILE\0", 12});
    out.u8(static_cast<std::uint8_t>(number));
    out.u8(2);
    out.bytes(ByteView(profile).subspan(from, to - from));
    out.text(behind);
    return body;
  };
  // Segments are put in front, so the second chunk stands before the first.
  Bytes file = with_segment(small_jpeg(), 0xE2, chunk(1, 0, 60'000, ""));
  file = with_segment(file, 0xE2, chunk(2, 60'000, 100'000, "PLANTED-BEHIND-PROFILE"));
  for (const int orientation : {1, 6}) {
    const Bytes whole = with_private_metadata(file, orientation, true);
    const auto result = normalise_jpeg(whole);
    ASSERT_TRUE(result);
    expect_nothing_planted(*result);
    Bytes found;
    for (const Segment& segment : header_segments(*result)) {
      if (segment.code == 0xE2)
        found.insert(found.end(), segment.body.begin() + 14, segment.body.end());
    }
    EXPECT_EQ(found, profile);
  }
  // One chunk of two is no profile.
  const Bytes half = with_segment(small_jpeg(), 0xE2, chunk(1, 0, 60'000, ""));
  EXPECT_EQ(inspect_jpeg(half)->findings[0].code, "icc_invalid");
  EXPECT_EQ(*normalise_jpeg(half), small_jpeg());
}

TEST(NormaliseJpeg, DropsTheThumbnailOfJfifAndTurnsTheDensity) {
  Bytes file = small_jpeg({.x_density = 2, .y_density = 3});
  // 1 x 1 px of thumbnail at the end of the first segment, which is JFIF
  ASSERT_EQ(file[3], 0xE0);
  file[5] = 19;
  file[18] = file[19] = 1;
  file.insert(file.begin() + 20, {'P', 'I', 'X'});
  const auto upright = normalise_jpeg(with_private_metadata(file, 6, true));
  ASSERT_TRUE(upright);
  const Bytes expected = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 3, 0, 2, 0, 0};
  EXPECT_EQ(header_segments(*upright)[0].body, expected);
}

TEST(NormaliseJpeg, WritesScansAnewWhenBytesHideInThem) {
  Bytes file = small_jpeg();
  const Pixels before = plain_decode(file);
  const std::string hidden = "PLANTED-INSIDE-THE-SCAN";
  file.insert(file.end() - 2, hidden.begin(), hidden.end());
  const auto clean = normalise_jpeg(file);
  ASSERT_TRUE(clean) << clean.error().text;
  expect_nothing_planted(*clean);
  EXPECT_EQ(largest_difference(plain_decode(*clean), before), 0);
}

TEST(NormaliseJpeg, LeavesOutBytesBetweenSegmentsAndFillBytes) {
  const Bytes plain = small_jpeg();
  Bytes file = plain;
  const std::string stray = "PLANTED-STRAY";
  file.insert(file.begin() + 20, stray.begin(), stray.end());  // behind JFIF
  file.insert(file.begin() + 2, 5, 0xFF);
  file.insert(file.end() - 2, 4, 0xFF);
  EXPECT_EQ(inspect_jpeg(file)->findings[0].code, "stray_bytes");
  EXPECT_EQ(*normalise_jpeg(file), plain);
}

TEST(NormaliseJpeg, RefusesDamagedPictureData) {
  Bytes file = make_jpeg(synthetic_skin_photo(320, 240, 9), {.restart_rows = 2});
  Bytes cut = file;
  cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(cut.size() / 2), cut.end() - 2);
  EXPECT_EQ(error_of(normalise_jpeg(cut)), ErrorCode::malformed_file);
  EXPECT_EQ(error_of(preview_jpeg(cut, 100)), ErrorCode::malformed_file);
  EXPECT_EQ(error_of(normalise_jpeg(with_private_metadata(cut, 3, true))),
            ErrorCode::malformed_file);
}

TEST(NormaliseJpeg, FlippedBitsNeverCrash) {
  for (const bool progressive : {false, true}) {
    const Bytes plain = with_private_metadata(small_jpeg({.progressive = progressive}), 6, true);
    for (std::size_t i = 2; i < plain.size(); i += 5) {
      Bytes file = plain;
      file[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      if (inspect_jpeg(file)) {
        static_cast<void>(normalise_jpeg(file));
        static_cast<void>(preview_jpeg(file, 40));
      }
    }
  }
}

// ---- preview, decode, encode ----

TEST(PreviewJpeg, IsUprightSmallAndFreeOfMetadata) {
  const Pixels upright = synthetic_skin_photo(240, 400, 21);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto stored = encode_jpeg(stored_for_orientation(upright, orientation), 95);
    const auto preview = preview_jpeg(with_private_metadata(*stored, orientation, true), 150);
    ASSERT_TRUE(preview);
    expect_nothing_planted(*preview);
    const Pixels shown = plain_decode(*preview);
    EXPECT_EQ(shown.width, 90);
    EXPECT_EQ(shown.height, 150);
    const Pixels expected = plain_decode(*preview_jpeg(*encode_jpeg(upright, 95), 150));
    EXPECT_LT(mean_difference(shown, expected), 1.5);
  }
}

TEST(PreviewJpeg, AveragesAreasAndNeverEnlarges) {
  // Fine black and white columns become even grey, whatever the ratio.
  Pixels columns{300, 200, {}};
  for (int i = 0; i < 300 * 200; ++i) {
    columns.rgb.insert(columns.rgb.end(), 3, i % 2 == 0 ? 255 : 0);
  }
  const Bytes jpeg = *encode_jpeg(columns, 100);
  const Pixels shown = plain_decode(*preview_jpeg(jpeg, 150));
  EXPECT_EQ(shown.width, 150);
  EXPECT_EQ(shown.height, 100);
  for (const std::uint8_t value : shown.rgb) EXPECT_NEAR(value, 128, 8);
  EXPECT_EQ(plain_decode(*preview_jpeg(jpeg, 5000)).width, 300);
  EXPECT_EQ(plain_decode(*preview_jpeg(jpeg, 0)).width, 1);
}

TEST(PreviewJpeg, ShowsInksAsColours) {
  const Pixels picture = synthetic_skin_photo(96, 64, 8);
  for (const Inks inks : {Inks::cmyk_adobe, Inks::ycck_adobe, Inks::rgb_with_adobe_marker}) {
    const Bytes jpeg = make_jpeg(picture, {.inks = inks, .horizontal = 1, .vertical = 1});
    const auto shown = decode_jpeg(jpeg, 96);
    ASSERT_TRUE(shown) << shown.error().text;
    EXPECT_LT(mean_difference(*shown, picture), 4);
    EXPECT_LT(mean_difference(plain_decode(*preview_jpeg(jpeg, 96)), picture), 5);
  }
}

Bytes with_profile(ByteView jpeg, ByteView icc) {
  Bytes body;
  ByteWriter out(body);
  out.text({"ICC_PROFILE\0\1\1", 14});
  out.bytes(icc);
  return with_segment(jpeg, 0xE2, body);
}

TEST(PreviewJpeg, IsInSrgbWhateverTheProfile) {
  Pixels flat{64, 64, {}};
  for (int i = 0; i < 64 * 64; ++i) flat.rgb.insert(flat.rgb.end(), {200, 120, 100});
  const Bytes file = with_profile(make_jpeg(flat, {.quality = 98}), display_p3_profile());
  for (const Pixels& shown : {plain_decode(*preview_jpeg(file, 32)), *decode_jpeg(file, 64)}) {
    // Display P3 (200, 120, 100) by the matrices of both spaces
    EXPECT_NEAR(shown.rgb[0], 212, 3);
    EXPECT_NEAR(shown.rgb[1], 117, 3);
    EXPECT_NEAR(shown.rgb[2], 95, 3);
  }
  EXPECT_FALSE(contains(*preview_jpeg(file, 32), "ICC_PROFILE"));
  EXPECT_TRUE(contains(*normalise_jpeg(file), "ICC_PROFILE"));
  EXPECT_EQ(plain_decode(*normalise_jpeg(file)).rgb, plain_decode(file).rgb);
}

TEST(PreviewJpeg, ConvertsInksByTheirProfile) {
  // White of RGB becomes no ink at all, black becomes full cyan, magenta and yellow: by this
  // profile cyan is a middle green, and the others nothing.
  Pixels halves{64, 64, {}};
  for (int i = 0; i < 64 * 64; ++i) halves.rgb.insert(halves.rgb.end(), 3, i % 64 < 32 ? 255 : 0);
  for (const Inks inks : {Inks::cmyk_adobe, Inks::ycck_adobe}) {
    const Bytes bare =
        make_jpeg(halves, {.inks = inks, .horizontal = 1, .vertical = 1, .quality = 98});
    const Bytes file = with_profile(bare, ink_profile());
    const auto shown = decode_jpeg(file, 64);
    ASSERT_TRUE(shown) << shown.error().text;
    EXPECT_GT(shown->rgb[0], 250);
    EXPECT_LT(shown->rgb[63 * 3], 60);
    EXPECT_NEAR(shown->rgb[63 * 3 + 1], 140, 15);
    EXPECT_LT(decode_jpeg(bare, 64)->rgb[63 * 3 + 1], 10);  // black, without a profile
    EXPECT_NEAR(plain_decode(*preview_jpeg(file, 32)).rgb[31 * 3 + 1], 140, 20);
  }
  // A profile for other colours than the picture has is none.
  const Bytes wrong = with_profile(small_jpeg(), ink_profile());
  EXPECT_EQ(inspect_jpeg(wrong)->findings[0].code, "icc_invalid");
  EXPECT_EQ(*normalise_jpeg(wrong), small_jpeg());
}

TEST(NormaliseJpeg, GivesThePreviewOfTheSamePassToo) {
  Bytes hidden = small_jpeg();
  const std::string text = "PLANTED-INSIDE-THE-SCAN";
  hidden.insert(hidden.end() - 2, text.begin(), text.end());
  for (const Bytes& file :
       {small_jpeg(), hidden, with_private_metadata(small_jpeg(), 6, true),
        with_private_metadata(make_jpeg(synthetic_skin_photo(101, 67, 3), {}), 3, false)}) {
    const auto both = normalise_jpeg_with_preview(file, 48);
    ASSERT_TRUE(both) << both.error().text;
    EXPECT_EQ(both->upright, *normalise_jpeg(file));
    EXPECT_EQ(both->preview, *preview_jpeg(file, 48));
    expect_nothing_planted(both->upright);
  }
  Bytes cut = small_jpeg();
  cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(cut.size() / 2), cut.end() - 2);
  EXPECT_EQ(error_of(normalise_jpeg_with_preview(cut, 48)), ErrorCode::malformed_file);
}

TEST(StripJpeg, TakesTheSegmentsOffAndLeavesTheScans) {
  const Bytes plain = small_jpeg();
  EXPECT_EQ(*strip_jpeg(with_private_metadata(plain, 1, true)), plain);
  const auto turned = strip_jpeg(with_private_metadata(plain, 6, true));
  ASSERT_TRUE(turned);
  expect_nothing_planted(*turned);
  EXPECT_EQ(inspect_jpeg(*turned)->orientation, 6);
  EXPECT_EQ(error_of(strip_jpeg(as_bytes("GIF89a"))), ErrorCode::malformed_file);
}

TEST(DecodeJpeg, HalvesUntilItFits) {
  const Bytes jpeg = make_jpeg(synthetic_skin_photo(321, 200, 2), {});
  struct Expectation {
    int limit, width, height;
  };
  for (const Expectation e : {Expectation{1000, 321, 200},
                              {321, 321, 200},
                              {320, 161, 100},
                              {161, 161, 100},
                              {100, 81, 50},
                              {41, 41, 25},
                              {5, 41, 25}}) {
    const auto pixels = decode_jpeg(jpeg, e.limit);
    ASSERT_TRUE(pixels);
    EXPECT_EQ(pixels->width, e.width);
    EXPECT_EQ(pixels->height, e.height);
    EXPECT_EQ(pixels->rgb.size(), static_cast<std::size_t>(e.width * e.height * 3));
  }
  EXPECT_EQ(largest_difference(*decode_jpeg(jpeg, 321), plain_decode(jpeg)), 0);
}

TEST(EncodeJpeg, RefusesPixelsThatDoNotAgree) {
  EXPECT_EQ(error_of(encode_jpeg({2, 2, Bytes(11)}, 90)), ErrorCode::limit_exceeded);
  EXPECT_EQ(error_of(encode_jpeg({0, 2, {}}, 90)), ErrorCode::limit_exceeded);
  EXPECT_EQ(error_of(encode_jpeg({70'000, 1, Bytes(210'000)}, 90)), ErrorCode::limit_exceeded);
  const Pixels picture = synthetic_skin_photo(64, 64, 1);
  EXPECT_LT(mean_difference(plain_decode(*encode_jpeg(picture, 98)), picture), 2);
}

TEST(DemoLesion, IsAPortraitWithEverythingToTakeOff) {
  const Bytes file =
      read_file(std::filesystem::path(TELAVIS_SOURCE_DIR) / "fixtures/demo-lesion.jpg");
  EXPECT_LT(file.size(), 400'000U);
  const auto photo = inspect_jpeg(file);
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->orientation, 6);
  EXPECT_EQ(photo->width, 1200);
  EXPECT_EQ(photo->height, 1600);
  EXPECT_EQ(photo->private_metadata.size(), 7U);
  const auto upright = normalise_jpeg(file);
  ASSERT_TRUE(upright);
  expect_nothing_planted(*upright);
  EXPECT_LT(mean_difference(plain_decode(*upright), synthetic_skin_photo(1200, 1600, 2026)), 4);
}

// ---- files that nobody here wrote ----

}  // namespace telavis::jpeg_test
