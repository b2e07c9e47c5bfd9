// SPDX-License-Identifier: Apache-2.0
// Pictures in DICOM objects: written byte by byte, or compressed by DCMTK's own encoders.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcxfer.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpeg/djrploss.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "fixtures/synthetic_photo.h"
#include "formats/dicom.h"
#include "formats/jpeg.h"
#include "formats/jpeg_markers.h"
#include "formats/srgb_profile.h"
#include "tests/formats/dicom_objects.h"
#include "tests/formats/dicom_recoded.h"
#include "tests/formats/jpeg_variants.h"

namespace telavis::dicom_picture_test {

using namespace telavis::test;

template <typename T>
ErrorCode error_of(const Result<T>& result) {
  return result ? ErrorCode::internal : result.error().code;
}

struct Shown {
  SkinPhoto photo;
  Bytes jpeg;
  Pixels pixels;
};

Shown show(const Bytes& file) {
  auto exam = decode_dicom(file);
  EXPECT_TRUE(exam) << exam.error().text;
  if (!exam) return {};
  Shown shown{std::get<SkinPhoto>(exam->exam), exam->document, plain_decode(exam->document)};
  EXPECT_EQ(shown.pixels.width, shown.photo.width);
  EXPECT_EQ(shown.pixels.height, shown.photo.height);
  EXPECT_TRUE(inspect_jpeg(shown.jpeg)->private_metadata.empty());
  return shown;
}

double difference(const Pixels& shown, const Pixels& expected) {
  EXPECT_EQ(shown.rgb.size(), expected.rgb.size());
  if (shown.rgb.size() != expected.rgb.size()) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < shown.rgb.size(); ++i) {
    sum += std::abs(shown.rgb[i] - expected.rgb[i]);
  }
  return sum / static_cast<double>(shown.rgb.size());
}

constexpr double kOfQuality95 = 2;

Pixels skin() {
  return fixtures::synthetic_skin_photo(48, 32, 3);
}

ObjectBuilder rgb_object(const Pixels& pixels, ObjectEncoding encoding = {}) {
  return picture_object(
      pixels.width, pixels.height, 3, "RGB", 8,
      [&](ObjectBuilder& object) {
        Bytes bytes = pixels.rgb;
        if (encoding.big_endian) {  // OW: two samples to a word, the first one low
          for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
        }
        object.raw(0x7FE00010, "OW", bytes);
      },
      encoding);
}

TEST(DicomPicture, UncompressedColoursInEveryEncoding) {
  for (const ObjectEncoding encoding : {ObjectEncoding{}, ObjectEncoding{.explicit_vr = false},
                                        ObjectEncoding{.big_endian = true}}) {
    const Shown shown = show(rgb_object(skin(), encoding).file(kSecondaryCaptureClass));
    EXPECT_LT(difference(shown.pixels, skin()), kOfQuality95);
    EXPECT_EQ(shown.photo.format, "DICOM");
    EXPECT_EQ(shown.photo.version, "Secondary Capture Image");
    EXPECT_EQ(shown.photo.patient.family_name, "DUPONT");
    EXPECT_EQ(shown.photo.role, PhotoRole::unstated);
    EXPECT_THAT(shown.photo.findings, testing::IsEmpty());
  }
}

std::array<double, 3> ybr_of(const std::uint8_t* rgb) {  // ITU-R BT.601, full range
  const double r = rgb[0];
  const double g = rgb[1];
  const double b = rgb[2];
  return {0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.168736 * r - 0.331264 * g + 0.5 * b,
          128 + 0.5 * r - 0.418688 * g - 0.081312 * b};
}

TEST(DicomPicture, OtherColourSpacesAndLayouts) {
  const Pixels photo = skin();
  const std::size_t count = photo.rgb.size() / 3;
  Bytes ybr;
  Bytes planes(photo.rgb.size());
  Bytes words;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      ybr.push_back(static_cast<std::uint8_t>(
          std::clamp(std::lround(ybr_of(&photo.rgb[3 * i])[c]), 0L, 255L)));
      planes[c * count + i] = photo.rgb[3 * i + c];
      words.push_back(photo.rgb[3 * i + c]);  // 16 bits: v * 257
      words.push_back(photo.rgb[3 * i + c]);
    }
  }
  Bytes halved;
  for (std::size_t i = 0; i + 1 < count; i += 2) {
    for (const std::size_t at : {3 * i, 3 * i + 3, 3 * i + 1, 3 * i + 2}) halved.push_back(ybr[at]);
  }
  const auto with = [&](std::string_view photometric, int bits, const Bytes& bytes) {
    return picture_object(photo.width, photo.height, 3, photometric, bits,
                          [&](ObjectBuilder& object) { object.raw(0x7FE00010, "OW", bytes); })
        .file(kSecondaryCaptureClass);
  };
  EXPECT_LT(difference(show(with("YBR_FULL", 8, ybr)).pixels, photo), kOfQuality95 + 0.5);
  EXPECT_LT(difference(show(with("YBR_FULL_422", 8, halved)).pixels, photo), kOfQuality95 + 2);
  EXPECT_LT(difference(show(with("RGB", 16, words)).pixels, photo), kOfQuality95);
  Bytes planar = with("RGB", 8, planes);
  const Bytes tag = {0x28, 0, 6, 0, 'U', 'S', 2, 0, 0};
  const auto at = std::search(planar.begin(), planar.end(), tag.begin(), tag.end());
  ASSERT_NE(at, planar.end());
  at[8] = 1;
  EXPECT_LT(difference(show(planar).pixels, photo), kOfQuality95);
  EXPECT_EQ(error_of(decode_dicom(with("CMYK", 8, ybr))), ErrorCode::unsupported_encoding);
  EXPECT_EQ(error_of(decode_dicom(with("RGB", 16, ybr))), ErrorCode::malformed_file);  // short
}

TEST(DicomPicture, GreyLevelsAreWindowed) {
  constexpr int kSide = 16;
  const auto grey = [&](std::string_view photometric, int bits, auto value, const char* centre,
                        const char* width) {
    const Bytes file =
        picture_object(kSide, kSide, 1, photometric, bits, [&](ObjectBuilder& object) {
          if (centre != nullptr) {
            object.text(0x00281050, "DS", centre).text(0x00281051, "DS", width);
          }
          Bytes bytes;
          for (int i = 0; i < kSide * kSide; ++i) {
            const auto sample = static_cast<std::uint32_t>(value(i));
            bits == 8 ? bytes.push_back(static_cast<std::uint8_t>(sample))
                      : object.put16(bytes, sample);
          }
          object.raw(0x7FE00010, "OW", bytes);
        }).file(kSecondaryCaptureClass);
    return show(file).pixels.rgb;
  };
  const auto same = [](int i) { return i; };
  for (std::size_t i = 0; i < 256; i += 5) {
    const auto level = static_cast<int>(i);
    EXPECT_NEAR(grey("MONOCHROME2", 8, same, nullptr, nullptr)[3 * i], level, 3);
    EXPECT_NEAR(grey("MONOCHROME1", 8, same, nullptr, nullptr)[3 * i], 255 - level, 3);
    EXPECT_NEAR(grey("MONOCHROME2", 8, same, "64", "128")[3 * i], std::min(255, 2 * level), 5);
    // Without a window the range that is used: 1000 to 1000 + 255 * 8.
    EXPECT_NEAR(grey(
                    "MONOCHROME2", 16, [](int v) { return 1000 + 8 * v; }, nullptr, nullptr)[3 * i],
                level, 3);
  }
}

TEST(DicomPicture, PalettesOfEightAndSixteenBits) {
  const auto object = [](int bits, bool packed) {
    return picture_object(2, 2, 1, "PALETTE COLOR", 8,
                          [&](ObjectBuilder& at) {
                            for (std::uint32_t colour = 0; colour < 3; ++colour) {
                              Bytes descriptor;
                              at.put16(descriptor, 4);
                              at.put16(descriptor, 10);  // the first value that is mapped
                              at.put16(descriptor, static_cast<std::uint32_t>(bits));
                              at.raw(0x00281101 + colour, "US", descriptor);
                            }
                            for (std::uint32_t colour = 0; colour < 3; ++colour) {
                              Bytes table;
                              for (std::uint32_t entry = 0; entry < 4; ++entry) {
                                const std::uint32_t value = 40 + 60 * entry + 10 * colour;
                                if (packed) {
                                  table.push_back(static_cast<std::uint8_t>(value));
                                } else {
                                  at.put16(table, bits == 16 ? value * 257 : value);
                                }
                              }
                              at.raw(0x00281201 + colour, "OW", table);
                            }
                            at.raw(0x7FE00010, "OW", {11, 11, 11, 11});
                          })
        .file(kSecondaryCaptureClass);
  };
  for (const Bytes& file : {object(16, false), object(8, false), object(8, true)}) {
    const Pixels pixels = show(file).pixels;
    EXPECT_NEAR(pixels.rgb[0], 100, 3);
    EXPECT_NEAR(pixels.rgb[1], 110, 3);
    EXPECT_NEAR(pixels.rgb[2], 120, 3);
  }
}

TEST(DicomPicture, EveryCompressionThatTheLibraryReads) {
  const Pixels photo = skin();
  const Bytes plain = rgb_object(photo).file(kSecondaryCaptureClass);
  const DJ_RPLossless lossless;
  const DJ_RPLossy lossy(95);
  const std::vector<std::pair<E_TransferSyntax, const DcmRepresentationParameter*>> syntaxes = {
      {EXS_LittleEndianImplicit, nullptr},
      {EXS_BigEndianExplicit, nullptr},
      {EXS_DeflatedLittleEndianExplicit, nullptr},
      {EXS_RLELossless, nullptr},
      {EXS_JPEGProcess14, &lossless},
      {EXS_JPEGProcess14SV1, &lossless},
      {EXS_JPEGLSLossless, nullptr},
      {EXS_JPEGProcess1, &lossy},
      {EXS_JPEGProcess2_4, &lossy},
      {EXS_JPEGProcess10_12, &lossy}};
  for (const auto& [syntax, parameter] : syntaxes) {
    const Shown shown = show(recoded(plain, syntax, parameter));
    // DCMTK halves chroma in its lossy JPEG.
    EXPECT_LT(difference(shown.pixels, photo), parameter == &lossy ? 6 : kOfQuality95)
        << DcmXfer(syntax).getXferName();
    EXPECT_THAT(shown.photo.findings, testing::IsEmpty()) << DcmXfer(syntax).getXferName();
  }
}

TEST(DicomPicture, TwelveBitsAreReadByTheLibrary) {
  const auto twelve = [](std::uint32_t bits_stored) {
    ObjectBuilder object;
    object.text(0x00080016, "UI", kSecondaryCaptureClass).u16(0x00280002, 1);
    object.text(0x00280004, "CS", "MONOCHROME2").u16(0x00280010, 16).u16(0x00280011, 16);
    object.u16(0x00280100, 16).u16(0x00280101, bits_stored).u16(0x00280102, bits_stored - 1);
    object.u16(0x00280103, 0);
    Bytes bytes;
    for (std::uint32_t i = 0; i < 256; ++i) object.put16(bytes, i * 16);
    object.raw(0x7FE00010, "OW", bytes);
    return object.file(kSecondaryCaptureClass);
  };
  const DJ_RPLossless lossless;
  const DJ_RPLossy lossy(100);
  for (const Bytes& file :
       {twelve(12), recoded(twelve(12), EXS_JPEGProcess14SV1, &lossless),
        recoded(twelve(12), EXS_JPEGLSLossless), recoded(twelve(12), EXS_RLELossless),
        recoded(twelve(12), EXS_JPEGProcess2_4, &lossy)}) {
    const Pixels pixels = show(file).pixels;
    for (std::size_t i = 0; i < 256; ++i) EXPECT_NEAR(pixels.rgb[3 * i], static_cast<double>(i), 5);
  }
}

ObjectBuilder jpeg_object(const std::vector<Bytes>& fragments, const Pixels& size,
                          std::string_view photometric = "YBR_FULL_422", const Bytes& table = {},
                          std::string_view frames = "") {
  return picture_object(size.width, size.height, photometric.starts_with("MONO") ? 1 : 3,
                        photometric, 8, [&](ObjectBuilder& object) {
                          if (!frames.empty()) object.text(0x00280008, "IS", frames);
                          object.fragments(fragments, table);
                        });
}

constexpr std::string_view kBaseline = "1.2.840.10008.1.2.4.50";

Bytes baseline_file(const ObjectBuilder& object) {
  return object.file(kBaseline, kSecondaryCaptureClass);
}

TEST(DicomPicture, APrivateJpegComesOutClean) {
  const Pixels photo = skin();
  const Bytes jpeg = make_jpeg(photo, {});
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes dressed = fixtures::with_private_metadata(jpeg, orientation, true);
    const Shown shown = show(baseline_file(jpeg_object({dressed}, photo)));
    EXPECT_EQ(shown.photo.orientation, orientation);
    EXPECT_THAT(shown.photo.private_metadata, testing::Contains(PrivateMetadata::gps));
    EXPECT_FALSE(contains(shown.jpeg, "PLANTED"));
    EXPECT_EQ(shown.jpeg, *normalise_jpeg(dressed));
    EXPECT_EQ(shown.photo.width, orientation < 5 ? 48 : 32);
  }
}

TEST(DicomPicture, FragmentsAndFramesAreFound) {
  const Pixels photo = skin();
  const Bytes jpeg = make_jpeg(photo, {});
  Bytes first(jpeg.begin(), jpeg.begin() + 500);
  Bytes rest(jpeg.begin() + 500, jpeg.end());
  const Bytes other = make_jpeg(fixtures::synthetic_skin_photo(48, 32, 9), {});
  const Bytes expected = *normalise_jpeg(jpeg);
  EXPECT_EQ(show(baseline_file(jpeg_object({first, rest}, photo))).jpeg, expected);
  // Two frames: a fragment each; or the first in two fragments, as the offset table says.
  const Shown two = show(baseline_file(jpeg_object({jpeg, other}, photo, "YBR_FULL", {}, "2")));
  EXPECT_EQ(two.jpeg, expected);
  ASSERT_EQ(two.photo.findings.size(), 1U);
  EXPECT_EQ(two.photo.findings[0].code, "multiple_frames");
  Bytes table(8);
  const auto second = static_cast<std::uint32_t>(16 + 500 + rest.size() + rest.size() % 2);
  for (std::size_t i = 0; i < 4; ++i) {
    table[4 + i] = static_cast<std::uint8_t>(second >> (8 * i));
  }
  const Shown split =
      show(baseline_file(jpeg_object({first, rest, other}, photo, "YBR_FULL", table, "2")));
  EXPECT_EQ(split.jpeg, expected);
}

TEST(DicomPicture, ColoursWithoutMarkersAreThoseOfTheObject) {
  const Pixels photo = skin();
  // RGB components; their Adobe marker is taken off and their ids are plain numbers.
  Bytes rgb = make_jpeg(
      photo, {.inks = Inks::rgb_with_adobe_marker, .horizontal = 1, .vertical = 1, .quality = 95});
  const Bytes marker = {0xFF, 0xEE, 0, 14};
  const auto at = std::search(rgb.begin(), rgb.end(), marker.begin(), marker.end());
  ASSERT_NE(at, rgb.end());
  rgb.erase(at, at + 16);
  for (const std::uint8_t start : std::to_array<std::uint8_t>({0xC0, 0xDA})) {
    const Bytes code = {0xFF, start};
    auto segment = std::search(rgb.begin(), rgb.end(), code.begin(), code.end());
    ASSERT_NE(segment, rgb.end());
    const std::ptrdiff_t ids = start == 0xC0 ? 10 : 5;
    const std::ptrdiff_t step = start == 0xC0 ? 3 : 2;
    for (std::uint8_t c = 0; c < 3; ++c) segment[ids + step * c] = static_cast<std::uint8_t>(c + 1);
  }
  const Shown shown = show(baseline_file(jpeg_object({rgb}, photo, "RGB")));
  EXPECT_LT(difference(shown.pixels, photo), kOfQuality95);
  const Shown grey = show(
      baseline_file(jpeg_object({make_jpeg(photo, {.inks = Inks::grey})}, photo, "MONOCHROME1")));
  const Pixels light = plain_decode(make_jpeg(photo, {.inks = Inks::grey}));
  EXPECT_NEAR(grey.pixels.rgb[0], 255 - light.rgb[0], 4);
}

TEST(DicomPicture, TheProfileOfTheObjectGoesWithThePicture) {
  const Bytes profile = srgb_profile();
  const Pixels photo = skin();
  const Bytes jpeg = make_jpeg(photo, {});
  ObjectBuilder object = picture_object(
      photo.width, photo.height, 3, "YBR_FULL_422", 8,
      [&](ObjectBuilder& at) { at.raw(0x00282000, "OB", profile).fragments({jpeg}); });
  EXPECT_EQ(read_jpeg_layout(show(baseline_file(object)).jpeg)->icc, profile);
  object = picture_object(photo.width, photo.height, 3, "RGB", 8, [&](ObjectBuilder& at) {
    at.raw(0x00282000, "OB", profile).raw(0x7FE00010, "OB", photo.rgb);
  });
  EXPECT_EQ(read_jpeg_layout(show(object.file(kSecondaryCaptureClass)).jpeg)->icc, profile);
  // And back into an object.
  DicomContext context;
  context.study_uid = context.series_uid = context.instance_uid = "2.25.1";
  const auto written = write_dicom_photo(
      show(baseline_file(picture_object(
               photo.width, photo.height, 3, "RGB", 8,
               [&](ObjectBuilder& at) { at.raw(0x00282000, "OB", profile).fragments({jpeg}); })))
          .jpeg,
      context);
  ASSERT_TRUE(written);
  EXPECT_TRUE(contains(*written, as_text(profile)));
}

TEST(DicomPicture, WhatIsNotReadIsRefusedWithTheReason) {
  const Pixels photo = skin();
  const Bytes jpeg = make_jpeg(photo, {});
  const auto refused = [&](std::string_view syntax, const Bytes& stream,
                           std::string_view photometric = "RGB") {
    const auto exam = decode_dicom(
        jpeg_object({stream}, photo, photometric).file(syntax, kSecondaryCaptureClass));
    return exam ? std::string() : exam.error().text;
  };
  EXPECT_THAT(refused("1.2.840.10008.1.2.4.90", jpeg, "YBR_RCT"), testing::HasSubstr("JPEG 2000"));
  EXPECT_THAT(refused("1.2.840.10008.1.2.4.91", jpeg), testing::HasSubstr("JPEG 2000"));
  EXPECT_THAT(refused("1.2.840.10008.1.2.4.201", jpeg), testing::HasSubstr("JPEG 2000"));
  EXPECT_THAT(refused("1.2.840.10008.1.2.4.100", jpeg), testing::HasSubstr("video"));
  EXPECT_THAT(refused("1.2.3.4", Bytes(50, 1)), testing::HasSubstr("unknown"));
  EXPECT_THAT(refused(kBaseline, Bytes(50, 1)), testing::HasSubstr("damaged"));
  ObjectBuilder none;
  none.text(0x00080016, "UI", kSecondaryCaptureClass);
  EXPECT_EQ(error_of(decode_dicom(none.file(kSecondaryCaptureClass))), ErrorCode::malformed_file);
}

// ---- hostile ----

TEST(DicomPicture, HugeSizesWithFewBytesCostNothing) {
  const Pixels photo = skin();
  const Bytes plain = rgb_object(photo).file(kSecondaryCaptureClass);
  const DJ_RPLossless lossless;
  const std::vector<Bytes> files = {plain, recoded(plain, EXS_RLELossless),
                                    recoded(plain, EXS_JPEGProcess14SV1, &lossless),
                                    recoded(plain, EXS_JPEGLSLossless)};
  const auto with_size = [](Bytes file, std::uint16_t rows, std::uint16_t columns) {
    for (const auto& [element, value] : {std::pair(0x10, rows), std::pair(0x11, columns)}) {
      const Bytes tag = {0x28, 0, static_cast<std::uint8_t>(element), 0, 'U', 'S', 2, 0};
      const auto at = std::search(file.begin(), file.end(), tag.begin(), tag.end());
      at[8] = static_cast<std::uint8_t>(value);
      at[9] = static_cast<std::uint8_t>(value >> 8);
    }
    return file;
  };
  for (const Bytes& file : files) {
    EXPECT_EQ(error_of(decode_dicom(with_size(file, 65535, 65535))), ErrorCode::limit_exceeded);
    EXPECT_EQ(error_of(decode_dicom(with_size(file, 8000, 8000))) == ErrorCode::internal, false);
    EXPECT_EQ(error_of(decode_dicom(with_size(file, 5000, 5000))), ErrorCode::malformed_file);
    EXPECT_EQ(error_of(decode_dicom(with_size(file, 0, 100))), ErrorCode::malformed_file);
    EXPECT_EQ(error_of(decode_dicom(with_size(file, 33, 48))), ErrorCode::malformed_file);
  }
  // A lossless stream whose own header is as large as the object says.
  for (const std::uint8_t marker : std::to_array<std::uint8_t>({0xC3, 0xF7})) {
    Bytes file = with_size(files[marker == 0xC3 ? 2 : 3], 5000, 5000);
    const Bytes frame = {0xFF, marker};
    const auto at = std::search(file.begin() + 400, file.end(), frame.begin(), frame.end());
    ASSERT_NE(at, file.end());
    at[5] = at[7] = 5000 >> 8;
    at[6] = at[8] = 5000 & 0xFF;
    EXPECT_EQ(error_of(decode_dicom(file)), ErrorCode::malformed_file);
  }
}

TEST(DicomPicture, SurvivesEveryTruncationOfEveryStream) {
  const Pixels photo = fixtures::synthetic_skin_photo(8, 8, 3);
  const Bytes plain = rgb_object(photo).file(kSecondaryCaptureClass);
  const DJ_RPLossless lossless;
  for (const Bytes& file :
       {plain, recoded(plain, EXS_RLELossless), recoded(plain, EXS_JPEGProcess14SV1, &lossless),
        recoded(plain, EXS_JPEGLSLossless),
        baseline_file(jpeg_object({make_jpeg(photo, {})}, photo))}) {
    for (std::size_t length = 0; length < file.size(); ++length) {
      EXPECT_FALSE(decode_dicom(ByteView(file).first(length))) << length;
    }
    for (std::size_t i = 128; i < file.size(); ++i) {
      for (const std::uint8_t mask : std::to_array<std::uint8_t>({0x01, 0x80, 0xFF})) {
        Bytes damaged = file;
        damaged[i] ^= mask;
        const auto exam = decode_dicom(damaged);
        EXPECT_TRUE(exam || !exam.error().text.empty());
      }
    }
  }
}

TEST(DicomPicture, TruncatedFragmentsAreRefusedOrShown) {
  const Pixels photo = skin();
  const Bytes plain = rgb_object(photo).file(kSecondaryCaptureClass);
  const DJ_RPLossless lossless;
  for (const auto& [syntax, parameter] :
       {std::pair<E_TransferSyntax, const DcmRepresentationParameter*>(EXS_RLELossless, nullptr),
        {EXS_JPEGProcess14SV1, &lossless},
        {EXS_JPEGLSLossless, nullptr}}) {
    const Bytes whole = recoded(plain, syntax, parameter);
    // The last fragment, cut at its end, in an object that is whole.
    const Bytes item = {0xFE, 0xFF, 0x00, 0xE0};
    const auto at = std::find_end(whole.begin(), whole.end(), item.begin(), item.end());
    const Bytes stream(at + 8, whole.end() - 8);
    for (const std::size_t keep : {std::size_t{2}, stream.size() / 4, stream.size() / 2}) {
      const auto exam = decode_dicom(
          jpeg_object({Bytes(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(keep))},
                      photo, "RGB")
              .file(DcmXfer(syntax).getXferID(), kSecondaryCaptureClass));
      EXPECT_TRUE(exam || exam.error().code == ErrorCode::malformed_file);
    }
  }
}

}  // namespace telavis::dicom_picture_test
