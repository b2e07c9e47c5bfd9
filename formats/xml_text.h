// SPDX-License-Identifier: Apache-2.0
// Text as it is written into XML, SVG and XMP.
#pragma once

#include <string>
#include <string_view>

namespace telavis {

/// `text` as XML 1.0 may hold it in an element or an attribute in double quotes. What XML forbids
/// (control characters, U+FFFE, U+FFFF) becomes a space; bytes that are no UTF-8 become U+FFFD.
std::string xml_escaped(std::string_view text);

}  // namespace telavis
