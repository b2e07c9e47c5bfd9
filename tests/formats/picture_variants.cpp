// SPDX-License-Identifier: Apache-2.0
#include "tests/formats/picture_variants.h"

#include <lcms2.h>
#include <libheif/heif.h>
#include <webp/encode.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "fixtures/synthetic_photo.h"
#include "tests/formats/jpeg_variants.h"

namespace telavis::test {
namespace {

std::uint32_t crc32(ByteView bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

int channels_of(PngColours colours) {
  switch (colours) {
    case PngColours::grey:
    case PngColours::palette:
      return 1;
    case PngColours::grey_alpha:
      return 2;
    case PngColours::rgb:
      return 3;
    case PngColours::rgba:
      return 4;
  }
  return 0;
}

struct Pass {
  int x, y, dx, dy;
};
constexpr std::array<Pass, 7> kAdam7 = {{{0, 0, 8, 8},
                                         {4, 0, 8, 8},
                                         {0, 4, 4, 8},
                                         {2, 0, 4, 4},
                                         {0, 2, 2, 4},
                                         {1, 0, 2, 2},
                                         {0, 1, 1, 2}}};

void append_pass(Bytes& raw, const PngVariant& variant, const Pass& pass,
                 const std::function<unsigned(int, int, int)>& sample) {
  if (pass.x >= variant.width || pass.y >= variant.height) return;
  for (int y = pass.y; y < variant.height; y += pass.dy) {
    raw.push_back(0);  // no filter
    unsigned bits = 0;
    int held = 0;
    for (int x = pass.x; x < variant.width; x += pass.dx) {
      for (int channel = 0; channel < channels_of(variant.colours); ++channel) {
        const unsigned value = sample(x, y, channel);
        if (variant.depth == 16) {
          raw.push_back(static_cast<std::uint8_t>(value >> 8));
          raw.push_back(static_cast<std::uint8_t>(value));
          continue;
        }
        bits = (bits << variant.depth) | value;
        held += variant.depth;
        if (held == 8) {
          raw.push_back(static_cast<std::uint8_t>(bits));
          bits = 0;
          held = 0;
        }
      }
    }
    if (held > 0) raw.push_back(static_cast<std::uint8_t>(bits << (8 - held)));
  }
}

void u24le(Bytes& out, int value) {
  for (int shift = 0; shift < 24; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

Bytes vp8x(int flags, int width, int height) {
  Bytes body = {static_cast<std::uint8_t>(flags), 0, 0, 0};
  u24le(body, width - 1);
  u24le(body, height - 1);
  return body;
}

Bytes taken(std::uint8_t* buffer, std::size_t size) {
  Bytes bytes(buffer, buffer + size);
  WebPFree(buffer);
  return bytes;
}

}  // namespace

Bytes png_chunk(std::string_view type, ByteView body) {
  Bytes chunk;
  ByteWriter out(chunk);
  out.u32be(static_cast<std::uint32_t>(body.size()));
  out.text(type);
  out.bytes(body);
  out.u32be(crc32(ByteView(chunk).subspan(4)));
  return chunk;
}

Bytes stored_zlib(ByteView bytes) {
  Bytes stream;
  ByteWriter out(stream);
  out.u16be(0x7801);
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  do {
    const std::size_t count = std::min<std::size_t>(bytes.size(), 65535);
    out.u8(count == bytes.size() ? 1 : 0);
    out.u16le(static_cast<std::uint16_t>(count));
    out.u16le(static_cast<std::uint16_t>(~count));
    out.bytes(bytes.first(count));
    bytes = bytes.subspan(count);
  } while (!bytes.empty());
  out.u32be((b << 16) | a);
  return stream;
}

Bytes make_png(const PngVariant& variant, const std::function<unsigned(int, int, int)>& sample) {
  Bytes png;
  ByteWriter out(png);
  out.text("\x89PNG\r\n\x1A\n");
  Bytes header;
  ByteWriter head(header);
  head.u32be(static_cast<std::uint32_t>(variant.width));
  head.u32be(static_cast<std::uint32_t>(variant.height));
  head.u8(static_cast<std::uint8_t>(variant.depth));
  head.u8(static_cast<std::uint8_t>(variant.colours));
  head.u16be(0);
  head.u8(variant.interlaced ? 1 : 0);
  out.bytes(png_chunk("IHDR", header));
  Bytes raw;
  if (variant.interlaced) {
    for (const Pass& pass : kAdam7) append_pass(raw, variant, pass, sample);
  } else {
    append_pass(raw, variant, {0, 0, 1, 1}, sample);
  }
  out.bytes(png_chunk("IDAT", stored_zlib(raw)));
  out.bytes(png_chunk("IEND", {}));
  return png;
}

Bytes make_png(const Pixels& pixels) {
  return make_png({.width = pixels.width, .height = pixels.height}, [&](int x, int y, int channel) {
    const std::ptrdiff_t at = (std::ptrdiff_t{y} * pixels.width + x) * 3 + channel;
    return pixels.rgb[static_cast<std::size_t>(at)];
  });
}

Bytes png_with(ByteView png, std::string_view type, ByteView body) {
  constexpr std::size_t kBehindHeader = 8 + 12 + 13;
  Bytes file(png.begin(), png.begin() + kBehindHeader);
  ByteWriter out(file);
  out.bytes(png_chunk(type, body));
  out.bytes(png.subspan(kBehindHeader));
  return file;
}

Bytes iccp_body(std::string_view name, ByteView icc) {
  Bytes body;
  ByteWriter out(body);
  out.text(name);
  out.u16be(0);
  out.bytes(stored_zlib(icc));
  return body;
}

Bytes make_webp(const Pixels& pixels, bool lossless) {
  std::uint8_t* buffer = nullptr;
  const int stride = pixels.width * 3;
  const std::size_t size =
      lossless
          ? WebPEncodeLosslessRGB(pixels.rgb.data(), pixels.width, pixels.height, stride, &buffer)
          : WebPEncodeRGB(pixels.rgb.data(), pixels.width, pixels.height, stride, 95, &buffer);
  return taken(buffer, size);
}

Bytes make_webp_rgba(int width, int height, ByteView rgba) {
  std::uint8_t* buffer = nullptr;
  const std::size_t size = WebPEncodeLosslessRGBA(rgba.data(), width, height, width * 4, &buffer);
  return taken(buffer, size);
}

Bytes make_riff(const std::vector<RiffChunk>& chunks) {
  Bytes body;
  ByteWriter out(body);
  out.text("WEBP");
  for (const RiffChunk& chunk : chunks) {
    out.text(chunk.type);
    out.u32le(static_cast<std::uint32_t>(chunk.body.size()));
    out.bytes(chunk.body);
    if (chunk.body.size() % 2 != 0) out.u8(0);
  }
  Bytes file;
  ByteWriter whole(file);
  whole.text("RIFF");
  whole.u32le(static_cast<std::uint32_t>(body.size()));
  whole.bytes(body);
  return file;
}

std::vector<RiffChunk> riff_chunks(ByteView webp) {
  std::vector<RiffChunk> chunks;
  ByteReader reader(webp);
  reader.skip(12);
  while (reader.remaining() > 8) {
    const auto type = reader.take(4);
    const auto body = reader.take(*reader.u32le());
    reader.skip(body->size() % 2);
    chunks.push_back({std::string(as_text(*type)), {body->begin(), body->end()}});
  }
  return chunks;
}

Bytes extended_webp(const Pixels& pixels, const std::vector<RiffChunk>& before,
                    const std::vector<RiffChunk>& behind, bool lossless) {
  int flags = 0;
  for (const auto* list : {&before, &behind}) {
    for (const RiffChunk& chunk : *list) {
      if (chunk.type == "ICCP") flags |= 0x20;
      if (chunk.type == "EXIF") flags |= 0x08;
      if (chunk.type == "XMP ") flags |= 0x04;
    }
  }
  std::vector<RiffChunk> chunks = {{"VP8X", vp8x(flags, pixels.width, pixels.height)}};
  chunks.insert(chunks.end(), before.begin(), before.end());
  for (const RiffChunk& chunk : riff_chunks(make_webp(pixels, lossless))) {
    if (chunk.type != "VP8X") chunks.push_back(chunk);
  }
  chunks.insert(chunks.end(), behind.begin(), behind.end());
  return make_riff(chunks);
}

Bytes animated_webp(const Pixels& first, const Pixels& second, int x, int y, int canvas_width,
                    int canvas_height) {
  const auto frame = [](const Pixels& pixels, int at_x, int at_y) {
    Bytes body;
    u24le(body, at_x / 2);
    u24le(body, at_y / 2);
    u24le(body, pixels.width - 1);
    u24le(body, pixels.height - 1);
    u24le(body, 100);  // milliseconds
    body.push_back(0);
    const Bytes file = make_webp(pixels, true);
    body.insert(body.end(), file.begin() + 12, file.end());
    return body;
  };
  return make_riff({{"VP8X", vp8x(0x02, canvas_width, canvas_height)},
                    {"ANIM", Bytes(6)},
                    {"ANMF", frame(first, x, y)},
                    {"ANMF", frame(second, 0, 0)}});
}

// ---- HEIC ----

namespace {

struct Free {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_encoder* encoder) const { heif_encoder_release(encoder); }
  void operator()(heif_image* image) const { heif_image_release(image); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_encoding_options* options) const { heif_encoding_options_free(options); }
  void operator()(heif_color_profile_nclx* nclx) const { heif_nclx_color_profile_free(nclx); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<heif_image> image_of(const Pixels& pixels, const HeicVariant& variant) {
  const bool deep = variant.bit_depth > 8;
  const std::ptrdiff_t channels = variant.alpha ? 4 : 3;
  const heif_chroma chroma = deep            ? heif_chroma_interleaved_RRGGBB_LE
                             : variant.alpha ? heif_chroma_interleaved_RGBA
                                             : heif_chroma_interleaved_RGB;
  heif_image* created = nullptr;
  heif_image_create(pixels.width, pixels.height, heif_colorspace_RGB, chroma, &created);
  Owned<heif_image> image(created);
  heif_image_add_plane(created, heif_channel_interleaved, pixels.width, pixels.height,
                       variant.bit_depth);
  int stride = 0;
  std::uint8_t* plane = heif_image_get_plane(created, heif_channel_interleaved, &stride);
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      for (std::ptrdiff_t c = 0; c < channels; ++c) {
        const std::size_t from =
            (static_cast<std::size_t>(y) * static_cast<std::size_t>(pixels.width) +
             static_cast<std::size_t>(x)) *
            3;
        const int value = c == 3 ? (x < pixels.width / 2 ? 0 : 255)
                                 : pixels.rgb[from + static_cast<std::size_t>(c)];
        std::uint8_t* to = plane + std::ptrdiff_t{stride} * y;
        if (deep) {
          const int wide = value * 1023 / 255;
          to[(x * channels + c) * 2] = static_cast<std::uint8_t>(wide);
          to[(x * channels + c) * 2 + 1] = static_cast<std::uint8_t>(wide >> 8);
        } else {
          to[x * channels + c] = static_cast<std::uint8_t>(value);
        }
      }
    }
  }
  if (!variant.icc.empty()) {
    heif_image_set_raw_color_profile(created, "prof", variant.icc.data(), variant.icc.size());
  }
  return image;
}

heif_error append_bytes(heif_context*, const void* data, std::size_t size, void* out) {
  auto* bytes = static_cast<Bytes*>(out);
  const auto* from = static_cast<const std::uint8_t*>(data);
  bytes->assign(from, from + size);
  return {heif_error_Ok, heif_suberror_Unspecified, ""};
}

// Boxes of a HEIC written by hand (ISO/IEC 14496-12).
Bytes box(std::string_view type, ByteView body) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.u32be(static_cast<std::uint32_t>(8 + body.size()));
  out.text(type);
  out.bytes(body);
  return bytes;
}

Bytes full_box(std::string_view type, int version, ByteView body) {
  Bytes inner = {static_cast<std::uint8_t>(version), 0, 0, 0};
  inner.insert(inner.end(), body.begin(), body.end());
  return box(type, inner);
}

/// The first box of a type among those in `bytes`, whole.
ByteView find_box(ByteView bytes, std::string_view type) {
  for (std::size_t at = 0; at + 8 <= bytes.size();) {
    ByteReader reader(bytes.subspan(at));
    const std::size_t size = *reader.u32be();
    if (as_text(*reader.take(4)) == type) return bytes.subspan(at, size);
    at += std::max<std::size_t>(size, 8);
  }
  return {};
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes item_entry(std::uint16_t id, std::string_view type) {
  Bytes body;
  ByteWriter out(body);
  out.u16be(id);
  out.u16be(0);
  out.text(type);
  out.u8(0);
  return full_box("infe", 2, body);
}

Bytes extents(const std::vector<std::pair<std::size_t, std::size_t>>& places) {
  Bytes body;
  ByteWriter out(body);
  out.u16be(0x4400);  // offsets and lengths of 4 bytes
  out.u16be(static_cast<std::uint16_t>(places.size()));
  for (std::size_t i = 0; i < places.size(); ++i) {
    out.u16be(static_cast<std::uint16_t>(i + 1));
    out.u16be(0);
    out.u16be(1);
    out.u32be(static_cast<std::uint32_t>(places[i].first));
    out.u32be(static_cast<std::uint32_t>(places[i].second));
  }
  return full_box("iloc", 0, body);
}

Bytes size_box(int width, int height) {
  Bytes body;
  ByteWriter out(body);
  out.u32be(static_cast<std::uint32_t>(width));
  out.u32be(static_cast<std::uint32_t>(height));
  return full_box("ispe", 0, body);
}

}  // namespace

Bytes make_heic(const Pixels& pixels, const HeicVariant& variant) {
  const Owned<heif_context> context(heif_context_alloc());
  heif_encoder* found = nullptr;
  const auto format = variant.av1 ? heif_compression_AV1 : heif_compression_HEVC;
  if (heif_context_get_encoder_for_format(context.get(), format, &found).code != heif_error_Ok) {
    return {};
  }
  const Owned<heif_encoder> encoder(found);
  heif_encoder_set_lossy_quality(found, 95);
  heif_encoder_set_parameter_string(found, "chroma", "444");
  const Owned<heif_encoding_options> options(heif_encoding_options_alloc());
  options->image_orientation = static_cast<heif_orientation>(variant.orientation);
  const Owned<heif_color_profile_nclx> nclx(heif_nclx_color_profile_alloc());
  if (variant.primaries > 0) {
    heif_nclx_color_profile_set_color_primaries(nclx.get(),
                                                static_cast<std::uint16_t>(variant.primaries));
    heif_nclx_color_profile_set_transfer_characteristics(
        nclx.get(), static_cast<std::uint16_t>(variant.transfer));
    options->output_nclx_profile = nclx.get();
    options->macOS_compatibility_workaround_no_nclx_profile = 0;
  }
  const auto encode = [&](const Pixels& picture) {
    const auto image = image_of(picture, variant);
    if (variant.primaries > 0) heif_image_set_nclx_color_profile(image.get(), nclx.get());
    heif_image_handle* handle = nullptr;
    heif_context_encode_image(context.get(), image.get(), found, options.get(), &handle);
    return Owned<heif_image_handle>(handle);
  };
  const auto handle = encode(pixels);
  if (handle == nullptr) return {};
  if (!variant.exif.empty()) {
    heif_context_add_exif_metadata(context.get(), handle.get(), variant.exif.data(),
                                   static_cast<int>(variant.exif.size()));
  }
  if (!variant.xmp.empty()) {
    heif_context_add_XMP_metadata(context.get(), handle.get(), variant.xmp.data(),
                                  static_cast<int>(variant.xmp.size()));
  }
  if (variant.second_picture) {
    Pixels other = pixels;
    std::fill(other.rgb.begin(), other.rgb.end(), 0);
    encode(other);
  }
  Bytes file;
  heif_writer writer{1, append_bytes};
  heif_context_write(context.get(), &writer, &file);
  return file;
}

Bytes make_heic_grid(const Pixels& tile) {
  const Bytes single = make_heic(tile);
  if (single.empty()) return {};
  const ByteView meta = find_box(single, "meta").subspan(12);
  const ByteView properties = find_box(meta, "iprp").subspan(8);
  const ByteView config = find_box(find_box(properties, "ipco").subspan(8), "hvcC");
  const ByteView data = find_box(single, "mdat").subspan(8);
  const int width = 2 * tile.width;
  const int height = 2 * tile.height;
  // ImageGrid: version, flags, rows - 1, columns - 1, width, height (ISO/IEC 23008-12 6.6.2.3)
  Bytes grid = {0, 0, 1, 1};
  ByteWriter grid_out(grid);
  grid_out.u16be(static_cast<std::uint16_t>(width));
  grid_out.u16be(static_cast<std::uint16_t>(height));

  const Bytes handler = full_box("hdlr", 0, joined({Bytes(4), {'p', 'i', 'c', 't'}, Bytes(13)}));
  const Bytes primary = full_box("pitm", 0, Bytes{0, 5});
  Bytes entries = {0, 5};
  for (std::uint16_t id = 1; id <= 4; ++id) entries = joined({entries, item_entry(id, "hvc1")});
  entries = joined({entries, item_entry(5, "grid")});
  const Bytes references =
      full_box("iref", 0, box("dimg", Bytes{0, 5, 0, 4, 0, 1, 0, 2, 0, 3, 0, 4}));
  const Bytes contents =
      box("ipco", joined({Bytes(config.begin(), config.end()), size_box(tile.width, tile.height),
                          size_box(width, height)}));
  Bytes associations = {0, 0, 0, 5};
  for (std::uint8_t id = 1; id <= 4; ++id) {
    associations = joined({associations, {0, id, 2, 0x81, 2}});  // hvcC, essential; ispe
  }
  associations = joined({associations, {0, 5, 1, 3}});
  const Bytes described = box("iprp", joined({contents, full_box("ipma", 0, associations)}));
  const ByteView brands = find_box(single, "ftyp");
  const auto file_with = [&](std::size_t offset) {
    std::vector<std::pair<std::size_t, std::size_t>> places(4, {offset, data.size()});
    places.emplace_back(offset + data.size(), grid.size());
    const Bytes all = full_box("meta", 0,
                               joined({handler, primary, extents(places),
                                       full_box("iinf", 0, entries), references, described}));
    return joined({Bytes(brands.begin(), brands.end()), all,
                   box("mdat", joined({Bytes(data.begin(), data.end()), grid}))});
  };
  const std::size_t data_at = file_with(0).size() - data.size() - grid.size();
  return file_with(data_at);
}

// ---- metadata ----

Bytes planted_exif(int orientation) {
  const Pixels tiny{64, 64, Bytes(std::size_t{64} * 64 * 3, 90)};
  const Bytes jpeg = fixtures::with_private_metadata(make_jpeg(tiny, {}), orientation, true);
  for (const Segment& segment : header_segments(jpeg)) {
    if (segment.code == 0xE1 && contains(segment.body, "Exif")) {
      return {segment.body.begin() + 6, segment.body.end()};
    }
  }
  return {};
}

namespace {

Bytes saved(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  Bytes icc(size);
  cmsSaveProfileToMem(profile, icc.data(), &size);
  cmsCloseProfile(profile);
  return icc;
}

}  // namespace

Bytes display_p3_profile() {
  const cmsCIExyY white = {0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
  const std::array<double, 5> srgb = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* curve = cmsBuildParametricToneCurve(nullptr, 4, srgb.data());
  const std::array<cmsToneCurve*, 3> curves = {curve, curve, curve};
  const cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves.data());
  cmsFreeToneCurve(curve);
  return saved(profile);
}

Bytes ink_profile() {
  // L* = 100 - 50 C on paper that is dyed green by cyan; nothing like what Adobe's rule gives.
  cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetProfileVersion(profile, 2.4);
  cmsSetDeviceClass(profile, cmsSigOutputClass);
  cmsSetColorSpace(profile, cmsSigCmykData);
  cmsSetPCS(profile, cmsSigLabData);
  cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, 4, 3);
  cmsStage* table = cmsStageAllocCLut16bit(nullptr, 2, 4, 3, nullptr);
  cmsStageSampleCLut16bit(
      table,
      [](const cmsUInt16Number in[], cmsUInt16Number out[], void*) -> cmsInt32Number {
        const cmsCIELab lab = {100 - 50 * (in[0] / 65535.0) - 40 * (in[3] / 65535.0),
                               -60 * (in[0] / 65535.0), 0};
        cmsFloat2LabEncodedV2(out, &lab);
        return 1;
      },
      nullptr, 0);
  cmsPipelineInsertStage(pipeline, cmsAT_END, table);
  cmsWriteTag(profile, cmsSigAToB0Tag, pipeline);
  cmsWriteTag(profile, cmsSigAToB1Tag, pipeline);
  cmsPipelineFree(pipeline);
  const cmsCIEXYZ white = *cmsD50_XYZ();
  cmsWriteTag(profile, cmsSigMediaWhitePointTag, &white);
  return saved(profile);
}

}  // namespace telavis::test
