// SPDX-License-Identifier: Apache-2.0
// SHA-1 (FIPS 180-4), where a standard asks for it: the hash of XDS metadata and names made into
// UUIDs. It proves nothing against somebody who wants two files of one hash.
#pragma once

#include <string>
#include <string_view>

#include "formats/bytes.h"

namespace telavis {

/// Forty lower-case hexadecimal digits.
std::string sha1_hex(ByteView bytes);

/// "urn:uuid:..." of version 5 (RFC 4122, 4.3) in the name space of OIDs: the same name gives the
/// same UUID, anywhere.
std::string named_uuid_urn(std::string_view name);

}  // namespace telavis
