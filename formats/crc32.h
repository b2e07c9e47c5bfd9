// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "formats/bytes.h"

namespace telavis {

/// CRC-32 of ISO 3309, as in PNG and zlib.
std::uint32_t crc32(ByteView data);

}  // namespace telavis
