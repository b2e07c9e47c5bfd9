// SPDX-License-Identifier: Apache-2.0
#include "engine/core/crypto.h"

#include <sodium.h>

#include <cstdlib>

#include "engine/core/text_bounds.h"

namespace telavis {
namespace {

constexpr std::size_t kChunk = 64 * 1024;

// sodium_init is safe to call again; every entry of this file that needs it passes here first.
void need_sodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

tl::unexpected<Error> does_not_open() {
  return fail(ErrorCode::crypto_failed,
              "A sealed value does not open: it was changed, moved, or sealed with another key. "
              "Restore it from a backup.");
}

}  // namespace

Key::~Key() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

bool Key::operator==(const Key& other) const {
  return sodium_memcmp(bytes_.data(), other.bytes_.data(), kBytes) == 0;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  need_sodium();
  randombytes_buf(out.data(), out.size());
}

Key random_key(Random& random) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  random.fill(bytes);
  Key key(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

Key derive_key(const Key& parent, std::string_view purpose) {
  need_sodium();
  std::array<std::uint8_t, Key::kBytes> bytes{};
  crypto_generichash(bytes.data(), bytes.size(), data_of(purpose), purpose.size(),
                     parent.view().data(), parent.view().size());
  Key key(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

Bytes seal(const Key& key, Random& random, std::string_view bound_to, ByteView plain) {
  need_sodium();
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  Bytes sealed(kNonce + plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  random.fill(std::span(sealed).first(kNonce));
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonce, nullptr, plain.data(),
                                             plain.size(), data_of(bound_to), bound_to.size(),
                                             nullptr, sealed.data(), key.view().data());
  return sealed;
}

Result<Bytes> unseal(const Key& key, std::string_view bound_to, ByteView sealed) {
  need_sodium();
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (sealed.size() < kNonce + kTag) return does_not_open();
  Bytes plain(sealed.size() - kNonce - kTag);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          plain.data(), nullptr, nullptr, sealed.data() + kNonce, sealed.size() - kNonce,
          data_of(bound_to), bound_to.size(), sealed.data(), key.view().data()) != 0) {
    return does_not_open();
  }
  return plain;
}

Bytes seal_stream(const Key& key, std::string_view bound_to, ByteView plain) {
  need_sodium();
  constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
  constexpr std::size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;
  const std::size_t chunks = plain.size() / kChunk + 1;
  Bytes sealed(kHeader + plain.size() + chunks * kOverhead);
  crypto_secretstream_xchacha20poly1305_state state;
  crypto_secretstream_xchacha20poly1305_init_push(&state, sealed.data(), key.view().data());
  std::size_t out = kHeader;
  for (std::size_t i = 0; i < chunks; ++i) {
    const bool last = i + 1 == chunks;
    const ByteView chunk =
        plain.subspan(i * kChunk, last ? plain.size() - i * kChunk : std::size_t{kChunk});
    unsigned long long written = 0;
    crypto_secretstream_xchacha20poly1305_push(
        &state, sealed.data() + out, &written, chunk.data(), chunk.size(), data_of(bound_to),
        bound_to.size(), last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    out += written;
  }
  sodium_memzero(&state, sizeof state);
  return sealed;
}

Result<Bytes> unseal_stream(const Key& key, std::string_view bound_to, ByteView sealed) {
  need_sodium();
  constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
  constexpr std::size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;
  crypto_secretstream_xchacha20poly1305_state state;
  if (sealed.size() < kHeader + kOverhead || crypto_secretstream_xchacha20poly1305_init_pull(
                                                 &state, sealed.data(), key.view().data()) != 0) {
    return does_not_open();
  }
  Bytes plain(sealed.size() - kHeader);  // room for the tags too; cut to what was written
  std::size_t out = 0;
  std::size_t position = kHeader;
  unsigned char tag = 0;
  while (position < sealed.size()) {
    const std::size_t length = std::min(kChunk + kOverhead, sealed.size() - position);
    unsigned long long written = 0;
    if (length < kOverhead ||
        crypto_secretstream_xchacha20poly1305_pull(&state, plain.data() + out, &written, &tag,
                                                   sealed.data() + position, length,
                                                   data_of(bound_to), bound_to.size()) != 0) {
      return does_not_open();
    }
    out += written;
    position += length;
    if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) break;
  }
  sodium_memzero(&state, sizeof state);
  plain.resize(out);
  const bool whole =
      tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL && position == sealed.size();
  if (!whole) return does_not_open();
  return plain;
}

std::string sha256_hex(ByteView bytes) {
  need_sodium();
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return to_hex(hash);
}

std::string to_hex(ByteView bytes) {
  std::string hex(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

std::optional<Bytes> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  if (hex.empty()) return Bytes();  // libsodium wants a place to write to, also for nothing
  Bytes bytes(hex.size() / 2);
  std::size_t length = 0;
  if (sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(), nullptr, &length,
                     nullptr) != 0 ||
      length * 2 != hex.size()) {
    return std::nullopt;
  }
  return bytes;
}

std::string hash_hex(ByteView bytes) {
  need_sodium();
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
  return to_hex(hash);
}

SealKey::SealKey(const Key& seed) : seed_(seed) {
  need_sodium();
}

std::string SealKey::sign(std::string_view message) const {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed_.view().data());
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, data_of(message), message.size(),
                       secret_key.data());
  sodium_memzero(secret_key.data(), secret_key.size());
  return to_hex(signature);
}

std::string SealKey::public_key() const {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed_.view().data());
  sodium_memzero(secret_key.data(), secret_key.size());
  return to_hex(public_key);
}

bool verify_seal(std::string_view public_key_hex, std::string_view message,
                 std::string_view signature_hex) {
  need_sodium();
  const auto public_key = from_hex(public_key_hex), signature = from_hex(signature_hex);
  return public_key && signature && public_key->size() == crypto_sign_PUBLICKEYBYTES &&
         signature->size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature->data(), data_of(message), message.size(),
                                     public_key->data()) == 0;
}

Result<void> check_new_password(std::string_view password) {
  constexpr std::size_t kLeastPasswordBytes = 12;  // with a throttled login and Argon2id
  if (password.size() >= kLeastPasswordBytes && password.size() <= kMaxPasswordBytes) return {};
  return fail(ErrorCode::invalid_field,
              "'password' must have at least 12 characters: a short sentence does well.");
}

Result<std::string> hash_password(std::string_view password) {
  need_sodium();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str(out.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    return fail(ErrorCode::crypto_failed,
                "There is not enough memory to hash a password (64 MiB): free some.");
  }
  return std::string(out.data());
}

bool verify_password(std::string_view password_hash, std::string_view password) {
  need_sodium();
  if (password_hash.size() >= crypto_pwhash_STRBYTES) return false;
  std::array<char, crypto_pwhash_STRBYTES> stored{};
  password_hash.copy(stored.data(), password_hash.size());
  return crypto_pwhash_str_verify(stored.data(), password.data(), password.size()) == 0;
}

std::string trace_salt(Random& random) {
  constexpr std::size_t kSaltBytes = 16;
  return random_id(random, kSaltBytes);
}

std::string random_id(Random& random, std::size_t bytes) {
  constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  Bytes raw(bytes);
  random.fill(raw);
  std::string id;
  unsigned bits = 0, held = 0;
  for (const std::uint8_t byte : raw) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 5; held -= 5) id += kAlphabet[(bits >> (held - 5)) & 31U];
  }
  if (held > 0) id += kAlphabet[(bits << (5 - held)) & 31U];
  return id;
}

}  // namespace telavis
