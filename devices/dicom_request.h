// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "formats/bytes.h"

namespace telavis {

/// The body of an A-ASSOCIATE-RQ (PS3.8 9.3.2) written anew as a whole PDU with what an acceptor of
/// our services needs: titles, presentation contexts, maximum length. Negotiations that we never
/// take up (roles, asynchronous operations, extensions, user identity) are left out, which declines
/// them. nullopt: it is damaged, or says something twice. So DCMTK, which loses memory over damaged
/// requests, never sees one.
std::optional<Bytes> rewritten_associate_request(ByteView body);

}  // namespace telavis
