// SPDX-License-Identifier: Apache-2.0
#include "formats/photo_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "formats/colour.h"
#include "formats/jpeg_exif.h"

namespace telavis {
namespace {

/// High enough that no eye tells it from the picture, at a third of the bytes of PNG.
constexpr int kDocumentQuality = 95;
constexpr std::string_view kExifName("Exif\0\0", 6);

Pixels turned(Pixels stored, Turn turn) {
  if (turn.none()) return stored;
  Pixels upright{turn.transpose ? stored.height : stored.width,
                 turn.transpose ? stored.width : stored.height, Bytes(stored.rgb.size())};
  const std::uint8_t* from = stored.rgb.data();
  for (int stored_y = 0; stored_y < stored.height; ++stored_y) {
    for (int stored_x = 0; stored_x < stored.width; ++stored_x, from += 3) {
      const int x = turn.transpose ? stored_y : stored_x;
      const int y = turn.transpose ? stored_x : stored_y;
      const int column = turn.flip_x ? upright.width - 1 - x : x;
      const int line = turn.flip_y ? upright.height - 1 - y : y;
      std::memcpy(
          upright.rgb.data() + (std::int64_t{line} * upright.width + column) * std::int64_t{3},
          from, 3);
    }
  }
  return upright;
}

}  // namespace

void note_private(SkinPhoto& photo, PrivateMetadata kind) {
  auto& kinds = photo.private_metadata;
  const auto at = std::ranges::lower_bound(kinds, kind);
  if (at == kinds.end() || *at != kind) kinds.insert(at, kind);
}

void note_exif(SkinPhoto& photo, ByteView exif) {
  if (as_text(exif).starts_with(kExifName)) exif = exif.subspan(kExifName.size());
  note_private(photo, PrivateMetadata::exif);
  const ExifSummary summary = read_exif(exif);
  if (summary.has_gps) note_private(photo, PrivateMetadata::gps);
  if (summary.has_maker_note) note_private(photo, PrivateMetadata::maker_note);
  if (!summary.readable) {
    photo.findings.push_back(
        {"exif_unreadable", Severity::info,
         "the EXIF data are damaged and give no orientation: the photo is shown as stored"});
  }
  const int orientation = summary.orientation.value_or(1);
  if (orientation >= 1 && orientation <= 8) {
    photo.orientation = orientation;
    return;
  }
  photo.findings.push_back(
      {"orientation_invalid", Severity::info,
       fmt::format("the EXIF orientation is {}, not 1 to 8: the photo is shown as stored; turn it "
                   "in an image editor if it lies on its side",
                   orientation)});
}

Result<void> check_picture_size(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1) {
    return fail(ErrorCode::malformed_file,
                "this picture has no pixels: save it again in an image editor");
  }
  if (width > kMaxPhotoSide || height > kMaxPhotoSide || width * height > kMaxPhotoPixels) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("this photo is {} x {} pixels; at most {} on a side and 64 million in "
                            "all are accepted: send a smaller one",
                            width, height, kMaxPhotoSide));
  }
  return {};
}

Result<DecodedExam> with_document(SkinPhoto photo, Pixels stored, Turn turn,
                                  const PictureColours& colours) {
  Pixels upright = turned(std::move(stored), turn);
  photo.width = upright.width;
  photo.height = upright.height;
  bool damaged = colours.damaged;
  if (!colours.icc.empty()) {
    if (usable_profile(colours.icc, colours.components)) {
      auto converted = to_srgb(std::move(upright), colours.icc);
      if (!converted) return tl::unexpected(converted.error());
      upright = std::move(*converted);
    } else {
      damaged = true;
    }
  }
  if (damaged) {
    photo.findings.push_back(
        {"icc_invalid", Severity::info,
         "the colour profile is incomplete or damaged and is left out: colours are shown as sRGB"});
  }
  if (!colours.unknown.empty()) {
    photo.findings.push_back(
        {"colour_not_converted", Severity::warning,
         fmt::format("the colours are written in a way that is not converted ({}) and may look "
                     "pale or wrong: send the photo as JPEG, taken without HDR",
                     colours.unknown)});
  }
  auto document = encode_jpeg(upright, kDocumentQuality);
  if (!document) return tl::unexpected(document.error());
  return DecodedExam{std::move(photo), std::move(*document)};
}

void flatten_on_white(std::uint8_t* rgba, std::size_t pixels, bool premultiplied) {
  std::uint8_t* rgb = rgba;
  for (std::size_t i = 0; i < pixels; ++i, rgba += 4, rgb += 3) {
    const int alpha = rgba[3];
    for (std::size_t c = 0; c < 3; ++c) {
      const int value = premultiplied ? rgba[c] + 255 - alpha
                                      : (rgba[c] * alpha + 255 * (255 - alpha) + 127) / 255;
      rgb[c] = static_cast<std::uint8_t>(std::min(value, 255));
    }
  }
}

}  // namespace telavis
