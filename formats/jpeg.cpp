// SPDX-License-Identifier: Apache-2.0
#include "formats/jpeg.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "formats/colour.h"
#include "formats/jpeg_codec.h"
#include "formats/jpeg_markers.h"

namespace telavis {
namespace {

constexpr int kPreviewQuality = 85;

Bytes plain_jpeg(const JpegLayout& layout, int orientation) {
  return assemble_jpeg(
      {.jfif = layout.jfif, .adobe = layout.adobe, .icc = layout.icc, .orientation = orientation},
      layout.picture);
}

/// The coefficients of `plain` written anew, turned, with the segments that `layout` keeps.
Result<Bytes> rewritten_jpeg(const JpegLayout& layout, ByteView plain, Turn turn, int orientation) {
  const auto scans = turn_scans(plain, turn, layout.frame.process == JpegProcess::progressive);
  if (!scans) return tl::unexpected(scans.error());
  const auto written = read_jpeg_layout(*scans);
  if (!written) return tl::unexpected(written.error());
  return assemble_jpeg({.jfif = layout.jfif,
                        .swap_density = turn.transpose,
                        .adobe = layout.adobe,
                        .icc = layout.icc,
                        .orientation = orientation},
                       written->picture);
}

/// `stray_bytes`: as a decoder that went through all scans has counted them, if one did.
Result<Bytes> upright_jpeg(const JpegLayout& layout, std::optional<unsigned> stray_bytes) {
  const Turn turn = turn_for_orientation(layout.orientation);
  if (!turn.none() && layout.turns_losslessly(turn)) {
    auto upright = rewritten_jpeg(layout, plain_jpeg(layout, 1), turn, 1);
    if (upright) return upright;
    // Damage is found again below; a structure that cannot be rewritten may still be shown turned.
  }
  Bytes plain = plain_jpeg(layout, layout.orientation);
  if (!stray_bytes) {
    const auto checked = check_scans(plain);
    if (!checked) return tl::unexpected(checked.error());
    stray_bytes = *checked;
  }
  if (*stray_bytes > 0) {
    // Bytes that no decoder shows may hide anything; the same coefficients written anew leave them
    // out.
    return rewritten_jpeg(layout, plain, Turn{}, layout.orientation);
  }
  return plain;
}

}  // namespace

bool looks_like_jpeg(ByteView file) {
  return file.size() >= 3 && file[0] == 0xFF && file[1] == 0xD8 && file[2] == 0xFF;
}

Result<SkinPhoto> inspect_jpeg(ByteView file) {
  auto layout = read_jpeg_layout(file);
  if (!layout) return tl::unexpected(layout.error());
  SkinPhoto photo;
  photo.format = "JPEG";
  photo.version = layout->frame.process == JpegProcess::progressive ? "progressive" : "baseline";
  photo.orientation = layout->orientation;
  photo.width = layout->frame.width;
  photo.height = layout->frame.height;
  if (turn_for_orientation(layout->orientation).transpose) std::swap(photo.width, photo.height);
  photo.private_metadata = std::move(layout->private_metadata);
  photo.findings = std::move(layout->findings);
  return photo;
}

Result<Bytes> strip_jpeg(ByteView file) {
  const auto layout = read_jpeg_layout(file);
  if (!layout) return tl::unexpected(layout.error());
  return plain_jpeg(*layout, layout->orientation);
}

Result<Bytes> normalise_jpeg(ByteView file) {
  const auto layout = read_jpeg_layout(file);
  if (!layout) return tl::unexpected(layout.error());
  return upright_jpeg(*layout, std::nullopt);
}

Result<Bytes> preview_jpeg(ByteView file, int max_side_px) {
  return reencode_jpeg(file, std::max(1, max_side_px), kPreviewQuality);
}

Result<NormalisedJpeg> normalise_jpeg_with_preview(ByteView file, int max_side_px) {
  const auto layout = read_jpeg_layout(file);
  if (!layout) return tl::unexpected(layout.error());
  auto decoded = decode_reduced(*layout, std::max(1, max_side_px));
  if (!decoded) return tl::unexpected(decoded.error());
  auto upright = upright_jpeg(*layout, decoded->stray_bytes);
  if (!upright) return tl::unexpected(upright.error());
  auto preview = encode_jpeg(decoded->pixels, kPreviewQuality);
  if (!preview) return tl::unexpected(preview.error());
  return NormalisedJpeg{std::move(*upright), std::move(*preview), std::move(decoded->pixels)};
}

Result<Pixels> decode_jpeg(ByteView file, int max_side_px) {
  const auto layout = read_jpeg_layout(file);
  if (!layout) return tl::unexpected(layout.error());
  const int longer = std::max(layout->frame.width, layout->frame.height);
  int denominator = 1;
  while (denominator < 8 && (longer + denominator - 1) / denominator > max_side_px)
    denominator *= 2;
  auto decoded = decode_scans(plain_jpeg(*layout, 1), denominator,
                              turn_for_orientation(layout->orientation), layout->icc);
  if (!decoded) return tl::unexpected(decoded.error());
  if (layout->icc.empty() || layout->frame.components == 4) return std::move(decoded->pixels);
  return to_srgb(std::move(decoded->pixels), layout->icc);
}

}  // namespace telavis
