// SPDX-License-Identifier: Apache-2.0
// Mails that nobody could file, for the medical referent.
#include <utility>

#include "engine/core/json_reader.h"
#include "engine/http/mail_views.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxCodeBytes = 40;

Result<OpenedMail> opened_mail(Call& call) {
  JsonReader json(as_text(call.request.body));
  const std::string reason = json.text("reason", kMaxReasonBytes);
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  return call.service.open_kept_mail(call.actor, call.record, reason);
}

}  // namespace

Result<HttpResponse> list_kept_mails(Call& call) {
  const auto mails = call.service.kept_mails(call.actor);
  if (!mails) return tl::unexpected(mails.error());
  const auto text = kept_mails_json(call.service.repository(), *mails);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> open_kept_mail(Call& call) {
  const auto opened = opened_mail(call);
  if (!opened) return tl::unexpected(opened.error());
  const auto text = opened_mail_json(call.service.repository(), *opened);
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> download_kept_mail(Call& call) {
  auto opened = opened_mail(call);
  if (!opened) return tl::unexpected(opened.error());
  // As bytes to be saved: what a mail holds is nobody's to run in a page.
  return file_response(std::move(opened->original), "application/octet-stream",
                       "attachment; filename=\"" + opened->mail.id + ".eml\"");
}

Result<HttpResponse> file_kept_mail(Call& call) {
  JsonReader json(as_text(call.request.body));
  const std::string reason = json.text("reason", kMaxReasonBytes);
  const MailFiling filing{json.text("as", kMaxCodeBytes),
                          json.optional_text("case_number", kMaxCodeBytes)};
  if (auto read = json.finish(); !read) return tl::unexpected(read.error());
  const auto verdict = call.service.file_mail(call.actor, call.record, filing, reason);
  if (!verdict) return tl::unexpected(verdict.error());
  return json_response(filed_mail_json(*verdict));
}

}  // namespace telavis
