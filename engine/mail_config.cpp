// SPDX-License-Identifier: Apache-2.0
#include "engine/mail_config.h"

#include "engine/core/mail_address.h"
#include "engine/files.h"
#include "mssante/token_source.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxKeyFileBytes = 64 * 1024;  // RSA of 16384 bits has 13 kB
// Shorter than a mail may take as a whole (smtp_mailer.cpp).
constexpr std::int64_t kMaxTimeoutSeconds = 90;
constexpr std::int64_t kMostPollSeconds = 3600;  // an answer "at once" is promised to senders
constexpr std::int64_t kMostAnswers = 1000;
constexpr std::int64_t kMostDaysKept = 365 * 20;  // as the longest records
// RFC 6409, 3501, 8314; MSSanté prescribes the first two (ECO.1.0.1, ECO.1.0.2).
constexpr std::int64_t kSubmissionPort = 587, kSubmissionsPort = 465;
constexpr std::int64_t kImapPort = 143, kImapsPort = 993;
// A program that asks Pro Santé Connect waits for its answer.
constexpr std::chrono::seconds kCommandPatience{30};

/// Where a mailbox is sent from or read.
Result<void> read_server(JsonReader& server, std::int64_t port, std::int64_t tls_port,
                         MailAccount& account) {
  account.host = server.text("host", kMaxText);
  const bool at_once = server.has("security") &&
                       server.choice("security", {"starttls", "implicit_tls"}) == "implicit_tls";
  account.security = at_once ? MailSecurity::implicit_tls : MailSecurity::starttls;
  account.port = static_cast<std::uint16_t>(server.has("port") ? server.number("port", 1, 65535)
                                                               : (at_once ? tls_port : port));
  return server.finish();
}

void check_login(JsonReader& one, const MailboxConfig& mailbox) {
  const MailAccount& account = mailbox.submission;
  const bool has_token = !mailbox.token_file.empty() || !mailbox.token_command.empty();
  const bool needs_token = !account.sasl.empty() && account.sasl != "EXTERNAL";
  if (!is_address(account.address)) one.wrong("address", "is no mail address");
  if (account.certificate_file.empty() != account.key_file.empty())
    one.wrong("key_file", "goes with certificate_file");
  if (!mailbox.token_file.empty() && !mailbox.token_command.empty())
    one.wrong("token_command", "takes the place of token_file: name one of them");
  if (needs_token != has_token)
    one.wrong("sasl",
              "needs token_file or token_command with XOAUTH2, OAUTHBEARER and PLAIN, and "
              "neither of them otherwise");
  if (account.sasl.empty() && account.certificate_file.empty())
    one.wrong("sasl", "is missing: a mailbox needs a login, or a certificate");
}

Result<void> read_mailbox(JsonReader& one, const MailAccount& common, MailConfig& mail) {
  MailboxConfig& mailbox = mail.mailboxes.emplace_back();
  MailAccount& account = mailbox.submission;
  account = common;
  account.address = one.text("address", kMaxText);
  account.certificate_file = one.optional_text("certificate_file", kMaxText);
  account.key_file = one.optional_text("key_file", kMaxText);
  if (one.has("sasl"))
    account.sasl = one.choice("sasl", {"XOAUTH2", "OAUTHBEARER", "PLAIN", "EXTERNAL"});
  const std::string login = one.optional_text("login", kMaxText);
  if (!account.sasl.empty()) account.login = login.empty() ? account.address : login;
  mailbox.token_file = one.optional_text("token_file", kMaxText);
  if (one.has("token_command")) mailbox.token_command = one.texts("token_command", kMaxText);
  check_login(one, mailbox);
  if (auto imap = one.object("imap", false)) {
    mailbox.imap = account;
    if (auto read = read_server(*imap, kImapPort, kImapsPort, *mailbox.imap); !read) return read;
  }
  if (auto submission = one.object("submission", true)) {
    auto read = read_server(*submission, kSubmissionPort, kSubmissionsPort, account);
    if (!read) return read;
  }
  for (std::size_t i = 0; i + 1 < mail.mailboxes.size(); ++i) {
    if (mail.mailboxes[i].submission.address == account.address)
      one.wrong("address", "is there twice");
  }
  return one.finish();
}

}  // namespace

Result<void> read_mail(JsonReader& reader, MailConfig& mail) {
  auto members = reader.object("mail", false);
  if (!members) return {};
  MailAccount common;
  common.ca_file = members->optional_text("ca_file", kMaxText);
  common.crl_file = members->optional_text("crl_file", kMaxText);
  if (members->has("timeout_s"))
    common.timeout = std::chrono::seconds(members->number("timeout_s", 1, kMaxTimeoutSeconds));
  if (members->has("poll_s"))
    mail.poll = std::chrono::seconds(members->number("poll_s", 1, kMostPollSeconds));
  if (members->has("first_retry_s"))
    mail.first_retry = std::chrono::seconds(members->number("first_retry_s", 1, kMostPollSeconds));
  if (members->has("answers_an_hour"))
    mail.answers_an_hour =
        static_cast<std::size_t>(members->number("answers_an_hour", 1, kMostAnswers));
  if (members->has("of_no_case_kept_days"))
    mail.of_no_case_kept =
        std::chrono::days(members->number("of_no_case_kept_days", 1, kMostDaysKept));
  mail.delivery_reports = members->boolean("delivery_reports", mail.delivery_reports);
  if (members->has("accounts")) {
    for (JsonReader& one : members->objects("accounts")) {
      if (auto read = read_mailbox(one, common, mail); !read) return read;
    }
  }
  if (!mail.mailboxes.empty() && common.ca_file.empty())
    members->wrong("ca_file", "is missing: no operator is trusted without it");
  return members->finish();
}

std::shared_ptr<TokenSource> tokens_of(const MailboxConfig& mailbox) {
  if (!mailbox.token_file.empty()) {
    return std::make_shared<ReadTokens>(
        [file = mailbox.token_file] { return read_secret_file(file, kMaxTokenBytes); });
  }
  if (!mailbox.token_command.empty()) {
    return std::make_shared<ReadTokens>(
        [command = mailbox.token_command] { return output_of(command, kCommandPatience); });
  }
  return nullptr;
}

Result<void> check_mail_keys(const MailConfig& mail) {
  for (const MailboxConfig& mailbox : mail.mailboxes) {
    if (mailbox.submission.key_file.empty()) continue;
    const auto key = read_secret_file(mailbox.submission.key_file, kMaxKeyFileBytes);
    if (!key) return tl::unexpected(key.error());
  }
  return {};
}

}  // namespace telavis
