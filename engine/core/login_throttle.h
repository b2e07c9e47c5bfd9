// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engine/core/crypto.h"
#include "engine/core/ports.h"

namespace telavis {

/// Slows down who guesses: so many failures in so long for one login from one address, kept in the
/// database, so that neither a restart nor a second process forgives. An address elsewhere cannot
/// lock a doctor out. Nobody reads there who tried what: only keyed hashes are stored.
class LoginThrottle {
 public:
  /// At 60 ms a password one core tries 15,000 of them in a window.
  static constexpr AttemptLimit kUsual{10, std::chrono::minutes(15)};
  /// Of any limit: what is older counts nowhere.
  static constexpr Duration kLongestWindow = std::chrono::hours(1);

  LoginThrottle(Clock& clock, Repository& repository, const Key& lookup);

  /// Counts an attempt as a failure until succeeded() says otherwise, so that attempts side by side
  /// count too. `peer` empty: from wherever. Errors: too_many_attempts (this one is not counted),
  /// those of storage.
  Result<void> begin(std::string_view subject, std::string_view peer,
                     const AttemptLimit& limit = kUsual);
  Result<void> succeeded(std::string_view subject, std::string_view peer);
  /// Forgets what counts nowhere any more.
  Result<void> tidy();

 private:
  std::string mark(std::string_view subject, std::string_view peer) const;

  Clock& clock_;
  Repository& repository_;
  Key key_;
};

/// As a throttle tells addresses apart: an IPv6 address by its first 64 bits, as whoever has one of
/// them has them all (RFC 6177); any other text as it is.
std::string address_block(std::string_view peer);

}  // namespace telavis
