// SPDX-License-Identifier: Apache-2.0
// make_picture_seeds FOLDER: writes the seeds of png, webp, heic and pdf into folders of these
// names inside FOLDER (fixtures/fuzz), each named by the SHA-256 of its bytes.
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "fixtures/synthetic_photo.h"
#include "tests/formats/pdf_variants.h"
#include "tests/formats/picture_variants.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace telavis;
using namespace telavis::test;

std::vector<Bytes> pngs() {
  const auto ramp = [](unsigned top) {
    return [top](int x, int y, int c) {
      return static_cast<unsigned>(x * 37 + y * 11 + c * 5) % (top + 1);
    };
  };
  Bytes dressed = make_png({.width = 9, .height = 7}, ramp(255));
  dressed = png_with(dressed, "eXIf", planted_exif(6));
  dressed = png_with(dressed, "iCCP", iccp_body("P3", display_p3_profile()));
  dressed = png_with(dressed, "tEXt", as_bytes("Comment"));
  const Bytes palette(12, 90);
  return {dressed,
          make_png({.width = 9, .height = 9, .colours = PngColours::rgba, .interlaced = true},
                   ramp(255)),
          make_png({.width = 5, .height = 5, .depth = 16, .colours = PngColours::grey_alpha},
                   ramp(65535)),
          png_with(make_png({.width = 11, .height = 3, .depth = 2, .colours = PngColours::palette},
                            ramp(3)),
                   "PLTE", palette),
          png_with(
              make_png({.width = 8, .height = 8, .depth = 1, .colours = PngColours::grey}, ramp(1)),
              "gAMA", Bytes{0, 1, 0x86, 0xA0})};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_picture_seeds FOLDER\n", stderr));
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const Pixels photo = fixtures::synthetic_skin_photo(64, 64, 1);
  const std::vector<Bytes> webps = {
      make_webp(photo, false), make_webp(photo, true),
      extended_webp(photo, {{"ICCP", display_p3_profile()}}, {{"EXIF", planted_exif(3)}}, false),
      animated_webp(photo, photo, 2, 4, 80, 80),
      make_webp_rgba(16, 16, Bytes(std::size_t{16} * 16 * 4, 77))};
  const std::vector<Bytes> heics = {
      make_heic(photo),
      make_heic(photo, {.orientation = 6, .exif = planted_exif(6), .xmp = "<x/>"}),
      make_heic(photo, {.bit_depth = 10, .primaries = 12}),
      make_heic(photo, {.alpha = true}),
      make_heic_grid(photo),
      make_heic(photo, {.av1 = true})};
  const std::vector<Bytes> pdfs = {
      make_pdf({}), make_pdf({.pages = 3, .page = "/Annots [<< /A << /S /URI >> >>]"}),
      make_packed_pdf("<< /Title (a) >>"),
      make_pdf({.catalog = "/Names << /JavaScript << /Names [(a) << /S /JavaScript >>] >> >>"})};
  bool written = true;
  const auto write = [&](const char* name, const std::vector<Bytes>& seeds) {
    for (const Bytes& seed : seeds) {
      written = (seed.empty() || write_named_by_hash(folder / name, seed)) && written;
    }
  };
  write("png", pngs());
  write("webp", webps);
  write("heic", heics);
  write("pdf", pdfs);
  return written ? 0 : 1;
}
