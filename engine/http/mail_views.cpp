// SPDX-License-Identifier: Apache-2.0
#include "engine/http/mail_views.h"

#include <algorithm>
#include <boost/json.hpp>

namespace telavis {
namespace {

namespace json = boost::json;

json::array text_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

/// The first word says why; behind it may stand who wrote it, which the content says better.
std::string code_of(const std::string& detail) {
  std::string code;
  for (std::size_t at = 0; at < detail.size();) {
    const std::size_t end = std::min(detail.find(' ', at), detail.size());
    const std::string word = detail.substr(at, end - at);
    if (!word.starts_with("by:")) code += (code.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return code;
}

Result<json::object> kept_mail(Repository& repository, const KeptMail& mail) {
  json::value number = nullptr;
  if (!mail.case_id.empty()) {
    const auto subject = repository.load_case(mail.case_id);
    if (!subject) return tl::unexpected(subject.error());
    if (*subject) number = (*subject)->number;
  }
  return json::object{{"id", mail.id},
                      {"mailbox", mail.account},
                      {"received_at", format_utc(mail.received_at)},
                      {"verdict", mail_verdict_name(mail.verdict)},
                      {"why", code_of(mail.detail)},
                      {"case_number", std::move(number)}};
}

json::object content_of(const OpenedMail& opened) {
  const IncomingMail& mail = opened.content;
  json::array attachments;
  for (const MailAttachment& file : mail.attachments) {
    attachments.push_back(json::object{
        {"name", file.name}, {"media_type", file.media_type}, {"bytes", file.bytes.size()}});
  }
  return {{"from", mail.from},
          {"from_label", mail.from_label},
          {"return_path", mail.return_path},
          {"to", text_array(mail.to)},
          {"cc", text_array(mail.cc)},
          {"subject", mail.subject},
          {"date", mail.date ? json::value(format_utc(*mail.date)) : json::value(nullptr)},
          {"nature", mail_nature_name(mail.nature)},
          {"text", mail.text},
          {"forwarded_text", mail.forwarded_text},
          {"attachments", std::move(attachments)},
          {"doubts", text_array(mail.doubts)},
          {"bytes", opened.original.size()}};
}

}  // namespace

Result<std::string> kept_mails_json(Repository& repository, const std::vector<KeptMail>& mails) {
  json::array list;
  for (const KeptMail& mail : mails) {
    auto one = kept_mail(repository, mail);
    if (!one) return tl::unexpected(one.error());
    list.push_back(std::move(*one));
  }
  return json::serialize(json::object{{"mails", std::move(list)}});
}

Result<std::string> opened_mail_json(Repository& repository, const OpenedMail& opened) {
  auto mail = kept_mail(repository, opened.mail);
  if (!mail) return tl::unexpected(mail.error());
  return json::serialize(json::object{{"mail", std::move(*mail)}, {"content", content_of(opened)}});
}

std::string filed_mail_json(MailVerdict verdict) {
  return json::serialize(json::object{{"verdict", mail_verdict_name(verdict)}});
}

}  // namespace telavis
