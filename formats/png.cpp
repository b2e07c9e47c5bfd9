// SPDX-License-Identifier: Apache-2.0
// libpng reports errors by longjmp: between setjmp and the jump live only values without
// destructors; whatever owns memory lives in the caller.
#include "formats/png.h"

#include <fmt/format.h>
#include <png.h>

#include <array>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "formats/colour.h"
#include "formats/photo_document.h"

namespace telavis {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n";
/// 64 MiB in the 8 KiB pieces that many encoders write are 8,192; more is made to exhaust memory.
constexpr int kMaxChunks = 100'000;
/// gAMA and cHRM are written in hundred-thousandths.
constexpr double kChunkUnit = 100'000.0;
/// sRGB is near the power 2.2 (0.45455 in gAMA); what is nearer than this is meant to be it.
constexpr double kGammaTolerance = 0.05;
constexpr double kPlainGamma = 2.2;
/// cHRM is written with four digits at least; nobody tells nearer primaries from those of sRGB.
constexpr double kChromaticityTolerance = 0.005;
constexpr std::size_t kHeaderBytes = 13;

// ---- the chunks ----

struct PngLayout {
  int width = 0;
  int height = 0;
  int depth = 0;
  int colour_type = 0;
  bool interlaced = false;
  std::vector<ByteView> picture;  // whole chunks for libpng, in order
  bool has_data = false;
  bool has_icc = false;
  bool has_srgb = false;
  bool animated = false;
  std::optional<double> gamma;  // as written: 0.45455
  std::optional<Chromaticities> chromaticities;
  std::optional<std::array<std::uint8_t, 4>> code_points;
};

PrivateMetadata kind_of_text(std::string_view keyword) {
  if (keyword == "XML:com.adobe.xmp" || keyword == "Raw profile type xmp") {
    return PrivateMetadata::xmp;
  }
  if (keyword == "Raw profile type exif" || keyword == "Raw profile type APP1") {
    return PrivateMetadata::exif;
  }
  if (keyword == "Raw profile type iptc" || keyword == "Raw profile type 8bim") {
    return PrivateMetadata::iptc;
  }
  return PrivateMetadata::comment;
}

class Walk {
 public:
  Walk(ByteView file, SkinPhoto& photo) : reader_(file), photo_(photo), file_(file) {}

  Result<PngLayout> run() {
    reader_.seek(kSignature.size());
    for (int chunks = 0;; ++chunks) {
      if (chunks == kMaxChunks) {
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("this PNG has more than {} chunks: save it again in an image editor",
                        kMaxChunks));
      }
      const std::size_t start = reader_.position();
      const auto length = reader_.u32be();
      const auto type = reader_.take(4);
      const auto body = length ? reader_.take(*length) : std::nullopt;
      if (!length || !type || !body || !reader_.u32be()) {
        return fail(ErrorCode::truncated_file,
                    "this PNG stops before its end: send the picture again from the device");
      }
      const ByteView whole = file_.subspan(start, reader_.position() - start);
      if (auto done = chunk(as_text(*type), *body, whole); !done) {
        return tl::unexpected(done.error());
      }
      if (as_text(*type) == "IEND") break;
    }
    if (!layout_.has_data) {
      return fail(ErrorCode::malformed_file,
                  "this PNG holds no picture: save it again in an image editor");
    }
    remark();
    return std::move(layout_);
  }

 private:
  Result<void> chunk(std::string_view type, ByteView body, ByteView whole) {
    if ((layout_.width == 0) != (type == "IHDR")) {
      return fail(ErrorCode::malformed_file,
                  "the header of this PNG is missing or stands twice: save it again in an image "
                  "editor");
    }
    if (type == "IHDR") {
      if (auto done = header(body); !done) return done;
    }
    if (type == "IHDR" || type == "PLTE" || type == "tRNS" || type == "IDAT" || type == "IEND") {
      layout_.has_data = layout_.has_data || type == "IDAT";
      layout_.picture.push_back(whole);
      return {};
    }
    const bool ancillary = (type[0] & 0x20) != 0;  // W3C 5.4
    if (!ancillary) {
      return fail(ErrorCode::unsupported_encoding,
                  "this PNG is written in a way that only its maker reads: export the picture as "
                  "JPEG");
    }
    if (!layout_.has_data && colour(type, body, whole)) return {};
    metadata(type, body);
    return {};
  }

  Result<void> header(ByteView body) {
    ByteReader reader(body);
    const auto width = reader.u32be();
    const auto height = reader.u32be();
    if (body.size() != kHeaderBytes || !width || !height) {
      return fail(ErrorCode::malformed_file,
                  "the header of this PNG is damaged: send the picture again");
    }
    if (auto done = check_picture_size(*width, *height); !done) return done;
    layout_.width = static_cast<int>(*width);
    layout_.height = static_cast<int>(*height);
    layout_.depth = body[8];
    layout_.colour_type = body[9];
    layout_.interlaced = body[12] != 0;
    return {};
  }

  // Colour chunks count in front of the picture only.
  bool colour(std::string_view type, ByteView body, ByteView whole) {
    ByteReader reader(body);
    if (type == "iCCP") {
      if (!layout_.has_icc) layout_.picture.push_back(whole);
      layout_.has_icc = true;
    } else if (type == "sRGB") {
      layout_.has_srgb = true;
    } else if (type == "gAMA" && body.size() == 4) {
      layout_.gamma = *reader.u32be() / kChunkUnit;
    } else if (type == "cHRM" && body.size() == 32) {
      std::array<double, 8> values{};
      for (double& value : values) value = *reader.u32be() / kChunkUnit;
      const auto& [wx, wy, rx, ry, gx, gy, bx, by] = values;
      layout_.chromaticities = Chromaticities{wx, wy, rx, ry, gx, gy, bx, by};
    } else if (type == "cICP" && body.size() == 4) {
      layout_.code_points = {body[0], body[1], body[2], body[3]};
    } else {
      return false;
    }
    return true;
  }

  void metadata(std::string_view type, ByteView body) {
    if (type == "tEXt" || type == "zTXt" || type == "iTXt") {
      const std::string_view text = as_text(body);
      note_private(photo_, kind_of_text(text.substr(0, text.find('\0'))));
    } else if (type == "eXIf") {
      if (!exif_seen_) note_exif(photo_, body);
      exif_seen_ = true;
    } else if (type == "acTL") {
      layout_.animated = true;
    } else if (type != "pHYs" && type != "sBIT" && type != "bKGD" && type != "hIST" &&
               type != "fcTL" && type != "fdAT" && type != "mDCV" && type != "cLLI") {
      // tIME, sPLT with its name, and whatever a maker adds
      note_private(photo_, PrivateMetadata::other_application_segment);
    }
  }

  void remark() {
    if (layout_.animated) {
      photo_.findings.push_back({"animation_first_frame", Severity::info,
                                 "this picture moves: only its first image is shown"});
    }
    if (reader_.remaining() > 0) {
      photo_.findings.push_back(
          {"trailing_bytes", Severity::info,
           fmt::format("{} bytes follow the end of the picture and are left out",
                       reader_.remaining())});
    }
  }

  ByteReader reader_;
  SkinPhoto& photo_;
  ByteView file_;
  bool exif_seen_ = false;
  PngLayout layout_;
};

std::string version_of(const PngLayout& layout) {
  const char* colours = "grey";
  if (layout.colour_type == PNG_COLOR_TYPE_PALETTE) colours = "palette";
  if (layout.colour_type == PNG_COLOR_TYPE_RGB) colours = "RGB";
  if (layout.colour_type == PNG_COLOR_TYPE_GRAY_ALPHA) colours = "grey and alpha";
  if (layout.colour_type == PNG_COLOR_TYPE_RGB_ALPHA) colours = "RGBA";
  return fmt::format("{}-bit {}{}", layout.depth, colours, layout.interlaced ? ", interlaced" : "");
}

// ---- the pixels ----

/// The chunks of a layout as one file, read piece by piece without a copy.
struct Source {
  const std::vector<ByteView>* parts;
  std::size_t part;  // parts->size() + 1 of them: the signature first
  std::size_t offset;
};

ByteView part_of(const Source& source, std::size_t index) {
  return index == 0 ? as_bytes(kSignature) : (*source.parts)[index - 1];
}

void read_some(png_structp png, png_bytep out, std::size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  while (count > 0) {
    if (source->part > source->parts->size()) png_error(png, "the picture ends too early");
    const ByteView part = part_of(*source, source->part);
    const std::size_t taken = std::min(count, part.size() - source->offset);
    std::memcpy(out, part.data() + source->offset, taken);
    out += taken;
    count -= taken;
    source->offset += taken;
    if (source->offset == part.size()) {
      ++source->part;
      source->offset = 0;
    }
  }
}

struct Message {
  std::array<char, 128> text;
};

[[noreturn]] void leave(png_structp png, png_const_charp message) {
  auto* kept = static_cast<Message*>(png_get_error_ptr(png));
  std::strncpy(kept->text.data(), message, kept->text.size() - 1);
  png_longjmp(png, 1);
}

void stay_silent(png_structp, png_const_charp) {}

struct Decoder {
  Message message{};
  png_structp png;
  png_infop info = nullptr;
  Decoder() : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &message, leave, stay_silent)) {
    if (png != nullptr) info = png_create_info_struct(png);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// False when a step jumped out. `steps` must own nothing that needs a destructor.
template <typename Steps>
bool completes(Decoder& decoder, Steps steps) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;  // NOLINT(cert-err52-cpp)
  steps();
  return true;
}

/// May jump. Every picture becomes 8-bit RGB: depth, palette, grey, transparency on white.
void ask_for_rgb(png_structp png, png_infop info) {
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  // Values of 8 bits whatever the depth of the file: libpng widens them itself.
  png_color_16 white{};
  white.red = white.green = white.blue = white.gray = 255;
  png_set_background(png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

struct DecodedPixels {
  Pixels pixels;
  Bytes icc;
};

Result<DecodedPixels> decode_pixels(const PngLayout& layout) {
  Decoder decoder;
  const auto damaged = [&] {
    return fail(ErrorCode::malformed_file,
                fmt::format("the picture data of this PNG are damaged ({}): send the picture again "
                            "from the device",
                            decoder.message.text.data()));
  };
  if (decoder.info == nullptr) {
    return fail(ErrorCode::limit_exceeded,
                "there is not enough memory for this picture: send a smaller one");
  }
  png_structp png = decoder.png;
  Source source{&layout.picture, 0, 0};
  png_charp name = nullptr;
  png_bytep profile = nullptr;
  png_uint_32 profile_bytes = 0;
  if (!completes(decoder, [&] {
        png_set_read_fn(png, &source, read_some);
        png_set_user_limits(png, kMaxPhotoSide, kMaxPhotoSide);
        png_set_chunk_malloc_max(png, kMaxIccBytes);
        png_read_info(png, decoder.info);
        int compression = 0;
        png_get_iCCP(png, decoder.info, &name, &compression, &profile, &profile_bytes);
        ask_for_rgb(png, decoder.info);
        if (png_get_rowbytes(png, decoder.info) != static_cast<std::size_t>(layout.width) * 3) {
          png_error(png, "its kind of colours is not known");
        }
      })) {
    return damaged();
  }
  DecodedPixels decoded;
  if (profile != nullptr) decoded.icc.assign(profile, profile + profile_bytes);
  Pixels& pixels = decoded.pixels;
  pixels = {
      layout.width, layout.height,
      Bytes(static_cast<std::size_t>(layout.width) * static_cast<std::size_t>(layout.height) * 3)};
  if (!completes(decoder, [&] {
        const int passes = layout.interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1;
        for (int pass = 0; pass < passes; ++pass) {
          png_bytep row = pixels.rgb.data();
          for (int y = 0; y < layout.height; ++y, row += std::ptrdiff_t{3} * layout.width) {
            png_read_row(png, row, nullptr);
          }
        }
        png_read_end(png, nullptr);
      })) {
    return damaged();
  }
  return decoded;
}

bool near_srgb(const Chromaticities& c) {
  const auto near = [](double a, double b) { return std::abs(a - b) <= kChromaticityTolerance; };
  const Chromaticities& s = kSrgbChromaticities;
  return near(c.white_x, s.white_x) && near(c.white_y, s.white_y) && near(c.red_x, s.red_x) &&
         near(c.red_y, s.red_y) && near(c.green_x, s.green_x) && near(c.green_y, s.green_y) &&
         near(c.blue_x, s.blue_x) && near(c.blue_y, s.blue_y);
}

PictureColours colours_of(const PngLayout& layout, Bytes icc) {
  PictureColours colours;
  const bool grey = (layout.colour_type & PNG_COLOR_MASK_COLOR) == 0;
  colours.components = grey ? 1 : 3;
  if (layout.code_points) {
    const auto& code = *layout.code_points;
    CodedColours coded = colours_of_code_points(code[0], code[1]);
    colours.icc = std::move(coded.icc);
    if (coded.kind == CodePoints::unknown) {
      colours.unknown = fmt::format("H.273 primaries {}, transfer {}", code[0], code[1]);
    }
    return colours;
  }
  if (layout.has_icc) {
    colours.damaged = icc.empty();
    colours.icc = std::move(icc);
    return colours;
  }
  if (layout.has_srgb || !layout.gamma || *layout.gamma <= 0) return colours;
  const double gamma = 1 / *layout.gamma;
  const Chromaticities chromaticities = layout.chromaticities.value_or(kSrgbChromaticities);
  const bool plain = std::abs(gamma / kPlainGamma - 1) <= kGammaTolerance;
  if (plain && near_srgb(chromaticities)) return colours;
  colours.icc = rgb_profile(chromaticities, gamma);
  colours.damaged = colours.icc.empty();
  return colours;
}

}  // namespace

bool looks_like_png(ByteView file) {
  return as_text(file).starts_with(kSignature);
}

Result<DecodedExam> decode_png(ByteView file) {
  if (file.empty()) {
    return fail(ErrorCode::empty_file, "the file is empty: send the picture again");
  }
  if (!looks_like_png(file)) {
    return fail(ErrorCode::malformed_file, "this is not a PNG: send the photo as a JPEG");
  }
  SkinPhoto photo;
  photo.format = "PNG";
  const auto layout = Walk(file, photo).run();
  if (!layout) return tl::unexpected(layout.error());
  photo.version = version_of(*layout);
  auto decoded = decode_pixels(*layout);
  if (!decoded) return tl::unexpected(decoded.error());
  const Turn turn = turn_for_orientation(photo.orientation);
  return with_document(std::move(photo), std::move(decoded->pixels), turn,
                       colours_of(*layout, std::move(decoded->icc)));
}

}  // namespace telavis
