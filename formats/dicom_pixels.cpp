// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_pixels.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace telavis {
namespace {

tl::unexpected<Error> too_short() {
  return fail(ErrorCode::malformed_file,
              "The picture in the DICOM file is incomplete. Export or send it again.");
}

std::uint8_t level(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

/// Reads the samples of a frame wherever they stand in it.
class Samples {
 public:
  Samples(const PixelFormat& format, ByteView frame)
      : format_(format),
        frame_(frame),
        mask_((std::uint32_t{1} << format.bits_stored) - 1),
        shift_(format.high_bit + 1 - format.bits_stored),
        swap_bytes_(format.bits_allocated == 8 && format.big_endian && format.in_words) {}

  std::int32_t at(std::size_t pixel, std::size_t sample) const {
    const auto samples = static_cast<std::size_t>(format_.samples);
    return value(format_.planar ? sample * format_.pixels() + pixel : pixel * samples + sample);
  }
  std::int32_t value(std::size_t index) const {
    std::uint32_t raw = 0;
    if (format_.bits_allocated == 8) {
      const std::size_t other = index ^ 1;
      raw = frame_[swap_bytes_ && other < frame_.size() ? other : index];
    } else {
      const std::uint32_t first = frame_[2 * index];
      const std::uint32_t second = frame_[2 * index + 1];
      raw = format_.big_endian ? first << 8 | second : second << 8 | first;
    }
    raw = raw >> shift_ & mask_;
    const bool negative = format_.is_signed && raw > mask_ >> 1;
    return static_cast<std::int32_t>(raw) - (negative ? static_cast<std::int32_t>(mask_) + 1 : 0);
  }

 private:
  const PixelFormat& format_;
  ByteView frame_;
  std::uint32_t mask_;
  int shift_;
  bool swap_bytes_;
};

std::array<std::uint8_t, 3> rgb_of_ybr(std::int32_t y, std::int32_t blue, std::int32_t red) {
  const double b = blue - 128.0;
  const double r = red - 128.0;
  return {level(y + 1.402 * r), level(y - 0.344136 * b - 0.714136 * r), level(y + 1.772 * b)};
}

double windowed(const GreyScale::Window& window, double value) {  // PS3.3 C.11.2.1.2.1
  const double width = std::max(window.width, 1.0);
  if (width == 1) return value > window.centre - 0.5 ? 255 : 0;
  return ((value - (window.centre - 0.5)) / (width - 1) + 0.5) * 255;
}

/// The range that is shown when no window says which.
GreyScale::Window whole_range(const PixelFormat& format, const Samples& samples) {
  double low = format.is_signed ? -std::ldexp(1, format.bits_stored - 1) : 0;
  double high = low + std::ldexp(1, format.bits_stored) - 1;
  if (format.bits_stored > 8) {
    std::int32_t least = std::numeric_limits<std::int32_t>::max();
    std::int32_t most = std::numeric_limits<std::int32_t>::min();
    for (std::size_t i = 0; i < format.pixels(); ++i) {
      least = std::min(least, samples.value(i));
      most = std::max(most, samples.value(i));
    }
    low = least;
    high = std::max(most, least + 1);
  }
  const GreyScale& grey = format.grey;
  low = low * grey.slope + grey.intercept;
  high = high * grey.slope + grey.intercept;
  return {.centre = (low + high + 1) / 2, .width = high - low + 1};
}

std::vector<std::uint8_t> grey_levels(const PixelFormat& format, const Samples& samples) {
  const GreyScale& grey = format.grey;
  const auto window = grey.window ? *grey.window : whole_range(format, samples);
  const std::int32_t count = std::int32_t{1} << format.bits_stored;
  std::vector<std::uint8_t> levels(std::size_t{1} << format.bits_stored);
  for (std::int32_t i = 0; i < count; ++i) {
    const double value = format.is_signed ? i - count / 2 : i;
    const std::uint8_t shown = level(windowed(window, value * grey.slope + grey.intercept));
    levels[static_cast<std::size_t>(i)] = format.photometric == Photometric::monochrome1
                                              ? static_cast<std::uint8_t>(255 - shown)
                                              : shown;
  }
  return levels;
}

void put_grey(const PixelFormat& format, const Samples& samples, Bytes& rgb) {
  const std::vector<std::uint8_t> levels = grey_levels(format, samples);
  const std::int32_t zero = format.is_signed ? std::int32_t{1} << (format.bits_stored - 1) : 0;
  for (std::size_t i = 0; i < format.pixels(); ++i) {
    std::fill_n(&rgb[3 * i], 3, levels[static_cast<std::uint32_t>(samples.value(i) + zero)]);
  }
}

void put_palette(const PixelFormat& format, const Samples& samples, Bytes& rgb) {
  const auto& colours = format.palette.colours;
  const auto last = static_cast<std::int32_t>(colours.size()) - 1;
  for (std::size_t i = 0; i < format.pixels(); ++i) {
    const std::int32_t entry = std::clamp(samples.value(i) - format.palette.first, 0, last);
    std::ranges::copy(colours[static_cast<std::size_t>(entry)], &rgb[3 * i]);
  }
}

/// Two pixels share their chroma: Y1 Y2 Cb Cr.
void put_ybr_422(const PixelFormat& format, const Samples& samples, Bytes& rgb) {
  for (std::size_t i = 0; i < format.pixels(); ++i) {
    const std::size_t pair = i / 2 * 4;
    const auto colour =
        rgb_of_ybr(samples.value(pair + i % 2), samples.value(pair + 2), samples.value(pair + 3));
    std::ranges::copy(colour, &rgb[3 * i]);
  }
}

void put_colours(const PixelFormat& format, const Samples& samples, Bytes& rgb) {
  const bool ybr = format.photometric == Photometric::ybr_full;
  const double scale = 255 / (std::ldexp(1, format.bits_stored) - 1);
  const auto eight_bits = [&](std::int32_t value) -> std::int32_t {
    return format.bits_stored == 8 ? value : level(value * scale);
  };
  for (std::size_t i = 0; i < format.pixels(); ++i) {
    const std::int32_t a = eight_bits(samples.at(i, 0));
    const std::int32_t b = eight_bits(samples.at(i, 1));
    const std::int32_t c = eight_bits(samples.at(i, 2));
    const auto colour = ybr ? rgb_of_ybr(a, b, c)
                            : std::array{static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b),
                                         static_cast<std::uint8_t>(c)};
    std::ranges::copy(colour, &rgb[3 * i]);
  }
}

/// One segment of RLE (the PackBits of TIFF), into every `stride`-th byte of `out`.
bool unpack(ByteView packed, std::size_t count, std::size_t stride, std::uint8_t* out) {
  std::size_t at = 0;
  std::size_t written = 0;
  while (written < count) {
    if (at >= packed.size()) return false;
    const std::uint8_t control = packed[at++];
    if (control == 0x80) continue;
    const bool run = control > 0x80;
    const std::size_t length = run ? 257U - control : control + 1U;
    if (packed.size() - at < (run ? 1 : length)) return false;
    const std::size_t used = std::min(length, count - written);
    for (std::size_t i = 0; i < used; ++i) {
      out[(written + i) * stride] = packed[at + (run ? 0 : i)];
    }
    at += run ? 1 : length;
    written += used;
  }
  return true;
}

}  // namespace

std::size_t PixelFormat::pixels() const {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

std::size_t PixelFormat::frame_bytes() const {
  if (photometric == Photometric::ybr_full_422) return (pixels() + pixels() % 2) * 2;
  return pixels() * static_cast<std::size_t>(samples) *
         static_cast<std::size_t>(bits_allocated / 8);
}

bool PixelFormat::fits_in_memory() const {
  return 3 * pixels() <= kMaxFrameBytes && frame_bytes() <= kMaxFrameBytes;
}

Result<Pixels> rgb_from_samples(const PixelFormat& format, ByteView frame) {
  if (frame.size() < format.frame_bytes()) return too_short();
  Pixels pixels{.width = format.columns, .height = format.rows, .rgb = Bytes(3 * format.pixels())};
  const Samples samples(format, frame);
  switch (format.photometric) {
    case Photometric::monochrome1:
    case Photometric::monochrome2:
      put_grey(format, samples, pixels.rgb);
      break;
    case Photometric::palette:
      put_palette(format, samples, pixels.rgb);
      break;
    case Photometric::ybr_full_422:
      put_ybr_422(format, samples, pixels.rgb);
      break;
    case Photometric::rgb:
    case Photometric::ybr_full:
      put_colours(format, samples, pixels.rgb);
      break;
  }
  return pixels;
}

std::optional<std::array<std::uint8_t, 256>> grey_table(const PixelFormat& format) {
  const bool grey = format.photometric == Photometric::monochrome1 ||
                    format.photometric == Photometric::monochrome2;
  if (!grey || format.bits_stored != 8 || format.is_signed) return std::nullopt;
  const std::vector<std::uint8_t> levels = grey_levels(format, Samples(format, {}));
  std::array<std::uint8_t, 256> table{};
  std::ranges::copy(levels, table.begin());
  bool changes = false;
  for (int i = 0; i < 256; ++i) {
    // A window of the whole range (128, 256) is off by rounding alone.
    changes = changes || std::abs(table[static_cast<std::size_t>(i)] - i) > 1;
  }
  return changes ? std::optional(table) : std::nullopt;
}

Result<Bytes> decode_rle(const PixelFormat& format, ByteView frame) {
  constexpr std::size_t kHeaderBytes = 64;  // count and 15 offsets
  constexpr std::size_t kLongestRun = 128;  // pixels of two bytes
  const auto width = static_cast<std::size_t>(format.bits_allocated / 8);
  const std::size_t segments = width * static_cast<std::size_t>(format.samples);
  ByteReader reader(frame);
  const auto count = reader.u32le();
  if (!count || *count != segments || frame.size() < kHeaderBytes ||
      frame.size() < segments * (format.pixels() / kLongestRun) * 2) {
    return too_short();
  }
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < segments; ++i) offsets.push_back(reader.u32le().value_or(0));
  offsets.push_back(frame.size());
  Bytes samples(format.frame_bytes());
  for (std::size_t i = 0; i < segments; ++i) {
    if (offsets[i] < kHeaderBytes || offsets[i] > offsets[i + 1] || offsets[i + 1] > frame.size()) {
      return too_short();
    }
    const ByteView segment = frame.subspan(offsets[i], offsets[i + 1] - offsets[i]);
    // The most significant byte of a sample comes first.
    const std::size_t byte = i / width * width + (width - 1 - i % width);
    if (!unpack(segment, format.pixels(), segments, samples.data() + byte)) return too_short();
  }
  return samples;
}

}  // namespace telavis
