// SPDX-License-Identifier: Apache-2.0
#include "engine/core/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cassert>

namespace telavis {
namespace {

constexpr std::int64_t kTotpWindow = 1;  // steps before and after: a clock may be half a minute off
constexpr std::uint32_t kTotpModulus = 1'000'000;  // six digits

bool same_code(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;  // in the same time wherever they differ
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';  // RFC 3986, 2.3
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::int64_t totp_step(Instant at) {
  return at.time_since_epoch() / kTotpStep;
}

std::string totp_code(ByteView secret, std::int64_t step) {
  assert(!secret.empty());
  std::array<std::uint8_t, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[counter.size() - 1 - i] =
        static_cast<std::uint8_t>(static_cast<std::uint64_t>(step) >> (8 * i));
  }
  std::array<std::uint8_t, 20> mac{};
  unsigned length = 0;
  const auto* made = HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
                          counter.data(), counter.size(), mac.data(), &length);
  assert(made != nullptr && length == mac.size());
  static_cast<void>(made);
  const std::size_t offset = mac.back() & 0x0FU;
  const std::uint32_t truncated = (static_cast<std::uint32_t>(mac[offset] & 0x7FU) << 24U) |
                                  (static_cast<std::uint32_t>(mac[offset + 1]) << 16U) |
                                  (static_cast<std::uint32_t>(mac[offset + 2]) << 8U) |
                                  static_cast<std::uint32_t>(mac[offset + 3]);
  return fmt::format("{:06}", truncated % kTotpModulus);
}

std::int64_t newest_totp_step(Instant now) {
  return totp_step(now) + kTotpWindow;
}

std::optional<std::int64_t> totp_step_of(ByteView secret, std::string_view code, Instant now,
                                         std::int64_t last_taken) {
  std::optional<std::int64_t> found;
  const std::int64_t here = totp_step(now);
  const bool set_back = last_taken > newest_totp_step(now);
  for (std::int64_t step = here - kTotpWindow; step <= here + kTotpWindow; ++step) {
    const bool right = same_code(totp_code(secret, step), code);
    if (right && (set_back || step > last_taken) && !found) found = step;
  }
  return found;
}

std::string base32(ByteView bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kAlphabet[(held >> bits) & 0x1FU];
    }
    held &= (1U << bits) - 1;
  }
  if (bits > 0) out += kAlphabet[(held << (5 - bits)) & 0x1FU];
  return out;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account, ByteView secret) {
  const std::string by = percent_encoded(issuer);
  return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits={}&period={}",
                     by, percent_encoded(account), base32(secret), by, kTotpDigits,
                     std::chrono::duration_cast<std::chrono::seconds>(kTotpStep).count());
}

}  // namespace telavis
