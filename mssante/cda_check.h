// SPDX-License-Identifier: Apache-2.0
// What a document must hold, for the writer and the reader alike.
#pragma once

#include <string_view>
#include <vector>

#include "mssante/cda.h"

namespace telavis::cda {

/// An OID ("1.2.250.1", no leading zero) or a UUID: what the root of an identifier may be.
bool is_identifier_root(std::string_view text);

/// In the order of the document.
std::vector<CdaFinding> check(const CdaDocument& document);

/// Identity and traits that an INS needs to be one: key, authority, both names of birth, birth
/// date, sex and place of birth.
bool has_ins_traits(const CdaPatient& patient);

}  // namespace telavis::cda
