// SPDX-License-Identifier: Apache-2.0
// How a device of the register gets the token by which it sends over HTTPS: the coordinator asks
// for a code, the practice types it once.
#include <array>

#include "engine/core/one_time_code.h"
#include "engine/core/registry.h"

namespace telavis {
namespace {

// 60 bits: throttled, and good for a day; 12 characters are typed without a mistake.
constexpr std::size_t kPairingBytes = 8;
constexpr std::size_t kPairingCharacters = 12;
constexpr Duration kPairingLife = std::chrono::hours(24);
constexpr std::size_t kDeviceTokenBytes = 32;

std::string pairing_hash(std::string_view code) {
  return hash_hex("pairing/" + std::string(code));
}

/// As it is shown: capitals are told apart best.
std::string shown(std::string_view code) {
  std::string out = grouped_code(code);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

Result<PairingCode> Registry::pair_device(const RegistryActor& by, const std::string& id) {
  return audited(by.id(), "pair_device", pair_device_checked(by, id));
}

Result<PairingCode> Registry::pair_device_checked(const RegistryActor& by, const std::string& id) {
  const auto device = stored_device(id);
  if (!device) return tl::unexpected(device.error());
  if (!coordinates(by, device->programme)) {
    return fail(ErrorCode::forbidden,
                "Only an administrator, or a coordinator of the programme, pairs its devices.");
  }
  if (!device->may_send()) {
    return fail(ErrorCode::state_conflict,
                "This device is not lent, or is suspended: lend it, or end that, and ask again.");
  }
  const std::string code = random_id(ports_.random, kPairingBytes).substr(0, kPairingCharacters);
  const Instant now = ports_.clock.now();
  if (auto written = ports_.repository.append_node_audit({now, by.id(), "device_pairing", id});
      !written)
    return tl::unexpected(written.error());
  const Instant expires_at = now + kPairingLife;
  if (auto put = ports_.repository.put_pairing(id, pairing_hash(code), expires_at); !put)
    return tl::unexpected(put.error());
  return PairingCode{shown(code), expires_at};
}

Result<PairedDevice> Registry::redeem_pairing(std::string_view code) {
  return audited("anybody", "redeem_pairing", redeem_checked(code));
}

Result<PairedDevice> Registry::redeem_checked(std::string_view code) {
  std::array<std::uint8_t, kDeviceTokenBytes> bits{};
  ports_.random.fill(bits);
  PairedDevice paired{"", to_hex(bits)};
  const auto device = ports_.repository.take_pairing(
      pairing_hash(code_as_made(code)), device_token_hash(paired.token), ports_.clock.now());
  if (!device) return tl::unexpected(device.error());
  if (!*device) {
    return fail(ErrorCode::login_failed,
                "This pairing code is wrong, was used, or is older than a day: ask the association "
                "for a new one.");
  }
  paired.device = **device;
  return paired;
}

}  // namespace telavis
