// SPDX-License-Identifier: Apache-2.0
// Time-based one-time passwords (RFC 6238) with what every authenticator app takes: HMAC-SHA-1, six
// digits, steps of 30 s from 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/time.h"
#include "formats/bytes.h"

namespace telavis {

inline constexpr Duration kTotpStep = std::chrono::seconds(30);  // RFC 6238, 4.1: the default
inline constexpr std::size_t kTotpSecretBytes = 20;              // RFC 4226, 4, R6: 160 bits
inline constexpr std::size_t kTotpDigits = 6;

/// Steps since 1970.
std::int64_t totp_step(Instant at);
/// The code of a step: six digits (RFC 4226, 5.3). `secret` is not empty.
std::string totp_code(ByteView secret, std::int64_t step);
/// The newest step whose code is taken at `now`: the one after the present one (RFC 6238, 5.2).
std::int64_t newest_totp_step(Instant now);
/// The step whose code this is: that of `now`, the one before or the one after, and later than
/// `last_taken`, so that no code serves twice. nullopt: it is none of them. A clock that stood
/// ahead and was set back has taken steps that are still to come: they do not count.
std::optional<std::int64_t> totp_step_of(ByteView secret, std::string_view code, Instant now,
                                         std::int64_t last_taken);

/// RFC 4648, 6, without padding: as people type a secret.
std::string base32(ByteView bytes);
/// What an authenticator app reads from a QR code. ("Key Uri Format" of Google Authenticator: a
/// convention, no standard.)
std::string otpauth_uri(std::string_view issuer, std::string_view account, ByteView secret);

}  // namespace telavis
