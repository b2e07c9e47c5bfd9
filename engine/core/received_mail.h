// SPDX-License-Identifier: Apache-2.0
// A mail that arrived, as it is kept: sealed byte for byte with a key of its own, which a master
// key wraps.
#pragma once

#include "engine/core/key_ring.h"
#include "engine/core/ports.h"

namespace telavis {

/// Sets `wrapped_key` and `sealed`; the id stands already and does not change any more.
void seal_received(ReceivedMail& mail, const KeyRing& ring, Random& random, ByteView mime);

/// The bytes as they arrived. Errors: not_found (they were erased), crypto_failed.
Result<Bytes> open_received(const ReceivedMail& mail, const KeyRing& ring);

/// The same key, wrapped by the newest master key. Errors: crypto_failed.
Result<Bytes> rewrapped_received(const ReceivedKey& key, const KeyRing& ring, Random& random);

}  // namespace telavis
