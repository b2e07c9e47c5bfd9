// SPDX-License-Identifier: Apache-2.0
#include "formats/jpeg_markers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "formats/colour.h"
#include "formats/jpeg_exif.h"

namespace telavis {
namespace {

// Marker codes, T.81 table B.1.
constexpr std::uint8_t kTem = 0x01;
constexpr std::uint8_t kSof0 = 0xC0, kSof1 = 0xC1, kSof2 = 0xC2, kSof15 = 0xCF;
constexpr std::uint8_t kDht = 0xC4, kDac = 0xCC;
constexpr std::uint8_t kRst0 = 0xD0, kRst7 = 0xD7;
constexpr std::uint8_t kSoi = 0xD8, kEoi = 0xD9, kSos = 0xDA, kDqt = 0xDB;
constexpr std::uint8_t kDnl = 0xDC, kDri = 0xDD, kDhp = 0xDE, kExp = 0xDF;
constexpr std::uint8_t kApp0 = 0xE0, kApp1 = 0xE1, kApp2 = 0xE2, kApp13 = 0xED, kApp14 = 0xEE;
constexpr std::uint8_t kCom = 0xFE;

constexpr std::string_view kJfifName("JFIF\0", 5);
constexpr std::string_view kExifName("Exif\0", 5);
constexpr std::string_view kIccName("ICC_PROFILE\0", 12);
constexpr std::string_view kXmpNamespaces = "http://ns.adobe.com/";  // xap/1.0/ and xmp/extension/
constexpr std::string_view kAdobeName = "Adobe";
constexpr std::size_t kJfifBytes = 14;
constexpr std::size_t kAdobeBytes = 12;
constexpr std::size_t kExifNameBytes = 6;  // "Exif", NUL and a padding byte
constexpr std::size_t kIccChunkHeader = 14;
constexpr std::size_t kIccChunkBytes = 65'519;  // 65,535 less the length and the chunk header
constexpr std::size_t kIccProfileHeader = 128;  // ICC.1 7.2

bool is_restart(std::uint8_t code) {
  return code >= kRst0 && code <= kRst7;
}

bool starts_with(ByteView bytes, std::string_view name) {
  return as_text(bytes).substr(0, name.size()) == name;
}

struct IccChunk {
  int number;  // from 1
  int count;
  ByteView bytes;
};

class Walk {
 public:
  explicit Walk(ByteView file) : file_(file) {}

  Result<JpegLayout> run() {
    for (at_ = 2;;) {
      const auto code = next_marker();
      if (!code) return truncated();
      if (*code == kEoi) break;
      if (*code == kTem || is_restart(*code)) continue;
      if (const auto done = segment(*code); !done) return tl::unexpected(done.error());
    }
    if (scans_ == 0) {
      return fail(ErrorCode::malformed_file,
                  "this JPEG holds no picture (no frame or no scan): export the photo again");
    }
    finish();
    return std::move(layout_);
  }

 private:
  static tl::unexpected<Error> truncated() {
    return fail(ErrorCode::truncated_file,
                "this JPEG stops before its end marker: send the photo again from the device");
  }

  std::optional<std::uint8_t> next_marker() {
    for (;;) {
      while (at_ < file_.size() && file_[at_] != 0xFF) ++at_, ++stray_bytes_;
      while (at_ < file_.size() && file_[at_] == 0xFF) ++at_;  // fill bytes, B.1.1.2
      if (at_ >= file_.size()) return std::nullopt;
      if (file_[at_] != 0) return file_[at_++];
      stray_bytes_ += 2;
      ++at_;
    }
  }

  Result<void> segment(std::uint8_t code) {
    if (code == kSoi) {
      return fail(ErrorCode::malformed_file,
                  "a second start marker stands inside this JPEG: export the photo again");
    }
    if (++segments_ > kMaxJpegSegments) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("this JPEG has more than {} segments: export the photo again from an "
                              "image editor",
                              kMaxJpegSegments));
    }
    const std::size_t start = at_ - 2;
    ByteReader reader(file_.subspan(at_));
    const auto length = reader.u16be();
    if (!length) return truncated();
    if (*length < 2) {
      return fail(ErrorCode::malformed_file,
                  "a segment of this JPEG has an impossible length: export the photo again");
    }
    const auto body = reader.take(*length - 2);
    if (!body) return truncated();
    at_ += *length;
    if (code == kSos) return scan(start);
    if (code == kDht || code == kDqt || code == kDri) {
      keep(start);
      return {};
    }
    if ((code >= kSof0 && code <= kSof15 && code != kDac) || code == kDhp || code == kExp) {
      if (auto done = frame(code, *body); !done) return done;
      keep(start);
      return {};
    }
    if (code != kDnl && code != kDac) application(code, *body);
    return {};
  }

  void keep(std::size_t start) { layout_.picture.push_back(file_.subspan(start, at_ - start)); }

  Result<void> scan(std::size_t start) {
    if (layout_.frame.components == 0) {
      return fail(ErrorCode::malformed_file,
                  "a scan of this JPEG stands before its frame: export the photo again");
    }
    if (++scans_ > kMaxJpegScans) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("this JPEG has more than {} scans: export the photo again as a plain "
                              "(baseline) JPEG",
                              kMaxJpegScans));
    }
    for (;;) {
      const auto* found = at_ < file_.size() ? static_cast<const std::uint8_t*>(std::memchr(
                                                   file_.data() + at_, 0xFF, file_.size() - at_))
                                             : nullptr;
      if (found == nullptr) return truncated();
      const std::size_t marker = static_cast<std::size_t>(found - file_.data());
      std::size_t code = marker;
      while (code < file_.size() && file_[code] == 0xFF) ++code;
      if (code >= file_.size()) return truncated();
      at_ = code + 1;
      if (file_[code] == 0 || is_restart(file_[code])) continue;  // a stuffed FF, or a restart
      at_ = marker;
      keep(start);
      return {};
    }
  }

  Result<void> frame(std::uint8_t code, ByteView body) {
    JpegFrame& frame = layout_.frame;
    if (code != kSof0 && code != kSof1 && code != kSof2) {
      return fail(ErrorCode::unsupported_encoding,
                  "this JPEG is lossless, hierarchical or arithmetic-coded: export the photo as a "
                  "baseline JPEG");
    }
    if (frame.components != 0) {
      return fail(ErrorCode::malformed_file,
                  "this JPEG has two frames: export the photo again from the device");
    }
    ByteReader reader(body);
    const auto precision = reader.u8();
    const auto height = reader.u16be();
    const auto width = reader.u16be();
    const auto components = reader.u8();
    if (!precision || !height || !width || !components || *width == 0 ||
        reader.remaining() != std::size_t{*components} * 3) {
      return fail(ErrorCode::malformed_file,
                  "the frame header of this JPEG is damaged: send the photo again");
    }
    if (*precision != 8 || *height == 0 ||
        (*components != 1 && *components != 3 && *components != 4)) {
      return fail(ErrorCode::unsupported_encoding,
                  "this JPEG is not 8 bits a sample with 1, 3 or 4 components and a height in its "
                  "frame: export the photo as a baseline JPEG");
    }
    if (*width > kMaxPhotoSide || *height > kMaxPhotoSide ||
        std::int64_t{*width} * *height > kMaxPhotoPixels) {
      return fail(
          ErrorCode::limit_exceeded,
          fmt::format("this photo is {} x {} pixels; at most {} on a side and 64 million in "
                      "all are accepted: send a smaller one",
                      *width, *height, kMaxPhotoSide));
    }
    frame.process = code == kSof0   ? JpegProcess::baseline
                    : code == kSof1 ? JpegProcess::extended
                                    : JpegProcess::progressive;
    frame.width = *width;
    frame.height = *height;
    frame.components = *components;
    return components_of(reader);
  }

  Result<void> components_of(ByteReader& reader) {
    JpegFrame& frame = layout_.frame;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frame.components); ++i) {
      frame.ids[i] = reader.u8().value_or(0);
      const std::uint8_t sampling = reader.u8().value_or(0);
      reader.skip(1);
      frame.horizontal[i] = sampling >> 4;
      frame.vertical[i] = sampling & 15;
      if (frame.horizontal[i] < 1 || frame.horizontal[i] > 4 || frame.vertical[i] < 1 ||
          frame.vertical[i] > 4) {
        return fail(ErrorCode::malformed_file,
                    "a sampling factor of this JPEG is out of range: send the photo again");
      }
    }
    return {};
  }

  void application(std::uint8_t code, ByteView body) {
    const bool before_picture = scans_ == 0;  // decoders look for these three only there
    if (code == kApp0 && starts_with(body, kJfifName) && body.size() >= kJfifBytes) {
      if (before_picture && !layout_.jfif) layout_.jfif = body.first(kJfifBytes);
      if (body.size() > kJfifBytes) found(PrivateMetadata::other_application_segment);  // thumbnail
    } else if (code == kApp14 && starts_with(body, kAdobeName) && body.size() >= kAdobeBytes) {
      if (before_picture) layout_.adobe = body.first(kAdobeBytes);
    } else if (code == kApp2 && starts_with(body, kIccName) && body.size() > kIccChunkHeader) {
      if (before_picture) {
        icc_chunks_.push_back({body[12], body[13], body.subspan(kIccChunkHeader)});
      }
    } else if (code == kApp1 && starts_with(body, kExifName)) {
      exif(body.subspan(std::min(kExifNameBytes, body.size())));
    } else if (code == kApp1 && starts_with(body, kXmpNamespaces)) {
      found(PrivateMetadata::xmp);
    } else if (code == kApp13) {
      found(PrivateMetadata::iptc);
    } else if (code == kCom) {
      found(PrivateMetadata::comment);
    } else {
      found(PrivateMetadata::other_application_segment);
    }
  }

  void exif(ByteView tiff) {
    found(PrivateMetadata::exif);
    const ExifSummary summary = read_exif(tiff);
    if (summary.has_gps) found(PrivateMetadata::gps);
    if (summary.has_maker_note) found(PrivateMetadata::maker_note);
    if (!summary.readable) exif_unreadable_ = true;
    if (!orientation_) orientation_ = summary.orientation;  // viewers obey the first one
  }

  void found(PrivateMetadata kind) {
    auto& kinds = layout_.private_metadata;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }

  void remark(std::string code, Severity severity, std::string text) {
    layout_.findings.push_back({std::move(code), severity, std::move(text)});
  }

  void finish() {
    std::sort(layout_.private_metadata.begin(), layout_.private_metadata.end());
    layout_.orientation = orientation_.value_or(1);
    if (layout_.orientation < 1 || layout_.orientation > 8) {
      remark("orientation_invalid", Severity::info,
             fmt::format("the EXIF orientation is {}, not 1 to 8: the photo is shown as stored; "
                         "turn it in an image editor if it lies on its side",
                         layout_.orientation));
      layout_.orientation = 1;
    }
    if (exif_unreadable_) {
      remark("exif_unreadable", Severity::info,
             "the EXIF data are damaged and give no orientation: the photo is shown as stored");
    }
    if (stray_bytes_ > 0) {
      remark("stray_bytes", Severity::info,
             fmt::format("{} bytes between the segments belong to none and are left out",
                         stray_bytes_));
    }
    if (at_ < file_.size()) {
      remark("trailing_bytes", Severity::info,
             fmt::format("{} bytes follow the end of the picture (often a second image or a film) "
                         "and are left out",
                         file_.size() - at_));
    }
    if (!icc_chunks_.empty() && !assemble_icc()) {
      remark("icc_invalid", Severity::info,
             "the colour profile is damaged or not meant for this picture and is left out: colours "
             "are shown as sRGB");
    }
  }

  bool assemble_icc() {
    std::sort(icc_chunks_.begin(), icc_chunks_.end(),
              [](const IccChunk& a, const IccChunk& b) { return a.number < b.number; });
    Bytes profile;
    for (std::size_t i = 0; i < icc_chunks_.size(); ++i) {
      const IccChunk& chunk = icc_chunks_[i];
      if (chunk.number != static_cast<int>(i + 1) ||
          chunk.count != static_cast<int>(icc_chunks_.size())) {
        return false;
      }
      profile.insert(profile.end(), chunk.bytes.begin(), chunk.bytes.end());
    }
    const auto size = ByteReader(profile).u32be();
    if (!size || *size < kIccProfileHeader || *size > profile.size()) return false;
    if (as_text(profile).substr(36, 4) != "acsp") return false;
    profile.resize(*size);  // nothing hides behind the profile
    if (!usable_profile(profile, layout_.frame.components)) return false;
    layout_.icc = std::move(profile);
    return true;
  }

  ByteView file_;
  std::size_t at_ = 0;
  int segments_ = 0;
  int scans_ = 0;
  std::size_t stray_bytes_ = 0;
  bool exif_unreadable_ = false;
  std::optional<int> orientation_;
  std::vector<IccChunk> icc_chunks_;
  JpegLayout layout_;
};

void write_segment(ByteWriter& out, std::uint8_t code, std::size_t body_bytes) {
  out.u8(0xFF);
  out.u8(code);
  out.u16be(static_cast<std::uint16_t>(body_bytes + 2));
}

void write_jfif(ByteWriter& out, ByteView jfif, bool swap_density) {
  write_segment(out, kApp0, kJfifBytes);
  const ByteView x_density = jfif.subspan(8, 2);
  const ByteView y_density = jfif.subspan(10, 2);
  out.bytes(jfif.first(8));
  out.bytes(swap_density ? y_density : x_density);
  out.bytes(swap_density ? x_density : y_density);
  out.u16be(0);  // no thumbnail: it may show what was cropped away
}

void write_icc(ByteWriter& out, ByteView icc) {
  const std::size_t count = (icc.size() + kIccChunkBytes - 1) / kIccChunkBytes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i * kIccChunkBytes;
    const ByteView bytes = icc.subspan(from, std::min(kIccChunkBytes, icc.size() - from));
    write_segment(out, kApp2, kIccChunkHeader + bytes.size());
    out.text(kIccName);
    out.u8(static_cast<std::uint8_t>(i + 1));
    out.u8(static_cast<std::uint8_t>(count));
    out.bytes(bytes);
  }
}

}  // namespace

Turn turn_for_orientation(int orientation) {
  switch (orientation) {  // CIPA DC-008 4.6.4, where row 0 and column 0 of the stored picture lie
    case 2:
      return {.flip_x = true};  // top, right
    case 3:
      return {.flip_x = true, .flip_y = true};  // bottom, right
    case 4:
      return {.flip_y = true};  // bottom, left
    case 5:
      return {.transpose = true};  // left, top
    case 6:
      return {.transpose = true, .flip_x = true};  // right, top
    case 7:
      return {.transpose = true, .flip_x = true, .flip_y = true};  // right, bottom
    case 8:
      return {.transpose = true, .flip_y = true};  // left, bottom
    default:
      return {};
  }
}

JpegColour JpegLayout::colour() const {
  if (frame.components == 1) return JpegColour::grey;
  const int transform = adobe ? (*adobe)[11] : -1;
  if (frame.components == 4) return transform == 2 ? JpegColour::ycck : JpegColour::cmyk;
  if (jfif) return JpegColour::ycc;
  if (adobe) return transform == 0 ? JpegColour::rgb : JpegColour::ycc;
  return frame.ids[0] == 'R' && frame.ids[1] == 'G' && frame.ids[2] == 'B' ? JpegColour::rgb
                                                                           : JpegColour::ycc;
}

bool JpegLayout::turns_losslessly(Turn turn) const {
  // The unit of a lone component is one block, whatever its sampling factors say (T.81 A.2.2).
  const bool alone = frame.components == 1;
  const int unit_x =
      8 * (alone ? 1 : *std::max_element(frame.horizontal.begin(), frame.horizontal.end()));
  const int unit_y =
      8 * (alone ? 1 : *std::max_element(frame.vertical.begin(), frame.vertical.end()));
  const bool mirrors_stored_x = turn.transpose ? turn.flip_y : turn.flip_x;
  const bool mirrors_stored_y = turn.transpose ? turn.flip_x : turn.flip_y;
  return (!mirrors_stored_x || frame.width % unit_x == 0) &&
         (!mirrors_stored_y || frame.height % unit_y == 0);
}

Result<JpegLayout> read_jpeg_layout(ByteView file) {
  if (file.empty()) {
    return fail(ErrorCode::empty_file, "the file is empty: send the photo again");
  }
  if (file.size() < 2 || file[0] != 0xFF || file[1] != kSoi) {
    return fail(ErrorCode::malformed_file, "this is not a JPEG: send the photo as a JPEG");
  }
  return Walk(file).run();
}

Bytes assemble_jpeg(const JpegHeader& header, const std::vector<ByteView>& picture) {
  std::size_t total = header.icc.size() + 1024;
  for (const ByteView part : picture) total += part.size();
  Bytes file;
  file.reserve(total);
  ByteWriter out(file);
  out.u8(0xFF);
  out.u8(kSoi);
  if (header.jfif) write_jfif(out, *header.jfif, header.swap_density);
  if (header.orientation != 1) out.bytes(orientation_segment(header.orientation));
  if (header.adobe) {
    write_segment(out, kApp14, kAdobeBytes);
    out.bytes(*header.adobe);
  }
  write_icc(out, header.icc);
  for (const ByteView part : picture) out.bytes(part);
  out.u8(0xFF);
  out.u8(kEoi);
  return file;
}

}  // namespace telavis
