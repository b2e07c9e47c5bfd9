// SPDX-License-Identifier: Apache-2.0
// The body of a document: sections with their entries (TLM-DA) or a PDF (TLM-CR).
#pragma once

#include "formats/result.h"
#include "mssante/cda.h"
#include "mssante/xml_writer.h"

namespace telavis::cda {

/// Errors: invalid_field (a section that is not known, a vital sign without code or number).
Result<void> check_body(const CdaDocument& document);
void write_body(const CdaDocument& document, XmlWriter& xml);

}  // namespace telavis::cda
