// SPDX-License-Identifier: Apache-2.0
#include "mssante/case_mailing.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/service_apply.h"
#include "mssante/xdm.h"
#include "mssante/xdm_codes.h"

namespace telavis {
namespace {

constexpr std::size_t kLotDigits = 16;  // 64 bits, hexadecimal: as an arc up to 20 digits

/// An arc for whatever is named by `key`.
std::string arc_of(std::string_view key) {
  const std::string digits = hash_hex(key).substr(0, kLotDigits);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return fmt::format("{}", number);
}

/// As the document names him: an INS that it does not show stands nowhere in the mail.
MssPatient patient_of(const CdaPatient& patient) {
  return {patient.ins, patient.birth_family,
          patient.birth_given.empty() ? std::string() : patient.birth_given.front(),
          patient.birth_date, patient.sex};
}

/// "20260106040200-0400": the local day.
std::string iso_day(const std::string& hl7_time) {
  return hl7_time.substr(0, 4) + "-" + hl7_time.substr(4, 2) + "-" + hl7_time.substr(6, 2);
}

Result<CdaDocument> document_of(const DocumentSettings& settings, const DocumentMail& mail) {
  DocumentInput input{settings,       mail.subject, mail.programme,
                      mail.requester, mail.request, mail.named_experts};
  if (!mail.expert) return request_document(input);
  input.expert = &*mail.expert;
  input.report = mail.pdf;
  return report_document(input);
}

}  // namespace

Result<MssMasking> masking_of(const CaseRequest& request, bool to_citizen) {
  return masking_for({!to_citizen, to_citizen}, request.patient_informed, request.minor_secrecy);
}

Result<Bytes> document_archive(const DocumentSettings& settings, const CdaDocument& document,
                               std::string_view key, Instant at, const MssMasking& masking) {
  auto cda = write_cda(document);
  if (!cda) return cda;
  XdmSubmission submission;
  submission.unique_id =
      fmt::format("{}.{}", document_oid(settings, DocumentArc::submissions), arc_of(key));
  submission.source_id = settings.root_oid;
  submission.at = at;
  submission.author = document.author;
  submission.documents.push_back({document, std::move(*cda)});
  submission.masking = masking_codes(masking);
  return write_xdm(submission);
}

Result<Bytes> compose_document_mail(const DocumentSettings& settings, const MssProfile& profile,
                                    const DocumentMail& document_mail) {
  const MailDraft& draft = document_mail.mail;
  const auto document = document_of(settings, document_mail);
  if (!document) return tl::unexpected(document.error());
  const auto masking = masking_of(document_mail.request, document_mail.to_citizen);
  if (!masking) return tl::unexpected(masking.error());
  auto archive = document_archive(settings, *document, draft.message_id, draft.date, *masking);
  if (!archive) return archive;
  MssMessage out;
  out.message_id = draft.message_id;
  out.in_reply_to = draft.in_reply_to;
  out.references = draft.references;
  out.date = draft.date;
  out.from.type = profile.mailbox_type;
  // A programme's mailbox is nobody's own, whatever the others of this node are.
  if (out.from.type == MailboxType::personal) out.from.type = MailboxType::organisation;
  out.from.address = draft.from;
  out.from.label = draft.from_label;
  out.to = draft.to;
  out.audience = document_mail.to_citizen ? MssAudience::citizen : MssAudience::professional;
  out.patient = patient_of(document->patient);
  out.documents = {{std::string(xdm_document_codes(document->kind).type.code), document->title,
                    iso_day(document->author_time), document_mail.subject.number,
                    document_mail.pdf}};
  out.xdm = std::move(*archive);
  out.text = draft.text;
  out.originals = draft.attachments;
  out.replaces = document_mail.replaces;
  out.read_receipt = document_mail.kind == MessageKind::report;
  out.patient_informed = document_mail.request.patient_informed;
  out.auto_submitted = draft.auto_submitted;
  return compose_mss(out, profile);
}

std::string citizen_box(const DocumentSettings& settings, const MssProfile& profile,
                        const CaseRequest& request) {
  const Case subject;
  const Programme programme;
  const User requester;
  const CdaPatient patient =
      document_patient({settings, subject, programme, requester, request, {}, nullptr, {}});
  return citizen_address(patient_of(patient), profile).value_or("");
}

}  // namespace telavis
