// SPDX-License-Identifier: Apache-2.0
#include "mssante/sha1.h"

#include <glib.h>

#include <array>
#include <cstdint>
#include <memory>

#include "engine/core/crypto.h"

namespace telavis {
namespace {

constexpr std::size_t kHashBytes = 20;
constexpr std::size_t kUuidBytes = 16;
// 6ba7b812-9dad-11d1-80b4-00c04fd430c8: RFC 4122, appendix C, names that are OIDs.
constexpr std::array<std::uint8_t, kUuidBytes> kOidNames = {
    0x6b, 0xa7, 0xb8, 0x12, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};

using Hash = std::array<std::uint8_t, kHashBytes>;

struct FreeChecksum {
  void operator()(GChecksum* sum) const { g_checksum_free(sum); }
};

Hash sha1(ByteView first, ByteView second) {
  const std::unique_ptr<GChecksum, FreeChecksum> sum(g_checksum_new(G_CHECKSUM_SHA1));
  for (const ByteView part : {first, second}) {
    if (!part.empty()) g_checksum_update(sum.get(), part.data(), static_cast<gssize>(part.size()));
  }
  Hash hash{};
  gsize length = hash.size();
  g_checksum_get_digest(sum.get(), hash.data(), &length);
  return hash;
}

}  // namespace

std::string sha1_hex(ByteView bytes) {
  return to_hex(sha1(bytes, {}));
}

std::string named_uuid_urn(std::string_view name) {
  Hash hash = sha1(kOidNames, as_bytes(name));
  hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0F) | 0x50);  // version 5
  hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3F) | 0x80);  // variant of RFC 4122
  std::string uuid = to_hex(ByteView(hash).first(kUuidBytes));
  for (const std::size_t position : {8, 13, 18, 23}) uuid.insert(position, 1, '-');
  return "urn:uuid:" + uuid;
}

}  // namespace telavis
