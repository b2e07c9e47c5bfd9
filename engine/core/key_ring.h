// SPDX-License-Identifier: Apache-2.0
// The master keys of a node: the newest wraps, every one of them opens, so that a key is replaced
// while the engine runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/crypto.h"

namespace telavis {

/// What derives the key of messages that belong to no case.
inline constexpr std::string_view kNodeMailPurpose = "telavis/node-mail";

class KeyRing {
 public:
  /// At least one key, newest first.
  explicit KeyRing(std::vector<Key> newest_first);

  /// 16 hexadecimal digits: the first 8 bytes of the BLAKE2b-256 of the newest wrapping key. They
  /// stand before every key that it wraps.
  std::string current_id() const;
  /// 8 bytes of the newest key's id, then seal().
  Bytes wrap(Random& random, std::string_view bound_to, const Key& plain) const;
  /// Errors: crypto_failed (no key of the ring has that id, or the value was changed or moved).
  Result<Key> unwrap(std::string_view bound_to, ByteView wrapped) const;

  /// A key for one purpose, of the newest master key.
  Key derived(std::string_view purpose) const;
  /// The same of every master key, newest first: to open what an older one sealed.
  std::vector<Key> all_derived(std::string_view purpose) const;

 private:
  struct Link {
    Key master;
    Key wrapping;
    std::string id;
  };
  std::vector<Link> links_;
};

/// Opens what one of these keys sealed with seal_stream(). Errors: crypto_failed.
Result<Bytes> unseal_stream(const std::vector<Key>& keys, std::string_view bound_to,
                            ByteView sealed);

/// A wrapped key that this id's master key wrapped.
bool is_wrapped_by(std::string_view key_id, ByteView wrapped);

}  // namespace telavis
