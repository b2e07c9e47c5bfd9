// SPDX-License-Identifier: Apache-2.0
#include "mssante/mime.h"

#include <string>
#include <string_view>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/mail_address.h"
#include "engine/core/service_apply.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxHeaderText = 200;  // a subject or a name that a mail program can show

Result<void> check(const MailDraft& draft) {
  if (draft.auto_submitted != "auto-generated" && draft.auto_submitted != "auto-replied")
    return invalid_mail("auto_submitted", "is no keyword of RFC 3834 for a machine");
  if (!is_address(draft.from)) return invalid_mail("from", "is not a mail address");
  if (!is_address(draft.to)) return invalid_mail("to", "is not a mail address");
  if (auto checked = check_header_text("from_label", draft.from_label, kMaxHeaderText); !checked)
    return checked;
  if (auto checked = check_header_text("subject", draft.subject, kMaxHeaderText); !checked)
    return checked;
  if (auto checked = check_body_text(draft.text); !checked) return checked;
  for (const auto& attachment : draft.attachments) {
    if (attachment.name.empty()) return invalid_mail("an attachment", "has no name");
  }
  return {};
}

}  // namespace

Result<Bytes> compose_mime(const MailDraft& draft) {
  static const MssProfile none = [] {
    MssProfile profile;
    profile.size_limit_bytes = 0;
    return profile;
  }();
  return compose_mime_as(none, draft);
}

Result<Bytes> compose_mime_as(const MssProfile& profile, const MailDraft& draft) {
  if (auto checked = check(draft); !checked) return tl::unexpected(checked.error());
  auto thread = thread_headers(draft.in_reply_to, draft.references);
  if (!thread) return tl::unexpected(thread.error());
  MimeMail mail;
  mail.message_id = draft.message_id;
  mail.date = draft.date;
  mail.headers = {{"From", mailbox_words(draft.from_label, draft.from)},
                  {"To", draft.to},
                  {"Subject", subject_words(draft.subject)}};
  for (auto& header : *thread) mail.headers.push_back(std::move(header));
  for (auto& header : profile_headers(profile, draft.from))
    mail.headers.push_back(std::move(header));
  mail.headers.emplace_back("Auto-Submitted", draft.auto_submitted);
  auto fitted = fitted_parts(draft.attachments, draft.text.size(), profile.size_limit_bytes);
  std::string text = draft.text;
  if (!fitted.left_out.empty())
    text += "\n\n" + message(kMailLanguage, "mss.left_out", {{"names", fitted.left_out}});
  text = canonical_text(text);
  mail.parts = std::move(fitted.parts);
  mail.parts.insert(mail.parts.begin(),
                    {"text/plain", as_bytes(text), PartEncoding::quoted_printable});
  auto mime = write_mime(mail);
  if (!mime) return mime;
  if (auto fit = check_mail_size(mime->size(), profile.size_limit_bytes); !fit)
    return tl::unexpected(fit.error());
  return mime;
}

}  // namespace telavis
