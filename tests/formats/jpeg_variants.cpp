// SPDX-License-Identifier: Apache-2.0
#include "tests/formats/jpeg_variants.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <jpeglib.h>

namespace telavis::test {
namespace {

[[noreturn]] void throw_error(j_common_ptr codec) {
  std::array<char, JMSG_LENGTH_MAX> text{};
  codec->err->format_message(codec, text.data());
  throw std::runtime_error(text.data());
}
void count_quietly(j_common_ptr codec, int level) {
  if (level < 0) ++codec->err->num_warnings;
}

void set_colours(jpeg_compress_struct& codec, Inks inks) {
  switch (inks) {
    case Inks::ycc:
      break;
    case Inks::grey:
      jpeg_set_colorspace(&codec, JCS_GRAYSCALE);
      break;
    case Inks::rgb_with_adobe_marker:
      jpeg_set_colorspace(&codec, JCS_RGB);
      break;
    case Inks::cmyk_adobe:
      jpeg_set_colorspace(&codec, JCS_CMYK);
      break;
    case Inks::ycck_adobe:
      jpeg_set_colorspace(&codec, JCS_YCCK);
      break;
  }
}

Bytes input_row(const Pixels& pixels, int y, bool inks) {
  const auto width = static_cast<std::size_t>(pixels.width);
  const std::uint8_t* from = pixels.rgb.data() + static_cast<std::size_t>(y) * width * 3;
  if (!inks) return {from, from + width * 3};
  Bytes row;
  for (std::size_t x = 0; x < width; ++x) {  // inverted inks without black: C = R and so on
    row.insert(row.end(), {from[3 * x], from[3 * x + 1], from[3 * x + 2], 255});
  }
  return row;
}

}  // namespace

Bytes make_jpeg(const Pixels& pixels, const JpegVariant& variant) {
  jpeg_error_mgr errors{};
  jpeg_compress_struct codec{};
  codec.err = jpeg_std_error(&errors);
  errors.error_exit = throw_error;
  jpeg_create_compress(&codec);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &buffer, &size);
  const bool inks = variant.inks == Inks::cmyk_adobe || variant.inks == Inks::ycck_adobe;
  codec.image_width = static_cast<JDIMENSION>(pixels.width);
  codec.image_height = static_cast<JDIMENSION>(pixels.height);
  codec.input_components = inks ? 4 : 3;
  codec.in_color_space = inks ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&codec);
  set_colours(codec, variant.inks);
  jpeg_set_quality(&codec, variant.quality, TRUE);
  codec.comp_info[0].h_samp_factor = variant.horizontal;
  codec.comp_info[0].v_samp_factor = variant.vertical;
  for (int i = 1; i < codec.num_components; ++i) {
    codec.comp_info[i].h_samp_factor = codec.comp_info[i].v_samp_factor = 1;
  }
  codec.restart_in_rows = variant.restart_rows;
  codec.X_density = static_cast<UINT16>(variant.x_density);
  codec.Y_density = static_cast<UINT16>(variant.y_density);
  codec.optimize_coding = TRUE;
  if (variant.progressive) jpeg_simple_progression(&codec);
  jpeg_start_compress(&codec, TRUE);
  for (int y = 0; y < pixels.height; ++y) {
    Bytes row = input_row(pixels, y, inks);
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&codec, &rows, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  Bytes jpeg(buffer, buffer + size);
  std::free(buffer);
  return jpeg;
}

Pixels plain_decode(ByteView jpeg, long* warnings) {
  jpeg_error_mgr errors{};
  jpeg_decompress_struct codec{};
  codec.err = jpeg_std_error(&errors);
  errors.error_exit = throw_error;
  errors.emit_message = count_quietly;
  jpeg_create_decompress(&codec);
  const std::unique_ptr<jpeg_decompress_struct, decltype(&jpeg_destroy_decompress)> owner(
      &codec, &jpeg_destroy_decompress);
  jpeg_mem_src(&codec, jpeg.data(), static_cast<unsigned long>(jpeg.size()));
  jpeg_read_header(&codec, TRUE);
  const bool inks = codec.num_components == 4;
  codec.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&codec);
  Pixels pixels{static_cast<int>(codec.output_width), static_cast<int>(codec.output_height), {}};
  Bytes row(std::size_t{codec.output_width} * 4);
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW rows = row.data();
    jpeg_read_scanlines(&codec, &rows, 1);
    for (std::size_t x = 0; x < codec.output_width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        const int value = inks ? (row[4 * x + c] * row[4 * x + 3] + 127) / 255 : row[3 * x + c];
        pixels.rgb.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  jpeg_finish_decompress(&codec);
  if (warnings != nullptr) *warnings = errors.num_warnings;
  return pixels;
}

std::vector<Segment> header_segments(ByteView jpeg) {
  std::vector<Segment> segments;
  std::size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xFF) {
    const int code = jpeg[at + 1];
    const std::size_t length = jpeg[at + 2] * std::size_t{256} + jpeg[at + 3];
    if (at + 2 + length > jpeg.size() || length < 2) break;
    const ByteView body = jpeg.subspan(at + 4, length - 2);
    segments.push_back({code, {body.begin(), body.end()}});
    if (code == 0xDA) break;
    at += 2 + length;
  }
  return segments;
}

bool contains(ByteView bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

std::string output_of(const std::string& command) {
  std::string output;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"),
                                                   &pclose);
  std::array<char, 4096> chunk{};
  while (pipe) {
    const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), pipe.get());
    if (count == 0) break;
    output.append(chunk.data(), count);
  }
  return output;
}

bool installed(const std::string& program) {
  return !output_of("command -v " + program).empty();
}

}  // namespace telavis::test
