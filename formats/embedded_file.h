// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "formats/bytes.h"

namespace telavis {

/// A file compiled into the binary (cmake/embed.cmake). `path` is relative to the embedded folder.
struct EmbeddedFile {
  std::string_view path;
  ByteView bytes;
};

}  // namespace telavis
