// SPDX-License-Identifier: Apache-2.0
// What messages carry as documents: the report and its copies, the question, a refusal.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/letters.h"
#include "engine/core/mail_intake.h"
#include "engine/core/mail_reply.h"
#include "engine/core/received_mail.h"
#include "engine/core/service_apply.h"

namespace telavis {
namespace {

constexpr std::size_t kRowIdDigits = 32;  // of the hash of an outbox row's id

/// A document that cannot be made or sent, however often it is tried.
bool is_final(ErrorCode code) {
  return code == ErrorCode::missing_field || code == ErrorCode::invalid_field ||
         code == ErrorCode::limit_exceeded || code == ErrorCode::forbidden;
}

/// Its report is known by its version and not by the event that it leaves with.
OutboxId report_id(const Case& subject, std::int64_t version, MessageKind kind,
                   const std::string& recipient) {
  return OutboxId(hash_hex(fmt::format("report/{}/{}/{}/{}", subject.id.value, version,
                                       message_kind_name(kind), recipient))
                      .substr(0, kRowIdDigits));
}

}  // namespace

std::int64_t report_version(const Case& subject) {
  return 1 + std::ranges::count(subject.kept_opinions, "corrected", &KeptOpinion::why);
}

std::string message_id_of(const OutboxId& id, const std::string& mailbox) {
  const std::size_t at = mailbox.find('@');
  return id.value + "@" + (at == std::string::npos ? "localhost" : mailbox.substr(at + 1));
}

bool is_report(MessageKind kind) {
  return kind == MessageKind::report || kind == MessageKind::report_copy ||
         kind == MessageKind::report_patient;
}

bool carries_question(MessageKind kind) {
  return kind == MessageKind::invitation || kind == MessageKind::question;
}

Result<void> EventApplier::put_report(const std::vector<MessageDraft>& drafts,
                                      Composition& common) {
  if (std::ranges::none_of(drafts, is_report, &MessageDraft::kind)) return {};
  common.report = common.event.report_pdf;
  if (!common.report.empty()) return {};
  const BlobRef& blob = common.subject.report_blob;
  const auto sealed = ports_.blobs.get(blob);
  if (!sealed) return tl::unexpected(sealed.error());
  auto pdf = unseal_stream(common.data_key, "report/" + blob.value, *sealed);
  if (!pdf) return tl::unexpected(pdf.error());
  common.report = std::move(*pdf);
  return {};
}

Result<EventApplier::Recipient> EventApplier::copy_recipient(const Composition& common, CopyTo to) {
  Recipient recipient{std::string(copy_to_name(to)), {}, {}, false};
  if (to == CopyTo::expert) {
    const auto expert = person(common.subject.opinion->expert);
    if (!expert) return tl::unexpected(expert.error());
    recipient.address = expert->mail_address;
    return recipient;
  }
  const auto request = request_of(common.subject);
  if (!request) return tl::unexpected(request.error());
  switch (to) {
    case CopyTo::attending_physician:
      recipient.address = request->attending_physician.address;
      break;
    case CopyTo::acting_doctor:
      recipient.address = request->acting_doctor.address;
      break;
    case CopyTo::citizen:
      recipient.address = ports_.citizen_address ? ports_.citizen_address(*request) : "";
      break;
    case CopyTo::expert:
      break;
  }
  if (!recipient.address.empty()) return recipient;
  return fail(ErrorCode::internal, "A copy of a report is for somebody without an address.");
}

OutboxId EventApplier::outbox_id(const Composition& common, const MessageDraft& draft,
                                 const Recipient& recipient, std::int64_t version) {
  if (is_report(draft.kind)) return report_id(common.subject, version, draft.kind, recipient.id);
  const std::string_view kind = message_kind_name(draft.kind);
  return OutboxId(hash_hex(fmt::format("{}/{}/{}", common.event.id, kind, recipient.id))
                      .substr(0, kRowIdDigits));
}

Result<bool> EventApplier::put_replaced(const Composition& common, const MessageDraft& draft,
                                        const Recipient& recipient, MailDraft& mail) {
  const std::int64_t version = report_version(common.subject);
  if (!is_report(draft.kind) || version == 1) return false;
  // The latest that left to him; a copy may have begun with a later version.
  for (std::int64_t earlier = version - 1; earlier > 0; --earlier) {
    const OutboxId id = outbox_id(common, draft, recipient, earlier);
    const auto sent = ports_.repository.find_message(id);
    if (!sent) return tl::unexpected(sent.error());
    if (!*sent) continue;
    mail.in_reply_to = message_id_of(id, (*sent)->from);
    return true;
  }
  return false;
}

Result<Bytes> EventApplier::composed(const Composition& common, const MessageDraft& draft,
                                     MailDraft mail, bool replaces) {
  const bool question = common.programme.by_mail && carries_question(draft.kind);
  if (!ports_.compose_documents || (!question && !is_report(draft.kind))) {
    return ports_.compose_mail(mail);
  }
  auto mime = composed_with_document(common, draft, mail, replaces);
  const bool to_citizen = draft.kind == MessageKind::report_patient;
  if (mime || to_citizen || !is_final(mime.error().code)) return mime;
  // A profession without a code, a report too large for both: the doctor gets what there is, and
  // is told what there is not.
  mail.text += "\n\n" + message(kMailLanguage, "mail.document_left_out",
                                {{"why", error_sentence(kMailLanguage, mime.error())}});
  return ports_.compose_mail(mail);
}

Result<Bytes> EventApplier::composed_with_document(const Composition& common,
                                                   const MessageDraft& draft, MailDraft mail,
                                                   bool replaces) {
  const Case& subject = common.subject;
  const auto request = request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto requester = person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  DocumentMail document{std::move(mail),  draft.kind, {},      subject,
                        common.programme, *requester, *request};
  // attach() puts the PDF first, and the exams behind it.
  document.pdf = std::move(document.mail.attachments.front().bytes);
  document.mail.attachments.erase(document.mail.attachments.begin());
  document.to_citizen = draft.kind == MessageKind::report_patient;
  document.replaces = replaces;
  if (is_report(draft.kind)) {
    auto expert = person(subject.opinion->expert);
    if (!expert) return tl::unexpected(expert.error());
    document.expert = std::move(*expert);
    return ports_.compose_documents(document);
  }
  for (const UserId& id : subject.requested_experts) {
    auto expert = person(id);
    if (!expert) return tl::unexpected(expert.error());
    document.named_experts.push_back(std::move(*expert));
  }
  return ports_.compose_documents(document);
}

Result<OutboxMessage> EventApplier::told_not_sent(const Composition& common,
                                                  const MessageDraft& draft, const Error& error) {
  if (draft.kind != MessageKind::report_patient || !is_final(error.code)) {
    return tl::unexpected(error);
  }
  const auto requester = person(common.subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  MessageDraft told;
  told.kind = MessageKind::mail_noted;
  told.recipient = requester->id;
  told.words = message(kMailLanguage, "mail.noted.not_to_patient");
  return compose_one(common, told,
                     {requester->id.value, requester->mail_address, requester->display_name()});
}

Result<std::string> EventApplier::words_of_refusal(const Case& subject, const UserId& by) const {
  std::string words;
  if (!ports_.read_mail) return words;
  // By mail a refusal has the code `other`; what he wrote stands in his mail, sealed as it came.
  ReceivedQuery query;
  query.verdict = mail_verdict_name(MailVerdict::declined);
  const auto mails = ports_.repository.received_mails(query);
  if (!mails) return tl::unexpected(mails.error());
  for (const ReceivedMail& listed : *mails) {
    if (listed.case_id != subject.id || listed.detail != "by:" + by.value) continue;
    const auto received = ports_.repository.received_mail(listed.id);
    if (!received) return tl::unexpected(received.error());
    if (!*received) continue;
    const auto bytes = open_received(**received, *ring_.get());
    if (!bytes && bytes.error().code != ErrorCode::not_found) return tl::unexpected(bytes.error());
    const auto mail = bytes ? ports_.read_mail(*bytes) : fail(ErrorCode::not_found, "");
    if (mail) words = read_reply(*mail).reason;
    return words;  // the newest
  }
  return words;
}

Result<Bytes> EventApplier::refusal_pdf(const Composition& common) {
  const Case& subject = common.subject;
  const auto request = request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto requester = person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  RefusalInput input{common.programme, *requester,   *request, subject.number, {},
                     common.now,       kMailLanguage};
  const auto add = [&](const UserId& id, Instant at, std::string reason) -> Result<void> {
    auto who = person(id);
    if (!who) return tl::unexpected(who.error());
    auto words = words_of_refusal(subject, id);
    if (!words) return tl::unexpected(words.error());
    input.refusals.push_back({std::move(*who), at, std::move(reason), std::move(*words)});
    return {};
  };
  // The case keeps the reason, and its chain the instant.
  const auto chain = ports_.repository.audit_chain(subject.id.value);
  if (!chain) return tl::unexpected(chain.error());
  for (const AuditEntry& entry : *chain) {
    if (entry.what.action != "decline" && entry.what.action != "give_back") continue;
    const auto added = add(UserId(entry.what.actor), entry.what.at, entry.what.detail);
    if (!added) return tl::unexpected(added.error());
  }
  if (const auto* cancel = std::get_if<event::Cancel>(&common.event.body)) {
    const std::string reason(cancel->reason == "other" ? kWithdrawnReason : cancel->reason);
    const auto added = add(subject.requester, common.now, reason);
    if (!added) return tl::unexpected(added.error());
  }
  const auto content = refusal_content(input);
  if (!content) return tl::unexpected(content.error());
  return ports_.render_report(*content);
}

}  // namespace telavis
