// SPDX-License-Identifier: Apache-2.0
// `telavis document`: the documents of a case as they would be sent. May run beside a server.
#pragma once

#include <functional>

#include "engine/core/ids.h"
#include "engine/core/people.h"
#include "formats/result.h"
#include "mssante/cda.h"

namespace CLI {
class App;
}

namespace telavis {

class Node;

/// As add_admin_commands. Whoever reads is a person with a part in the case and a password, as in
/// the browser, and the reading is audited like any other; a medical referent gives a reason. In a
/// demonstration, whose people are fictive, it is the requester when nobody is named.
void add_document_commands(CLI::App& app, std::function<Result<void>()>& chosen);

/// The request or report of a case, read by `actor`. Errors: those of Service::open and
/// Service::report, request_document, report_document.
Result<CdaDocument> read_case_document(Node& node, const User& actor, const CaseId& id,
                                       CdaKind kind);

}  // namespace telavis
