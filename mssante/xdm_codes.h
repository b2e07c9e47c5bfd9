// SPDX-License-Identifier: Apache-2.0
// The codes of METADATA.XML that no document says itself: dated data (xdm_codes.json), compiled in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mssante/xdm_metadata.h"

namespace telavis {

struct XdmDocumentCodes {
  CdaKind kind = CdaKind::tlm_da;
  XdmCode type, document_class, format;
};

/// Name and value of the slot that a later version of a document carries.
struct XdmSlot {
  std::string name, value;
};

const XdmDocumentCodes& xdm_document_codes(CdaKind kind);
/// nullopt: not a code of ours. An empty one stands for that of a teleexpertise.
std::optional<XdmCode> xdm_content_type(std::string_view code);
std::optional<XdmCode> xdm_confidentiality(std::string_view code);
/// A code of masking: "INVISIBLE_PATIENT".
std::optional<XdmCode> xdm_masking(std::string_view code);
const XdmSlot& xdm_later_version_slot();

}  // namespace telavis
