// SPDX-License-Identifier: Apache-2.0
#include "formats/jpeg_exif.h"

#include <cstdint>

namespace telavis {
namespace {

constexpr std::uint16_t kTagOrientation = 0x0112;
constexpr std::uint16_t kTagExifDirectory = 0x8769;
constexpr std::uint16_t kTagGpsDirectory = 0x8825;
constexpr std::uint16_t kTagMakerNote = 0x927C;
constexpr std::uint16_t kTypeShort = 3;
constexpr std::size_t kEntryBytes = 12;

class TiffReader {
 public:
  TiffReader(ByteView tiff, bool little_endian) : bytes_(tiff), little_endian_(little_endian) {}

  std::optional<std::uint16_t> u16(std::size_t at) {
    if (!bytes_.seek(at)) return std::nullopt;
    return little_endian_ ? bytes_.u16le() : bytes_.u16be();
  }
  std::optional<std::uint32_t> u32(std::size_t at) {
    if (!bytes_.seek(at)) return std::nullopt;
    return little_endian_ ? bytes_.u32le() : bytes_.u32be();
  }

 private:
  ByteReader bytes_;
  bool little_endian_;
};

/// Reads one directory; returns where the Exif directory stands when this one points to it.
std::optional<std::uint32_t> read_directory(TiffReader& tiff, std::size_t at, ExifSummary& exif) {
  const auto entries = tiff.u16(at);
  if (!entries) return std::nullopt;
  exif.readable = true;
  std::optional<std::uint32_t> exif_directory;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t entry = at + 2 + i * kEntryBytes;
    const auto tag = tiff.u16(entry);
    const auto type = tiff.u16(entry + 2);
    const auto value = tiff.u32(entry + 8);
    if (!tag || !type || !value) break;  // the segment ends inside the directory
    if (*tag == kTagOrientation && !exif.orientation) {
      // A SHORT stands in the first two of the four value bytes, whatever the byte order.
      const auto narrow = tiff.u16(entry + 8);
      const std::uint32_t orientation = *type == kTypeShort && narrow ? *narrow : *value;
      exif.orientation = orientation <= 0xFFFF ? static_cast<int>(orientation) : 0;
    }
    if (*tag == kTagGpsDirectory) exif.has_gps = true;
    if (*tag == kTagMakerNote) exif.has_maker_note = true;
    if (*tag == kTagExifDirectory) exif_directory = *value;
  }
  return exif_directory;
}

}  // namespace

ExifSummary read_exif(ByteView tiff) {
  ExifSummary exif;
  if (tiff.size() < 8) return exif;
  const bool little_endian = tiff[0] == 'I' && tiff[1] == 'I';
  const bool big_endian = tiff[0] == 'M' && tiff[1] == 'M';
  if (!little_endian && !big_endian) return exif;
  TiffReader reader(tiff, little_endian);
  if (reader.u16(2) != 42) return exif;
  const auto first = reader.u32(4);
  if (!first) return exif;
  const auto exif_directory = read_directory(reader, *first, exif);
  // Only one step deeper, so directories that point at each other cannot hold us.
  if (exif_directory && *exif_directory != *first) {
    const auto orientation = exif.orientation;
    read_directory(reader, *exif_directory, exif);
    exif.orientation = orientation;  // it counts in the first directory only (DC-008 4.6.4)
  }
  return exif;
}

Bytes orientation_segment(int orientation) {
  Bytes segment;
  ByteWriter out(segment);
  out.u8(0xFF);
  out.u8(0xE1);
  out.u16be(34);  // itself, identifier 6, TIFF header 8, one directory 18
  out.text(std::string_view("Exif\0\0", 6));
  out.text("II");
  out.u16le(42);
  out.u32le(8);
  out.u16le(1);
  out.u16le(kTagOrientation);
  out.u16le(kTypeShort);
  out.u32le(1);
  out.u16le(static_cast<std::uint16_t>(orientation));
  out.u16le(0);
  out.u32le(0);  // no further directory
  return segment;
}

}  // namespace telavis
