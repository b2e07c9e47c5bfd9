// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "formats/embedded_file.h"

namespace telavis {

/// The web pages, by their path below the root of the site: "index.html", "assets/app.js", ...
/// Built without TELAVIS_WEB: one index.html that says so. Their names do not change with their
/// content: answer with an ETag.
std::span<const EmbeddedFile> embedded_web();

}  // namespace telavis
