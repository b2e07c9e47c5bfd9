// SPDX-License-Identifier: Apache-2.0
// `telavis inspect` and `telavis convert`: files in, files out, no database.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/ports.h"
#include "formats/result.h"

namespace telavis {

/// One JSON object. With `samples`, also writes the samples as CSV (tracings only). Of a WFDB
/// header the signal files beside it are read too. A photo whose picture is damaged is described
/// all the same, with the finding `picture_damaged`. A CDA, a METADATA.XML and an IHE XDM archive:
/// document_inspect.h. Errors: those of the codecs and of reading and
/// writing.
Result<Bytes> inspect_file(const std::filesystem::path& file, const std::filesystem::path& samples);

/// The bytes of `in` in the format of `extension`: of a tracing .dcm .scp .xml (HL7 aECG) .pdf .svg
/// .jpg, of a photo .jpg .dcm .pdf, of a document .pdf .dcm. Errors: also unsupported_conversion.
Result<Bytes> convert_file(const std::filesystem::path& in, const std::string& extension,
                           Random& random);

}  // namespace telavis
