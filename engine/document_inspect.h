// SPDX-License-Identifier: Apache-2.0
// What `telavis inspect` prints of documents that travel by MSSanté.
#pragma once

#include <optional>
#include <string>

#include "formats/bytes.h"

namespace telavis {

/// One JSON object for a CDA, a METADATA.XML or an IHE XDM archive: {"format": "cda" |
/// "xdm_metadata" | "xdm", "kind": "tlm-da" | "tlm-cr" | another LOINC code | several of them with
/// commas | null, "verdict": "accept" | "flag" | "reject", "findings": [{"code", "severity",
/// "text"}]}; without any identity. Of an archive the documents are read too. nullopt: it is none
/// of these.
std::optional<std::string> inspect_document(ByteView file);

/// True when that JSON rejects.
bool is_rejected(std::string_view inspected);

}  // namespace telavis
