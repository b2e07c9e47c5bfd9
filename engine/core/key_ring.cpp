// SPDX-License-Identifier: Apache-2.0
#include "engine/core/key_ring.h"

#include <algorithm>
#include <cstdlib>

namespace telavis {
namespace {

constexpr std::size_t kKeyIdBytes = 8;  // a node has a handful of keys in its life
constexpr std::string_view kWrappingPurpose = "telavis/wrap-data-keys";

}  // namespace

KeyRing::KeyRing(std::vector<Key> newest_first) {
  if (newest_first.empty()) std::abort();  // a ring is made from a file that was found sound
  for (const Key& master : newest_first) {
    const Key wrapping = derive_key(master, kWrappingPurpose);
    links_.push_back({master, wrapping, hash_hex(wrapping.view()).substr(0, 2 * kKeyIdBytes)});
  }
}

std::string KeyRing::current_id() const {
  return links_.front().id;
}

Bytes KeyRing::wrap(Random& random, std::string_view bound_to, const Key& plain) const {
  const Link& newest = links_.front();
  Bytes wrapped = *from_hex(newest.id);
  const Bytes sealed = seal(newest.wrapping, random, bound_to, plain.view());
  wrapped.insert(wrapped.end(), sealed.begin(), sealed.end());
  return wrapped;
}

Result<Key> KeyRing::unwrap(std::string_view bound_to, ByteView wrapped) const {
  const auto link =
      std::ranges::find_if(links_, [&](const Link& one) { return is_wrapped_by(one.id, wrapped); });
  if (link == links_.end()) {
    return fail(ErrorCode::crypto_failed,
                "A data key was wrapped by a master key that is not in the key file: put that key "
                "back on a line below the newest.");
  }
  const auto plain = unseal(link->wrapping, bound_to, wrapped.subspan(kKeyIdBytes));
  if (!plain) return tl::unexpected(plain.error());
  if (plain->size() != Key::kBytes) {
    return fail(ErrorCode::crypto_failed, "A wrapped key has the wrong length.");
  }
  std::array<std::uint8_t, Key::kBytes> bytes{};
  std::copy(plain->begin(), plain->end(), bytes.begin());
  return Key(bytes);
}

Key KeyRing::derived(std::string_view purpose) const {
  return derive_key(links_.front().master, purpose);
}

std::vector<Key> KeyRing::all_derived(std::string_view purpose) const {
  std::vector<Key> keys;
  for (const Link& link : links_) keys.push_back(derive_key(link.master, purpose));
  return keys;
}

Result<Bytes> unseal_stream(const std::vector<Key>& keys, std::string_view bound_to,
                            ByteView sealed) {
  Result<Bytes> opened = fail(ErrorCode::crypto_failed, "There is no key to open this with.");
  for (const Key& key : keys) {
    opened = unseal_stream(key, bound_to, sealed);
    if (opened) break;
  }
  return opened;
}

bool is_wrapped_by(std::string_view key_id, ByteView wrapped) {
  return wrapped.size() > kKeyIdBytes && to_hex(wrapped.first(kKeyIdBytes)) == key_id;
}

}  // namespace telavis
