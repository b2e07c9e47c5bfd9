// SPDX-License-Identifier: Apache-2.0
// Mails handed to the operators' submission servers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/ports.h"
#include "mssante/mail_connection.h"

namespace telavis {

/// A mailbox that mails are sent from, with its login.
struct SmtpAccount {
  MailAccount submission;
  std::shared_ptr<TokenSource> tokens;  // nullptr: the login needs none
};

struct SmtpOptions {
  bool delivery_reports = true;  // of success too
  /// After a connection that could not be made its account rests: a dead operator must not hold up
  /// the mails of the others, each for a timeout.
  std::chrono::seconds rest{30};
};

/// What is outside, so that a test can stand in for it.
struct SmtpPorts {
  std::function<Result<std::unique_ptr<MailConnection>>(const SmtpAccount&)> connect;
  std::function<std::chrono::steady_clock::time_point()> uptime;
  /// One line for the operator when an account begins to fail, or to fail otherwise, and one when
  /// it works again. No identity; the account's own address is named.
  std::function<void(const std::string&)> report;
};
/// connect_mail, the steady clock, and this report.
SmtpPorts smtp_ports(std::function<void(const std::string&)> report);

/// How mails went since the start.
struct SmtpFigures {
  std::int64_t accepted = 0, retried = 0, refused = 0;
  std::int64_t connections = 0;
  /// The connection ended between the mail's last byte and the server's answer: each of them may be
  /// with the recipient twice, in the same bytes.
  std::int64_t unanswered = 0;
};

/// Sends from the account whose address is the envelope's `from`; a mail without a sender (a
/// report) from the first. One connection an account, kept for the next mail while that comes soon.
/// Thread-safe; one mail at a time an account.
///
/// accepted: the server has answered 250 to the whole mail. refused: what judge() says, an unusable
/// address, a mail no server may be given. retry: all else, also what an operator must mend
/// (certificate, login, account): no mail is lost by it.
class SmtpMailer : public Mailer {
 public:
  SmtpMailer(std::vector<SmtpAccount> accounts, SmtpOptions options, SmtpPorts ports);
  ~SmtpMailer() override;

  SendResult send(const Envelope& envelope, ByteView mime) override;
  SmtpFigures figures() const;

 private:
  struct Session;
  struct Sent;
  Session* session_of(const std::string& from);
  Sent send_over(Session& session, const Envelope& envelope, std::size_t mime_bytes,
                 const std::string& data);
  Result<void> open(Session& session);
  Sent transact(Session& session, const Envelope& envelope, std::size_t mime_bytes,
                const std::string& data);
  SendResult count(Session& session, const Sent& sent);

  SmtpOptions options_;
  SmtpPorts ports_;
  std::vector<std::unique_ptr<Session>> sessions_;
  struct Counters;
  std::unique_ptr<Counters> counters_;
};

}  // namespace telavis
