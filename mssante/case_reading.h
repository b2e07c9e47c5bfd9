// SPDX-License-Identifier: Apache-2.0
// What another system's documents say of a request: from XDM archive or CDA to the domain. What
// stands behind the port `read_documents`.
#pragma once

#include <optional>

#include "engine/core/service_ports.h"
#include "formats/bytes.h"

namespace telavis {

/// An IHE XDM archive of any name, or a CDA by itself; nullopt: neither. Codes are those of
/// read_xdm, read_xdm_metadata, read_cda and check_xdm_document (docs/documents.md, docs/xdm.md),
/// and "several_requests" (rejected: one request a message). A document of another kind beside the
/// request is flagged; the PDF of a report is given as a file.
std::optional<ReceivedDocuments> read_case_documents(ByteView file);

}  // namespace telavis
