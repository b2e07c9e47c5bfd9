// SPDX-License-Identifier: Apache-2.0
#include "mssante/smtp_grammar.h"

#include <algorithm>
#include <charconv>

#include "engine/core/send_refusal.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxMailLine = 998;    // RFC 5322, 2.1.1, without its CRLF
constexpr std::size_t kMaxEnvelopeId = 100;  // RFC 3461, 4.4
constexpr std::size_t kMaxStatusDigits = 3;  // RFC 3463, 2

tl::unexpected<Error> out_of_step(const char* what) {
  return fail(ErrorCode::mail_unreachable,
              std::string("The mail server does not speak SMTP as expected (") + what +
                  "). It is tried again.");
}

/// Length of "c.ddd.ddd" at the start of `text`, 0: it does not begin so.
std::size_t enhanced_length(std::string_view text, char code_class) {
  if (text.size() < 5 || text[0] != code_class || text[1] != '.') return 0;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == first || at - first > kMaxStatusDigits) return 0;
    if (part == 0 && (at == text.size() || text[at++] != '.')) return 0;
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view step_name(SmtpStep step) {
  switch (step) {
    case SmtpStep::mail:
      return "MAIL";
    case SmtpStep::rcpt:
      return "RCPT";
    case SmtpStep::data:
      return "DATA";
    case SmtpStep::body:
      return "the mail's content";
  }
  return "";
}

/// What an enhanced status says (RFC 3463, 3; RFC 4954, 6; RFC 7372), in the operator's words.
std::string_view meaning(std::string_view enhanced) {
  struct Meaning {
    std::string_view detail, words;
  };
  // Looked at in this order: the whole detail before its subject alone.
  static constexpr Meaning kMeanings[] = {
      {"1.1", "there is no such mailbox"},
      {"1.2", "there is no such mail domain"},
      {"1.6", "the mailbox has moved"},
      {"1.", "an address is not accepted"},
      {"2.1", "the mailbox is closed"},
      {"2.2", "the mailbox is full"},
      {"2.3", "the mail is too large for the mailbox"},
      {"3.4", "the mail is too large"},
      {"3.", "the server's own trouble"},
      {"4.", "the way to the recipient is interrupted"},
      {"5.", "the server does not accept the command"},
      {"6.", "the content is not accepted"},
      {"7.8", "the login is not accepted"},
      {"7.", "it is not permitted"},
  };
  if (enhanced.size() < 3) return "";
  for (const Meaning& one : kMeanings) {
    const std::string_view detail = enhanced.substr(2);
    if (one.detail.ends_with('.') ? detail.starts_with(one.detail) : detail == one.detail)
      return one.words;
  }
  return "";
}

/// Whether a 5xx speaks of us rather than of this mail and its recipient.
bool is_about_the_account(SmtpStep step, const SmtpReply& reply) {
  const std::string_view detail =
      reply.enhanced.size() > 2 ? std::string_view(reply.enhanced).substr(2) : "";
  switch (reply.code) {
    case 500:  // the commands as such (RFC 5321, 4.2.2) ...
    case 502:
    case 503:
    case 530:  // ... and login (RFC 4954, 6; RFC 3207)
    case 534:
    case 535:
    case 538:
      return true;
    case 501:
    case 504:
    case 555:
      // With a status that names an address it is about that address.
      return !detail.starts_with("1.") || step == SmtpStep::mail;
    default:
      break;
  }
  if (detail == "7.8" || detail == "7.9" || detail == "7.11") return true;  // RFC 4954, 6
  if (step != SmtpStep::mail) return detail.starts_with("5.") && detail != "5.3";
  return detail.empty() ? reply.code != 552 : detail.starts_with("1.") || detail.starts_with("7.");
}

}  // namespace

// ---- replies ------------------------------------------------------------------------------------

void SmtpReplyReader::feed(std::string_view bytes) {
  if (!broken_) pending_ += bytes;
}

Result<bool> SmtpReplyReader::take_line(std::string_view line) {
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit))
    return out_of_step("a line without a code");
  int code = 0;
  std::from_chars(line.data(), line.data() + 3, code);
  if (code < 200 || code > 599) return out_of_step("a code out of range");
  if (!reply_.lines.empty() && code != reply_.code) return out_of_step("two codes in one reply");
  const bool last = line.size() == 3 || line[3] == ' ';
  if (!last && line[3] != '-') return out_of_step("a code without its separator");
  if (reply_.lines.size() >= kMaxReplyLines) return out_of_step("a reply without end");
  std::string_view text = line.substr(std::min<std::size_t>(4, line.size()));
  if (const std::size_t length = enhanced_length(text, line[0]); length > 0) {
    reply_.enhanced = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  reply_.code = code;
  reply_.lines.emplace_back(text);
  return last;
}

Result<std::optional<SmtpReply>> SmtpReplyReader::next() {
  const auto broken = [this](const Error& error) {
    broken_ = error;
    pending_.clear();
    return tl::unexpected(error);
  };
  if (broken_) return tl::unexpected(*broken_);
  std::size_t from = 0;
  for (;;) {
    const std::size_t end = pending_.find('\n', from);
    if ((end == pending_.npos ? pending_.size() : end) - from > kMaxReplyLine)
      return broken(out_of_step("a line without end").value());
    if (end == pending_.npos) break;
    std::string_view line = std::string_view(pending_).substr(from, end - from);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto whole = take_line(line);
    if (!whole) return broken(whole.error());
    from = end + 1;
    if (*whole) {
      pending_.erase(0, from);
      return std::optional(std::exchange(reply_, {}));
    }
  }
  pending_.erase(0, from);
  return std::optional<SmtpReply>();
}

SmtpOffer read_offer(const SmtpReply& ehlo) {
  SmtpOffer offer;
  if (ehlo.code != 250) return offer;
  // The first line greets.
  for (std::size_t i = 1; i < ehlo.lines.size(); ++i) {
    const std::string line = upper_case(ehlo.lines[i]);
    const std::string_view keyword = std::string_view(line).substr(0, line.find(' '));
    if (keyword == "DSN") offer.dsn = true;
    if (keyword != "SIZE") continue;
    offer.size = true;
    const char* const end = line.data() + line.size();
    std::from_chars(std::min(line.data() + keyword.size() + 1, end), end, offer.max_bytes);
  }
  return offer;
}

// ---- commands -----------------------------------------------------------------------------------

Result<std::string> data_of(ByteView mime) {
  const auto unfit = [](const char* what) {
    return fail(ErrorCode::mail_failed,
                std::string("The mail has ") + what + ": a fault of the engine, report it.");
  };
  const std::string_view text = as_text(mime);
  std::string data;
  constexpr std::size_t kRoomForDots = 64;
  data.reserve(text.size() + kRoomForDots);
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = text.find("\r\n", from);
    const std::string_view line = text.substr(from, end - from);  // npos: to the end
    if (line.size() > kMaxMailLine) return unfit("a line that is too long");
    for (const char c : line) {
      if (c == '\r' || c == '\n') return unfit("half a line end");
      if (c == '\0' || (static_cast<unsigned char>(c) & 0x80U) != 0)
        return unfit("bytes that are no ASCII");
    }
    if (line.starts_with('.')) data += '.';
    data += line;
    data += "\r\n";
    from = end == text.npos ? text.size() : end + 2;
  }
  data += ".\r\n";
  return data;
}

std::string xtext(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (c >= '!' && c <= '~' && c != '+' && c != '=') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '+';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
  return out;
}

namespace {

/// The bare codes of RFC 5321 (4.2.3) where a server gives no other.
std::string_view code_of_refusal(SmtpStep step, const SmtpReply& reply) {
  const std::string_view code = refusal_code(reply.enhanced);
  if (code != "by_server") return code;
  if (reply.enhanced.empty() && reply.code == 552) return "mailbox_full";
  if (reply.enhanced.empty() && step == SmtpStep::rcpt) return "unknown_recipient";
  return step == SmtpStep::body ? "content_refused" : "by_server";
}

}  // namespace

std::optional<SmtpVerdict> judge(SmtpStep step, const SmtpReply& reply) {
  if (step == SmtpStep::data ? reply.code == 354 : reply.code >= 200 && reply.code < 300)
    return std::nullopt;
  SmtpVerdict verdict;
  verdict.reason = std::string(step_name(step)) + ": " + std::to_string(reply.code);
  if (!reply.enhanced.empty()) verdict.reason += " " + reply.enhanced;
  if (const auto words = meaning(reply.enhanced); !words.empty())
    verdict.reason += " (" + std::string(words) + ")";
  if (reply.code < 400) {
    verdict.reason += ", which is no answer to it";  // e.g. 250 to DATA
  } else if (reply.code >= 500) {
    verdict.account_at_fault = is_about_the_account(step, reply);
    if (!verdict.account_at_fault) {
      verdict.outcome = SendOutcome::refused;
      verdict.code = code_of_refusal(step, reply);
    }
  }
  return verdict;
}

SmtpTransaction::SmtpTransaction(const Envelope& envelope, std::size_t mime_bytes,
                                 const std::string& data, const SmtpOffer& offer, Asked asked)
    : data_(data) {
  mail_ = "MAIL FROM:<" + envelope.from + ">";
  rcpt_ = "RCPT TO:<" + envelope.to + ">";
  if (offer.size) mail_ += " SIZE=" + std::to_string(mime_bytes);
  if (offer.dsn) {
    const std::string id = xtext(envelope.message_key);
    mail_ += " RET=HDRS";  // a report never carries the content back
    if (!id.empty() && id.size() <= kMaxEnvelopeId) mail_ += " ENVID=" + id;
    rcpt_ += envelope.from.empty()    ? " NOTIFY=NEVER"
             : asked.delivery_reports ? " NOTIFY=SUCCESS,FAILURE,DELAY"
                                      : " NOTIFY=FAILURE,DELAY";
    rcpt_ += " ORCPT=rfc822;" + xtext(envelope.to);
  }
  mail_ += "\r\n";
  rcpt_ += "\r\n";
  command_ = mail_;
  if (offer.max_bytes > 0 && mime_bytes > offer.max_bytes) {
    verdict_ =
        SmtpVerdict{SendOutcome::refused,
                    "the mail has " + std::to_string(mime_bytes) +
                        " bytes; the operator takes at most " + std::to_string(offer.max_bytes),
                    false};
  }
}

void SmtpTransaction::take(const SmtpReply& reply) {
  if (verdict_) return;
  verdict_ = judge(step_, reply);
  if (verdict_) return;
  switch (step_) {
    case SmtpStep::mail:
      step_ = SmtpStep::rcpt;
      command_ = rcpt_;
      return;
    case SmtpStep::rcpt:
      step_ = SmtpStep::data;
      command_ = "DATA\r\n";
      return;
    case SmtpStep::data:
      step_ = SmtpStep::body;
      command_ = data_;
      return;
    case SmtpStep::body:
      verdict_ = SmtpVerdict{SendOutcome::accepted, "", false};
      return;
  }
}

}  // namespace telavis
