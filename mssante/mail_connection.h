// SPDX-License-Identifier: Apache-2.0
// The way to an operator's server: TLS, trust and login, below the grammars of SMTP and IMAP.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "formats/result.h"

namespace telavis {

enum class MailProtocol { submission, imap };
enum class MailSecurity { starttls, implicit_tls };

/// Where a mailbox lives and how to log in. Secrets only by file.
struct MailAccount {
  std::string address;  // of the mailbox
  std::string host;
  std::uint16_t port = 0;
  MailSecurity security = MailSecurity::starttls;
  std::filesystem::path ca_file, crl_file;  // the only trust anchors; crl_file may be empty
  std::filesystem::path certificate_file, key_file;  // of an application mailbox (APP), or empty
  std::string login;  // for XOAUTH2 / OAUTHBEARER; empty: certificate alone
  std::string sasl;   // "XOAUTH2", "OAUTHBEARER", "PLAIN", "EXTERNAL" or empty
  std::chrono::seconds timeout{60};
};

/// Gives the access token (or the password, for PLAIN) of one connection; never stored.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// Errors: mail_refused (there is none, or it is not usable: the text says what to do).
  virtual Result<std::string> token() = 0;
};

/// TLS and login done; a byte stream with deadlines: each call takes at most the account's timeout.
/// Errors: mail_unreachable (try again). Not for use by two threads at a time.
class MailConnection {
 public:
  virtual ~MailConnection() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<std::size_t> read(std::span<char> out) = 0;  // 0: the server closed
};

/// Greeting, STARTTLS or implicit TLS (1.2 at least), the server's certificate against the
/// account's CA alone with host name, dates and revocation, client certificate, SASL login. The
/// stream then stands behind the login: EHLO or CAPABILITY may be asked again. `tokens` may be
/// nullptr where no SASL mechanism needs one. Errors: mail_unreachable (try again), mail_refused
/// (certificate, login: an operator must act), configuration_invalid (names the member).
Result<std::unique_ptr<MailConnection>> connect_mail(MailProtocol protocol,
                                                     const MailAccount& account,
                                                     TokenSource* tokens);

}  // namespace telavis
