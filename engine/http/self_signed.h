// SPDX-License-Identifier: Apache-2.0
// A certificate for a machine that has none yet.
#pragma once

#include <string>

#include "engine/core/time.h"
#include "formats/result.h"

namespace telavis {

struct CertificatePair {
  std::string certificate_pem;
  std::string key_pem;  // PKCS#8, not encrypted: keep it 0600
};

/// ECDSA P-256, self-signed, for a TLS server called `host`, localhost and 127.0.0.1. Valid from a
/// day before `now` (clocks differ) for 825 days in all, the most that browsers take for a
/// certificate from outside the public authorities. Errors: invalid_field (`host` is no DNS name),
/// crypto_failed.
Result<CertificatePair> make_self_signed(const std::string& host, Instant now);

}  // namespace telavis
