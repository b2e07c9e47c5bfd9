// SPDX-License-Identifier: Apache-2.0
// Sealing and hashing, by libsodium.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/ports.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// 32 bytes that are wiped when they go.
class Key {
 public:
  static constexpr std::size_t kBytes = 32;
  Key() = default;
  explicit Key(const std::array<std::uint8_t, kBytes>& bytes) : bytes_(bytes) {}
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();
  ByteView view() const { return bytes_; }
  bool operator==(const Key& other) const;  // in the same time whatever they hold

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
};

/// The system's source of randomness, for production.
class SystemRandom : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

Key random_key(Random& random);
/// A key for one purpose, derived from `parent` (BLAKE2b keyed with the purpose).
Key derive_key(const Key& parent, std::string_view purpose);

/// XChaCha20-Poly1305 with `bound_to` as additional data: a sealed value moved to another place
/// does not open. Layout: 24-byte nonce, ciphertext, 16-byte tag.
Bytes seal(const Key& key, Random& random, std::string_view bound_to, ByteView plain);
/// Errors: crypto_failed.
Result<Bytes> unseal(const Key& key, std::string_view bound_to, ByteView sealed);

/// secretstream (XChaCha20-Poly1305) in chunks of 64 KiB: for blobs.
Bytes seal_stream(const Key& key, std::string_view bound_to, ByteView plain);
Result<Bytes> unseal_stream(const Key& key, std::string_view bound_to, ByteView sealed);

/// Hex BLAKE2b-256.
std::string hash_hex(ByteView bytes);
inline std::string hash_hex(std::string_view text) {
  return hash_hex(as_bytes(text));
}
/// Hex SHA-256: for protocols that ask for it.
std::string sha256_hex(ByteView bytes);
std::string to_hex(ByteView bytes);
/// nullopt: not pairs of hexadecimal digits.
std::optional<Bytes> from_hex(std::string_view hex);

/// The engine's seal (Ed25519), from a 32-byte seed.
class SealKey {
 public:
  explicit SealKey(const Key& seed);
  std::string sign(std::string_view message) const;  // hex, 128 characters
  std::string public_key() const;                    // hex, 64 characters

 private:
  Key seed_;
};
bool verify_seal(std::string_view public_key_hex, std::string_view message,
                 std::string_view signature_hex);

/// At least 12 characters, at most kMaxPasswordBytes. Errors: invalid_field.
Result<void> check_new_password(std::string_view password);
/// Argon2id, interactive limits (64 MiB, 2 passes): about 60 ms.
Result<std::string> hash_password(std::string_view password);
bool verify_password(std::string_view password_hash, std::string_view password);

/// Lower-case base32 (Crockford) of `bytes` random bytes.
std::string random_id(Random& random, std::size_t bytes);
/// For AuditDraft::salt: 128 bits.
std::string trace_salt(Random& random);

}  // namespace telavis
