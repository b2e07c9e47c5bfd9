// SPDX-License-Identifier: Apache-2.0
#include "formats/webp.h"

#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "formats/photo_document.h"

namespace telavis {
namespace {

constexpr std::size_t kRiffHeader = 12;
/// A film of an hour at two frames a second has 7,200; more is made to exhaust time.
constexpr int kMaxChunks = 10'000;

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(
      ErrorCode::malformed_file,
      fmt::format("this WebP is damaged ({}): send the picture again from the device", what));
}

struct WebpLayout {
  ByteView riff;  // the file without what stands behind it
  Bytes icc;
};

/// One pass over the outer chunks.
Result<WebpLayout> walk(ByteView file, SkinPhoto& photo) {
  ByteReader reader(file);
  reader.skip(4);
  const std::size_t announced = std::size_t{reader.u32le().value_or(0)} + 8;
  if (announced > file.size()) {
    return fail(ErrorCode::truncated_file,
                "this WebP stops before its end: send the picture again from the device");
  }
  if (announced < kRiffHeader) return damaged("its size");
  WebpLayout layout{file.first(announced), {}};
  if (announced < file.size()) {
    photo.findings.push_back({"trailing_bytes", Severity::info,
                              fmt::format("{} bytes follow the end of the picture and are left out",
                                          file.size() - announced)});
  }
  reader = ByteReader(layout.riff);
  reader.skip(kRiffHeader);
  bool exif_seen = false;
  for (int chunks = 0; reader.remaining() > 0; ++chunks) {
    if (chunks == kMaxChunks) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("this WebP has more than {} chunks: save one image of it as JPEG",
                              kMaxChunks));
    }
    const auto type = reader.take(4);
    const auto length = reader.u32le();
    const auto body = length ? reader.take(*length) : std::nullopt;
    if (!type || !body) return damaged("a chunk is cut short");
    reader.skip(*length % 2);
    const std::string_view name = as_text(*type);
    if (name == "EXIF") {
      if (!exif_seen) note_exif(photo, *body);
      exif_seen = true;
    } else if (name == "XMP ") {
      note_private(photo, PrivateMetadata::xmp);
    } else if (name == "ICCP") {
      if (layout.icc.empty()) layout.icc.assign(body->begin(), body->end());
    } else if (name != "VP8X" && name != "VP8 " && name != "VP8L" && name != "ALPH" &&
               name != "ANIM" && name != "ANMF") {
      note_private(photo, PrivateMetadata::other_application_segment);
    }
  }
  return layout;
}

struct Frame {
  WebPIterator iterator{};
  Frame() = default;
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() { WebPDemuxReleaseIterator(&iterator); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)>;

/// The frame alone, transparency on white.
Result<Pixels> decode_frame(const WebPData& data) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return damaged("libwebp is of another version");
  if (WebPGetFeatures(data.bytes, data.size, &config.input) != VP8_STATUS_OK) {
    return damaged("the header of a frame");
  }
  const int width = config.input.width;
  const int height = config.input.height;
  if (auto size = check_picture_size(width, height); !size) return tl::unexpected(size.error());
  const std::size_t count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const bool alpha = config.input.has_alpha != 0;
  const std::size_t channels = alpha ? 4 : 3;
  Pixels pixels{width, height, Bytes(count * channels)};
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels.rgb.data();
  config.output.u.RGBA.stride = width * static_cast<int>(channels);
  config.output.u.RGBA.size = pixels.rgb.size();
  const VP8StatusCode status = WebPDecode(data.bytes, data.size, &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) return damaged("its picture data");
  if (alpha) {
    flatten_on_white(pixels.rgb.data(), count, false);
    pixels.rgb.resize(count * 3);
  }
  return pixels;
}

/// A frame smaller than its canvas stands on white.
Pixels on_canvas(Pixels frame, int x, int y, int width, int height) {
  if (frame.width == width && frame.height == height) return frame;
  Pixels canvas{width, height,
                Bytes(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 255)};
  const std::int64_t columns = std::min(frame.width, width - x);
  const std::int64_t rows = std::min(frame.height, height - y);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::memcpy(canvas.rgb.data() + ((row + y) * width + x) * 3,
                frame.rgb.data() + row * frame.width * 3, static_cast<std::size_t>(columns * 3));
  }
  return canvas;
}

}  // namespace

bool looks_like_webp(ByteView file) {
  const std::string_view text = as_text(file);
  return text.starts_with("RIFF") && text.substr(0, kRiffHeader).ends_with("WEBP");
}

Result<DecodedExam> decode_webp(ByteView file) {
  if (file.empty()) {
    return fail(ErrorCode::empty_file, "the file is empty: send the picture again");
  }
  if (!looks_like_webp(file)) return damaged("it does not start as one");
  SkinPhoto photo;
  photo.format = "WebP";
  auto layout = walk(file, photo);
  if (!layout) return tl::unexpected(layout.error());
  const WebPData data{layout->riff.data(), layout->riff.size()};
  const Demuxer demuxer(WebPDemux(&data), &WebPDemuxDelete);
  Frame frame;
  if (demuxer == nullptr || WebPDemuxGetFrame(demuxer.get(), 1, &frame.iterator) == 0) {
    return damaged("its chunks do not make a picture");
  }
  const auto canvas_width = static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH));
  const auto canvas_height = static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT));
  if (auto size = check_picture_size(canvas_width, canvas_height); !size) {
    return tl::unexpected(size.error());
  }
  if (WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT) > 1) {
    photo.findings.push_back({"animation_first_frame", Severity::info,
                              "this picture moves: only its first image is shown"});
  }
  WebPBitstreamFeatures features;
  const auto& fragment = frame.iterator.fragment;
  if (WebPGetFeatures(fragment.bytes, fragment.size, &features) != VP8_STATUS_OK) {
    return damaged("the header of a frame");
  }
  photo.version = features.format == 2 ? "lossless" : "lossy";
  auto pixels = decode_frame(fragment);
  if (!pixels) return tl::unexpected(pixels.error());
  const Turn turn = turn_for_orientation(photo.orientation);
  return with_document(std::move(photo),
                       on_canvas(std::move(*pixels), frame.iterator.x_offset,
                                 frame.iterator.y_offset, canvas_width, canvas_height),
                       turn, {.icc = std::move(layout->icc)});
}

}  // namespace telavis
