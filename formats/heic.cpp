// SPDX-License-Identifier: Apache-2.0
#include "formats/heic.h"

#include <fmt/format.h>
#include <libheif/heif.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "formats/colour.h"
#include "formats/photo_document.h"

namespace telavis {
namespace {

/// The brands of an ftyp box that are looked at; real files list fewer than ten.
constexpr std::size_t kMaxBrands = 32;
constexpr auto kHevcBrands = std::to_array<std::string_view>(
    {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1"});
constexpr auto kAv1Brands = std::to_array<std::string_view>({"avif", "avis"});
/// EXIF and XMP of a photo have some 100 KiB, with a preview inside a few MiB.
constexpr std::size_t kMaxMetadataBytes = std::size_t{16} << 20;
/// A file with more pictures than this is no photo.
constexpr int kMaxMetadataBlocks = 64;

/// Major brand first, then the compatible ones.
std::vector<std::string_view> brands_of(ByteView file) {
  std::vector<std::string_view> brands;
  ByteReader reader(file);
  const auto length = reader.u32be();
  const auto type = reader.take(4);
  if (!length || !type || as_text(*type) != "ftyp") return brands;
  const std::size_t end = std::min<std::size_t>(*length, file.size());
  for (std::size_t at = 8; at + 4 <= end && brands.size() < kMaxBrands; at += 4) {
    if (at != 12) brands.push_back(as_text(file.subspan(at, 4)));  // 12: the minor version
  }
  return brands;
}

template <std::size_t kCount>
bool any_of_brands(const std::vector<std::string_view>& brands,
                   const std::array<std::string_view, kCount>& wanted) {
  return std::ranges::any_of(brands, [&](std::string_view brand) {
    return std::ranges::find(wanted, brand) != wanted.end();
  });
}

struct Free {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { heif_image_release(image); }
  void operator()(heif_decoding_options* options) const { heif_decoding_options_free(options); }
  void operator()(heif_color_profile_nclx* nclx) const { heif_nclx_color_profile_free(nclx); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

tl::unexpected<Error> refusal(const heif_error& error) {
  const std::string reason = error.message == nullptr ? "" : error.message;
  switch (error.subcode) {
    case heif_suberror_End_of_data:
      return fail(ErrorCode::truncated_file,
                  "this HEIC stops before its end: send the photo again from the device");
    case heif_suberror_Security_limit_exceeded:
      return fail(
          ErrorCode::limit_exceeded,
          fmt::format("this photo is larger than a photo may be ({}): send a smaller one", reason));
    default:
      break;
  }
  if (error.code == heif_error_Unsupported_filetype ||
      error.code == heif_error_Unsupported_feature) {
    return fail(ErrorCode::unsupported_encoding,
                fmt::format("this HEIC or AVIF is written in a way that is not read ({}): save the "
                            "photo as JPEG and send that file",
                            reason));
  }
  if (error.code == heif_error_Memory_allocation_error) {
    return fail(ErrorCode::limit_exceeded,
                "there is not enough memory for this photo: send a smaller one");
  }
  return fail(
      ErrorCode::malformed_file,
      fmt::format("this HEIC is damaged ({}): send the photo again from the device", reason));
}

void note_metadata(const heif_image_handle* handle, SkinPhoto& photo) {
  std::array<heif_item_id, kMaxMetadataBlocks> ids{};
  const int count = heif_image_handle_get_list_of_metadata_block_IDs(handle, nullptr, ids.data(),
                                                                     kMaxMetadataBlocks);
  for (int i = 0; i < count; ++i) {
    const heif_item_id id = ids[static_cast<std::size_t>(i)];
    const std::string type = heif_image_handle_get_metadata_type(handle, id);
    const std::string content = heif_image_handle_get_metadata_content_type(handle, id);
    if (type == "mime" && content == "application/rdf+xml") {
      note_private(photo, PrivateMetadata::xmp);
      continue;
    }
    if (type != "Exif") {
      note_private(photo, PrivateMetadata::other_application_segment);
      continue;
    }
    const std::size_t size = heif_image_handle_get_metadata_size(handle, id);
    Bytes exif(std::min(size, kMaxMetadataBytes));
    if (size > kMaxMetadataBytes || size < 4 ||
        heif_image_handle_get_metadata(handle, id, exif.data()).code != heif_error_Ok) {
      exif.assign(4, 0);  // noted as unreadable
    }
    // In front stands where the TIFF header starts, counted from behind these four bytes.
    const std::size_t offset = ByteReader(exif).u32be().value_or(0);
    note_exif(photo, ByteView(exif).subspan(4).subspan(std::min(offset, exif.size() - 4)));
  }
}

PictureColours colours_of(const heif_image_handle* handle) {
  PictureColours colours;
  const std::size_t size = heif_image_handle_get_raw_color_profile_size(handle);
  if (size > 0 && size <= kMaxIccBytes) {
    colours.icc.resize(size);
    if (heif_image_handle_get_raw_color_profile(handle, colours.icc.data()).code != heif_error_Ok) {
      colours.icc.clear();
    }
  }
  if (size > 0) {
    colours.damaged = colours.icc.empty();
    return colours;
  }
  heif_color_profile_nclx* found = nullptr;
  if (heif_image_handle_get_nclx_color_profile(handle, &found).code != heif_error_Ok) {
    return colours;
  }
  const Owned<heif_color_profile_nclx> nclx(found);
  CodedColours coded =
      colours_of_code_points(nclx->color_primaries, nclx->transfer_characteristics);
  colours.icc = std::move(coded.icc);
  if (coded.kind == CodePoints::unknown) {
    colours.unknown =
        fmt::format("H.273 primaries {}, transfer {}", static_cast<int>(nclx->color_primaries),
                    static_cast<int>(nclx->transfer_characteristics));
  }
  return colours;
}

Result<Pixels> decode_pixels(const heif_image_handle* handle) {
  const bool alpha = heif_image_handle_has_alpha_channel(handle) != 0;
  const bool premultiplied = heif_image_handle_is_premultiplied_alpha(handle) != 0;
  const Owned<heif_decoding_options> options(heif_decoding_options_alloc());
  options->convert_hdr_to_8bit = 1;
  options->strict_decoding = 1;
  heif_image* decoded = nullptr;
  const heif_error error = heif_decode_image(
      handle, &decoded, heif_colorspace_RGB,
      alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options.get());
  const Owned<heif_image> image(decoded);
  if (error.code != heif_error_Ok) return refusal(error);
  const int width = heif_image_get_width(image.get(), heif_channel_interleaved);
  const int height = heif_image_get_height(image.get(), heif_channel_interleaved);
  if (auto size = check_picture_size(width, height); !size) return tl::unexpected(size.error());
  int stride = 0;
  const std::uint8_t* rows =
      heif_image_get_plane_readonly(image.get(), heif_channel_interleaved, &stride);
  const std::size_t row_bytes = static_cast<std::size_t>(width) * 3;
  Pixels pixels{width, height, Bytes(row_bytes * static_cast<std::size_t>(height))};
  Bytes rgba(alpha ? static_cast<std::size_t>(width) * 4 : 0);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = rows + std::ptrdiff_t{stride} * y;
    std::uint8_t* out = pixels.rgb.data() + row_bytes * static_cast<std::size_t>(y);
    if (alpha) {
      std::memcpy(rgba.data(), row, rgba.size());
      flatten_on_white(rgba.data(), static_cast<std::size_t>(width), premultiplied);
    }
    std::memcpy(out, alpha ? rgba.data() : row, row_bytes);
  }
  return pixels;
}

}  // namespace

bool looks_like_heic(ByteView file) {
  const auto brands = brands_of(file);
  return any_of_brands(brands, kHevcBrands) || any_of_brands(brands, kAv1Brands);
}

Result<DecodedExam> decode_heic(ByteView file) {
  if (file.empty()) {
    return fail(ErrorCode::empty_file, "the file is empty: send the photo again");
  }
  const auto brands = brands_of(file);
  SkinPhoto photo;
  photo.format = any_of_brands(brands, kAv1Brands) ? "AVIF" : "HEIC";
  photo.version = brands.empty() ? "" : std::string(brands.front());
  const Owned<heif_context> context(heif_context_alloc());
  heif_context_set_maximum_image_size_limit(context.get(), kMaxPhotoSide);
  const heif_error read =
      heif_context_read_from_memory_without_copy(context.get(), file.data(), file.size(), nullptr);
  if (read.code != heif_error_Ok) return refusal(read);
  heif_image_handle* primary = nullptr;
  const heif_error found = heif_context_get_primary_image_handle(context.get(), &primary);
  const Owned<heif_image_handle> handle(primary);
  if (found.code != heif_error_Ok) return refusal(found);
  for (const auto& [width, height] :
       {std::pair(heif_image_handle_get_width(primary), heif_image_handle_get_height(primary)),
        std::pair(heif_image_handle_get_ispe_width(primary),
                  heif_image_handle_get_ispe_height(primary))}) {
    if (auto size = check_picture_size(width, height); !size) return tl::unexpected(size.error());
  }
  note_metadata(primary, photo);
  if (const int count = heif_context_get_number_of_top_level_images(context.get()); count > 1) {
    photo.findings.push_back(
        {"more_pictures", Severity::info,
         fmt::format("this file holds {} pictures: the main one is shown. Send the others, if they "
                     "matter, as files of their own",
                     count)});
  }
  PictureColours colours = colours_of(primary);
  auto pixels = decode_pixels(primary);
  if (!pixels) return tl::unexpected(pixels.error());
  return with_document(std::move(photo), std::move(*pixels), Turn{}, colours);
}

}  // namespace telavis
