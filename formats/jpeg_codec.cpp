// SPDX-License-Identifier: Apache-2.0
// libjpeg reports errors by longjmp. Every step that may jump runs inside completes(), and between
// there and the jump live only values without destructors; whatever owns memory lives in the
// caller.
#include "formats/jpeg_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "formats/colour.h"

#include <jpeglib.h>
// jerror.h needs the types of jpeglib.h
#include <jerror.h>

namespace telavis {
namespace {

/// Coefficients of 64 Mpx in 4:2:0, twice (before and after a turn), are 384 MiB. libjpeg-turbo
/// knows no disk store, so what would need more is refused.
constexpr long kMaxCodecMemory = long{512} << 20;
/// From here on chroma is kept at full resolution: the copy is meant to be looked at closely.
constexpr int kFullChromaQuality = 90;
/// Huffman tables made to measure save a twentieth of the bytes and hold all coefficients at once,
/// 6 bytes a pixel: not for the largest photos.
constexpr std::int64_t kMaxOptimizedPixels = std::int64_t{16} << 20;
constexpr std::size_t kSinkChunk = 65'536;

struct Trap {
  jpeg_error_mgr manager;  // first: libjpeg gives back its address
  std::jmp_buf escape;
  unsigned extraneous_bytes;
};

[[noreturn]] void leave(j_common_ptr codec) {
  std::longjmp(reinterpret_cast<Trap*>(codec->err)->escape, 1);
}

// A warning that means lost or invented pixels ends the work: a picture with a grey half must not
// pass for the photo that was taken, and hostile scans stop at their first lie.
void on_message(j_common_ptr codec, int level) {
  if (level >= 0) return;
  auto* trap = reinterpret_cast<Trap*>(codec->err);
  switch (trap->manager.msg_code) {
    case JWRN_EXTRANEOUS_DATA:
      trap->extraneous_bytes += static_cast<unsigned>(trap->manager.msg_parm.i[0]);
      return;
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_NOT_SEQUENTIAL:
      return;
    default:
      leave(codec);
  }
}

void print_nothing(j_common_ptr) {}

void arm(Trap& trap) {
  jpeg_std_error(&trap.manager);
  trap.manager.error_exit = leave;
  trap.manager.emit_message = on_message;
  trap.manager.output_message = print_nothing;
}

/// False when a step jumped out. `steps` must own nothing that needs a destructor.
template <typename Steps>
bool completes(Trap& trap, Steps steps) {
  if (setjmp(trap.escape) != 0) return false;  // NOLINT(cert-err52-cpp)
  steps();
  return true;
}

struct Decoder {
  Trap trap{};
  jpeg_decompress_struct codec{};
  Decoder() {
    arm(trap);
    codec.err = &trap.manager;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&codec); }

  /// May jump.
  void open(ByteView jpeg) {
    jpeg_create_decompress(&codec);
    codec.mem->max_memory_to_use = kMaxCodecMemory;
    jpeg_mem_src(&codec, jpeg.data(), static_cast<unsigned long>(jpeg.size()));
    jpeg_read_header(&codec, TRUE);
  }
};

struct Sink {
  jpeg_destination_mgr manager{};  // first: libjpeg gives back its address
  Bytes* out = nullptr;
  std::array<JOCTET, kSinkChunk> chunk;
};

bool append(Sink& sink, std::size_t count) noexcept {
  try {
    sink.out->insert(sink.out->end(), sink.chunk.data(), sink.chunk.data() + count);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void rewind_chunk(Sink& sink) {
  sink.manager.next_output_byte = sink.chunk.data();
  sink.manager.free_in_buffer = sink.chunk.size();
}

void append_or_leave(j_compress_ptr codec, std::size_t count) {
  if (append(*reinterpret_cast<Sink*>(codec->dest), count)) return;
  codec->err->msg_code = JERR_OUT_OF_MEMORY;
  leave(reinterpret_cast<j_common_ptr>(codec));
}

void start_sink(j_compress_ptr codec) {
  rewind_chunk(*reinterpret_cast<Sink*>(codec->dest));
}

boolean empty_sink(j_compress_ptr codec) {
  append_or_leave(codec, kSinkChunk);
  rewind_chunk(*reinterpret_cast<Sink*>(codec->dest));
  return TRUE;
}

void finish_sink(j_compress_ptr codec) {
  append_or_leave(codec, kSinkChunk - codec->dest->free_in_buffer);
}

struct Encoder {
  jpeg_compress_struct codec{};
  Sink sink;
  Encoder(Trap& trap, Bytes& out) {
    codec.err = &trap.manager;
    sink.out = &out;
    sink.manager.init_destination = start_sink;
    sink.manager.empty_output_buffer = empty_sink;
    sink.manager.term_destination = finish_sink;
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  ~Encoder() { jpeg_destroy_compress(&codec); }

  /// May jump.
  void open() {
    jpeg_create_compress(&codec);
    codec.dest = &sink.manager;
  }
};

tl::unexpected<Error> refusal(const Trap& trap) {
  std::array<char, JMSG_LENGTH_MAX> message{};
  jpeg_common_struct codec{};
  jpeg_error_mgr manager = trap.manager;
  codec.err = &manager;
  manager.format_message(&codec, message.data());
  switch (trap.manager.msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
    case JERR_WIDTH_OVERFLOW:
    case JERR_IMAGE_TOO_BIG:
      return fail(
          ErrorCode::limit_exceeded,
          fmt::format("this photo needs more memory than a photo may ({}): send a smaller one",
                      message.data()));
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_BAD_MCU_SIZE:
    case JERR_MISMATCHED_QUANT_TABLE:
      return fail(ErrorCode::unsupported_encoding,
                  fmt::format("this JPEG is written in an unusual way ({}): export the photo as a "
                              "baseline JPEG",
                              message.data()));
    default:
      return fail(
          ErrorCode::malformed_file,
          fmt::format("the picture data of this JPEG are damaged ({}): send the photo again "
                      "from the device",
                      message.data()));
  }
}

// ---- coefficients ----

void turn_block(const JCOEF* from, JCOEF* to, Turn turn) {
  for (std::size_t v = 0; v < DCTSIZE; ++v) {
    for (std::size_t u = 0; u < DCTSIZE; ++u) {
      const int value = turn.transpose ? from[u * DCTSIZE + v] : from[v * DCTSIZE + u];
      // Mirroring an axis changes the sign of its odd cosines.
      const bool negative = (turn.flip_x && u % 2 == 1) != (turn.flip_y && v % 2 == 1);
      to[v * DCTSIZE + u] = static_cast<JCOEF>(negative ? -value : value);
    }
  }
}

JDIMENSION round_up(JDIMENSION value, int unit) {
  const auto step = static_cast<JDIMENSION>(unit);
  return (value + step - 1) / step * step;
}

/// May jump.
void turn_component(jpeg_decompress_struct& codec, jvirt_barray_ptr from, jvirt_barray_ptr to,
                    const jpeg_component_info& component, Turn turn) {
  auto* common = reinterpret_cast<j_common_ptr>(&codec);
  const JDIMENSION columns =
      turn.transpose ? component.height_in_blocks : component.width_in_blocks;
  const JDIMENSION rows = turn.transpose ? component.width_in_blocks : component.height_in_blocks;
  for (JDIMENSION y = 0; y < rows; ++y) {
    const JBLOCKARRAY to_row = codec.mem->access_virt_barray(common, to, y, 1, TRUE);
    const JDIMENSION from_y = turn.flip_y ? rows - 1 - y : y;
    for (JDIMENSION x = 0; x < columns; ++x) {
      const JDIMENSION from_x = turn.flip_x ? columns - 1 - x : x;
      const JDIMENSION stored_row = turn.transpose ? from_x : from_y;
      const JDIMENSION stored_column = turn.transpose ? from_y : from_x;
      const JBLOCKARRAY from_row =
          codec.mem->access_virt_barray(common, from, stored_row, 1, FALSE);
      turn_block(from_row[0][stored_column], to_row[0][x], turn);
    }
  }
}

void transpose_tables(jpeg_compress_struct& codec) {
  std::swap(codec.image_width, codec.image_height);
  for (int i = 0; i < codec.num_components; ++i) {
    std::swap(codec.comp_info[i].h_samp_factor, codec.comp_info[i].v_samp_factor);
  }
  for (JQUANT_TBL* table : codec.quant_tbl_ptrs) {
    if (table == nullptr) continue;
    for (std::size_t v = 0; v < DCTSIZE; ++v) {
      for (std::size_t u = 0; u < v; ++u) {
        std::swap(table->quantval[v * DCTSIZE + u], table->quantval[u * DCTSIZE + v]);
      }
    }
  }
}

// ---- pixels ----

/// Inks without a profile: paper seen through each of them.
void plain_rgb(const JSAMPLE* inks, std::uint8_t* rgb, std::size_t pixels, bool inverted) {
  const int flip = inverted ? 0 : 255;
  for (std::size_t x = 0; x < pixels; ++x, inks += 4, rgb += 3) {
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>(((inks[c] ^ flip) * (inks[3] ^ flip) + 127) / 255);
    }
  }
}

/// Writes one row of RGB where it stands in the turned picture.
void place_row(const std::uint8_t* row, int stored_y, int stored_width, Turn turn, Pixels& pixels) {
  const auto place_of = [&](int stored_x) {
    const int x = turn.transpose ? stored_y : stored_x;
    const int y = turn.transpose ? stored_x : stored_y;
    const int column = turn.flip_x ? pixels.width - 1 - x : x;
    const int line = turn.flip_y ? pixels.height - 1 - y : y;
    return (std::int64_t{line} * pixels.width + column) * 3;
  };
  const std::int64_t first = place_of(0);
  const std::int64_t step = stored_width > 1 ? place_of(1) - first : 0;
  for (int x = 0; x < stored_width; ++x) {
    std::memcpy(pixels.rgb.data() + first + x * step, row + std::ptrdiff_t{3} * x, 3);
  }
}

int scaled_side(int side, int denominator) {
  return (side + denominator - 1) / denominator;
}

/// Area average, exact in integers. Both sides of the target are at most those of the source.
Pixels shrink(const Pixels& from, int width, int height) {
  Pixels to{width, height,
            Bytes(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3)};
  const auto from_w = static_cast<std::uint64_t>(from.width);
  const auto from_h = static_cast<std::uint64_t>(from.height);
  const auto to_w = static_cast<std::uint64_t>(width);
  const auto to_h = static_cast<std::uint64_t>(height);
  // In units of 1/to of a source pixel, target cell i covers [i * from, (i + 1) * from).
  const auto cover = [](std::uint64_t cell, std::uint64_t source, std::uint64_t from_n,
                        std::uint64_t to_n) {
    return std::min((cell + 1) * from_n, (source + 1) * to_n) -
           std::max(cell * from_n, source * to_n);
  };
  // At most 255 times the height of the source: 20,000 rows stay far inside 32 bits.
  std::vector<std::uint32_t> column_sums(from_w * 3);
  for (std::uint64_t y = 0; y < to_h; ++y) {
    std::fill(column_sums.begin(), column_sums.end(), 0);
    for (std::uint64_t sy = y * from_h / to_h; sy * to_h < (y + 1) * from_h; ++sy) {
      const auto weight = static_cast<std::uint32_t>(cover(y, sy, from_h, to_h));
      const std::uint8_t* row = from.rgb.data() + sy * from_w * 3;
      for (std::uint64_t i = 0; i < from_w * 3; ++i) column_sums[i] += weight * row[i];
    }
    for (std::uint64_t x = 0; x < to_w; ++x) {
      std::array<std::uint64_t, 3> sums{};
      for (std::uint64_t sx = x * from_w / to_w; sx * to_w < (x + 1) * from_w; ++sx) {
        const std::uint64_t weight = cover(x, sx, from_w, to_w);
        for (std::size_t c = 0; c < 3; ++c) sums[c] += weight * column_sums[sx * 3 + c];
      }
      for (std::size_t c = 0; c < 3; ++c) {
        to.rgb[(y * to_w + x) * 3 + c] =
            static_cast<std::uint8_t>((sums[c] + from_w * from_h / 2) / (from_w * from_h));
      }
    }
  }
  return to;
}

}  // namespace

Result<unsigned> check_scans(ByteView jpeg) {
  Decoder decoder;
  auto& codec = decoder.codec;
  Bytes row;
  if (!completes(decoder.trap, [&] {
        decoder.open(jpeg);
        codec.scale_num = 1;
        codec.scale_denom = 8;
        codec.dct_method = JDCT_IFAST;
        codec.do_fancy_upsampling = FALSE;
        jpeg_start_decompress(&codec);
      })) {
    return refusal(decoder.trap);
  }
  row.resize(static_cast<std::size_t>(codec.output_width) *
             static_cast<std::size_t>(codec.output_components));
  if (!completes(decoder.trap, [&] {
        JSAMPROW rows = row.data();
        while (codec.output_scanline < codec.output_height) jpeg_read_scanlines(&codec, &rows, 1);
        jpeg_finish_decompress(&codec);
      })) {
    return refusal(decoder.trap);
  }
  return decoder.trap.extraneous_bytes;
}

Result<Bytes> turn_scans(ByteView jpeg, Turn turn, bool progressive) {
  Bytes turned;
  Decoder decoder;
  Encoder encoder(decoder.trap, turned);
  auto& in = decoder.codec;
  auto& out = encoder.codec;
  std::array<jvirt_barray_ptr, MAX_COMPONENTS> arrays{};
  if (!completes(decoder.trap, [&] {
        decoder.open(jpeg);
        auto* common = reinterpret_cast<j_common_ptr>(&in);
        for (int i = 0; i < in.num_components; ++i) {
          const jpeg_component_info& c = in.comp_info[i];
          const int across = turn.transpose ? c.v_samp_factor : c.h_samp_factor;
          const int down = turn.transpose ? c.h_samp_factor : c.v_samp_factor;
          arrays[static_cast<std::size_t>(i)] = in.mem->request_virt_barray(
              common, JPOOL_IMAGE, TRUE,
              round_up(turn.transpose ? c.height_in_blocks : c.width_in_blocks, across),
              round_up(turn.transpose ? c.width_in_blocks : c.height_in_blocks, down),
              static_cast<JDIMENSION>(down));
        }
        jvirt_barray_ptr* stored = jpeg_read_coefficients(&in);
        encoder.open();
        jpeg_copy_critical_parameters(&in, &out);
        if (turn.transpose) transpose_tables(out);
        for (int i = 0; i < in.num_components; ++i) {
          turn_component(in, stored[i], arrays[static_cast<std::size_t>(i)], in.comp_info[i], turn);
        }
        out.write_JFIF_header = FALSE;
        out.write_Adobe_marker = FALSE;
        out.optimize_coding = TRUE;
        if (progressive) jpeg_simple_progression(&out);
        jpeg_write_coefficients(&out, arrays.data());
        jpeg_finish_compress(&out);
        jpeg_finish_decompress(&in);
      })) {
    return refusal(decoder.trap);
  }
  return turned;
}

Result<DecodedScans> decode_scans(ByteView jpeg, int denominator, Turn turn, ByteView icc) {
  Decoder decoder;
  auto& codec = decoder.codec;
  if (!completes(decoder.trap, [&] {
        decoder.open(jpeg);
        codec.scale_num = 1;
        codec.scale_denom = static_cast<unsigned>(denominator);
        codec.out_color_space = codec.num_components == 4 ? JCS_CMYK : JCS_RGB;
        jpeg_start_decompress(&codec);
      })) {
    return refusal(decoder.trap);
  }
  DecodedScans decoded;
  Pixels& pixels = decoded.pixels;
  const int stored_width = static_cast<int>(codec.output_width);
  const auto columns = static_cast<std::size_t>(codec.output_width);
  pixels.width = static_cast<int>(turn.transpose ? codec.output_height : codec.output_width);
  pixels.height = static_cast<int>(turn.transpose ? codec.output_width : codec.output_height);
  pixels.rgb.resize(columns * codec.output_height * 3);
  const bool cmyk = codec.out_color_space == JCS_CMYK;
  // Adobe writes inks inverted (255 is bare paper); without its marker 0 is bare paper.
  const bool inverted = codec.saw_Adobe_marker != 0;
  const auto converter = cmyk ? InkConverter::open(icc, inverted) : std::nullopt;
  Bytes inks(cmyk ? columns * 4 : 0);
  Bytes turned_row(turn.none() ? 0 : columns * 3);
  if (!completes(decoder.trap, [&] {
        while (codec.output_scanline < codec.output_height) {
          const int y = static_cast<int>(codec.output_scanline);
          std::uint8_t* rgb = turn.none()
                                  ? pixels.rgb.data() + static_cast<std::size_t>(y) * columns * 3
                                  : turned_row.data();
          JSAMPROW row = cmyk ? inks.data() : rgb;
          jpeg_read_scanlines(&codec, &row, 1);
          if (cmyk && converter) {
            converter->convert(inks.data(), rgb, columns);
          } else if (cmyk) {
            plain_rgb(inks.data(), rgb, columns, inverted);
          }
          if (!turn.none()) place_row(rgb, y, stored_width, turn, pixels);
        }
        jpeg_finish_decompress(&codec);
      })) {
    return refusal(decoder.trap);
  }
  decoded.stray_bytes = decoder.trap.extraneous_bytes;
  return decoded;
}

Result<Bytes> encode_jpeg(const Pixels& pixels, int quality) {
  if (pixels.width < 1 || pixels.height < 1 || pixels.width > kMaxPhotoSide ||
      pixels.height > kMaxPhotoSide ||
      pixels.rgb.size() !=
          static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height) * 3) {
    return fail(ErrorCode::limit_exceeded,
                "these pixels cannot become a JPEG: their sizes do not agree or are out of range");
  }
  Bytes jpeg;
  Trap trap{};
  arm(trap);
  Encoder encoder(trap, jpeg);
  auto& codec = encoder.codec;
  if (!completes(trap, [&] {
        encoder.open();
        codec.image_width = static_cast<JDIMENSION>(pixels.width);
        codec.image_height = static_cast<JDIMENSION>(pixels.height);
        codec.input_components = 3;
        codec.in_color_space = JCS_RGB;
        jpeg_set_defaults(&codec);
        jpeg_set_quality(&codec, quality, TRUE);
        codec.optimize_coding =
            std::int64_t{pixels.width} * pixels.height <= kMaxOptimizedPixels ? TRUE : FALSE;
        if (quality >= kFullChromaQuality) {
          codec.comp_info[0].h_samp_factor = 1;
          codec.comp_info[0].v_samp_factor = 1;
        }
        jpeg_start_compress(&codec, TRUE);
        const std::size_t stride = static_cast<std::size_t>(pixels.width) * 3;
        while (codec.next_scanline < codec.image_height) {
          // libjpeg reads the row only; its type predates const.
          auto* row = const_cast<JSAMPROW>(pixels.rgb.data() + codec.next_scanline * stride);
          jpeg_write_scanlines(&codec, &row, 1);
        }
        jpeg_finish_compress(&codec);
      })) {
    return refusal(trap);
  }
  return jpeg;
}

Result<DecodedScans> decode_reduced(const JpegLayout& layout, int max_side_px) {
  const int longer = std::max(layout.frame.width, layout.frame.height);
  int denominator = 8;
  while (denominator > 1 && scaled_side(longer, denominator) < max_side_px) denominator /= 2;
  const Bytes plain = assemble_jpeg({.jfif = layout.jfif, .adobe = layout.adobe}, layout.picture);
  auto decoded =
      decode_scans(plain, denominator, turn_for_orientation(layout.orientation), layout.icc);
  if (!decoded) return decoded;
  Pixels& pixels = decoded->pixels;
  const int decoded_side = std::max(pixels.width, pixels.height);
  if (decoded_side > max_side_px) {
    const auto fit = [&](int side) {
      const auto scaled =
          (std::int64_t{2} * side * max_side_px + decoded_side) / (std::int64_t{2} * decoded_side);
      return std::max(1, static_cast<int>(scaled));
    };
    pixels = shrink(pixels, fit(pixels.width), fit(pixels.height));
  }
  if (layout.icc.empty() || layout.frame.components == 4) return decoded;
  auto converted = to_srgb(std::move(pixels), layout.icc);
  if (!converted) return tl::unexpected(converted.error());
  pixels = std::move(*converted);
  return decoded;
}

Result<Bytes> reencode_jpeg(ByteView file, int max_side_px, int quality) {
  const auto layout = read_jpeg_layout(file);
  if (!layout) return tl::unexpected(layout.error());
  const auto decoded = decode_reduced(*layout, max_side_px);
  if (!decoded) return tl::unexpected(decoded.error());
  return encode_jpeg(decoded->pixels, quality);
}

}  // namespace telavis
