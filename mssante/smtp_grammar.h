// SPDX-License-Identifier: Apache-2.0
// The client's side of SMTP as values: bytes in, replies out; replies in, commands out. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ports.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// RFC 5321, 4.5.3.1.5 allows 512 bytes a line; servers are known to say more.
inline constexpr std::size_t kMaxReplyLine = 4096;
/// The longest reply is that to EHLO: a line an extension.
inline constexpr std::size_t kMaxReplyLines = 128;

struct SmtpReply {
  int code = 0;                    // 200..599
  std::string enhanced;            // RFC 3463: "5.1.1"; empty: it has none, or one of another class
  std::vector<std::string> lines;  // as sent, without code, separator and enhanced status
};

/// Cuts replies out of what a server sends, in whatever pieces it comes (RFC 5321, 4.2).
class SmtpReplyReader {
 public:
  /// What was fed after an error is ignored.
  void feed(std::string_view bytes);
  /// The next whole reply; nullopt: more bytes are needed. Errors: mail_unreachable (no reply of
  /// SMTP, or one without end): the connection is of no use any more.
  Result<std::optional<SmtpReply>> next();
  /// Bytes that belong to no reply given yet. A server that speaks unasked is out of step.
  bool has_more() const { return !pending_.empty() || !reply_.lines.empty(); }

 private:
  Result<bool> take_line(std::string_view line);  // true: the reply is whole

  std::string pending_;
  SmtpReply reply_;
  std::optional<Error> broken_;
};

/// What a server offers in answer to EHLO.
struct SmtpOffer {
  bool dsn = false;             // RFC 3461
  bool size = false;            // RFC 1870
  std::uint64_t max_bytes = 0;  // with `size`; 0: it does not say
};
SmtpOffer read_offer(const SmtpReply& ehlo);

/// A mail as it follows DATA: dots stuffed, with the line of one dot at the end (RFC 5321, 4.5.2).
/// Errors: mail_failed (8-bit bytes, a CR or LF by itself, which another server might take for the
/// end of the mail, or a line over 998 bytes).
Result<std::string> data_of(ByteView mime);

/// RFC 3461, 4: for values of ENVID and ORCPT.
std::string xtext(std::string_view text);

enum class SmtpStep { mail, rcpt, data, body };

/// What became of one mail, or of one step of it.
struct SmtpVerdict {
  SendOutcome outcome = SendOutcome::retry;
  std::string reason;  // step, code and what it means; no address, nothing of what the server wrote
  /// The fault lies with account or configuration, not with this mail: an operator must act.
  bool account_at_fault = false;
  std::string code = {};  // of a refusal: SendResult::code
};
/// nullopt: the step went well; after `body` that is acceptance.
///
/// 4xx: retry. 5xx: refused, unless it speaks of the login, of the sender, or of the protocol,
/// which no other recipient would mend: then retry, with account_at_fault, so that a lapsed account
/// costs no mail. Enhanced codes by RFC 3463; 5.7.x before RCPT is about the sender.
std::optional<SmtpVerdict> judge(SmtpStep step, const SmtpReply& reply);

/// One mail to one recipient, on a connection that has answered EHLO. Write `command()`, give the
/// reply to `take()`, until there is a verdict.
class SmtpTransaction {
 public:
  struct Asked {
    bool delivery_reports = true;  // of success too, where the server can (ECO.2.3.1); of a mail
                                   // without a sender never
  };
  /// `data` is data_of() and must outlive it. Envelope: usable addresses; `from` may be empty (RFC
  /// 5321, 4.5.5: reports), then no report is asked for. `message_key` becomes ENVID when it is
  /// printable ASCII of at most 100 characters as xtext.
  SmtpTransaction(const Envelope& envelope, std::size_t mime_bytes, const std::string& data,
                  const SmtpOffer& offer, Asked asked);
  SmtpTransaction(const SmtpTransaction&) = delete;  // command() points into it
  SmtpTransaction& operator=(const SmtpTransaction&) = delete;

  std::string_view command() const { return command_; }
  SmtpStep step() const { return step_; }
  void take(const SmtpReply& reply);
  const std::optional<SmtpVerdict>& verdict() const { return verdict_; }
  /// The mail is with the server and its answer is not: it may have been taken.
  bool unanswered() const { return step_ == SmtpStep::body && !verdict_; }

 private:
  SmtpStep step_ = SmtpStep::mail;
  std::string mail_, rcpt_;
  std::string_view data_, command_;
  std::optional<SmtpVerdict> verdict_;
};

}  // namespace telavis
