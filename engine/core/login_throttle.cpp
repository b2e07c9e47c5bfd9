// SPDX-License-Identifier: Apache-2.0
#include "engine/core/login_throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace telavis {

LoginThrottle::LoginThrottle(Clock& clock, Repository& repository, const Key& lookup)
    : clock_(clock), repository_(repository), key_(derive_key(lookup, "telavis/attempts")) {}

Result<void> LoginThrottle::begin(std::string_view subject, std::string_view peer,
                                  const AttemptLimit& limit) {
  const auto counted = repository_.begin_attempt(mark(subject, peer), clock_.now(), limit);
  if (!counted) return tl::unexpected(counted.error());
  if (*counted) return {};
  return fail(ErrorCode::too_many_attempts,
              "Too many failed attempts for this login. Wait a quarter of an hour.");
}

Result<void> LoginThrottle::succeeded(std::string_view subject, std::string_view peer) {
  return repository_.forget_attempts(mark(subject, peer));
}

Result<void> LoginThrottle::tidy() {
  return repository_.erase_attempts_before(clock_.now() - kLongestWindow);
}

std::string LoginThrottle::mark(std::string_view subject, std::string_view peer) const {
  const std::string block = address_block(peer);
  // The length keeps the two apart, whatever they hold.
  return to_hex(
      derive_key(key_, std::to_string(block.size()) + "/" + block + "/" + std::string(subject))
          .view());
}

std::string address_block(std::string_view peer) {
  const std::string text(peer.substr(0, peer.find('%')));  // without a zone (RFC 4007, 11)
  std::array<std::uint8_t, 16> address{};
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return std::string(peer);
  constexpr std::array<std::uint8_t, 12> kMappedIpv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool ipv4 = std::equal(kMappedIpv4.begin(), kMappedIpv4.end(), address.begin());
  return ipv4 ? text : to_hex(ByteView(address).first(8));
}

}  // namespace telavis
