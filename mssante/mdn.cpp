// SPDX-License-Identifier: Apache-2.0
#include "mssante/mdn.h"

#include <algorithm>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/mail_address.h"
#include "engine/core/service_apply.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxReceiptSubject = 500;  // as of a mail with documents
constexpr std::size_t kMaxReceiptLabel = 200;
constexpr std::size_t kMaxReceiptCode = 16;
constexpr std::size_t kMaxReturnedHeader = std::size_t{64} << 10;  // of the original, given back
// The original is in the notification a second time when its attachments are given back.
constexpr std::size_t kRoomForOurs = 16 * 1024;

/// At most `limit` bytes, of whole characters.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

Result<void> check(const ReadReceipt& receipt) {
  switch (mdn_permission(receipt.asked_by, receipt.return_path)) {
    case MdnPermission::not_asked:
      return fail(ErrorCode::forbidden, "no read receipt was asked for: none may be sent");
    case MdnPermission::needs_approval:
      if (!receipt.approved)
        return fail(ErrorCode::forbidden,
                    "the read receipt is asked for somebody else than the sender: a person must "
                    "agree to it");
      break;
    case MdnPermission::automatic:
      break;
  }
  if (!is_address(receipt.asked_by) || !is_address(receipt.from) ||
      (!receipt.original_recipient.empty() && !is_address(receipt.original_recipient)))
    return fail(ErrorCode::invalid_field, "read receipt: an address is not usable");
  if (!receipt.original_message_id.empty() && !is_message_id(receipt.original_message_id))
    return fail(ErrorCode::invalid_field, "read receipt: the original's id is not local@domain");
  if (auto checked = check_header_text("from_label", receipt.from_label, kMaxReceiptLabel);
      !checked)
    return checked;
  if (!receipt.failure) return {};
  const bool code =
      !receipt.failure->code.empty() && receipt.failure->code.size() <= kMaxReceiptCode &&
      std::ranges::all_of(receipt.failure->code, [](char c) { return c >= '0' && c <= '9'; });
  if (!code) return fail(ErrorCode::invalid_field, "read receipt: the code is no number");
  return check_header_text("the failure's label", receipt.failure->label, kMaxReceiptLabel);
}

std::string subject_of(const ReadReceipt& receipt) {
  const std::string before =
      receipt.failure ? "[KO Intégration système !][" + receipt.failure->code + "] " : "";
  return before + std::string(cut(receipt.original_subject, kMaxReceiptSubject));
}

/// The second part's fields (RFC 8098, 3.2): ASCII.
std::string fields_of(const ReadReceipt& receipt) {
  const std::string recipient =
      receipt.original_recipient.empty() ? receipt.from : receipt.original_recipient;
  std::string fields = "Reporting-UA: " + receipt.from.substr(receipt.from.find('@') + 1) +
                       "; Telavis\n" + "Original-Recipient: rfc822; " + recipient +
                       "\nFinal-Recipient: rfc822; " + receipt.from + "\n";
  if (!receipt.original_message_id.empty())
    fields += "Original-Message-ID: <" + receipt.original_message_id + ">\n";
  fields += receipt.approved ? "Disposition: manual-action/MDN-sent-manually; processed"
                             : "Disposition: automatic-action/MDN-sent-automatically; processed";
  if (receipt.failure)
    fields += "/Error: " + receipt.failure->code + "^" + plain_ascii(receipt.failure->label);
  return fields + "\n";
}

std::string text_of(const ReadReceipt& receipt) {
  const std::string what =
      receipt.failure
          ? message(kMailLanguage, "mdn.failed",
                    {{"code", receipt.failure->code}, {"label", receipt.failure->label}})
          : message(kMailLanguage, "mdn.processed");
  return canonical_text(what + "\n\n" + message(kMailLanguage, "mail.no_link"));
}

/// Header and the empty line behind it, with LF.
std::string header_of(ByteView original) {
  const std::string_view all = cut(as_text(original), kMaxReturnedHeader);
  const std::string text = canonical_text(all);
  const std::size_t end = text.find("\n\n");
  return end == std::string::npos ? text : text.substr(0, end + 1);
}

/// May stand in a mail as it is: what is encoded already, without a line that would end our part.
bool may_stand(const ReadReceipt& receipt, std::size_t limit) {
  return fits_the_wire(receipt.original) &&
         as_text(receipt.original).find(mime_boundary(receipt.message_id)) ==
             std::string_view::npos &&
         (limit == 0 || receipt.original.size() + kRoomForOurs <= limit);
}

}  // namespace

MdnPermission mdn_permission(std::string_view asked_by, std::string_view return_path) {
  if (asked_by.empty()) return MdnPermission::not_asked;
  return lowered(asked_by) == lowered(return_path) ? MdnPermission::automatic
                                                   : MdnPermission::needs_approval;
}

Result<Bytes> write_mdn(const ReadReceipt& receipt, const MssProfile& profile) {
  if (auto checked = check(receipt); !checked) return tl::unexpected(checked.error());
  const std::string subject = subject_of(receipt);
  if (auto checked = check_header_text("original_subject", subject, 2 * kMaxReceiptSubject);
      !checked)
    return tl::unexpected(checked.error());
  const bool whole = may_stand(receipt, profile.size_limit_bytes);
  const std::string text = text_of(receipt);
  const std::string fields = fields_of(receipt);
  const std::string original =
      whole ? canonical_text(as_text(receipt.original)) : header_of(receipt.original);
  MimeMail mail;
  mail.message_id = receipt.message_id;
  mail.date = receipt.date;
  mail.report_type = "disposition-notification";
  mail.headers = {{"From", mailbox_words(receipt.from_label, receipt.from)},
                  {"To", receipt.asked_by},
                  {"Subject", subject_words(subject)}};
  auto thread = thread_headers(receipt.original_message_id, {});
  if (!thread) return tl::unexpected(thread.error());
  for (auto& header : *thread) mail.headers.push_back(std::move(header));
  for (auto& header : profile_headers(profile, receipt.from))
    mail.headers.push_back(std::move(header));
  mail.headers.emplace_back("Auto-Submitted", "auto-replied");
  mail.parts = {{"text/plain", as_bytes(text), PartEncoding::quoted_printable},
                {"message/disposition-notification", as_bytes(fields), PartEncoding::as_it_is}};
  if (whole)
    mail.parts.push_back({"message/rfc822", as_bytes(original), PartEncoding::as_it_is});
  else
    mail.parts.push_back({"text/rfc822-headers", as_bytes(original), PartEncoding::base64});
  std::vector<MailDraft::Attachment> back = receipt.attachments;
  for (auto& attachment : back) attachment.dispensable = true;
  // The original is written as it is, or its header in base64.
  auto given_back = fitted_parts(back, text.size() + original.size() / 2, profile.size_limit_bytes);
  for (auto& part : given_back.parts) mail.parts.push_back(std::move(part));
  auto mime = write_mime(mail);
  if (!mime) return mime;
  if (auto fit = check_mail_size(mime->size(), profile.size_limit_bytes); !fit)
    return tl::unexpected(fit.error());
  return mime;
}

}  // namespace telavis
