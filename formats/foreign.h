// SPDX-License-Identifier: Apache-2.0
// Files that people send although the project does not read them: recognised by content, so that
// the refusal can say what to export instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/bytes.h"

namespace telavis {

struct ForeignFormat {
  std::string_view name;  // of the device or the format: "Contec ECG", "Word"
  std::string_view fr;    // one or two sentences: what it is, what to send instead
  std::string_view en;
};

/// Asked after every codec has declined the file. nullopt when nothing is known of it.
std::optional<ForeignFormat> recognise_foreign(ByteView file);

/// "Contec ECG: This is a file of ...", and the same in French; nullopt when it is no such refusal.
std::string refusal_of(const ForeignFormat& format);
std::optional<std::string> french_of_refusal(std::string_view refusal);

}  // namespace telavis
