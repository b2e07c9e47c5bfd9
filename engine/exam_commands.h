// SPDX-License-Identifier: Apache-2.0
// `telavis inspect` and `telavis convert`: files in, files out, no database.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/ports.h"
#include "formats/result.h"

namespace telavis {

/// One JSON object. With `samples`, also writes the samples as CSV (tracings only). Errors: those
/// of the codecs and of reading and writing.
Result<std::string> inspect_file(const std::filesystem::path& file,
                                 const std::filesystem::path& samples);

/// Writes `out` in the format of its extension: .dcm .scp .pdf .svg .jpg. Errors: also
/// unsupported_conversion.
Result<void> convert_file(const std::filesystem::path& in, const std::filesystem::path& out,
                          Random& random);

}  // namespace telavis
