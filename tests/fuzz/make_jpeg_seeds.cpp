// SPDX-License-Identifier: Apache-2.0
// make_jpeg_seeds FOLDER: writes fixtures/fuzz/jpeg anew, small pictures of every kind, bare and
// dressed with metadata, each named by the SHA-256 of its bytes.
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "fixtures/synthetic_photo.h"
#include "tests/formats/jpeg_variants.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace telavis;
using test::Inks;
using test::JpegVariant;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_jpeg_seeds FOLDER\n", stderr));
    return 2;
  }
  const std::array<JpegVariant, 8> variants = {
      {{},
       {.progressive = true},
       {.inks = Inks::grey},
       {.inks = Inks::grey, .progressive = true},
       {.inks = Inks::cmyk_adobe, .horizontal = 1, .vertical = 1},
       {.inks = Inks::ycck_adobe},
       {.inks = Inks::rgb_with_adobe_marker, .horizontal = 1, .vertical = 1},
       {.horizontal = 2, .vertical = 1, .restart_rows = 1}}};
  bool written = true;
  // One size of whole blocks, one without.
  for (const auto& picture :
       {fixtures::synthetic_skin_photo(64, 64, 1), fixtures::synthetic_skin_photo(67, 69, 2)}) {
    int orientation = 1;
    for (JpegVariant variant : variants) {
      variant.quality = 30;
      const Bytes bare = test::make_jpeg(picture, variant);
      const Bytes dressed =
          fixtures::with_private_metadata(bare, orientation, orientation % 2 == 0);
      ++orientation;
      written = test::write_named_by_hash(argv[1], bare) && written;
      written = test::write_named_by_hash(argv[1], dressed) && written;
    }
  }
  return written ? 0 : 1;
}
