// SPDX-License-Identifier: Apache-2.0
// An authenticator app.
#pragma once

#include <string>

#include "engine/core/ports.h"
#include "engine/core/totp.h"

namespace telavis::test {

/// RFC 4648, 6, as an app reads a secret.
inline Bytes from_base32(const std::string& text) {
  Bytes bytes;
  unsigned held = 0, bits = 0;
  for (const char c : text) {
    held = (held << 5U) | static_cast<unsigned>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(held >> bits));
    held &= (1U << bits) - 1;
  }
  return bytes;
}

class App {
 public:
  explicit App(Clock& clock) : clock_(&clock) {}
  App(const std::string& secret, Clock& clock) : secret_(from_base32(secret)), clock_(&clock) {}
  std::string code() const { return totp_code(secret_, totp_step(clock_->now())); }

 private:
  Bytes secret_;
  Clock* clock_;
};

}  // namespace telavis::test
