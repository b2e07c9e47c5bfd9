// SPDX-License-Identifier: Apache-2.0
// Mails of a case with its clinical document: from what the domain says to CDA, XDM archive and
// message. What stands behind the ports `compose_documents` and `citizen_address`.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/service_ports.h"
#include "mssante/case_document.h"
#include "mssante/mss_message.h"

namespace telavis {

/// The archive of one document. `key` names the sending, e.g. the id of the outbox row: the same
/// one gives the same lot, with the same number under DocumentArc::submissions. Errors: those of
/// write_cda and write_xdm.
Result<Bytes> document_archive(const DocumentSettings& settings, const CdaDocument& document,
                               std::string_view key, Instant at, const MssMasking& masking);

/// Who sees the document of a mail: never the patient in one to a professional; his representatives
/// not when a minor asked for secrecy. Errors: as masking_for.
Result<MssMasking> masking_of(const CaseRequest& request, bool to_citizen);

/// The mail: TLM-CR of a report, TLM-DA of a question, its PDF, the exams. Errors: those of
/// request_document, report_document, document_archive, masking_of and compose_mss.
Result<Bytes> compose_document_mail(const DocumentSettings& settings, const MssProfile& profile,
                                    const DocumentMail& mail);

/// The patient's box in Mon espace santé; empty: it may not be written to.
std::string citizen_box(const DocumentSettings& settings, const MssProfile& profile,
                        const CaseRequest& request);

}  // namespace telavis
