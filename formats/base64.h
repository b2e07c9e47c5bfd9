// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/bytes.h"

namespace telavis {

/// RFC 4648 clause 4, with blanks and line breaks anywhere; the padding may be missing. nullopt at
/// any other character, after padding, or when a lone character is left over.
std::optional<Bytes> base64_decoded(std::string_view text);
/// RFC 4648 clause 4, padded, in one line.
std::string base64_encoded(ByteView bytes);

}  // namespace telavis
