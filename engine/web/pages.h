// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "formats/embedded_file.h"

namespace telavis {

/// The web pages, by their path below the root of the site: "index.html", "assets/index-B4f_1x.js",
/// ... Built without TELAVIS_WEB: one index.html that says so. The names below assets/ change with
/// their content.
std::span<const EmbeddedFile> embedded_web();

}  // namespace telavis
