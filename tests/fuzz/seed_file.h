// SPDX-License-Identifier: Apache-2.0
// Seeds of the fuzzers: a seed is named by the SHA-256 of its content, so that the same one is
// never there twice.
#pragma once

#include <sodium.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

inline bool write_named_by_hash(const std::filesystem::path& folder, const Bytes& bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> name{};
  sodium_bin2hex(name.data(), name.size(), hash.data(), hash.size());
  std::filesystem::create_directories(folder);
  std::ofstream out(folder / name.data(), std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return static_cast<bool>(out.flush());
}

inline bool write_seeds(const std::filesystem::path& folder, const std::vector<Bytes>& seeds) {
  return std::ranges::all_of(seeds,
                             [&](const Bytes& seed) { return write_named_by_hash(folder, seed); });
}

}  // namespace telavis::test
