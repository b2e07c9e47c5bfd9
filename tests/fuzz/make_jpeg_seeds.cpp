// SPDX-License-Identifier: Apache-2.0
// make_jpeg_seeds FOLDER: writes fixtures/fuzz/jpeg anew, small pictures of every kind, bare and
// dressed with metadata, each named by the SHA-256 of its bytes.
#include <sodium.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "fixtures/synthetic_photo.h"
#include "tests/formats/jpeg_variants.h"

namespace {

using namespace telavis;
using test::Inks;
using test::JpegVariant;

bool write_named_by_hash(const std::filesystem::path& folder, const Bytes& bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> name{};
  sodium_bin2hex(name.data(), name.size(), hash.data(), hash.size());
  std::ofstream out(folder / name.data(), std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return static_cast<bool>(out.flush());
}

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
      written = write_named_by_hash(argv[1], bare) && written;
      written = write_named_by_hash(argv[1], dressed) && written;
    }
  }
  return written ? 0 : 1;
}
