// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "formats/result.h"

namespace telavis {

/// A QR code (ISO/IEC 18004, model 2, error correction M) of up to 2,000 bytes as SVG, with its
/// quiet zone of four modules: dark on white whatever the page's colours are, as readers want it.
/// Errors: limit_exceeded, internal.
Result<std::string> qr_svg(std::string_view text);

}  // namespace telavis
