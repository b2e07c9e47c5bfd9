// SPDX-License-Identifier: Apache-2.0
// Image Pixel Module (PS3.3 C.7.6.3) and encapsulated pixels (PS3.5 A.4): the first frame of a
// picture as a JPEG that travels.
#include <algorithm>
#include <climits>
#include <cmath>
#include <utility>

#include "formats/dicom_library.h"
#include "formats/dicom_pixels.h"
#include "formats/dicom_read.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"
#include "formats/jpeg.h"
#include "formats/jpeg_markers.h"

namespace telavis {
namespace {

constexpr int kQuality = 95;  // one encoding must not be visible at full size
constexpr std::string_view kJpegFamily = "1.2.840.10008.1.2.4.";
constexpr std::string_view kRle = "1.2.840.10008.1.2.5";
constexpr std::string_view kExtended = "1.2.840.10008.1.2.4.51";
constexpr std::string_view kLossless = "1.2.840.10008.1.2.4.57";
constexpr std::string_view kJpegLs = "1.2.840.10008.1.2.4.80";

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::malformed_file, std::string("The picture in the DICOM file ") + what +
                                             ". Export it again, or as JPEG.");
}

tl::unexpected<Error> not_read(const char* what) {
  return fail(ErrorCode::unsupported_encoding,
              std::string("The picture in the DICOM file is ") + what +
                  ", which is not read. Export it without compression or as JPEG.");
}

tl::unexpected<Error> too_large(const char* megapixels) {
  return fail(ErrorCode::limit_exceeded,
              std::string("The picture in the DICOM file is larger than ") + megapixels +
                  " megapixels. Send a smaller one, or a JPEG.");
}

std::optional<Photometric> photometric_of(std::string_view name) {
  if (name == "MONOCHROME1") return Photometric::monochrome1;
  if (name == "MONOCHROME2") return Photometric::monochrome2;
  if (name == "PALETTE COLOR") return Photometric::palette;
  if (name == "RGB") return Photometric::rgb;
  if (name == "YBR_FULL") return Photometric::ybr_full;
  if (name == "YBR_FULL_422") return Photometric::ybr_full_422;
  return std::nullopt;
}

Result<Palette> read_palette(const DicomItem& dataset) {
  Palette palette;
  for (std::uint32_t colour = 0; colour < 3; ++colour) {
    const auto descriptor = dicom_u16s(dataset, dicom_tag::kPaletteDescriptorRed + colour);
    const ByteView bytes = dataset.value(dicom_tag::kPaletteDataRed + colour);
    if (descriptor.size() != 3 || bytes.empty()) {
      return dataset.find(dicom_tag::kPaletteSegmentedRed) == nullptr
                 ? damaged("has no colour table")
                 : not_read("coloured by a segmented table");
    }
    const std::size_t entries = descriptor[0] == 0 ? 65'536 : descriptor[0];
    // Tables of 8 bits stand one or two to a word, those of 16 bits one.
    const bool packed = descriptor[2] == 8 && bytes.size() < 2 * entries;
    if (bytes.size() < (packed ? entries : 2 * entries)) {
      return damaged("has an incomplete colour table");
    }
    const std::vector<std::uint16_t> words =
        packed ? std::vector<std::uint16_t>(bytes.begin(), bytes.end())
               : dicom_u16s(dataset, dicom_tag::kPaletteDataRed + colour);
    const bool eight_bits = packed || std::ranges::max(words) < 256;
    palette.first = static_cast<std::int16_t>(descriptor[1]);
    palette.colours.resize(entries);
    for (std::size_t i = 0; i < entries; ++i) {
      palette.colours[i][colour] = static_cast<std::uint8_t>(eight_bits ? words[i] : words[i] >> 8);
    }
  }
  return palette;
}

GreyScale read_grey_scale(const DicomItem& dataset) {
  GreyScale grey;
  const auto slope = dicom_number(dataset, dicom_tag::kRescaleSlope);
  if (slope && *slope != 0) grey.slope = *slope;
  grey.intercept = dicom_number(dataset, dicom_tag::kRescaleIntercept).value_or(0);
  const auto centre = dicom_number(dataset, dicom_tag::kWindowCenter);
  const auto width = dicom_number(dataset, dicom_tag::kWindowWidth);
  if (centre && width && *width > 0) grey.window = {.centre = *centre, .width = *width};
  return grey;
}

Result<void> check_format(const PixelFormat& format, std::uint32_t rows, std::uint32_t columns) {
  if (rows == 0 || columns == 0) return damaged("has no size");
  if (rows > kMaxPhotoSide || columns > kMaxPhotoSide ||
      std::int64_t{rows} * columns > kMaxPhotoPixels) {
    return too_large("64");
  }
  const bool colour = format.photometric == Photometric::rgb ||
                      format.photometric == Photometric::ybr_full ||
                      format.photometric == Photometric::ybr_full_422;
  if (format.samples != (colour ? 3 : 1)) return damaged("does not say its colours rightly");
  if (format.bits_allocated != 8 && format.bits_allocated != 16) {
    return not_read("of neither 8 nor 16 bits");
  }
  if (format.bits_stored < 1 || format.bits_stored > format.bits_allocated ||
      format.high_bit < format.bits_stored - 1 || format.high_bit >= format.bits_allocated) {
    return damaged("does not say its bits rightly");
  }
  if (format.photometric == Photometric::ybr_full_422 &&
      (format.bits_allocated != 8 || format.planar)) {
    return not_read("coded as YBR_FULL_422 in an unusual way");
  }
  return {};
}

Result<PixelFormat> read_format(const DicomFile& file, const DicomElement& pixels) {
  const DicomItem& dataset = file.dataset;
  const auto small = [&](std::uint32_t tag, std::uint32_t otherwise) {
    constexpr std::uint32_t kLargest = 0xFFFF;
    return static_cast<int>(std::min(dicom_unsigned(dataset, tag).value_or(otherwise), kLargest));
  };
  PixelFormat format;
  const auto photometric = photometric_of(dicom_raw_text(dataset, dicom_tag::kPhotometric));
  if (!photometric) return not_read("coded in colours that the reader does not have");
  format.photometric = *photometric;
  format.rows = small(dicom_tag::kRows, 0);
  format.columns = small(dicom_tag::kColumns, 0);
  format.samples = small(dicom_tag::kSamplesPerPixel, 1);
  format.bits_allocated = small(dicom_tag::kBitsAllocated, 8);
  format.bits_stored = small(dicom_tag::kBitsStored, 8);
  format.high_bit = small(dicom_tag::kHighBit, static_cast<std::uint32_t>(format.bits_stored) - 1);
  format.is_signed = small(dicom_tag::kPixelRepresentation, 0) == 1 && format.samples == 1;
  format.planar = format.samples == 3 && small(dicom_tag::kPlanarConfiguration, 0) == 1;
  format.big_endian = dataset.encoding.big_endian && !pixels.encapsulated;
  format.in_words = pixels.vr[1] == 'W';
  format.grey = read_grey_scale(dataset);
  if (pixels.encapsulated) {  // the stream says where its samples and its chroma stand
    format.planar = false;
    if (*photometric == Photometric::ybr_full_422) format.photometric = Photometric::ybr_full;
  }
  const auto good = check_format(format, static_cast<std::uint32_t>(format.rows),
                                 static_cast<std::uint32_t>(format.columns));
  if (!good) return tl::unexpected(good.error());
  if (format.photometric == Photometric::palette) {
    auto palette = read_palette(dataset);
    if (!palette) return tl::unexpected(palette.error());
    format.palette = std::move(*palette);
  }
  return format;
}

std::uint32_t frames_of(const DicomItem& dataset) {
  const auto frames = dicom_number(dataset, dicom_tag::kNumberOfFrames);
  return frames && *frames >= 1 && *frames < 1e6 ? static_cast<std::uint32_t>(*frames) : 1;
}

/// The stream of the first frame: a fragment, several up to where the offset table says that the
/// second frame starts, or all.
Bytes first_stream(const DicomElement& pixels, std::uint32_t frames) {
  constexpr std::size_t kItemHeader = 8;
  const std::vector<ByteView> fragments = dicom_fragments(pixels);
  Bytes stream;
  if (fragments.size() < 2) return stream;
  ByteReader table(fragments.front());
  static_cast<void>(table.u32le());
  const std::size_t second = table.u32le().value_or(0);
  std::size_t end = fragments.size();
  if (frames > 1 && second > 0) {
    std::size_t offset = 0;
    for (end = 1; end < fragments.size() && offset < second; ++end) {
      offset += kItemHeader + fragments[end].size();
    }
  } else if (frames > 1 && fragments.size() == frames + 1) {
    end = 2;
  }
  for (std::size_t i = 1; i < end; ++i) {
    stream.insert(stream.end(), fragments[i].begin(), fragments[i].end());
  }
  return stream;
}

/// The frame header of a JPEG or JPEG-LS stream (T.81 B.2.2, T.87 C.2.2).
struct StreamHeader {
  std::uint8_t marker = 0;
  int precision = 0;
  int rows = 0;
  int columns = 0;
  int samples = 0;
};

std::optional<StreamHeader> stream_header(ByteView stream) {
  ByteReader reader(stream);
  if (reader.u16be() != 0xFFD8) return std::nullopt;
  while (true) {
    auto byte = reader.u8();
    while (byte && *byte != 0xFF) byte = reader.u8();
    while (byte && *byte == 0xFF) byte = reader.u8();  // fill bytes
    if (!byte || *byte == 0xDA || *byte == 0xD9) return std::nullopt;
    const std::uint8_t marker = *byte;
    if (marker == 0 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    const auto length = reader.u16be();
    if (!length || *length < 2) return std::nullopt;
    const bool frame =
        (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) ||
        marker == 0xF7;
    if (!frame) {
      if (!reader.skip(*length - 2U)) return std::nullopt;
      continue;
    }
    const auto precision = reader.u8();
    const auto rows = reader.u16be();
    const auto columns = reader.u16be();
    const auto samples = reader.u8();
    if (!samples) return std::nullopt;
    return StreamHeader{marker, *precision, *rows, *columns, *samples};
  }
}

/// ICC profile attribute, when it describes RGB.
ByteView rgb_profile(const DicomItem& dataset) {
  constexpr std::size_t kHeaderBytes = 128;
  constexpr std::size_t kLargest = std::size_t{1} << 20;  // a display profile has some kilobytes
  ByteView profile = dataset.value(dicom_tag::kIccProfile);
  if (profile.size() < kHeaderBytes || as_text(profile.subspan(36, 4)) != "acsp" ||
      as_text(profile.subspan(16, 4)) != "RGB ") {
    return {};
  }
  ByteReader reader(profile);
  const std::size_t size = reader.u32be().value_or(0);
  if (size < kHeaderBytes || size > profile.size() || size > kLargest) return {};
  return profile.first(size);
}

/// The profile of the object goes with a picture that carries none itself.
Result<Bytes> with_profile(Bytes jpeg, ByteView profile) {
  if (profile.empty()) return jpeg;
  const auto layout = read_jpeg_layout(jpeg);
  if (!layout) return tl::unexpected(layout.error());
  if (!layout->icc.empty() || layout->frame.components != 3) return jpeg;
  return assemble_jpeg({.jfif = layout->jfif,
                        .adobe = layout->adobe,
                        .icc = profile,
                        .orientation = layout->orientation},
                       layout->picture);
}

/// A JPEG without any marker about its colours takes them from the object. Cameras' files that
/// were put into objects as they are keep what their own markers say.
Bytes with_colours(Bytes stream, Photometric photometric) {
  const auto layout = read_jpeg_layout(stream);
  if (!layout || photometric != Photometric::rgb || layout->frame.components != 3 || layout->jfif ||
      layout->adobe || layout->colour() != JpegColour::ycc) {
    return stream;
  }
  constexpr auto kAdobeRgb = std::to_array<std::uint8_t>(
      {0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0});
  stream.insert(stream.begin() + 2, kAdobeRgb.begin(), kAdobeRgb.end());
  return stream;
}

Result<Bytes> with_levels(Bytes jpeg, const std::array<std::uint8_t, 256>& table) {
  auto pixels = decode_jpeg(jpeg, INT_MAX);
  if (!pixels) return tl::unexpected(pixels.error());
  std::ranges::transform(pixels->rgb, pixels->rgb.begin(),
                         [&](std::uint8_t value) { return table[value]; });
  return encode_jpeg(*pixels, kQuality);
}

Result<DicomPicture> from_jpeg(const DicomFile& file, const PixelFormat& format, Bytes stream) {
  while (!stream.empty() && stream.back() == 0) stream.pop_back();  // fragments are padded
  stream = with_colours(std::move(stream), format.photometric);
  auto photo = inspect_jpeg(stream);
  if (!photo) return tl::unexpected(photo.error());
  auto jpeg = normalise_jpeg(stream);
  if (!jpeg) return tl::unexpected(jpeg.error());
  const auto table = grey_table(format);
  if (table) {
    jpeg = with_levels(std::move(*jpeg), *table);
    if (!jpeg) return tl::unexpected(jpeg.error());
  }
  jpeg = with_profile(std::move(*jpeg), rgb_profile(file.dataset));
  if (!jpeg) return tl::unexpected(jpeg.error());
  const bool upright = photo->width == format.columns && photo->height == format.rows;
  const bool turned = photo->width == format.rows && photo->height == format.columns;
  if (!upright && !turned) {
    photo->findings.push_back({"dimensions_mismatch", Severity::warning,
                               "The picture has another size than the DICOM file states; it is "
                               "shown as it is."});
  }
  return DicomPicture{std::move(*photo), std::move(*jpeg)};
}

Result<DicomPicture> from_samples(const DicomFile& file, const PixelFormat& format,
                                  ByteView frame) {
  if (!format.fits_in_memory()) return too_large("32");
  auto pixels = rgb_from_samples(format, frame);
  if (!pixels) return tl::unexpected(pixels.error());
  auto jpeg = encode_jpeg(*pixels, kQuality);
  if (!jpeg) return tl::unexpected(jpeg.error());
  if (format.samples == 3) {
    jpeg = with_profile(std::move(*jpeg), rgb_profile(file.dataset));
    if (!jpeg) return tl::unexpected(jpeg.error());
  }
  DicomPicture picture;
  picture.photo.width = format.columns;
  picture.photo.height = format.rows;
  picture.jpeg = std::move(*jpeg);
  return picture;
}

/// Lossless or 12-bit JPEG and JPEG-LS, whose header must say what the object says: the library
/// would write past a frame that turns out to be larger.
Result<DicomPicture> from_library(const DicomFile& file, PixelFormat format,
                                  const StreamHeader& header, std::string_view syntax,
                                  ByteView stream) {
  if (header.rows != format.rows || header.columns != format.columns ||
      header.samples != format.samples || header.precision < 2 || header.precision > 16) {
    return damaged("has another size than the file states");
  }
  // Huffman codes take a bit a sample at least; a block of 64 takes two codes.
  const std::size_t samples = format.pixels() * static_cast<std::size_t>(format.samples);
  const std::size_t least = syntax == kLossless   ? samples / 8
                            : syntax == kExtended ? samples / 256
                                                  : 0;
  if (stream.size() < least) return damaged("is incomplete");
  format.bits_allocated = header.precision <= 8 ? 8 : 16;
  if (!format.fits_in_memory()) return too_large("32");
  format.bits_stored = std::min(format.bits_stored, header.precision);
  format.high_bit = format.bits_stored - 1;
  Bytes frame;
  {
    auto decompressed = decompress_frame({.transfer_syntax = syntax,
                                          .rows = format.rows,
                                          .columns = format.columns,
                                          .samples = format.samples,
                                          .bits_allocated = format.bits_allocated,
                                          .bits_stored = header.precision,
                                          .is_signed = format.is_signed,
                                          .stream = stream});
    if (!decompressed) return tl::unexpected(decompressed.error());
    frame = std::move(*decompressed);
  }
  return from_samples(file, format, frame);
}

/// What DCMTK has no codec for, by name.
const char* unread_compression(std::string_view syntax) {
  if (!syntax.starts_with(kJpegFamily)) return nullptr;
  const std::string_view number = syntax.substr(kJpegFamily.size());
  if (number.starts_with("9")) return "compressed as JPEG 2000";  // 90..93, JPIP 94 and 95
  if (number.starts_with("20")) return "compressed as High-Throughput JPEG 2000";
  if (number.starts_with("11")) return "compressed as JPEG XL";
  if (number.starts_with("10")) return "a video";
  return nullptr;
}

Result<DicomPicture> from_stream(const DicomFile& file, const PixelFormat& format, Bytes stream) {
  const std::string_view syntax = file.transfer_syntax;
  if (stream.empty()) return damaged("is empty");
  if (syntax == kRle) {
    if (!format.fits_in_memory()) return too_large("32");
    auto samples = decode_rle(format, stream);
    if (!samples) return tl::unexpected(samples.error());
    return from_samples(file, format, *samples);
  }
  const auto header = stream_header(stream);
  if (!header)
    return syntax.starts_with(kJpegFamily) ? damaged("is damaged")
                                           : not_read("compressed in an unknown way");
  if (header->marker == 0xF7) return from_library(file, format, *header, kJpegLs, stream);
  if (header->marker == 0xC3) return from_library(file, format, *header, kLossless, stream);
  if (header->marker == 0xC1 && header->precision == 12) {
    return from_library(file, format, *header, kExtended, stream);
  }
  return from_jpeg(file, format, std::move(stream));
}

}  // namespace

Result<DicomPicture> read_dicom_picture(const DicomFile& file) {
  const DicomElement* pixels = file.dataset.find(dicom_tag::kPixelData);
  if (pixels == nullptr || pixels->value.empty()) return damaged("is missing");
  if (const char* compression = unread_compression(file.transfer_syntax)) {
    return not_read(compression);
  }
  auto format = read_format(file, *pixels);
  if (!format) return tl::unexpected(format.error());
  const std::uint32_t frames = frames_of(file.dataset);
  auto picture = pixels->encapsulated ? from_stream(file, *format, first_stream(*pixels, frames))
                                      : from_samples(file, *format, pixels->value);
  if (picture && frames > 1) {
    picture->photo.findings.push_back({"multiple_frames", Severity::warning,
                                       "The DICOM file holds several pictures; the first is "
                                       "shown. Send the others as files of their own."});
  }
  return picture;
}

}  // namespace telavis
