// SPDX-License-Identifier: Apache-2.0
// Sections and encapsulated documents as other systems write them.
#pragma once

#include <optional>
#include <vector>

#include "formats/xml_reader.h"
#include "mssante/cda.h"

namespace telavis::cda {

/// Every section that has a narrative or entries, those inside others too, in the order of the
/// document. A paragraph is one of the text, or a line of a list or a table ("cell | cell"). What
/// an entry of ours refers to stands in the entry alone.
std::vector<CdaSection> read_sections(xml::Element structured_body);

/// The bytes inside; nullopt: no base64.
std::optional<Bytes> pdf_in(xml::Element text);

}  // namespace telavis::cda
